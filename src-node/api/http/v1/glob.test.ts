import { expect, test } from 'vitest'
import { globMatcher } from './glob.ts'

test.each([
  ['a*', 'abc', true],
  ['*c', 'abc', true],
  ['*b*', 'abc', true],
  ['a*c', 'abc', true],
  ['a*a', 'a', false],
  ['ab*ba', 'aba', false],
  ['*ab*b', 'ab', false],
  ['*ab*b', 'abb', true],
  ['a**c', 'ac', true],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a.c*', 'abc', false],
  ['*a*b*c', 'xaxbxbc', true],
])('%s on %s: %s', (pattern, text, matches) => {
  expect(globMatcher(pattern)(text)).toBe(matches)
})
