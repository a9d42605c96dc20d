/** The picture of an illegal history: what a person needs to see what went wrong. */

import { expect, it } from 'vitest'
import { drawHistory, tellHistory } from './picture.ts'

const history = [
  { client: '1.0', key: 'k', input: '<write a>', output: 'ok', callAt: 1, returnAt: 2 },
  { client: '1.1', key: 'k', input: 'write b', output: null, callAt: 3, returnAt: Number.POSITIVE_INFINITY },
  { client: '2.0', key: 'k', input: 'read', output: 'ghost', callAt: 4, returnAt: 5 },
]
const words = { title: 'seed 1 & key k', order: [0], textOf: (input: string, output: string | null) => `${input}: ${output ?? '?'}` }

it('draws one lane a client, numbers what found a place, and escapes what it shows', () => {
  const page = drawHistory(history, words)
  expect(page).toContain('<title>seed 1 &amp; key k</title>')
  expect(page).toMatch(/class="placed"><title>1\. &lt;write a&gt;: ok/)
  expect(page).toMatch(/class="unknown"><title>write b/)
  expect(page).toMatch(/class="stuck"><title>read: ghost/)
  expect(page).not.toContain('<write')
  expect(page).not.toContain('NaN')
})

it('tells the same in lines', () => {
  expect(tellHistory(history, words).split('\n').slice(1, 4)).toEqual([
    '    1. [1, 2] 1.0: <write a>: ok',
    '     ? [3, Infinity] 1.1: write b: ?',
    '    !! [4, 5] 2.0: read: ghost',
  ])
})
