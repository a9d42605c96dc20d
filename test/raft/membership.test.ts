/** Membership changes, by sentences of the thesis (chapter 4) and by the bugs of others (reliability 4); the number of a bug is in the test's name. */

import { describe, expect, it } from 'vitest'
import { encodeMembership, membershipOf } from '../../src-node/raft/membership.ts'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { logIndex, type Message, nodeId, term } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf } from './core-net.ts'

/** Nodes of whom the first `founders` are voters; the first leads. */
const cluster = (founders: number, outsiders: number) => {
  const net = createCoreNet(
    Array.from({ length: founders + outsiders }, () => diskOf([])),
    {},
    founders,
  )
  net.elect(1)
  return net
}
const without =
  (...ids: number[]) =>
  (message: Message) =>
    !ids.includes(message.from) && !ids.includes(message.to)
const onlyBetween =
  (...ids: number[]) =>
  (message: Message) =>
    ids.includes(message.from) && ids.includes(message.to)
const view = (net: CoreNet, id: number) => net.node(id).core.view
const members = (net: CoreNet, id: number) => {
  const { voters, learners } = net.node(id).core.membership()
  return `${voters.join(' ')} + ${learners.join(' ')}`.trim()
}
/** Heartbeats until everybody has heard everything, what was lost included. */
const beat = (net: CoreNet, id: number, pass?: (message: Message) => boolean) => {
  for (let round = 0; round < 3; round++) {
    net.tick(id, raftDefaults.heartbeatTicks)
    net.settle(pass)
  }
}
/** These hear no leader for so long that nothing protects it any more. */
const loseContact = (net: CoreNet, ...ids: number[]) => {
  for (const id of ids) net.tick(id, raftDefaults.electionTicksMin)
  net.wire.length = 0
}
const add = (net: CoreNet, leader: number, id: number) => {
  net.change(leader, 'add-learner', id)
  beat(net, leader)
  net.change(leader, 'promote', id)
  beat(net, leader)
}
const timeout = raftDefaults.electionTicksMax

describe('a configuration', () => {
  it('4.1: a server goes by the latest one in its log, committed or not', () => {
    const net = cluster(3, 1)
    net.change(1, 'add-learner', 4)
    expect(members(net, 1)).toBe('1 2 3 + 4')
    net.settle(onlyBetween(1, 2))
    expect(members(net, 2)).toBe('1 2 3 + 4')
    expect(members(net, 3)).toBe('1 2 3 +')
  })

  it('4.1: goes with the tail that held it, when a new leader does not have it', () => {
    const net = cluster(3, 1)
    net.change(1, 'add-learner', 4)
    expect(members(net, 1)).toBe('1 2 3 + 4')
    loseContact(net, 3)
    net.elect(2, without(1))
    beat(net, 2)
    expect(members(net, 1)).toBe('1 2 3 +')
    expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: 2 })
  })

  it('names a node or not: only a committed one says that it is outside', () => {
    const net = cluster(3, 1)
    const outsideBy = (id: number) => net.node(id).core.outsideBy()
    expect([1, 4].map(outsideBy)).toEqual([null, 0])
    net.change(1, 'remove', 3)
    net.settle(onlyBetween(1, 3))
    expect([members(net, 3), outsideBy(3)]).toEqual(['1 2 +', null])
    beat(net, 1)
    expect([outsideBy(2), outsideBy(3)]).toEqual([null, net.node(1).core.lastIndex()])
  })

  it('4.1: comes from the log at a start, whatever the node was told of its founders', () => {
    const net = cluster(3, 1)
    add(net, 1, 4)
    net.restart(2)
    expect(members(net, 2)).toBe('1 2 3 4 +')
  })

  it('4.1: is no reason to turn anybody away: a server that knows nobody votes and takes entries', () => {
    const net = cluster(3, 1)
    net.step(4, { type: 'vote', from: nodeId(7), to: nodeId(4), term: term(9), lastIndex: logIndex(1), lastTerm: term(1), transfer: false })
    expect(net.wire.at(-1)).toMatchObject({ type: 'vote-reply', to: 7, granted: true })
  })

  it('that skips a voter, or was written by nobody we know, ends the node', () => {
    const append = (data: Uint8Array): Message => {
      const entries = [{ term: term(2), index: logIndex(2), kind: 'config', data } as const]
      return {
        type: 'append',
        from: nodeId(3),
        to: nodeId(2),
        term: term(2),
        prevIndex: logIndex(1),
        prevTerm: term(1),
        entries,
        commit: logIndex(1),
      }
    }
    expect(() => cluster(3, 2).step(2, append(encodeMembership(membershipOf([nodeId(1)]))))).toThrow(/differs .* by 2 voters/)
    expect(() => cluster(3, 2).step(2, append(encodeMembership(membershipOf([1, 2, 3, 4].map(nodeId)))))).toThrow(/which was no learner/)
    expect(() => cluster(3, 2).step(2, append(new Uint8Array([2, 1, 0, 1, 0, 0, 0])))).toThrow(/cannot be read/)
    expect(() => cluster(3, 2).step(2, append(new Uint8Array([1, 0, 0])))).toThrow(/cannot be read/)
  })
})

describe('a change', () => {
  it('4.1: is by one member, and the next waits until it is committed', () => {
    const net = cluster(3, 2)
    expect(net.change(1, 'add-learner', 4)).toBe(2)
    expect(net.change(1, 'add-learner', 5)).toBe('change_in_progress')
    net.settle()
    expect(net.change(1, 'add-learner', 5)).toBe(3)
  })

  it('bug 15: waits until the leader has committed an entry of its own term', () => {
    const net = cluster(4, 1)
    // The leader of term 1 removes node 4, and nobody hears of it.
    net.change(1, 'remove', 4)
    loseContact(net, 3, 4)
    // Another leads and would add a voter by counting {2, 3, 4} of five, while {1, 2} of three could still remove one.
    net.elect(2, (message) => without(1)(message) && message.type !== 'append')
    expect(view(net, 2).role).toBe('leader')
    expect(net.change(2, 'add-learner', 5)).toBe('change_in_progress')
    beat(net, 2, without(1))
    expect(net.change(2, 'add-learner', 5)).toBe(3)
  })

  it('is for the leader to make, and not while it hands over', () => {
    const net = cluster(3, 1)
    expect(net.change(2, 'add-learner', 4)).toBe('not_leader')
    net.node(1).core.transferTo(nodeId(2))
    expect(net.change(1, 'add-learner', 4)).toBe('change_in_progress')
  })

  it('makes sense, or is refused with the reason', () => {
    const net = cluster(3, 1)
    expect(net.change(1, 'add-learner', 3)).toBe('already_member')
    expect(net.change(1, 'promote', 3)).toBe('already_voter')
    expect(net.change(1, 'promote', 4)).toBe('unknown_node')
    expect(net.change(1, 'remove', 4)).toBe('unknown_node')
    expect(cluster(1, 0).change(1, 'remove', 1)).toBe('last_voter')
    const full = cluster(9, 1)
    expect(full.change(1, 'add-learner', 10)).toBe('too_many_members')
  })

  it('does not leave a majority of dead voters', () => {
    const net = cluster(3, 0)
    net.gone(1, 3)
    beat(net, 1, without(3))
    expect(net.change(1, 'remove', 2)).toBe('would_lose_quorum')
    expect(net.change(1, 'remove', 3)).toBe(2)
    beat(net, 1, without(3))
    expect(members(net, 2)).toBe('1 2 +')
    expect(view(net, 1).commit).toBe(2)
  })

  it.each(['the leader that has it', 'a follower that has it'])('bug 16: survives the crash of %s, at its append and at its commit', (who) => {
    const victim = who.startsWith('the leader') ? 1 : 2
    for (const settled of [() => false, onlyBetween(1, 2), () => true]) {
      const net = cluster(3, 1)
      net.change(1, 'add-learner', 4)
      net.settle(settled)
      net.wire.length = 0
      const had = members(net, victim)
      net.restart(victim)
      expect(members(net, victim)).toBe(had)
      loseContact(net, 1, 3)
      for (let tries = 0; tries < 5; tries++) for (const id of [1, 2, 3]) net.elect(id)
      beat(net, [1, 2, 3].find((id) => view(net, id).role === 'leader') ?? 0)
      expect([1, 2, 3].map((id) => members(net, id))).toEqual(Array(3).fill(members(net, 2)))
    }
  })
})

describe('a learner', () => {
  it('4.2.1: receives the log and does not count for a commit', () => {
    const net = cluster(3, 1)
    net.change(1, 'add-learner', 4)
    net.settle()
    net.propose(1, 'a')
    net.settle(onlyBetween(1, 4))
    expect(net.terms(4)).toEqual([1, 1, 1])
    expect(view(net, 1).commit).toBe(2)
    beat(net, 1)
    expect(view(net, 1).commit).toBe(3)
    expect(view(net, 4).commit).toBe(3)
  })

  it('4.2.1: does not campaign, nor does a node outside', () => {
    const net = cluster(3, 2)
    net.change(1, 'add-learner', 4)
    net.settle()
    net.tick(4, timeout * 3)
    net.tick(5, timeout * 3)
    net.gone(4, 1)
    net.tick(4, timeout)
    expect(net.wire).toEqual([])
    expect([view(net, 4).role, view(net, 5).role]).toEqual(['follower', 'follower'])
  })

  it('is not a voter in any count: three learners that say yes elect nobody', () => {
    const net = cluster(3, 3)
    for (const id of [4, 5, 6]) {
      net.change(1, 'add-learner', id)
      net.settle()
    }
    net.node(1).core.resign('test')
    net.elect(2, without(1, 3))
    expect(view(net, 2).role).toBe('pre-candidate')
    expect(net.wire).toEqual([])
  })

  it('bug 17: votes only when it has caught up: an empty node does not stand in a majority', () => {
    const net = createCoreNet(
      [1, 2, 3, 4].map(() => diskOf([])),
      { promoteLagMax: 2 },
      3,
    )
    net.elect(1)
    net.propose(1, 'a', 'b', 'c', 'd')
    net.settle()
    net.change(1, 'add-learner', 4)
    net.settle(without(4))
    expect(net.change(1, 'promote', 4)).toBe('not_caught_up')
    beat(net, 1)
    net.propose(1, 'e', 'f')
    net.settle(without(4))
    expect(net.change(1, 'promote', 4)).toBe(9)
    net.settle()
    expect(members(net, 4)).toBe('1 2 3 4 +')
  })

  it('4.2.1: that has not answered for an election timeout is not promoted', () => {
    const net = cluster(3, 1)
    net.change(1, 'add-learner', 4)
    net.settle()
    for (let i = 0; i < timeout / raftDefaults.heartbeatTicks; i++) beat(net, 1, without(4))
    expect(net.change(1, 'promote', 4)).toBe('not_caught_up')
  })

  it('counts as a voter from the append of its promotion on', () => {
    const net = cluster(1, 1)
    net.change(1, 'add-learner', 2)
    beat(net, 1)
    net.change(1, 'promote', 2)
    expect(view(net, 1).commit).toBe(2)
    net.settle()
    expect(view(net, 1).commit).toBe(3)
  })

  it('votes though it does not know yet that it may', () => {
    const net = cluster(2, 1)
    net.change(1, 'add-learner', 3)
    beat(net, 1)
    // Promoted, and only node 1 and 2 know; node 1 goes.
    net.change(1, 'promote', 3)
    net.settle(onlyBetween(1, 2))
    loseContact(net, 3)
    net.elect(2, without(1))
    expect(view(net, 2)).toMatchObject({ role: 'leader' })
    expect(members(net, 3)).toBe('1 2 3 +')
  })
})

describe('a removed server', () => {
  it('4.2.2: that leads manages the cluster without counting itself, until its removal is committed', () => {
    const net = cluster(3, 0)
    net.change(1, 'remove', 1)
    net.settle(without(3))
    expect(view(net, 1)).toMatchObject({ role: 'leader', commit: 1 })
    beat(net, 1)
    expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: null, commit: 2 })
    expect(net.node(1).causes.at(-1)).toBe('follower: the configuration without this node is committed')
  })

  it('4.2.2: campaigns as long as it may still be needed, without counting its own vote', () => {
    // Figure 4.6: of two servers the one that goes alone has the entry, so the other cannot win.
    const net = cluster(2, 0)
    net.change(1, 'remove', 1)
    net.node(1).core.resign('test')
    loseContact(net, 2)
    net.elect(2)
    expect(view(net, 2).role).not.toBe('leader')
    net.elect(1)
    beat(net, 1)
    net.elect(2)
    expect(view(net, 2)).toMatchObject({ role: 'leader' })
    expect(members(net, 1)).toBe('2 +')
  })

  it('4.2.3: that knows of its removal is silent, and one that does not disturbs nobody', () => {
    const net = cluster(3, 0)
    net.change(1, 'remove', 3)
    net.settle()
    net.tick(3, timeout * 3)
    expect(net.wire).toEqual([])

    const cut = cluster(3, 0)
    cut.change(1, 'remove', 3)
    cut.settle(without(3))
    beat(cut, 1, without(3))
    for (let i = 0; i < 5; i++) {
      cut.tick(3, timeout)
      cut.settle()
      beat(cut, 1)
    }
    expect(view(cut, 1)).toMatchObject({ role: 'leader', term: 1 })
  })

  it('bug 16: counts for nothing: neither its acknowledgements nor its votes', () => {
    const net = cluster(4, 0)
    net.change(1, 'remove', 4)
    net.propose(1, 'a')
    net.settle(onlyBetween(1, 4))
    expect(view(net, 1).commit).toBe(1)
    net.node(1).core.resign('test')
    net.elect(1, onlyBetween(1, 4))
    expect(view(net, 1).role).not.toBe('leader')
  })

  it('comes back as a new learner, and what was known of it is forgotten', () => {
    const net = cluster(3, 0)
    net.change(1, 'remove', 3)
    for (let i = 0; i < timeout / raftDefaults.heartbeatTicks; i++) beat(net, 1)
    expect(net.node(1).core.matchIndex(nodeId(3))).toBe(null)
    expect(net.change(1, 'add-learner', 3)).toBe(3)
    expect(net.node(1).core.matchIndex(nodeId(3))).toBe(0)
    beat(net, 1)
    expect(members(net, 3)).toBe('1 2 + 3')
  })

  it('is asked for nothing: a transfer goes to voters only', () => {
    const net = cluster(3, 1)
    net.change(1, 'add-learner', 4)
    net.settle()
    expect(net.node(1).core.transferTo(nodeId(4))).toBe(false)
    expect(net.node(1).core.transferTo(nodeId(1))).toBe(false)
    expect(net.node(1).core.transferTo(nodeId(2))).toBe(true)
  })
})

describe('a sole voter', () => {
  it('bug 3: leads only once its own vote is on its disk', () => {
    const net = createCoreNet([diskOf([])])
    net.node(1).slowDisk = true
    net.tick(1, timeout)
    expect(view(net, 1)).toMatchObject({ role: 'candidate', term: 1 })
    net.sync(net.node(1))
    expect(view(net, 1).role).toBe('leader')
  })
})
