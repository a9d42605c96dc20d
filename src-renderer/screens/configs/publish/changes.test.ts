import { expect, test } from 'vitest'
import { countChanges } from './changes.ts'

test.each([
  ['nothing', 'a\nb\n', 'a\nb\n', [0, 0, 0]],
  ['one line changed', 'a\nb\nc\n', 'a\nB\nc\n', [1, 1, 1]],
  ['two places', 'a\nb\nc\nd\ne\n', 'A\nb\nc\nd\nE\n', [2, 2, 2]],
  ['a line added', 'a\nc\n', 'a\nb\nc\n', [1, 0, 1]],
  ['a line removed', 'a\nb\nc\n', 'a\nc\n', [0, 1, 1]],
  ['a first content', '', 'a\nb', [2, 0, 2]],
  ['one line becomes three', 'a\nx\nb', 'a\ny\nz\nw\nb', [3, 1, 3]],
])('%s', (_, before, after, [added, removed, lines]) => {
  expect(countChanges(before, after)).toMatchObject({ added, removed, lines, ends: null })
})

test('line ends alone count as one change and are named', () => {
  expect(countChanges('a\nb\n', 'a\r\nb\r\n')).toEqual({ added: 0, removed: 0, lines: 1, ends: { before: '\n', after: '\r\n' } })
})

test('mixed line ends are named as mixed', () => {
  expect(countChanges('a\r\nb\n', 'a\nb\n').ends).toEqual({ before: null, after: '\n' })
})

test('ten thousand lines with three changes are counted', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `key-${i}: value ${i}`)
  const after = lines.with(5, 'x').with(5_000, 'y').with(9_999, 'z')
  expect(countChanges(lines.join('\n'), after.join('\n')).lines).toBe(3)
})
