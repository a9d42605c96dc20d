import { expect, it } from 'vitest'
import { createLoopDelay } from './loop-delay.ts'

const timers = () => {
  const waiting = new Set<() => void>()
  return {
    waiting,
    after: (_ms: number, task: () => void) => {
      waiting.add(task)
      return { cancel: () => waiting.delete(task) }
    },
  }
}
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

it('knows nothing at the first question, and what came since at the next', async () => {
  const delay = createLoopDelay(timers().after)
  expect(delay.look()).toBeNull()
  await pause(60)
  expect(delay.look()?.maxMs).toBeGreaterThanOrEqual(0)
  delay.stop()
})

it('is not measured any more when nobody has asked for a while', async () => {
  const { waiting, after } = timers()
  const delay = createLoopDelay(after)
  delay.look()
  await pause(60)
  delay.look()
  expect(waiting.size).toBe(1)
  for (const idle of waiting) idle()
  expect(delay.look()).toBeNull()
  delay.stop()
})
