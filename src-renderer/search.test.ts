import { expect, test } from 'vitest'
import { configsSearch, logsSearch } from './search.ts'

test('a full address is read', () => {
  expect(logsSearch({ node: [3, 1, 1], level: 'warn', q: 'term', re: true, only: true, from: 5, to: 9 })).toEqual({
    node: [1, 3],
    level: 'warn',
    q: 'term',
    re: true,
    only: true,
    from: 5,
    to: 9,
  })
})

test('what is wrong is left out, never an error', () => {
  expect(logsSearch({ node: ['x', -1, 1.5], level: 'loud', q: {}, re: 'yes', from: Number.NaN })).toEqual({})
  expect(configsSearch({ ns: 4, q: null, new: 1 })).toEqual({ ns: '4' })
})

test('one source may stand alone, words may look like a number', () => {
  expect(logsSearch({ node: 2, q: 404 })).toEqual({ node: [2], q: '404' })
})
