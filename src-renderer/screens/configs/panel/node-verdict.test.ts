import { expect, test } from 'vitest'
import { type NodeAnswer, verdictOf } from './node-verdict.ts'

const said = (id: number, md5: string): NodeAnswer => ({ id, kind: 'answered', md5 })

test('same only when all answered alike', () => {
  expect(verdictOf([said(1, 'a'), said(2, 'a'), said(3, 'a')])).toBe('same')
  expect(verdictOf([said(1, 'a'), said(2, 'a'), { id: 3, kind: 'down' }])).toBe('unknown')
})

test('a difference counts more than a silence, and a missing one is a difference', () => {
  expect(verdictOf([said(1, 'a'), said(2, 'b'), { id: 3, kind: 'asking' }])).toBe('differ')
  expect(verdictOf([said(1, 'a'), said(2, '')])).toBe('differ')
})

test('an old answer of a node that went silent proves nothing', () => {
  expect(verdictOf([said(1, 'a'), { id: 2, kind: 'silent', md5: 'a' }])).toBe('unknown')
})

test('nobody asked yet', () => {
  expect(verdictOf([])).toBe('asking')
  expect(verdictOf([said(1, 'a'), { id: 2, kind: 'asking' }])).toBe('asking')
})
