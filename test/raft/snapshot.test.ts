/** Compaction and snapshots in the pure core, message by message (reliability 4.8, 4.19, 4.20, 4.23; thesis 5.1). */

import { describe, expect, it } from 'vitest'
import { encodeMembership, membershipOf } from '../../src-node/raft/membership.ts'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft } from '../../src-node/raft/raft.ts'
import type { SnapshotVerdict } from '../../src-node/raft/snapshot.ts'
import { logIndex, type Message, nodeId, type StoredMembership, term } from '../../src-node/raft/types.ts'
import { type CoreNet, compact, createCoreNet, diskOf, entry, stableLog } from './core-net.ts'

const place = (index: number, atTerm: number) => ({ index: logIndex(index), term: term(atTerm) })
const receive = (net: CoreNet, id: number, index: number, atTerm: number, membership: StoredMembership | null = null): SnapshotVerdict => {
  const verdict = net.node(id).core.snapshotReceived({ ...place(index, atTerm), membership })
  net.drain(net.node(id))
  return verdict
}
const view = (net: CoreNet, id: number) => net.node(id).core.view
const lasts = (net: CoreNet) => net.nodes.map(({ core }) => core.lastIndex())
const lagging = (net: CoreNet, id = 1) => net.node(id).core.lagging()
const beat = (net: CoreNet, id = 1) => {
  net.tick(id, 10)
  net.settle()
}

/** Node 1 leads term 2 with ten entries of term 1, of which it has forgotten eight; node 3 has nothing. */
const lateNode = (third = diskOf([])): CoreNet => {
  const leader = diskOf(Array(10).fill(1))
  compact(leader, 8)
  const net = createCoreNet([leader, diskOf(Array(10).fill(1)), third])
  net.elect(1)
  return net
}

describe('a follower that needs what is compacted', () => {
  it('gets no append any more, only heartbeats, until it has a snapshot', () => {
    const net = lateNode()
    expect(lagging(net)).toEqual([3])
    const sent: Message[] = []
    net.propose(1, 'a')
    net.settle((message) => {
      sent.push(message)
      return true
    })
    net.tick(1, 30)
    net.settle((message) => {
      sent.push(message)
      return true
    })
    const toThird = sent.filter(({ to }) => to === 3).map(({ type }) => type)
    expect(toThird).toContain('heartbeat')
    expect(toThird).not.toContain('append')
    expect(view(net, 1).role).toBe('leader')
    expect(view(net, 1).commit).toBe(12)
  })

  it('goes on from the snapshot once it has installed it', () => {
    const net = lateNode()
    net.propose(1, 'a')
    net.settle()
    expect(receive(net, 3, 11, 2)).toBe('install')
    expect(net.node(3).disk.base).toEqual(place(11, 2))
    expect(view(net, 3).commit).toBe(11)
    net.settle()
    expect(lagging(net)).toEqual([])
    expect(lasts(net)).toEqual([12, 12, 12])
    beat(net)
    expect(view(net, 3).commit).toBe(12)
  })

  it('is not the one that had not answered its new leader when the connection closed', () => {
    const leader = diskOf(Array(10).fill(1))
    compact(leader, 8)
    const net = createCoreNet([leader, diskOf(Array(10).fill(1)), diskOf(Array(9).fill(1))])
    net.elect(1, ({ from, to }) => from !== 3 && to !== 3)
    net.gone(1, 3)
    beat(net)
    expect(lagging(net)).toEqual([])
    expect(lasts(net)).toEqual([11, 11, 11])
  })

  it('is found where it stands though its acknowledgement was lost', () => {
    const net = lateNode()
    expect(receive(net, 3, 9, 1)).toBe('install')
    net.wire.length = 0
    expect(lagging(net)).toEqual([3])
    net.node(1).core.snapshotSent(net.node(3).id, 9)
    net.drain(net.node(1))
    net.settle()
    expect(lagging(net)).toEqual([])
    expect(net.terms(3)).toEqual([1, 2])
  })

  it('that did not get it after all is set aside again', () => {
    const net = lateNode()
    for (const index of [0, 9]) {
      net.node(1).core.snapshotSent(net.node(3).id, index)
      net.drain(net.node(1))
      net.settle()
      expect(lagging(net)).toEqual([3])
    }
  })

  it('and falls silent, cut or killed, is nobody to make one for, until it is heard again', () => {
    const net = lateNode()
    net.tick(1, raftDefaults.electionTicksMax)
    expect(lagging(net)).toEqual([])
    net.settle()
    expect(lagging(net)).toEqual([3])
    net.gone(1, 3)
    net.propose(1, 'a')
    net.settle(({ from, to }) => from !== 3 && to !== 3)
    expect(lagging(net)).toEqual([])
    net.node(1).core.peerUp(net.node(3).id)
    beat(net)
    expect(lagging(net)).toEqual([3])
  })

  it('bug 8: whose log reaches into what is compacted keeps it, and its committed entries', () => {
    const net = lateNode(diskOf(Array(5).fill(1)))
    expect(lagging(net)).toEqual([3])
    expect(net.terms(3)).toEqual([1, 1, 1, 1, 1])
    expect(receive(net, 3, 9, 1)).toBe('install')
    net.settle()
    expect(lasts(net)).toEqual([11, 11, 11])
  })

  it('bug 23: a snapshot that is older than the leader’s newest one still helps, while the log goes on from it', () => {
    const net = lateNode()
    for (let i = 0; i < 50; i++) net.propose(1, `${i}`)
    net.settle()
    expect(receive(net, 3, 8, 1)).toBe('install')
    net.settle()
    expect(lasts(net)).toEqual([61, 61, 61])
  })
})

describe('a follower that the log still helps', () => {
  it('holds it as long as it is heard', () => {
    const net = lateNode()
    expect(net.node(1).core.followersHold()).toBe(11)
    net.tick(1, raftDefaults.electionTicksMax)
    expect(net.node(1).core.followersHold()).toBe(null)
  })
})

describe('a received snapshot', () => {
  it('bug 20: that is older than the commit index changes nothing', () => {
    const net = createCoreNet([diskOf([1, 1, 1]), diskOf([1, 1, 1]), diskOf([1, 1, 1])])
    net.elect(1)
    beat(net)
    expect(view(net, 2).commit).toBe(4)
    for (const index of [1, 4]) expect(receive(net, 2, index, 1)).toBe('old')
    expect(net.terms(2)).toEqual([1, 1, 1, 2])
  })

  it('whose last entry the log holds only moves the commit index', () => {
    const net = createCoreNet([diskOf([]), diskOf([1, 1, 2, 2], 2), diskOf([])])
    expect(receive(net, 2, 3, 2)).toBe('forwarded')
    expect([view(net, 2).commit, net.node(2).disk.base]).toEqual([3, undefined])
    expect(net.terms(2)).toEqual([1, 1, 2, 2])
  })

  it('replaces a log that contradicts it, tail and all', () => {
    const net = createCoreNet([diskOf([]), diskOf([1, 1, 1, 1, 1], 3), diskOf([])])
    expect(receive(net, 2, 3, 2)).toBe('install')
    expect([net.node(2).disk.entries, net.node(2).disk.base]).toEqual([[], place(3, 2)])
    net.restart(2)
    expect([net.node(2).core.lastIndex(), view(net, 2).commit]).toEqual([3, 3])
  })

  it('takes entries that follow it in the same drain', () => {
    const net = createCoreNet([diskOf([]), diskOf([], 2), diskOf([])])
    const { core, id } = net.node(2)
    expect(core.snapshotReceived({ ...place(7, 2), membership: null })).toBe('install')
    const append = { type: 'append', from: net.node(1).id, to: id, term: term(2), prevIndex: logIndex(7), prevTerm: term(2) } as const
    core.step({ ...append, entries: [entry(2, 8)], commit: logIndex(8) })
    const ready = core.ready()
    expect(ready).toMatchObject({ snapshot: place(7, 2), entries: [{ index: 8 }], messages: [] })
    core.persisted()
    expect(view(net, 2).commit).toBe(8)
  })

  it('makes every message wait until it is installed', () => {
    const net = lateNode()
    net.node(3).slowDisk = true
    expect(receive(net, 3, 9, 1)).toBe('install')
    expect(net.wire).toEqual([])
    net.sync(net.node(3))
    expect(net.wire).toMatchObject([{ type: 'append-reply', ok: true, index: 9 }])
  })

  it('brings the configuration of the cluster along, and one that is newer than it is forgotten with its tail', () => {
    const net = lateNode()
    const membership = { index: logIndex(3), data: encodeMembership(membershipOf([1, 2, 3, 4].map(nodeId))) }
    expect(receive(net, 3, 9, 1, membership)).toBe('install')
    expect(net.node(3).core.membership().voters).toEqual([1, 2, 3, 4])
    net.restart(3)
    expect(net.node(3).core.membership().voters).toEqual([1, 2, 3, 4])
  })

  it('counts for nothing at a leader', () => {
    const net = lateNode()
    expect(receive(net, 1, 99, 9)).toBe('old')
    expect(view(net, 1).commit).toBe(11)
  })

  it('is no contact with a leader: a cut follower campaigns all the same', () => {
    const net = createCoreNet([diskOf([]), diskOf([1, 1], 2), diskOf([])])
    net.tick(2, 29)
    receive(net, 2, 9, 2)
    net.tick(2, 31)
    expect(view(net, 2).role).toBe('pre-candidate')
  })
})

describe('a compacted log', () => {
  it('still finds where a log that is behind agrees, as long as that lies within it', () => {
    const leader = diskOf([1, 1, 1, 1, 3, 3, 3])
    compact(leader, 4)
    const net = createCoreNet([leader, diskOf([1, 1, 1, 1, 3, 3, 3]), diskOf([1, 1, 1, 1, 2, 2, 2, 2], 3)])
    net.elect(1)
    expect(lagging(net)).toEqual([])
    expect(net.terms(3)).toEqual([1, 1, 1, 1, 3, 3, 3, 4])
  })

  it('of a follower answers appends that begin below it', () => {
    const follower = diskOf([1, 1, 1, 1])
    compact(follower, 4)
    const net = createCoreNet([diskOf([1, 1, 1, 1, 1]), follower, diskOf([])])
    net.elect(1)
    expect(net.terms(2)).toEqual([1, 2])
  })

  it('that begins beyond the state is lost data', () => {
    const disk = diskOf([1, 1, 1])
    compact(disk, 2)
    const start = (applied: number) =>
      createRaft({
        options: { ...raftDefaults, id: nodeId(1), voters: [nodeId(1)], seed: 1 },
        ...{ log: stableLog(disk), hardState: disk.hardState, applied: logIndex(applied) },
      })
    expect(() => start(1)).toThrow('the log begins after entry 2, the state only reaches 1: the disk lost data')
    expect(start(2).lastIndex()).toBe(3)
  })
})
