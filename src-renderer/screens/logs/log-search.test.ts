import { expect, test } from 'vitest'
import { compileSearch, markParts } from './log-search.ts'

const ok = (words: string, regex = false) => {
  const search = compileSearch(words, regex)
  if (search.kind !== 'ok') throw new Error(`not ok: ${search.kind}`)
  return search
}

test('plain words: no case, no pattern', () => {
  expect(ok('LEADER').test('became leader')).toBe(true)
  expect(ok('a.c').test('abc')).toBe(false)
  expect(ok('配置').test('配置 app.yaml 已发布')).toBe(true)
  expect(ok('aa').ranges('aaaa')).toEqual([
    [0, 2],
    [2, 4],
  ])
})

test('a regular expression, and one that is broken', () => {
  expect(ok('term \\d+', true).ranges('at term 7 and term 12')).toEqual([
    [3, 9],
    [14, 21],
  ])
  expect(compileSearch('(', true).kind).toBe('bad')
  expect(compileSearch('', true).kind).toBe('none')
})

test('a pattern that matches nothing marks nothing and ends', () => {
  expect(ok('x*', true).ranges('abc')).toEqual([])
})

test('the text is whole again when its parts are joined', () => {
  const parts = markParts('one two one', ok('one').ranges('one two one'))
  expect(parts.map((part) => part.text).join('')).toBe('one two one')
  expect(parts.filter((part) => part.marked)).toHaveLength(2)
  expect(markParts('', [])).toEqual([{ text: '', marked: false, at: 0 }])
})
