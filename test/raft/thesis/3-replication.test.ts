/** Ongaro 2014, chapter 3, sentences about the log. The number in front is the section. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import type { Message } from '../../../src-node/raft/types.ts'
import { createCoreNet, diskOf, entry } from '../core-net.ts'
import { append, appended, empty, heartbeat, ledBy1, nodesWith, said, view, without } from './cluster.ts'

const lastTexts = (net: ReturnType<typeof empty>, id: number) => net.node(id).disk.entries.map(({ data }) => new TextDecoder().decode(data))
const beat = (net: ReturnType<typeof empty>, id: number, times = 1) => {
  for (let i = 0; i < times; i++) {
    net.tick(id, raftDefaults.heartbeatTicks)
    net.settle()
  }
}

describe('a leader', () => {
  // 3.5: it appends the command to its log, then issues appends in parallel to all others
  it('3.5: appends a command to its own log and sends it to everybody at once', () => {
    const net = ledBy1(5)
    net.propose(1, 'a')
    expect(lastTexts(net, 1)).toEqual(['', 'a'])
    expect(said(net, 'append').map(({ to }) => Number(to))).toEqual([2, 3, 4, 5])
  })

  // 3.5: it retries appends indefinitely, even after it has responded to the client, until all followers store all entries
  it('3.5: sends to a follower that lost everything until it has it, though the entry is long committed', () => {
    const net = ledBy1()
    net.propose(1, 'a')
    net.settle(without(3))
    expect(view(net, 1).commit).toBe(2)
    for (let i = 0; i < 5; i++) {
      net.tick(1, raftDefaults.heartbeatTicks)
      net.settle(without(3))
    }
    beat(net, 1, 3)
    expect(net.terms(3)).toEqual([1, 1])
  })

  // 3.5: an entry is committed once the leader that created it has replicated it on a majority
  it.each([
    [3, 1],
    [4, 2],
    [5, 2],
  ])('3.5: of %i servers an entry of its term is committed with %i acknowledgements besides its own disk', (servers, needed) => {
    const net = ledBy1(servers)
    net.propose(1, 'a')
    net.wire.length = 0
    for (let id = 2; id < 2 + needed; id++) {
      expect(view(net, 1).commit).toBe(1)
      net.step(1, appended(id, 1, 1, true, 2))
    }
    expect(view(net, 1).commit).toBe(2)
  })

  // 3.5: this also commits all preceding entries, including those created by previous leaders
  it('3.5: commits with an entry of its own all that stand before it', () => {
    const net = nodesWith([1, 1, 2], [1, 1, 2], [1, 1, 2])
    net.elect(1)
    expect(view(net, 1).commit).toBe(4)
    expect(view(net, 2).commit).toBe(4)
  })

  // 3.5: it includes the highest index it knows to be committed in future appends, so that the others find out
  it('3.5: tells in each append and heartbeat what is committed', () => {
    const net = ledBy1()
    net.propose(1, 'a')
    net.settle()
    net.propose(1, 'b')
    net.tick(1, raftDefaults.heartbeatTicks)
    expect(said(net, 'append')).toMatchObject([{ commit: 2 }, { commit: 2 }])
    expect(said(net, 'heartbeat')).toMatchObject([{ commit: 2 }, { commit: 2 }])
  })

  // 3.5: a leader never overwrites or deletes entries in its own log
  it('3.5: never changes what stands in its own log, whatever its followers hold', () => {
    const net = nodesWith([1, 1, 4], [1, 1, 2, 2, 2], [1, 3, 3, 3])
    net.tick(1, raftDefaults.electionTicksMax)
    net.settle()
    expect(view(net, 1).role).toBe('leader')
    expect(net.terms(1)).toEqual([1, 1, 4, 5])
  })

  // 3.5: it creates at most one entry with a given index in a given term
  it('3.5: gives each index once in its term', () => {
    const net = ledBy1()
    for (let i = 0; i < 20; i++) net.propose(1, `${i}`, `${i}'`)
    net.settle()
    expect(net.node(2).disk.entries.map(({ index }) => Number(index))).toEqual(Array.from({ length: 41 }, (_, at) => at + 1))
    expect(lastTexts(net, 2)).toEqual(lastTexts(net, 1))
  })

  // 3.5: when a leader first comes to power it initialises all nextIndex values to just after its last entry
  it('3.5: begins with each follower just after the last entry that it had itself', () => {
    const net = nodesWith([1, 1, 2], [1], [])
    net.tick(1, raftDefaults.electionTicksMax)
    net.settle(({ type }) => type.includes('vote'))
    net.wire.length = 0
    const again = nodesWith([1, 1, 2], [1], [])
    const prev: number[] = []
    again.elect(1, (m) => {
      if (m.type === 'append') prev.push(m.prevIndex)
      return m.type !== 'append'
    })
    expect(prev).toEqual([3, 3])
  })

  // 3.6.2: only entries of the current term are committed by counting; earlier ones indirectly, by the log matching property
  it('3.6.2: counts no copies of an older entry, and commits it beneath one of its own', () => {
    const net = nodesWith([1, 2], [1], [1])
    net.elect(1, (m) => m.type !== 'append')
    net.step(1, appended(2, 1, view(net, 1).term, true, 2))
    net.step(1, appended(3, 1, view(net, 1).term, true, 2))
    expect(view(net, 1).commit).toBe(0)
    net.step(1, appended(2, 1, view(net, 1).term, true, 3))
    expect(view(net, 1).commit).toBe(3)
  })
})

describe('a follower', () => {
  // 3.5: once a follower learns that an entry is committed, it applies it (in log order)
  it('3.5: may apply what it knows to be committed, in order, and nothing more', () => {
    const net = empty(3)
    net.step(1, append(2, 1, 1, [0, 0], [entry(1, 1, 'a'), entry(1, 2, 'b'), entry(1, 3, 'c')], 2))
    expect(net.node(1).core.appliableIndex()).toBe(2)
    net.step(1, heartbeat(2, 1, 1, 3, 3))
    expect(net.node(1).core.appliableIndex()).toBe(3)
  })

  // 3.5: if it does not find an entry with the same index and term before the new ones, it refuses them
  it.each<[why: string, log: number[], prev: [number, number]]>([
    ['it ends earlier', [1], [2, 1]],
    ['it has another term there', [1, 1], [2, 2]],
    ['it is empty', [], [1, 1]],
  ])('3.5: refuses new entries when %s', (_, log, prev) => {
    const net = nodesWith(log, [], [])
    net.step(1, append(2, 1, 3, prev, [entry(3, prev[0] + 1)]))
    expect(said(net, 'append-reply')).toMatchObject([{ ok: false, index: prev[0] }])
    expect(net.terms(1)).toEqual(log)
  })

  it('3.5: keeps what it has of an append that overlaps, and takes the rest', () => {
    const net = nodesWith([1, 1], [], [])
    const before = net.node(1).disk.entries.slice()
    net.step(1, append(2, 1, 2, [1, 1], [entry(1, 2, '1.2'), entry(2, 3), entry(2, 4)]))
    expect(net.terms(1)).toEqual([1, 1, 2, 2])
    expect(net.node(1).disk.entries.slice(0, 2)).toEqual(before)
  })
})

// 3.5, figure 3.6: what followers may hold when a leader comes to power, and that its appends bring each of them to the leader's log
describe('figure 3.6: a follower comes to the log of the leader of term 8', () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
  it.each<[which: string, log: number[]]>([
    ['(a) that misses the last entry', [1, 1, 1, 4, 4, 5, 5, 6, 6]],
    ['(b) that misses many', [1, 1, 1, 4]],
    ['(c) that has one uncommitted entry more', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]],
    ['(d) that has two of a later term', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]],
    ['(e) that misses some and has others', [1, 1, 1, 4, 4, 4, 4]],
    ['(f) that led terms 2 and 3 alone', [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]],
  ])('%s', (_, log) => {
    const net = createCoreNet([diskOf(leader, 7), diskOf(log, 7), diskOf(leader, 7)])
    net.elect(1)
    beat(net, 1, 2)
    expect(view(net, 1)).toMatchObject({ role: 'leader', term: 8 })
    expect(net.terms(2)).toEqual([...leader, 8])
    expect(lastTexts(net, 2)).toEqual(lastTexts(net, 1))
  })
})

describe('the answers of a follower', () => {
  it('10.2.2: several appends of one turn are acknowledged once, with the last of them', () => {
    const net = empty(3)
    const { core } = net.node(1)
    core.step(append(2, 1, 1, [0, 0], [entry(1, 1)]))
    net.drain(net.node(1))
    net.wire.length = 0
    for (const message of inOneTurn) core.step(message)
    net.drain(net.node(1))
    expect(said(net, 'append-reply')).toMatchObject([{ ok: true, index: 3 }])
  })

  it('10.2.2: a rejection of the same turn is told beside them, and to another leader nothing of this one', () => {
    const net = empty(3)
    const { core } = net.node(1)
    core.step(append(2, 1, 1, [5, 1], []))
    core.step(append(2, 1, 1, [0, 0], [entry(1, 1)]))
    core.step(append(3, 1, 2, [0, 0], [entry(1, 1)]))
    net.drain(net.node(1))
    expect(said(net, 'append-reply')).toMatchObject([{ to: 3, term: 2, ok: true, index: 1 }])
  })
})

const inOneTurn: readonly Message[] = [
  append(2, 1, 1, [1, 1], [entry(1, 2)]),
  append(2, 1, 1, [2, 1], [entry(1, 3)]),
  append(2, 1, 1, [1, 1], [entry(1, 2)]),
]
