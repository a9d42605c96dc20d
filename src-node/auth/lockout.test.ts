import { expect, it } from 'vitest'
import { createLockout } from './lockout.ts'

const start = () => {
  let nowMs = 0
  const lockout = createLockout({ monotonicMs: () => nowMs })
  const fail = (times: number, who = 'ann') => {
    for (let at = 0; at < times; at++) lockout.failed(who)
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { ...lockout, fail, pass }
}

it('lets a person mistype a few times', () => {
  const { fail, waitMs } = start()
  fail(4)
  expect(waitMs('ann')).toBe(0)
})

it('makes each further failure wait twice as long, and no longer than a minute', () => {
  const { fail, waitMs, pass } = start()
  const waits: number[] = []
  fail(4)
  for (let at = 0; at < 8; at++) {
    fail(1)
    waits.push(waitMs('ann'))
    pass(waitMs('ann'))
    expect(waitMs('ann')).toBe(0)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
})

it('keeps others out of it, and forgets with a success or with time', () => {
  const { fail, waitMs, succeeded, pass } = start()
  fail(5)
  expect([waitMs('ann'), waitMs('bob')]).toEqual([1_000, 0])
  succeeded('ann')
  expect(waitMs('ann')).toBe(0)
  fail(4)
  pass(600_000)
  fail(1)
  expect(waitMs('ann')).toBe(0)
})

it('remembers so many names and no more', () => {
  const { fail, waitMs } = start()
  fail(5)
  for (let at = 0; at < 4_096; at++) fail(1, `other-${at}`)
  expect(waitMs('ann')).toBe(0)
})
