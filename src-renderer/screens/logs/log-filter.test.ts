import { expect, test } from 'vitest'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { createLineStep, indexOfSeq, type LineQuery, passes } from './log-filter.ts'

const line = (seq: number, part: Partial<LogLine> = {}): LogLine => ({
  seq,
  atMs: seq,
  node: 1 + (seq % 3),
  level: 'info',
  module: 'raft',
  text: `line ${seq}`,
  ...part,
})
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => line(from + index))
const all: LineQuery = { sources: null, level: 'debug', afterSeq: -1 }

test('source, lowest level and cleared view', () => {
  expect(passes(line(1), all)).toBe(true)
  expect(passes(line(1, { level: 'info' }), { ...all, level: 'warn' })).toBe(false)
  expect(passes(line(1, { level: 'error' }), { ...all, level: 'warn' })).toBe(true)
  expect(passes(line(1, { node: 0 }), { ...all, sources: new Set([0]) })).toBe(true)
  expect(passes(line(1, { node: 2 }), { ...all, sources: new Set([0]) })).toBe(false)
  expect(passes(line(5), { ...all, afterSeq: 5 })).toBe(false)
})

test('a place by seq is found in a sparse list', () => {
  const sparse = [line(2), line(5), line(9)]
  expect([0, 2, 3, 9, 10].map((seq) => indexOfSeq(sparse, seq))).toEqual([0, 0, 1, 2, 3])
})

test('a batch costs its own lines only', () => {
  let tested = 0
  const step = createLineStep<number>((node) => (candidate) => {
    tested += 1
    return candidate.node === node
  })
  const first = lines(0, 20_000)
  step(first, 1)
  tested = 0
  const grown = [...first, ...lines(20_000, 20_030)]
  const kept = step(grown, 1)
  expect(tested).toBe(30)
  expect(kept).toEqual(grown.filter((candidate) => candidate.node === 1))
})

test('nothing new, nothing that passes: the same array', () => {
  const step = createLineStep<number>((node) => (candidate) => candidate.node === node)
  const first = lines(0, 10)
  const kept = step(first, 1)
  expect(step(first, 1)).toBe(kept)
  expect(step([...first, line(10, { node: 3 })], 1)).toBe(kept)
})

test('lines that fell out at the start fall out of what was kept', () => {
  const step = createLineStep<number>((node) => (candidate) => candidate.node === node)
  const first = lines(0, 100)
  step(first, 1)
  const later = [...first, ...lines(100, 150)].slice(60)
  expect(step(later, 1)).toEqual(later.filter((candidate) => candidate.node === 1))
})

test('another question, or a stream that starts anew, begins from the start', () => {
  const step = createLineStep<number>((node) => (candidate) => candidate.node === node)
  const first = lines(0, 30)
  step(first, 1)
  expect(step(first, 2).every((candidate) => candidate.node === 2)).toBe(true)
  const anew = lines(0, 12)
  expect(step(anew, 2)).toEqual(anew.filter((candidate) => candidate.node === 2))
  expect(step([], 2)).toEqual([])
})

test('no test keeps the array itself', () => {
  const first = lines(0, 5)
  expect(createLineStep<null>(() => null)(first, null)).toBe(first)
})
