/** Linearizable reads at one node, with the leader's answers in the test's hand: each reader is answered once, whatever is lost. */

import { expect, it } from 'vitest'
import type { RaftView } from '../raft/raft.ts'
import { logIndex, nodeId, term } from '../raft/types.ts'
import { driverDefaults } from './options.ts'
import type { ReadOutcome } from './ports.ts'
import { createWaitingReads } from './waiting-reads.ts'

const setUp = (readsMax = 100) => {
  const view = { term: term(1), leaderId: nodeId(2) as RaftView['leaderId'] }
  const reads = createWaitingReads(view as RaftView, { ...driverDefaults, readsMax, readAgainMs: 100, leaderWaitMs: 1000 }, new Uint8Array(6))
  const outcomes: ReadOutcome[] = []
  const asked: number[] = []
  return {
    ...{ view, reads, outcomes, asked },
    read: (nowMs = 0) => reads.add(nowMs, (outcome) => outcomes.push(outcome)),
    ask: (nowMs: number) => reads.ask(nowMs, (context) => asked.push(context)),
    confirm: (context: number, index: number, applied: number) => reads.confirmed({ context, index: logIndex(index) }, logIndex(applied)),
  }
}

it('all that wait ask one question, and are safe together', () => {
  const { read, ask, confirm, asked, outcomes } = setUp()
  read()
  read()
  ask(0)
  expect(asked).toEqual([1])
  confirm(1, 5, 5)
  expect(outcomes).toEqual([{ kind: 'safe' }, { kind: 'safe' }])
})

it('a confirmed read waits until this node has applied that far', () => {
  const { read, ask, confirm, reads, outcomes } = setUp()
  read()
  ask(0)
  confirm(1, 5, 3)
  reads.applied(logIndex(4))
  expect(outcomes).toEqual([])
  reads.applied(logIndex(5))
  expect(outcomes).toEqual([{ kind: 'safe' }])
})

it('a question without an answer is asked again, and the first answer to any of them counts, once', () => {
  const { read, ask, confirm, asked, outcomes } = setUp()
  read()
  ask(0)
  ask(50)
  ask(100)
  expect(asked).toEqual([1, 2])
  confirm(1, 5, 5)
  confirm(2, 5, 5)
  expect(outcomes).toEqual([{ kind: 'safe' }])
})

it('a question of an older term is asked again at once, and its old number means nothing any more', () => {
  const { view, read, ask, confirm, asked, outcomes } = setUp()
  read()
  ask(0)
  view.term = term(2)
  ask(1)
  expect(asked).toEqual([1, 2])
  confirm(1, 5, 5)
  expect(outcomes).toEqual([])
  confirm(2, 6, 6)
  expect(outcomes).toHaveLength(1)
})

it('without a leader nobody is asked, and after the wait the read is refused', () => {
  const { view, read, ask, reads, asked, outcomes } = setUp()
  view.leaderId = null
  read()
  ask(0)
  expect(asked).toEqual([])
  reads.expire(999)
  expect(outcomes).toEqual([])
  reads.expire(1000)
  expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
})

it('a read that was asked and never answered is refused after the wait, a later one of the same question is not', () => {
  const { read, ask, reads, confirm, outcomes } = setUp()
  read(0)
  read(500)
  ask(500)
  reads.expire(1000)
  expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
  confirm(1, 1, 1)
  expect(outcomes.at(-1)).toEqual({ kind: 'safe' })
  reads.expire(5000)
  expect(outcomes).toHaveLength(2)
})

it('a read that is confirmed and not applied in time is refused as overloaded', () => {
  const { read, ask, reads, confirm, outcomes } = setUp()
  read()
  ask(0)
  confirm(1, 9, 1)
  reads.expire(1000)
  expect(outcomes).toEqual([{ kind: 'refused', code: 'overloaded' }])
})

it('beyond the limit a read is refused at once', () => {
  const { read, outcomes } = setUp(1)
  read()
  read()
  expect(outcomes).toEqual([{ kind: 'refused', code: 'overloaded' }])
})

it('the end of the node refuses every read that waits', () => {
  const { read, ask, reads, confirm, outcomes } = setUp()
  read()
  ask(0)
  read()
  ask(1)
  confirm(2, 9, 1)
  read()
  reads.refuse('no_quorum')
  expect(outcomes).toHaveLength(3)
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['refused']))
})

it('an answer that an earlier life asked for, late on its way, meets no question of this one', () => {
  const view = { term: term(1), leaderId: nodeId(2) } as RaftView
  const asked: number[] = []
  const outcomes: ReadOutcome[] = []
  for (const life of [1, 2].map((byte) => new Uint8Array([byte, 0, 0, 0, 0, 0]))) {
    const reads = createWaitingReads(view, driverDefaults, life)
    reads.add(0, (outcome) => outcomes.push(outcome))
    reads.ask(0, (context) => asked.push(context))
    reads.confirmed({ context: asked[0] ?? 0, index: logIndex(1) }, logIndex(1))
  }
  expect(outcomes).toEqual([{ kind: 'safe' }])
})
