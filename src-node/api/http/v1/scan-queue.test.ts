import { expect, test } from 'vitest'
import { createScanQueue } from './scan-queue.ts'

/** Each look at the clock takes a millisecond; turns run by hand. */
const createTurns = () => {
  const tasks: (() => void)[] = []
  let nowMs = 0
  const queue = createScanQueue<number>({ monotonicMs: () => nowMs++, defer: (task) => void tasks.push(task) })
  return { queue, next: () => tasks.shift()?.(), waiting: () => tasks.length }
}
const scanOf = (rows: number, wanted = () => true) => {
  const seen = { rows: 0, done: 0 }
  const all = Array.from({ length: rows }, (_, at) => at)
  return { seen, scan: { rows: all.values(), wanted, visit: () => void seen.rows++, done: () => void seen.done++ } }
}

test('a long scan takes several turns, each bounded', () => {
  const { queue, next, waiting } = createTurns()
  const long = scanOf(1_000)
  queue.add(long.scan)
  expect(long.seen.rows).toBe(0)
  next()
  expect(long.seen.rows).toBeGreaterThan(0)
  expect(long.seen.rows).toBeLessThan(400)
  while (waiting() > 0) next()
  expect(long.seen).toEqual({ rows: 1_000, done: 1 })
})

test('many scans share one turn', () => {
  const { queue, next, waiting } = createTurns()
  const scans = Array.from({ length: 20 }, () => scanOf(10))
  for (const { scan } of scans) queue.add(scan)
  expect(waiting()).toBe(1)
  next()
  expect(scans.filter(({ seen }) => seen.done === 1).length).toBeLessThan(6)
  while (waiting() > 0) next()
  expect(scans.every(({ seen }) => seen.done === 1)).toBe(true)
})

test('a scan that nobody waits for is dropped without an end', () => {
  const { queue, next, waiting } = createTurns()
  const gone = scanOf(10, () => false)
  queue.add(gone.scan)
  next()
  expect([gone.seen, waiting()]).toEqual([{ rows: 0, done: 0 }, 0])
})

test('no more than 256 wait', () => {
  const { queue } = createTurns()
  const taken = Array.from({ length: 257 }, () => queue.add(scanOf(1).scan))
  expect([taken.filter(Boolean).length, taken.at(-1)]).toEqual([256, false])
})
