/**
 * What the core does with states and inputs that must not be: it ends the node (design 4: invariants are asserted in production too). Each case
 * needs a wrong driver, a wrong disk or a wrong peer; none may be acted on.
 */

import { describe, expect, it } from 'vitest'
import { followTail, ofVoters } from '../../src-node/raft/configuration.ts'
import { commitTo, createCoreState, enterTerm } from '../../src-node/raft/core-state.ts'
import { createLogView } from '../../src-node/raft/log-view.ts'
import { encodeMembership, membershipOf } from '../../src-node/raft/membership.ts'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft } from '../../src-node/raft/raft.ts'
import { type Entry, logIndex, type Message, nodeId, term } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf, entry, stableLog } from './core-net.ts'

const ends = (kind: 'broken' | 'data-lost', what: RegExp) =>
  expect.objectContaining({ name: 'InvariantError', kind, message: expect.stringMatching(what) })
const options = { ...raftDefaults, id: nodeId(1), voters: [1, 2, 3].map(nodeId), seed: 1 }
const append = (inTerm: number, prev: [index: number, term: number], entries: Entry[]): Message => ({
  type: 'append',
  from: nodeId(2),
  to: nodeId(1),
  term: term(inTerm),
  prevIndex: logIndex(prev[0]),
  prevTerm: term(prev[1]),
  entries,
  commit: logIndex(0),
})
const led = (): CoreNet => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  net.elect(1)
  return net
}

describe('a wrong driver', () => {
  it('gives an input before the last drain is on disk', () => {
    const net = led()
    net.node(1).slowDisk = true
    net.propose(1, 'a')
    expect(() => net.node(1).core.tick()).toThrow(ends('broken', /before the last drain was persisted/))
    expect(() => net.node(1).core.ready()).toThrow(ends('broken', /not persisted yet/))
  })

  it('reports a save that nobody asked for', () => {
    expect(() => led().node(1).core.persisted()).toThrow(ends('broken', /nothing was to be persisted/))
  })

  it('applies what is not committed, or goes back', () => {
    const { core } = led().node(1)
    expect(() => core.appliedTo(logIndex(2))).toThrow(ends('broken', /not between/))
    core.appliedTo(logIndex(1))
    expect(() => core.appliedTo(logIndex(0))).toThrow(ends('broken', /not between/))
  })

  it('proposes at a node that does not lead', () => {
    expect(() => led().propose(2, 'a')).toThrow(ends('broken', /a follower cannot append/))
  })
})

describe('a wrong disk', () => {
  it('has a last entry and no term for it', () => {
    const disk = { ...stableLog(diskOf([1])), termAt: () => null }
    expect(() => createRaft({ options, log: disk, hardState: diskOf([1]).hardState, applied: logIndex(0) })).toThrow(
      ends('broken', /no term at its last/),
    )
  })

  it('forgets the term before a new tail, or below a rejected append', () => {
    const forgetful = (forgotten: number) => {
      const log = stableLog(diskOf([1, 1, 1]))
      return { ...log, termAt: (index: Parameters<typeof log.termAt>[0]) => (index === forgotten ? null : log.termAt(index)) }
    }
    expect(() => createLogView(forgetful(1), options).replaceTail([entry(2, 2)])).toThrow(ends('broken', /just before a new tail/))
    const core = createRaft({ options, log: forgetful(2), hardState: diskOf([1]).hardState, applied: logIndex(0) })
    expect(() => core.step(append(2, [2, 2], []))).toThrow(ends('broken', /no term at 2/))
  })

  it('ends before what a follower still needs', () => {
    const log = stableLog(diskOf([1, 1, 1]))
    const forgetful = { ...log, termAt: (index: Parameters<typeof log.termAt>[0]) => (index === 1 || index === 2 ? null : log.termAt(index)) }
    const core = createRaft({
      options: { ...options, voters: [1, 2].map(nodeId) },
      log: forgetful,
      hardState: diskOf([1]).hardState,
      applied: logIndex(0),
    })
    for (let ticks = 0; ticks < options.electionTicksMax && core.view.role === 'follower'; ticks++) core.tick()
    const from = { from: nodeId(2), to: nodeId(1) }
    core.ready()
    core.step({ type: 'pre-vote-reply', ...from, term: term(2), granted: true, refusal: null })
    core.ready()
    core.persisted()
    core.step({ type: 'vote-reply', ...from, term: term(2), granted: true })
    core.ready()
    core.persisted()
    core.step({ type: 'append-reply', ...from, term: term(2), ok: false, index: logIndex(3), hintIndex: logIndex(2), hintTerm: term(1) })
    expect(() => core.ready()).toThrow(ends('broken', /needed by node 2, is not in the log/))
  })
})

describe('a wrong peer', () => {
  it('leads the term that this node leads', () => {
    const net = led()
    expect(() => net.step(1, append(1, [0, 0], []))).toThrow(ends('broken', /two leaders in term 1: 1 and 2/))
  })

  it('acknowledges what this leader never had', () => {
    const net = led()
    const ack = { type: 'append-reply', from: nodeId(2), to: nodeId(1), term: term(1), ok: true } as const
    expect(() => net.step(1, { ...ack, index: logIndex(9), hintIndex: logIndex(0), hintTerm: term(0) })).toThrow(
      ends('broken', /beyond our log's end/),
    )
  })

  it('bug 9: numbers its entries so that a committed one would be cut', () => {
    const net = led()
    net.propose(1, 'a')
    net.settle()
    const lie = { ...append(1, [2, 1], [entry(2, 1)]), from: nodeId(1), to: nodeId(3) } as Message
    expect(() => net.step(3, lie)).toThrow(ends('broken', /conflicts below the commit index/))
  })

  it('changes the configuration by two voters, or makes a stranger a voter', () => {
    const config = (voters: number[]): Entry => ({ ...entry(1, 1), kind: 'config', data: encodeMembership(membershipOf(voters.map(nodeId))) })
    const fresh = () => createCoreNet([diskOf([]), diskOf([]), diskOf([])])
    expect(() => fresh().step(1, append(1, [0, 0], [config([1])]))).toThrow(ends('broken', /differs from 0 by 2 voters/))
    expect(() => fresh().step(1, append(1, [0, 0], [config([1, 2, 3, 4])]))).toThrow(ends('broken', /node 4 a voter, which was no learner/))
  })
})

describe('a wrong core', () => {
  const state = () => createCoreState({ options, log: stableLog(diskOf([1])), hardState: diskOf([1]).hardState, applied: logIndex(0) })

  it('lets its term fall', () => {
    expect(() => enterTerm(state(), term(1))).toThrow(ends('broken', /term would fall from 1 to 1/))
  })

  it('commits beyond the end of its log', () => {
    expect(() => commitTo(state(), 2)).toThrow(ends('broken', /beyond the log's end 1/))
  })

  it('has no progress of a voter, cuts a committed configuration, or cuts by nothing', () => {
    expect(() => ofVoters(state(), 1, () => 0)).toThrow(ends('broken', /no progress is kept of voter 2/))
    expect(() => followTail(state(), [entry(1, 0)])).toThrow(ends('broken', /committed configuration 0 would be cut off/))
    expect(() => followTail(state(), [])).toThrow(ends('broken', /empty tail/))
  })

  it('reads beyond the end of its log, or replaces a tail by nothing', () => {
    const log = createLogView(stableLog(diskOf([1])), options)
    log.extend(term(1), 'noop', [new Uint8Array(0)])
    expect(() => log.entries(3, 3, { count: 1, bytes: 1 })).toThrow(ends('broken', /entry 3 is beyond the log/))
    expect(() => log.entries(2, 3, { count: 2, bytes: 1 })).toThrow(ends('broken', /entry 3 is beyond the log/))
    expect(() => log.replaceTail([])).toThrow(ends('broken', /empty tail/))
    expect(log.entries(2, 1, { count: 1, bytes: 1 })).toEqual([])
  })
})

describe('words that mean nothing', () => {
  it('are passed over: for another node, of an unknown kind, from a stranger to this leader', () => {
    const net = led()
    const reply = { from: nodeId(9), to: nodeId(1), term: term(1) }
    net.step(1, { ...append(9, [0, 0], []), to: nodeId(2) } as Message)
    net.step(1, { ...reply, type: 'of a later version' } as unknown as Message)
    net.step(1, { ...reply, type: 'heartbeat-reply', round: 1 })
    net.step(1, { ...reply, type: 'append-reply', ok: true, index: logIndex(1), hintIndex: logIndex(0), hintTerm: term(0) })
    net.node(1).core.congested(nodeId(9), true)
    net.drain(net.node(1))
    expect(net.node(1).core.view).toMatchObject({ role: 'leader', term: 1, commit: 1 })
    expect(net.node(1).core.matchIndex(nodeId(9))).toBe(null)
    expect(net.wire).toEqual([])
  })
})
