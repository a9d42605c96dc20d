import { describe, expect, it } from 'vitest'
import { logIndex, nodeId, term } from '../raft/types.ts'
import { counterOf } from './envelope.ts'
import { type DriverOptions, driverDefaults } from './options.ts'
import type { WriteOutcome } from './ports.ts'
import { createWaitingWrites } from './waiting-writes.ts'

const payload = new Uint8Array([1])
const everything = { count: 100, bytes: 1e6 }

function table(options: Partial<DriverOptions> = {}) {
  const writes = createWaitingWrites<string>({ id: nodeId(1), life: new Uint8Array(6), options: { ...driverDefaults, ...options } })
  const outcomes: WriteOutcome<string>[] = []
  const add = (nowMs = 0) => writes.add(payload, nowMs, (outcome) => outcomes.push(outcome))
  const take = (inTerm: number) => writes.take(term(inTerm), everything).map(counterOf)
  return { writes, outcomes, add, take }
}

describe('waiting writes', () => {
  it('whose entries may lie in a snapshot are unknown, and never proposed again', () => {
    const { writes, outcomes, add, take } = table()
    add()
    take(2)
    add()
    take(3)
    add()
    expect(writes.skipped(term(2))).toBe(1)
    expect(outcomes).toEqual([{ kind: 'unknown' }])
    expect(writes.lostBefore(term(3))).toBe(0)
    expect(writes.lostBefore(term(4))).toBe(1)
    expect(writes.queued()).toBe(2)
  })

  it('answer with the reply once applied', () => {
    const { writes, outcomes, add, take } = table()
    add()
    const [counter] = take(1)
    writes.applied(counter!, 'done', logIndex(5))
    writes.applied(counter!, 'done', logIndex(6))
    expect(outcomes).toEqual([{ kind: 'applied', reply: 'done', index: 5 }])
  })

  it('bug 28: are refused when no leader took them in time', () => {
    const { writes, outcomes, add } = table()
    add(0)
    writes.expire(driverDefaults.leaderWaitMs - 1)
    expect(outcomes).toEqual([])
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
    expect(writes.queued()).toBe(0)
  })

  it('of a patient caller wait longer once a leader has them, and no longer before', () => {
    const { writes, outcomes, take } = table()
    const patient = () => writes.add(payload, 0, (outcome) => outcomes.push(outcome), 60_000)
    patient()
    take(1)
    patient()
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
    writes.expire(59_999)
    expect(outcomes).toHaveLength(1)
    writes.expire(60_000)
    expect(outcomes[1]).toEqual({ kind: 'unknown' })
  })

  it('bug 28: are unknown when a leader took them and nothing came back', () => {
    const { writes, outcomes, add, take } = table()
    add(0)
    take(1)
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([])
    writes.expire(driverDefaults.writeTimeoutMs)
    expect(outcomes).toEqual([{ kind: 'unknown' }])
  })

  it('go back to the queue when an entry of a later term is applied, and only then', () => {
    const { writes, add, take } = table()
    add()
    const [first] = take(3)
    expect(writes.lostBefore(term(3))).toBe(0)
    expect(writes.lostBefore(term(4))).toBe(1)
    const [second] = take(4)
    expect(second).not.toBe(first)
    expect(writes.lostBefore(term(4))).toBe(0)
  })

  it('hear nothing of whoever had their slot before', () => {
    const { writes, outcomes, add, take } = table({ writesMax: 1 })
    add()
    const [first] = take(1)
    writes.applied(first!, 'first', logIndex(5))
    add()
    const [second] = take(1)
    writes.applied(first!, 'first', logIndex(5))
    expect(outcomes).toHaveLength(1)
    writes.applied(second!, 'second', logIndex(6))
    expect(outcomes.at(-1)).toEqual({ kind: 'applied', reply: 'second', index: 6 })
  })

  it('go back in the order in which they came, whatever slots they have', () => {
    const { writes, take } = table({ writesMax: 3 })
    const answered: string[] = []
    const add = (name: string) => writes.add(payload, 0, () => answered.push(name))
    for (const name of ['a', 'b', 'c']) add(name)
    writes.applied(take(1)[1]!, 'done', logIndex(5))
    add('d')
    take(1)
    expect(writes.lostBefore(term(2))).toBe(3)
    for (const counter of take(2)) writes.applied(counter, 'done', logIndex(6))
    expect(answered).toEqual(['b', 'a', 'c', 'd'])
  })

  it('hear nothing of an earlier attempt', () => {
    const { writes, outcomes, add, take } = table()
    add()
    const [first] = take(3)
    writes.lostBefore(term(4))
    take(4)
    writes.sentBack({ type: 'forward-refused', life: new Uint8Array(6), counters: [first!], reason: 'not_leader' })
    expect(writes.queued()).toBe(0)
    expect(outcomes).toEqual([])
  })

  it('that were lost for good and find no leader are refused, not unknown', () => {
    const { writes, outcomes, add, take } = table()
    add(0)
    take(1)
    writes.lostBefore(term(2))
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
  })

  it('say why the leader did not take them', () => {
    const { writes, outcomes, add, take } = table()
    add(0)
    add(0)
    const [a, b] = take(1)
    writes.sentBack({ type: 'forward-refused', life: new Uint8Array(6), counters: [a!], reason: 'overloaded' })
    writes.sentBack({ type: 'forward-refused', life: new Uint8Array(6), counters: [b!], reason: 'disk_full' })
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([
      { kind: 'refused', code: 'overloaded' },
      { kind: 'refused', code: 'disk_full' },
    ])
  })

  it('that a leader had no room for are refused as overloaded; once taken and lost, for want of a quorum', () => {
    const { writes, outcomes, add, take } = table()
    add(0)
    writes.holdBack('overloaded')
    writes.expire(driverDefaults.leaderWaitMs)
    add(0)
    writes.holdBack('overloaded')
    take(1)
    writes.lostBefore(term(2))
    writes.expire(driverDefaults.leaderWaitMs)
    expect(outcomes).toEqual([
      { kind: 'refused', code: 'overloaded' },
      { kind: 'refused', code: 'no_quorum' },
    ])
  })

  it('are refused beyond the limit', () => {
    const { outcomes, add } = table({ writesMax: 1 })
    add()
    add()
    expect(outcomes).toEqual([{ kind: 'refused', code: 'overloaded' }])
  })

  it('take one however large, then the limits', () => {
    const { writes, add } = table()
    add()
    add()
    expect(writes.take(term(1), { count: 9, bytes: 0 })).toHaveLength(1)
    expect(writes.queued()).toBe(1)
  })

  it('all get an answer at the end', () => {
    const { writes, outcomes, add, take } = table()
    add()
    take(1)
    add()
    writes.stop()
    expect(outcomes).toEqual([{ kind: 'unknown' }, { kind: 'refused', code: 'no_quorum' }])
  })
})
