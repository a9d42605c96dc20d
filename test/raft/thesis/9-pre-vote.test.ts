/** Ongaro 2014, chapter 9: elections that disturb nobody. The number in front is the section. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import { createCoreNet, diskOf } from '../core-net.ts'
import { append, empty, ledBy1, nodesWith, preVote, preVoteReply, said, view } from './cluster.ts'

describe('a pre-vote', () => {
  // 9.6: a server first finds out whether its log is up to date enough to win, and raises its term only then
  it('9.6: comes before the term is raised, and names the term that would come', () => {
    const net = empty(3)
    net.tick(1, raftDefaults.electionTicksMax)
    expect(view(net, 1)).toMatchObject({ role: 'pre-candidate', term: 0, vote: null })
    expect(said(net, 'pre-vote')).toMatchObject([{ term: 1 }, { term: 1 }])
    expect(Number(net.node(1).disk.hardState.term)).toBe(0)
  })

  it('9.6: is a promise of nothing: two candidates may hear yes in one term', () => {
    const net = empty(3)
    net.step(1, preVote(2, 1, 1))
    net.step(1, preVote(3, 1, 1))
    expect(said(net, 'pre-vote-reply')).toMatchObject([{ granted: true }, { granted: true }])
  })

  // 9.6: a server that was partitioned cannot raise its term, so it does not disturb when it returns
  it('9.6: without an answer leaves the term as it was, however long', () => {
    const net = empty(3)
    net.tick(1, 5000)
    expect(view(net, 1)).toMatchObject({ role: 'pre-candidate', term: 0 })
  })

  it('9.6: that a majority refuses ends the attempt until the next timeout', () => {
    const net = empty(3)
    net.tick(1, raftDefaults.electionTicksMax)
    for (const from of [2, 3]) net.step(1, preVoteReply(from, 1, 0, false))
    expect(view(net, 1)).toMatchObject({ role: 'follower', term: 0 })
    net.tick(1, raftDefaults.electionTicksMax)
    expect(view(net, 1).role).toBe('pre-candidate')
  })

  it('9.6: is not won by a yes to another term, nor by one yes twice, nor after it is over', () => {
    const net = empty(5)
    net.tick(1, raftDefaults.electionTicksMax)
    net.step(1, preVoteReply(2, 1, 7, true))
    net.step(1, preVoteReply(3, 1, 1, true))
    net.step(1, preVoteReply(3, 1, 1, true))
    expect(view(net, 1)).toMatchObject({ role: 'pre-candidate', term: 0 })
    net.step(1, append(4, 1, 1, [0, 0]))
    net.step(1, preVoteReply(2, 1, 2, true))
    expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: 4, term: 1 })
  })

  it('9.6: of an old term is refused, and the refusal tells the new one', () => {
    const net = createCoreNet([diskOf([], 4), diskOf([], 2), diskOf([])])
    net.step(1, preVote(2, 1, 3))
    expect(said(net, 'pre-vote-reply')).toMatchObject([{ granted: false, refusal: 'term', term: 4 }])
    net.tick(2, raftDefaults.electionTicksMax)
    net.wire.length = 0
    net.step(2, { ...preVoteReply(1, 2, 4, false) })
    expect(view(net, 2)).toMatchObject({ role: 'follower', term: 4 })
  })

  // 9.6 with 4.2.3: a server that hears a leader says no, so a pre-vote does not succeed while one is well
  it('9.6: is refused by whoever hears a leader, and by the leader itself', () => {
    const net = ledBy1()
    net.step(2, preVote(3, 2, 2, [9, 9]))
    net.step(1, preVote(3, 1, 2, [9, 9]))
    expect(said(net, 'pre-vote-reply')).toMatchObject([
      { from: 2, granted: false, refusal: 'contact' },
      { from: 1, granted: false, refusal: 'contact' },
    ])
  })

  it('9.6: is granted to a log that is as good, and not to one that is behind', () => {
    const net = nodesWith([1, 2], [], [])
    net.step(1, preVote(2, 1, 5, [2, 2]))
    net.step(1, preVote(3, 1, 5, [9, 1]))
    expect(said(net, 'pre-vote-reply')).toMatchObject([{ granted: true }, { granted: false, refusal: 'log' }])
  })
})

describe('asking again', () => {
  it('9.6: those who said yes are not asked again in one attempt', () => {
    const net = ledBy1(5)
    net.gone(2, 1)
    net.wire.length = 0
    net.step(2, preVoteReply(3, 2, 2, true))
    net.step(2, { ...preVoteReply(4, 2, 1, false), refusal: 'contact' } as ReturnType<typeof preVoteReply>)
    net.tick(2, raftDefaults.hintRetryTicks)
    expect(said(net, 'pre-vote').map(({ to }) => Number(to))).toEqual([1, 4, 5])
  })
})

describe('timing', () => {
  // 9.3: with randomised timeouts a leader is elected soon after the old one is gone
  it('9.3: a cluster that lost its leader has one again within ten election timeouts, whatever the seeds draw', () => {
    for (const size of [3, 4, 5]) {
      const net = ledBy1(size)
      const others = net.nodes.filter(({ id }) => id !== 1)
      let ticks = 0
      while (!others.some(({ core }) => core.view.role === 'leader')) {
        if (++ticks > raftDefaults.electionTicksMax * 10) throw new Error(`no leader of ${size} after ${ticks} ticks`)
        for (const { id } of others) net.tick(id)
        net.settle(({ from, to }) => from !== 1 && to !== 1)
      }
    }
  })
})
