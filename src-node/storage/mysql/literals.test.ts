/** Values inside the text of a statement: whatever they hold, they stay values. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { literalOf } from './literals.ts'

it.each([
  [null, 'NULL'],
  [0, '0'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ['', "''"],
  [new Uint8Array(0), "''"],
  ["it's", "_utf8mb4 X'69742773'"],
  [Buffer.from('xx大x').subarray(2, 5), "_utf8mb4 X'e5a4a7'"],
])('%j', (value, literal) => {
  expect(literalOf(value)).toBe(literal)
})

it('a text can end no literal, and comes back byte by byte', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const [, digits = ''] = /^_utf8mb4 X'([0-9a-f]+)'$/.exec(literalOf(text)) ?? []
      expect(Buffer.from(digits, 'hex').toString()).toBe(text)
    }),
  )
})

it.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])('%d is none of our numbers', (value) => {
  expect(() => literalOf(value)).toThrow()
})
