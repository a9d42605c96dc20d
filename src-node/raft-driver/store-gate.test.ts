/** Callers of MySQL mode: each is answered once, in time, and with a success only when the database has it. */

import { expect, it } from 'vitest'
import { logIndex } from '../raft/types.ts'
import type { WriteOutcome } from './ports.ts'
import type { StoreHealth } from './sink-loop.ts'
import { createEarlyWaiters, createStoreGate } from './store-gate.ts'
import { storeLimits } from './store-limits.ts'

const setUp = (first: StoreHealth = 'available', heldMax = storeLimits.heldMax) => {
  let health = first
  let stored = 0
  let nowMs = 0
  const proposed: ((outcome: WriteOutcome<string>) => void)[] = []
  const outcomes: string[] = []
  const gate = createStoreGate<string>({
    ...{ health: () => health, storedIndex: () => stored, nowMs: () => nowMs, limits: { ...storeLimits, heldMax } },
  })
  const write = (name: string) =>
    gate.write(
      (done) => proposed.push(done),
      (outcome) => outcomes.push(`${name} ${outcome.kind === 'refused' ? outcome.code : outcome.kind}`),
    )
  const apply = (at: number, index: number) => proposed[at]?.({ kind: 'applied', reply: 'r', index: logIndex(index) })
  const become = (next: StoreHealth) => {
    health = next
    gate.look()
  }
  const store = (index: number) => {
    stored = index
    gate.look()
  }
  const pass = (ms: number) => {
    nowMs += ms
    gate.expire(nowMs)
  }
  return { gate, write, apply, become, store, pass, proposed, outcomes }
}

it('an applied write is answered when the database has it, not before, in the order of the log', () => {
  const { write, apply, store, outcomes } = setUp()
  write('a')
  write('b')
  write('c')
  apply(0, 5)
  apply(1, 6)
  apply(2, 7)
  store(4)
  expect(outcomes).toEqual([])
  store(6)
  expect(outcomes).toEqual(['a applied', 'b applied'])
})

it('one that the database has already by the time it is applied here waits for nothing', () => {
  const { write, apply, store, outcomes } = setUp()
  write('a')
  store(9)
  apply(0, 9)
  expect(outcomes).toEqual(['a applied'])
})

it('what the driver refuses or does not know goes on as it is', () => {
  const { write, proposed, outcomes } = setUp()
  write('a')
  write('b')
  proposed[0]?.({ kind: 'refused', code: 'no_quorum' })
  proposed[1]?.({ kind: 'unknown' })
  expect(outcomes).toEqual(['a no_quorum', 'b unknown'])
})

it('while the database is away nothing is proposed', () => {
  const { write, proposed, outcomes } = setUp('away')
  write('a')
  expect([proposed.length, outcomes]).toEqual([0, ['a storage_unavailable']])
})

it('before its first word writes wait for it, and then go on or are refused', () => {
  const one = setUp('undecided')
  one.write('a')
  expect(one.proposed).toHaveLength(0)
  one.become('available')
  expect(one.proposed).toHaveLength(1)
  const other = setUp('undecided')
  other.write('a')
  other.become('away')
  expect([other.proposed.length, other.outcomes]).toEqual([0, ['a storage_unavailable']])
})

it('without a word they are refused in time, certainly not proposed', () => {
  const { write, pass, become, proposed, outcomes } = setUp('undecided')
  write('a')
  pass(storeLimits.undecidedMs - 1)
  expect(outcomes).toEqual([])
  pass(1)
  become('available')
  expect([proposed.length, outcomes]).toEqual([0, ['a storage_unavailable']])
})

it('an applied write that the database does not get in time is unknown, counted from when it came', () => {
  const { write, apply, become, pass, store, outcomes } = setUp('undecided')
  write('a')
  pass(500)
  become('available')
  apply(0, 5)
  become('away')
  pass(storeLimits.writeTimeoutMs - 501)
  expect(outcomes).toEqual([])
  pass(1)
  store(5)
  expect(outcomes).toEqual(['a unknown'])
})

it('more than so many do not wait', () => {
  const { write, apply, outcomes } = setUp('available', 1)
  write('a')
  apply(0, 5)
  write('b')
  expect(outcomes).toEqual(['b overloaded'])
})

it('at the end everybody hears something', () => {
  const undecided = setUp('undecided')
  undecided.write('a')
  undecided.gate.stop()
  const held = setUp()
  held.write('b')
  held.apply(0, 5)
  held.gate.stop()
  expect([...undecided.outcomes, ...held.outcomes]).toEqual(['a storage_unavailable', 'b unknown'])
})

it('who comes before the columns are known is told once they are, or after a moment that they are not', () => {
  const told: string[] = []
  const early = createEarlyWaiters({ ...storeLimits, heldMax: 2 })
  const wait = (name: string, nowMs: number) => early.wait(nowMs, (known) => told.push(`${name} ${known}`))
  wait('a', 0)
  wait('b', 500)
  wait('c', 500)
  expect(told).toEqual(['c false'])
  early.expire(storeLimits.undecidedMs)
  expect(told).toEqual(['c false', 'a false'])
  early.settle(true)
  early.settle(false)
  expect(told).toEqual(['c false', 'a false', 'b true'])
})
