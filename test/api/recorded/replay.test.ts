import { describe, expect, it } from 'vitest'
import { unlike } from './replay.ts'

describe('an answer that is compared with a recorded one', () => {
  it.each([
    ['other values', { a: 1, b: 'x', c: [true] }, { a: 2, b: '', c: [false, true] }],
    ['null where null was', { a: null }, { a: null }],
    ['members of any name', { '*': { a: 1 } }, { x: { a: 2 }, y: { a: 3 } }],
    ['nothing where nothing was', [], []],
  ])('is like it with %s', (_, wanted, actual) => expect(unlike(wanted, actual)).toEqual([]))

  it.each([
    ['another type', { a: 1 }, { a: '1' }, 'the body.a was number, and is string: "1"'],
    ['a value where null was', { a: null }, { a: '' }, 'the body.a was null, and is string: ""'],
    ['null where a value was', { a: '' }, { a: null }, 'the body.a was string, and is null: null'],
    ['a member that is gone', { a: 1 }, {}, 'the body.a is missing'],
    ['a member that is new', { a: 1 }, { a: 1, b: 2 }, 'the body.b was not there'],
    ['a fault in the second item', [{ a: 1 }], [{ a: 1 }, {}], 'the body[1].a is missing'],
    ['no items', [1], [], 'the body had items, and has none'],
    ['items', [], [1], 'the body was empty, and has 1 items'],
    ['a fault under any name', { '*': 1 }, { x: '1' }, 'the body.x was number, and is string: "1"'],
  ])('is not like it with %s', (_, wanted, actual, problem) => expect(unlike(wanted, actual)).toEqual([problem]))

  it('may have members of our own, and values that count', () => {
    expect(unlike({ a: null }, { a: 'x', b: 1 }, { ours: ['a', 'b'] })).toEqual([])
    expect(unlike({ a: 'x' }, { a: 'y' }, { exactly: ['a'] })).toEqual(['the body.a was "x", and is "y"'])
  })
})
