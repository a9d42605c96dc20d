import { describe, expect, it } from 'vitest'
import { anything, either, flag, is, list, map, matching, nothing, number, object, orNull, page, restResult, result, text } from './shape.ts'

describe('what an answer must look like', () => {
  it.each([
    [text, 'a'],
    [number, 1],
    [flag, false],
    [nothing, null],
    [anything, undefined],
    [is('ok'), 'ok'],
    [matching(/^a/), 'ab'],
    [orNull(text), null],
    [list(number), []],
    [map(text), { a: 'b' }],
    [object({ a: text }), { a: 'b', more: 1 }],
    [either(text, number), 1],
    [restResult(nothing), { code: 200, message: null, data: null }],
    [result(text), { code: 0, message: 'success', data: 'a' }],
    [page(text), { totalCount: 1, pageNumber: 1, pagesAvailable: 1, pageItems: ['a'] }],
  ])('case %# fits', (check, value) => expect(check(value, 'it')).toEqual([]))

  it.each([
    [text, null, 'it must be a string, and is null'],
    [number, '1', 'it must be a number, and is "1"'],
    [nothing, '', 'it must be null, and is ""'],
    [is('ok'), 'no', 'it must be "ok", and is "no"'],
    [matching(/^a/), 'b', 'it must be like /^a/, and is "b"'],
    [list(number, 1), [], 'it must have 1 items at least, and has 0'],
    [list(number), ['a'], 'it[0] must be a number, and is "a"'],
    [map(text), { a: 1 }, 'it.a must be a string, and is 1'],
    [object({ a: text }), {}, 'it.a is missing'],
    [object({ a: text }), [], 'it must be an object, and is []'],
    [either(text, number), true, 'it must be a string, and is true'],
    [result(text), { code: 500, message: 'success', data: 'a' }, 'it.code must be 0, and is 500'],
    [page(text), { totalCount: 0, pageNumber: 1, pagesAvailable: 0, pageItems: null }, 'it.pageItems must be an array, and is null'],
  ])('case %# does not, and it is said where', (check, value, problem) => expect(check(value, 'it')).toEqual([problem]))
})
