import { expect, test } from 'vitest'
import { sameState, undoOfPublish, undoOfRemove } from './undo.ts'

const key = { namespace: '', group: 'G', dataId: 'a' }
const before = { content: 'x: 1\r\n', type: 'yaml', description: 'd', appName: 'app', tags: ['t'] } as const

test('a change is undone by the former state, only over what we wrote', () => {
  expect(undoOfPublish(key, before, 'new')).toEqual({ kind: 'publish', key, state: before, expectedMd5: 'new' })
})

test('a creation is undone by a removal, only of what we wrote', () => {
  expect(undoOfPublish(key, null, 'new')).toEqual({ kind: 'remove', key, expectedMd5: 'new' })
})

test('a removal is undone only while the name is free', () => {
  expect(undoOfRemove(key, before)).toEqual({ kind: 'publish', key, state: before, expectedMd5: '' })
})

test('a changed tag is a change', () => {
  expect(sameState(before, { ...before, tags: ['t'] })).toBe(true)
  expect(sameState(before, { ...before, tags: [] })).toBe(false)
})
