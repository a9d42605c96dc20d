import { expect, it, vi } from 'vitest'
import { keyOf } from './cache-world.testing.ts'
import type { FileWriter } from './file-writer.ts'
import { createFlusher } from './flusher.ts'
import { createPace, createRests } from './pace.ts'

/** A flusher whose disk says what the test wants. */
const createBench = () => {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly task: () => void }[] = []
  const clock = {
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    after: (ms: number, task: () => void) => {
      timers.push({ atMs: nowMs + ms, task })
      return { cancel: () => {} }
    },
  }
  const advance = async (ms: number): Promise<void> => {
    nowMs += ms
    const due = timers.filter(({ atMs }) => atMs <= nowMs)
    timers = timers.filter(({ atMs }) => atMs > nowMs)
    for (const { task } of due) task()
    // All that the fake disk answers is there in the next turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  let code = ''
  const portions: number[] = []
  const writer: FileWriter = {
    totals: () => ({ written: 0, removed: 0 }),
    write: async (next, filesMax) => {
      const keys: string[] = []
      for (let key = next(); key !== undefined; key = keys.length < filesMax ? next() : undefined) keys.push(key)
      portions.push(keys.length)
      return code === ''
        ? { written: keys.length, removed: 0, failures: [] }
        : { written: 0, removed: 0, failures: keys.map((key) => ({ key, code })) }
    },
  }
  const said: string[] = []
  const onOverflow = vi.fn()
  const onFlushed = vi.fn()
  const rests = createRests(clock.after)
  const flusher = createFlusher({
    ...{ writer, pace: createPace(clock.monotonicMs, rests), rests, clock, onOverflow, onFlushed },
    say: (_level, line) => void said.push(line),
    failed: (cause) => {
      throw cause
    },
  })
  flusher.collect()
  const setDisk = (answer: string): void => {
    code = answer
  }
  return { flusher, portions, said, onOverflow, onFlushed, advance, setDisk }
}

const keys = (count: number, from = 0) => Array.from({ length: count }, (_, n) => keyOf(`k${from + n}`))

it('writes a few changes at once, a moment after the first', async () => {
  const { flusher, portions, advance, onFlushed } = createBench()
  flusher.add(keys(3))
  await advance(99)
  expect(portions).toEqual([])
  await advance(1)
  expect(portions).toEqual([3])
  expect(onFlushed).toHaveBeenCalledOnce()
})

it('takes a small steady share under load, and all of it when the load is over', async () => {
  const { flusher, portions, advance } = createBench()
  for (let tenth = 0; tenth < 20; tenth++) {
    flusher.add(keys(1_000, tenth * 500))
    await advance(100)
  }
  expect(portions).toEqual(Array.from({ length: 20 }, () => 5))
  await advance(100)
  await advance(100)
  expect(flusher.size()).toBe(0)
  expect(Math.max(...portions)).toBe(128)
})

it('stops at a full disk, says so once, and tries again each second', async () => {
  const { flusher, portions, said, advance, setDisk } = createBench()
  setDisk('ENOSPC')
  flusher.add(keys(300))
  await advance(100)
  for (let second = 0; second < 5; second++) await advance(1_000)
  expect(portions).toHaveLength(6)
  expect(said).toHaveLength(1)
  expect(flusher.problem()).toContain('ENOSPC')
  setDisk('')
  await advance(1_000)
  expect(flusher.size()).toBe(0)
  expect(flusher.problem()).toBeNull()
  expect(said[1]).toContain('can be written again')
})

it('keeps a bounded number of keys while the disk is full, and leaves the rest to a full dump', async () => {
  const { flusher, advance, setDisk, onOverflow, onFlushed } = createBench()
  setDisk('ENOSPC')
  for (let n = 0; n < 30; n++) {
    flusher.add(keys(1_000, n * 1_000))
    await advance(1_000)
  }
  expect(flusher.size()).toBeLessThanOrEqual(21_000)
  expect(onOverflow).toHaveBeenCalledOnce()
  expect(onFlushed).not.toHaveBeenCalled()
  setDisk('')
  await advance(1_000)
  expect(onFlushed).toHaveBeenCalledOnce()
})

it('does not try again what no waiting will change', async () => {
  const { flusher, portions, advance, setDisk } = createBench()
  setDisk('EISDIR')
  flusher.add(keys(1))
  await advance(100)
  await advance(5_000)
  expect(portions).toEqual([1])
  expect(flusher.size()).toBe(0)
  expect(flusher.problem()).toBeNull()
})

it('forgets what waits when there is too much, and keeps nothing more before the next full dump', async () => {
  const { flusher, onOverflow } = createBench()
  flusher.add(keys(20_001))
  expect(onOverflow).toHaveBeenCalledOnce()
  flusher.add(keys(5))
  expect(flusher.size()).toBe(0)
  flusher.collect()
  flusher.add(keys(5))
  expect(flusher.size()).toBe(5)
})
