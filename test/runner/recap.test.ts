import { describe, expect, it } from 'vitest'
import { recapOf } from './recap.ts'

const message = ['Error: expected 1 to be 2', '', '    at run (/w/node_modules/vitest/x.js:1:1)', '    at /w/test/a.test.ts:3:4'].join('\n')

describe('what is said of failures at the very end', () => {
  it('names suite, file, test, message and our own line', () => {
    expect(recapOf([{ suite: 'unit', what: '/w/test/a.test.ts > one is two', message }], '/w').split('\n')).toEqual([
      'FAILED unit: test/a.test.ts > one is two',
      '       Error: expected 1 to be 2',
      '           at test/a.test.ts:3:4',
    ])
  })

  it('says nothing of a run without failures', () => expect(recapOf([], '/w')).toBe(''))

  it('names each of many, with as much of their messages as a screen takes', () => {
    const long = Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')
    const lines = recapOf(
      Array.from({ length: 200 }, (_, at) => ({ suite: 'unit', what: `test ${at}`, message: long })),
      '/w',
    ).split('\n')
    expect(lines.filter((line) => line.startsWith('FAILED'))).toHaveLength(200)
    expect(lines.at(-1)).toBe('FAILED unit: test 199')
    expect(lines.filter((line) => line.includes('80 lines more'))).toHaveLength(40)
    expect(recapOf([{ suite: 'unit', what: 'x', message: 'y'.repeat(5_000) }], '/w').length).toBeLessThan(400)
  })
})
