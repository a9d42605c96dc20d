import { expect, it } from 'vitest'
import { createPace, createRests } from './pace.ts'

/** A clock that is moved by hand; `perWindow` changes come every 100 ms. */
const createDay = () => {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly task: () => void }[] = []
  const rests = createRests((ms, task) => {
    timers.push({ atMs: nowMs + ms, task })
    return { cancel: () => {} }
  })
  const pace = createPace(() => nowMs, rests)
  const pass = async (ms: number, changes: number): Promise<void> => {
    pace.count(changes)
    nowMs += ms
    const due = timers.filter(({ atMs }) => atMs <= nowMs)
    timers = timers.filter(({ atMs }) => atMs > nowMs)
    for (const { task } of due) task()
    await new Promise((resolve) => setImmediate(resolve))
  }
  /** How long the rest after a portion of so many milliseconds is, at so many changes a window. */
  const restAfter = async (tookMs: number, perWindow: number): Promise<number> => {
    const portion = pace.portion()
    await pass(tookMs, (perWindow * tookMs) / 100)
    const beganMs = nowMs
    let over = false
    void portion.rest().then(() => {
      over = true
    })
    await pass(0, 0)
    while (!over) await pass(100, perWindow)
    return nowMs - beganMs
  }
  return { pace, rests, pass, restAfter }
}

it('knows no rest while nothing changes', async () => {
  const { restAfter, pace } = createDay()
  expect(await restAfter(200, 0)).toBe(0)
  expect(pace.portion().files).toBe(128)
})

it('takes a twentieth of the time while something changes, and under load a hundredth, and no more files for being quick', async () => {
  const { restAfter, pass, pace } = createDay()
  await pass(100, 20)
  expect(await restAfter(200, 20)).toBe(4_000)
  expect(pace.portion().files).toBe(32)
  await pass(100, 100)
  expect(await restAfter(1, 100)).toBe(100)
  expect(await restAfter(200, 100)).toBe(20_000)
  expect(pace.portion().files).toBe(5)
})

it('rests no longer than something changes', async () => {
  const { pass, pace } = createDay()
  await pass(100, 1_000)
  const portion = pace.portion()
  await pass(1_000, 10_000)
  let over = false
  void portion.rest().then(() => {
    over = true
  })
  await pass(100, 0)
  await pass(100, 0)
  expect(over).toBe(true)
  expect(pace.portion().files).toBe(128)
})

it('ends every rest when the cache is closed', async () => {
  const { pass, pace, rests } = createDay()
  await pass(100, 1_000)
  const portion = pace.portion()
  await pass(1_000, 10_000)
  const rest = portion.rest()
  rests.end()
  await rest
})
