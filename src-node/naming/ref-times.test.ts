/** When a service was told of, for clients that drop what is not later than what they have (nacos-grpc 6.2). */

import { expect, test } from 'vitest'
import { createRefTimes } from './ref-times.ts'

const setUp = (kept = 2) => {
  const clock = { nowMs: 1_000 }
  return { clock, timeOf: createRefTimes(() => clock.nowMs, kept) }
}

test('the same is told with the time that it is', () => {
  const { clock, timeOf } = setUp()
  const first = timeOf('a', 1)
  clock.nowMs = 1_500
  expect([first, timeOf('a', 1)]).toEqual([1_000, 1_500])
})

test('what differs is later, also after the clock was set back', () => {
  const { clock, timeOf } = setUp()
  timeOf('a', 1)
  clock.nowMs = 400
  expect([timeOf('a', 1), timeOf('a', 2), timeOf('a', 3), timeOf('b', 4)]).toEqual([1_000, 1_001, 1_002, 400])
})

test('one that is forgotten for others is later than it was all the same', () => {
  const { timeOf } = setUp()
  for (let edition = 1; edition <= 10; edition++) timeOf('a', edition)
  for (const other of ['b', 'c', 'd']) timeOf(other, 0)
  expect(timeOf('a', 11)).toBeGreaterThan(1_009)
})
