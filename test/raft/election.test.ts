/** Elections, by sentences of the thesis and by the bugs of others (reliability 4); the number of a bug is in the test's name. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { logIndex, type Message, nodeId, term } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf } from './core-net.ts'

const three = () => createCoreNet([diskOf([]), diskOf([]), diskOf([])])
const without =
  (...ids: number[]) =>
  (message: Message) =>
    !ids.includes(message.from) && !ids.includes(message.to)
const view = (net: CoreNet, id: number) => net.node(id).core.view
const vote = (from: number, to: number, inTerm: number, log: [index: number, term: number] = [0, 0]): Message => ({
  type: 'vote',
  from: nodeId(from),
  to: nodeId(to),
  term: term(inTerm),
  lastIndex: logIndex(log[0]),
  lastTerm: term(log[1]),
  transfer: false,
})

describe('elections', () => {
  it('3.4: a follower that hears nothing for its election timeout asks for votes and leads with a majority', () => {
    const net = three()
    net.elect(1)
    expect(view(net, 1)).toMatchObject({ role: 'leader', term: 1, leaderId: 1 })
    expect(view(net, 2)).toMatchObject({ role: 'follower', term: 1, leaderId: 1, vote: 1 })
  })

  it('3.4: a server votes for at most one candidate in a term, first come first served', () => {
    const net = three()
    net.step(1, vote(2, 1, 1))
    net.step(1, vote(3, 1, 1))
    expect(net.wire.map((m) => m.type === 'vote-reply' && [m.to, m.granted])).toEqual([
      [2, true],
      [3, false],
    ])
  })

  it('bug 2: the vote of a term survives a restart', () => {
    const net = three()
    net.step(1, vote(2, 1, 1))
    net.restart(1)
    net.wire.length = 0
    net.step(1, vote(3, 1, 1))
    expect(net.wire).toMatchObject([{ type: 'vote-reply', to: 3, granted: false }])
  })

  it('bug 2: stepping down within a term does not forget its vote', () => {
    const net = three()
    net.elect(1, without(3))
    net.node(1).core.resign('test')
    expect(view(net, 1)).toMatchObject({ role: 'follower', vote: 1, term: 1 })
  })

  it('bug 1: term and vote are saved as one', () => {
    const net = three()
    net.node(1).slowDisk = true
    net.step(1, vote(2, 1, 5))
    expect(net.node(1).pending?.hardState).toEqual({ term: 5, vote: 2 })
  })

  it('bug 3: nothing is said about a vote before it is on disk', () => {
    const net = three()
    net.node(1).slowDisk = true
    net.step(1, vote(2, 1, 1))
    expect(net.wire).toEqual([])
    net.sync(net.node(1))
    expect(net.wire).toMatchObject([{ type: 'vote-reply', granted: true }])
  })

  it('3.6.1: a vote is refused to a candidate whose log is older', () => {
    const net = createCoreNet([diskOf([1, 2]), diskOf([1, 1, 1]), diskOf([1, 2])])
    net.step(1, vote(2, 1, 3, [3, 1]))
    expect(net.wire).toMatchObject([{ type: 'vote-reply', granted: false }])
  })

  it('4.2.3, bug 10: a node that was away comes back without raising the term', () => {
    const net = three()
    net.elect(1)
    net.tick(3, 500)
    net.settle()
    for (const id of [1, 2, 3]) expect(view(net, id).term).toBe(1)
    expect(view(net, 3).leaderId).toBe(null)
    net.tick(1, raftDefaults.heartbeatTicks)
    net.settle()
    expect(view(net, 3).leaderId).toBe(1)
  })

  it('9.6, invariant 19: a pre-vote changes no term and no vote', () => {
    const net = three()
    net.step(1, { ...vote(2, 1, 9), type: 'pre-vote' } as Message)
    expect(view(net, 1)).toMatchObject({ term: 0, vote: null })
    expect(net.node(1).pending).toBe(null)
  })

  it('invariant 20: a node in contact with a leader refuses votes of a newer term', () => {
    const net = three()
    net.elect(1)
    net.wire.length = 0
    net.step(2, vote(3, 2, 7))
    expect(net.wire).toEqual([])
    expect(view(net, 2).term).toBe(1)
  })

  it('6.2: a leader that hears no majority for an election timeout steps down', () => {
    const net = three()
    net.elect(1)
    net.tick(1, raftDefaults.electionTicksMax * 2)
    expect(view(net, 1)).toMatchObject({ role: 'follower', term: 1, leaderId: null })
    expect(net.node(1).causes.at(-1)).toContain('no majority')
  })

  it('bug 11: a leader that only one of four peers hears gives way', () => {
    const net = createCoreNet([1, 2, 3, 4, 5].map(() => diskOf([])))
    net.elect(1)
    const halfCut = (m: Message) => !((m.from === 1 && m.to > 2) || (m.to === 1 && m.from > 2))
    for (let i = 0; i < 400; i++) {
      for (const id of [1, 2, 3, 4, 5]) net.tick(id)
      net.settle(halfCut)
    }
    const leaders = net.nodes.filter(({ core }) => core.view.role === 'leader')
    expect(leaders.map(({ id }) => Number(id) > 1)).toEqual([true])
  })

  it('bug 11: a leader of an old term is told the new one by those it appends to, so nobody locks up', () => {
    const net = createCoreNet([diskOf([], 0), diskOf([], 0), diskOf([], 8)])
    net.elect(1, without(3))
    net.tick(1, raftDefaults.heartbeatTicks)
    net.settle()
    expect(view(net, 1).term).toBe(8)
    net.elect(1)
    expect(view(net, 3)).toMatchObject({ term: 9, leaderId: 1 })
  })

  it('two leaders in one term end the process', () => {
    const net = three()
    net.elect(1)
    const beat: Message = { type: 'heartbeat', from: nodeId(3), to: nodeId(2), term: term(1), commit: logIndex(0), match: logIndex(0), round: 1 }
    expect(() => net.step(2, beat)).toThrow(/two leaders/)
  })

  it('bug 33: a term beyond 2^53 is refused, not rounded', () => {
    const net = three()
    expect(() => net.step(1, vote(2, 1, 2 ** 53))).toThrow(/2\^53/)
  })

  it('a node that may not lead gives up leading, and asks for no votes', () => {
    const net = three()
    net.elect(1)
    net.node(1).core.mayLead(false, 'its state store is full')
    net.drain(net.node(1))
    expect(view(net, 1)).toMatchObject({ role: 'follower', term: 1, leaderId: null })
    net.wire.length = 0
    net.tick(1, raftDefaults.electionTicksMax * 3)
    expect(net.wire).toEqual([])
    net.node(1).core.mayLead(true, '')
    net.tick(1, raftDefaults.electionTicksMax)
    expect(view(net, 1)).toMatchObject({ role: 'pre-candidate', term: 1 })
  })

  it('a node that may not lead votes, follows and acknowledges, and forgets a leader that fell silent', () => {
    const net = three()
    net.node(3).core.mayLead(false, 'its state store is full')
    net.elect(1, without(2))
    expect(view(net, 1)).toMatchObject({ role: 'leader', commit: 1 })
    expect(view(net, 3)).toMatchObject({ leaderId: 1, vote: 1 })
    net.tick(3, raftDefaults.electionTicksMax * 2)
    expect(view(net, 3)).toMatchObject({ role: 'follower', leaderId: null, term: 1 })
  })

  it("a node that may not lead asks for nothing when its leader's socket closes, nor when it refuses a shorter log", () => {
    const net = createCoreNet([diskOf([1]), diskOf([1]), diskOf([1])])
    net.elect(1)
    net.node(2).core.mayLead(false, 'its state store is full')
    net.gone(2, 1)
    net.tick(2, raftDefaults.hintDelayTicks * 3)
    net.step(2, { ...vote(3, 2, 9), type: 'pre-vote' } as Message)
    expect(net.wire.filter(({ type }) => type === 'pre-vote')).toEqual([])
    expect(view(net, 2)).toMatchObject({ role: 'follower', leaderId: null })
  })

  describe('who refuses a shorter log campaigns at once', () => {
    const asks = (net: CoreNet) => net.step(2, { ...vote(1, 2, view(net, 2).term + 1, [1, 1]), type: 'pre-vote' } as Message)
    /** Node 2, asked by a node with a shorter log, stands; the others refuse it. */
    const standInVain = () => {
      const net = createCoreNet([diskOf([1]), diskOf([1, 1]), diskOf([1, 1])])
      asks(net)
      const next = term(view(net, 2).term + 1)
      net.step(2, { type: 'pre-vote-reply', from: nodeId(3), to: nodeId(2), term: next, granted: true, refusal: null })
      expect(view(net, 2)).toMatchObject({ role: 'candidate', vote: 2 })
      for (const from of [1, 3]) net.step(2, { type: 'vote-reply', from: nodeId(from), to: nodeId(2), term: next, granted: false })
      return net
    }

    it('3.4: but once it lost, it leaves the next election to its own timeout', () => {
      const net = standInVain()
      expect(view(net, 2)).toMatchObject({ role: 'follower', vote: 2, leaderId: null })
      asks(net)
      expect(view(net, 2).role).toBe('follower')
      net.tick(2, raftDefaults.electionTicksMax)
      expect(view(net, 2).role).toBe('pre-candidate')
    })

    it('and again after another one led the term', () => {
      const net = standInVain()
      net.step(2, { type: 'heartbeat', from: nodeId(3), to: nodeId(2), term: view(net, 2).term, commit: logIndex(0), match: logIndex(0), round: 1 })
      expect(view(net, 2)).toMatchObject({ role: 'follower', leaderId: 3 })
      net.gone(2, 3)
      asks(net)
      expect(view(net, 2).role).toBe('pre-candidate')
    })
  })

  it('a single voter leads by itself', () => {
    const net = createCoreNet([diskOf([])])
    net.elect(1)
    expect(view(net, 1)).toMatchObject({ role: 'leader', commit: 1 })
  })
})

describe("a closed leader's socket (design 4)", () => {
  const dead = without(1)
  const ledBy1 = () => {
    const net = three()
    net.elect(1)
    net.tick(1, raftDefaults.heartbeatTicks)
    net.settle()
    return net
  }

  it('makes the lowest surviving voter ask at once, and lead', () => {
    const net = ledBy1()
    net.gone(3, 1)
    net.gone(2, 1)
    net.settle(dead)
    expect(view(net, 2)).toMatchObject({ role: 'leader', term: 2 })
    expect(view(net, 3)).toMatchObject({ leaderId: 2, term: 2 })
  })

  it('lets the others wait 15 ms, then ask', () => {
    const net = ledBy1()
    net.gone(3, 1)
    expect(net.wire).toEqual([])
    net.tick(3, raftDefaults.hintDelayTicks - 1)
    expect(net.wire).toEqual([])
    net.tick(3)
    expect(net.wire.map(({ type }) => type)).toEqual(['pre-vote', 'pre-vote'])
  })

  it('is asked about again every 5 ms, eight times, while another still hears the leader', () => {
    const net = ledBy1()
    net.gone(2, 1)
    let asked = 0
    const count = (m: Message) => {
      if (m.type === 'pre-vote' && m.to === 3) asked++
      return dead(m)
    }
    net.settle(count)
    for (let i = 0; i < 20; i++) {
      net.tick(2)
      net.settle(count)
    }
    expect(asked).toBe(1 + raftDefaults.hintRetriesMax)
    expect(view(net, 2).term).toBe(1)
  })

  it('wins as soon as the other has seen it too', () => {
    const net = ledBy1()
    net.gone(2, 1)
    net.settle(dead)
    net.gone(3, 1)
    net.tick(2)
    net.settle(dead)
    expect(view(net, 2).role).toBe('leader')
  })

  it('makes a refuser with the longer log campaign at once', () => {
    const net = ledBy1()
    net.propose(1, 'only node 3 has this')
    net.settle((m) => m.to === 3)
    net.gone(3, 1)
    net.gone(2, 1)
    net.settle(dead)
    expect(view(net, 3)).toMatchObject({ role: 'leader', term: 2 })
  })

  it('changes no term while the leader lives and only one socket closed', () => {
    for (const id of [2, 3]) {
      const net = ledBy1()
      net.gone(id, 1)
      for (let i = 0; i < 40; i++) {
        for (const each of [1, 2, 3]) net.tick(each)
        net.settle()
      }
      for (const each of [1, 2, 3]) expect(view(net, each)).toMatchObject({ term: 1, leaderId: 1 })
    }
  })

  it('of a follower is no reason for anything', () => {
    const net = ledBy1()
    net.gone(2, 3)
    net.gone(1, 3)
    net.settle()
    expect(view(net, 2)).toMatchObject({ role: 'follower', leaderId: 1, term: 1 })
    expect(view(net, 1).role).toBe('leader')
  })
})
