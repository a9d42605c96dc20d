/** The list of the mutation trial, held against the code as it is: each text stands where it is said to stand, once. The trial itself takes minutes. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plant, sabotages } from './sabotages.ts'

const root = join(import.meta.dirname, '../..')
const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

describe('the sabotages', () => {
  it.each(sabotages)('$name: $file still reads so', (sabotage) => {
    expect(plant(sourceOf(sabotage.file), sabotage)).not.toBe(sourceOf(sabotage.file))
  })

  it('have names of their own, at least thirty', () => {
    expect(new Set(sabotages.map(({ name }) => name)).size).toBe(sabotages.length)
    expect(sabotages.length).toBeGreaterThanOrEqual(30)
  })

  it('are refused when their text is gone, or stands twice', () => {
    const sabotage = { name: 'x', file: 'a.ts', find: 'one', instead: 'two', breaks: '' }
    expect(() => plant('none', { ...sabotage, find: 'gone' })).toThrow('stands 0 times')
    expect(() => plant('one and one', sabotage)).toThrow('stands 2 times')
    expect(plant('just one', sabotage)).toBe('just two')
  })
})
