/** Copying the log, by sentences of the thesis and by the bugs of others (reliability 4). */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft } from '../../src-node/raft/raft.ts'
import { type Entry, logIndex, type Message, nodeId, term } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf, entry, stableLog } from './core-net.ts'

const without =
  (...ids: number[]) =>
  (message: Message) =>
    !ids.includes(message.from) && !ids.includes(message.to)
const view = (net: CoreNet, id: number) => net.node(id).core.view
const append = (inTerm: number, prev: [index: number, term: number], entries: Entry[], commit = 0): Message => ({
  type: 'append',
  from: nodeId(2),
  to: nodeId(1),
  term: term(inTerm),
  prevIndex: logIndex(prev[0]),
  prevTerm: term(prev[1]),
  entries,
  commit: logIndex(commit),
})
const replies = (net: CoreNet) => net.wire.filter((m) => m.type === 'append-reply')
const trio = (...logs: number[][]) => createCoreNet(logs.map((terms) => diskOf(terms)))

describe('a follower', () => {
  it('5.3: rejects an append whose previous entry it does not have, and says where logs may agree', () => {
    const net = trio([1, 1, 2, 2], [], [])
    net.step(1, append(3, [4, 3], [entry(3, 5)]))
    expect(replies(net)).toMatchObject([{ ok: false, index: 4, hintIndex: 4, hintTerm: 2 }])
  })

  it('3.5, bug 5: cuts a conflicting tail', () => {
    const net = trio([1, 2, 2, 2], [], [])
    net.step(1, append(3, [1, 1], [entry(3, 2)]))
    expect(net.terms(1)).toEqual([1, 3])
    expect(replies(net)).toMatchObject([{ ok: true, index: 2 }])
  })

  it('bug 4: an old, shorter append cuts nothing that matches', () => {
    const net = trio([1, 1, 1], [], [])
    net.step(1, append(1, [0, 0], [entry(1, 1, '1.1')]))
    net.step(1, append(1, [1, 1], []))
    expect(net.terms(1)).toEqual([1, 1, 1])
  })

  it('bug 6: commits no further than what this message verified', () => {
    const net = trio([1, 2, 2], [], [])
    net.step(1, append(3, [1, 1], [], 3))
    expect(view(net, 1).commit).toBe(1)
  })

  it('bug 6: a heartbeat commits no further than what the leader knows to match', () => {
    const net = trio([1, 2, 2], [], [])
    net.step(1, { type: 'heartbeat', from: nodeId(2), to: nodeId(1), term: term(3), commit: logIndex(3), match: logIndex(1), round: 1 })
    expect(view(net, 1).commit).toBe(1)
  })

  it('bug 9: an append about committed entries cuts nothing, whatever its terms say', () => {
    const net = trio([1, 1], [], [])
    net.step(1, append(1, [2, 1], [], 2))
    net.step(1, append(2, [0, 0], [entry(2, 1), entry(2, 2), entry(2, 3)]))
    expect(net.terms(1)).toEqual([1, 1, 2])
  })

  it('bug 3: acknowledges only what is on its disk', () => {
    const net = trio([], [], [])
    net.node(1).slowDisk = true
    net.step(1, append(1, [0, 0], [entry(1, 1)]))
    expect(net.wire).toEqual([])
    net.sync(net.node(1))
    expect(replies(net)).toMatchObject([{ ok: true, index: 1 }])
  })

  it('answers any shuffle and doubling of appends with the same log', () => {
    const all = [append(1, [0, 0], [entry(1, 1, 'a')]), append(1, [1, 1], [entry(1, 2, 'b')]), append(1, [2, 1], [entry(1, 3, 'c')])]
    for (const order of [
      [0, 1, 2, 0, 1],
      [2, 0, 1, 2, 0],
      [1, 0, 2, 1, 2],
      [0, 0, 1, 1, 2, 2, 0],
    ]) {
      const net = trio([], [], [])
      for (let round = 0; round < 2; round++) for (const i of order) net.step(1, all[i]!)
      expect(net.terms(1)).toEqual([1, 1, 1])
    }
  })

  it('a leader that knows more than our disk holds means that the disk lost data, and ends the process', () => {
    const net = trio([1], [], [])
    const beat: Message = { type: 'heartbeat', from: nodeId(2), to: nodeId(1), term: term(1), commit: logIndex(5), match: logIndex(5), round: 1 }
    expect(() => net.step(1, beat)).toThrow(
      expect.objectContaining({ name: 'InvariantError', kind: 'data-lost', message: expect.stringContaining('lost data') }),
    )
  })

  it('a state that is ahead of the log, and a log ahead of its term, mean that the disk lost data', () => {
    expect(() => createCoreNet([diskOf([1, 2], 1)])).toThrow(expect.objectContaining({ kind: 'data-lost' }))
    const raft = { options: { ...raftDefaults, id: nodeId(1), voters: [nodeId(1)], seed: 1 }, log: stableLog(diskOf([1])) }
    expect(() => createRaft({ ...raft, hardState: diskOf([1]).hardState, applied: logIndex(2) })).toThrow(
      expect.objectContaining({ kind: 'data-lost' }),
    )
  })

  it('a broken rule is told from lost data', () => {
    const net = trio([1, 1], [], [])
    expect(() => net.node(1).core.propose([])).toThrow(expect.objectContaining({ name: 'InvariantError', kind: 'broken' }))
  })
})

describe('a leader', () => {
  it('6.4: appends an entry of its own term when elected, and commits it', () => {
    const net = trio([], [], [])
    net.elect(1)
    expect(net.node(1).disk.entries).toMatchObject([{ kind: 'noop', term: 1 }])
    for (const id of [1, 2, 3]) expect(view(net, id).commit).toBe(1)
  })

  it('tells followers a new commit index at once, not at the next heartbeat', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.propose(1, 'a')
    net.settle()
    for (const id of [1, 2, 3]) expect(view(net, id).commit).toBe(2)
  })

  it('sends one append to each follower for any number of proposals in one drain', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.propose(1, ...Array.from({ length: 500 }, (_, i) => `${i}`))
    expect(net.wire.filter(({ type }) => type === 'append').map((m) => m.type === 'append' && m.entries.length)).toEqual([500, 500])
  })

  it('10.2.1: its own disk counts only once it has synced', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.node(1).slowDisk = true
    net.propose(1, 'a')
    const [toSecond] = net.wire.splice(0)
    net.step(2, toSecond!)
    expect(view(net, 1).commit).toBe(1)
    net.sync(net.node(1))
    net.settle()
    expect(view(net, 1).commit).toBe(2)
  })

  it('bug 7, figure 3.7: an entry of an older term is not committed by counting', () => {
    const net = createCoreNet([diskOf([1, 2], 3), diskOf([1, 2], 3), diskOf([1], 3), diskOf([1], 3), diskOf([1, 3], 3)])
    const noNoop = (m: Message) => !(m.type === 'append' && m.entries.some(({ kind }) => kind === 'noop') && m.prevIndex >= 2)
    net.elect(1, (m) => m.from !== 5 && m.to !== 5 && noNoop(m))
    // Entry 2 of term 2 reaches node 3 alone, which makes it stand on three of five disks.
    net.step(3, append3(view(net, 1).term))
    net.settle((m) => m.from !== 5 && m.to !== 5 && noNoop(m))
    expect(net.terms(3)).toEqual([1, 2])
    expect(view(net, 1).commit).toBe(0)
  })

  it('5.3: backs up over a long conflict in a few messages', () => {
    const net = trio(
      [...Array.from({ length: 100 }, () => 1), ...Array.from({ length: 100 }, () => 5)],
      [...Array.from({ length: 100 }, () => 1), ...Array.from({ length: 100 }, () => 3)],
      [...Array.from({ length: 100 }, () => 1), ...Array.from({ length: 100 }, () => 5)],
    )
    let appends = 0
    net.tick(1, raftDefaults.electionTicksMax)
    net.settle((m) => {
      if (m.type === 'append' && m.to === 2 && m.entries.length > 0) appends++
      return true
    })
    expect(net.terms(2)).toEqual(net.terms(1))
    expect(appends).toBeLessThanOrEqual(4)
  })

  it('keeps at most so many appends on their way to one follower', () => {
    const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])], { inflightAppendsMax: 3, appendEntriesMax: 1 })
    net.elect(1)
    net.propose(1, ...'abcdefgh')
    expect(net.wire.filter((m) => m.type === 'append' && m.to === 2)).toHaveLength(3)
    net.settle()
    expect(net.terms(2)).toHaveLength(9)
  })

  it('sends again what was lost without a closed socket', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.propose(1, 'lost')
    net.wire.length = 0
    for (let i = 0; i < raftDefaults.heartbeatTicks * 3; i++) {
      net.tick(1)
      net.settle()
    }
    expect(net.terms(2)).toEqual([1, 1])
    expect(view(net, 1).commit).toBe(2)
  })

  it('starts again from what is certain when a follower comes back', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.propose(1, 'a')
    net.settle(without(3))
    net.gone(1, 3)
    net.restart(3)
    net.propose(1, 'b')
    net.settle()
    expect(net.terms(3)).toEqual([1, 1, 1])
  })

  it('a newer leader overrules the unfinished entries of an older one', () => {
    const net = trio([], [], [])
    net.elect(1)
    net.propose(1, 'never finished')
    net.wire.length = 0
    net.tick(2, raftDefaults.electionTicksMax)
    net.tick(3, raftDefaults.electionTicksMin)
    net.elect(2, without(1))
    expect(view(net, 2)).toMatchObject({ role: 'leader' })
    net.tick(2, raftDefaults.heartbeatTicks)
    net.settle()
    expect(net.terms(1)).toEqual(net.terms(2))
    expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: 2 })
  })
})

/** Node 1, as leader of `inTerm`, gives node 3 its entry 2 of term 2. */
function append3(inTerm: number): Message {
  return { ...append(inTerm, [1, 1], [entry(2, 2, '2.2')]), from: nodeId(1), to: nodeId(3) } as Message
}

/** Every message takes so many ticks; node 3 is down. */
const overSlowWires = (ticks: number) => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  net.elect(1)
  const up = ({ from, to }: Message) => from !== 3 && to !== 3
  net.propose(1, 'lost')
  net.settle((message) => up(message) && message.type !== 'append')
  let underWay: { readonly atTick: number; readonly message: Message }[] = []
  for (let tick = 0; tick < 200; tick++) {
    net.tick(1)
    net.tick(2)
    for (const message of net.wire.splice(0)) if (up(message)) underWay.push({ atTick: tick + ticks, message })
    const arrived = underWay.filter(({ atTick }) => atTick <= tick)
    underWay = underWay.filter(({ atTick }) => atTick > tick)
    for (const { message } of arrived) net.step(message.to, message)
  }
  return net.node(1).core.view.commit
}

it.each([1, 4, 6, 12])('a lost append is sent again, also when an answer takes longer than a heartbeat: %i ticks one way', (ticks) => {
  expect(overSlowWires(ticks)).toBe(2)
})

it('entries that are read from the disk leave two appends at a time', () => {
  const far = Array.from({ length: 40 }, () => 1)
  const net = createCoreNet([diskOf(far), diskOf([]), diskOf(far)], { windowEntriesMax: 1, appendEntriesMax: 2 })
  net.elect(1, ({ from, to }) => from !== 2 && to !== 2)
  net.wire.length = 0
  const appends = () => net.wire.filter(({ type, to }) => type === 'append' && to === 2).length
  let most = 0
  for (let round = 0; round < 400 && net.node(2).core.lastIndex() < 41; round++) {
    net.tick(1)
    most = Math.max(most, appends())
    const message = net.wire.shift()
    if (message !== undefined) net.step(message.to, message)
  }
  expect(net.node(2).core.lastIndex()).toBe(41)
  expect(most).toBeLessThanOrEqual(3)
})
