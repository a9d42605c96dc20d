import { expect, test } from 'vitest'
import { en } from '../i18n/en/index.ts'
import { actionTable, keyCaps } from './table.ts'

const rows = actionTable.filter((row) => row.keys !== null)

test('no two actions share a key where both work', () => {
  const clashes = rows.flatMap((row, index) =>
    rows.slice(index + 1).flatMap((other) => {
      const both = row.scope === 'global' || other.scope === 'global' || row.scope === other.scope
      return both && row.keys === other.keys ? [`${row.id} and ${other.id}: ${row.keys}`] : []
    }),
  )
  expect(clashes).toEqual([])
})

test('no single key is the start of a sequence', () => {
  const starts = new Set(rows.flatMap((row) => (row.keys?.includes(' ') ? [row.keys.split(' ')[0]] : [])))
  expect(rows.filter((row) => starts.has(row.keys ?? '')).map((row) => row.id)).toEqual([])
})

test('a key that works in fields has a modifier', () => {
  expect(rows.filter((row) => row.inFields && !row.keys?.startsWith('$mod+')).map((row) => row.id)).toEqual([])
})

test('every action has its words', () => {
  expect(Object.keys(en.frame.action).sort()).toEqual(actionTable.map((row) => row.id).sort())
})

test('keys are written as on the keyboard', () => {
  expect(keyCaps('$mod+Shift+l', false)).toEqual([['Ctrl', 'Shift', 'L']])
  expect(keyCaps('$mod+k', true)).toEqual([['⌘', 'K']])
  expect(keyCaps('g o', false)).toEqual([['G'], ['O']])
  expect(keyCaps('[Shift]+?', false)).toEqual([['?']])
})
