/** Ongaro 2014, chapter 3, sentences about terms and elections. The number in front is the section. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import { logIndex, type Message } from '../../../src-node/raft/types.ts'
import { createCoreNet, diskOf, entry } from '../core-net.ts'
import {
  append,
  appended,
  asked,
  empty,
  heartbeat,
  ledBy1,
  makeCandidate,
  nodesWith,
  preVote,
  preVoteReply,
  said,
  view,
  vote,
  voteReply,
} from './cluster.ts'

describe('terms', () => {
  // 3.3: current terms are exchanged whenever servers communicate; the smaller one is updated
  it.each<[what: string, message: Message]>([
    ['a vote request', vote(2, 1, 5)],
    ['a vote', voteReply(2, 1, 5, true)],
    ['an append', append(2, 1, 5, [0, 0])],
    ['an acknowledgement', appended(2, 1, 5, true, 0)],
    ['a heartbeat', heartbeat(2, 1, 5)],
    ['a refused pre-vote', preVoteReply(2, 1, 5, false)],
  ])('3.3: a server that hears of a newer term takes it: %s', (_, message) => {
    const net = empty(3)
    net.step(1, message)
    expect(view(net, 1)).toMatchObject({ term: 5, role: 'follower' })
    expect(Number(net.node(1).disk.hardState.term)).toBe(5)
  })

  // 3.3: a candidate or leader that finds its term out of date reverts to follower at once
  it('3.3: a candidate and a leader that hear of a newer term follow from then on', () => {
    const candidate = empty(3)
    makeCandidate(candidate, 1, 2)
    expect(view(candidate, 1).role).toBe('candidate')
    candidate.step(1, voteReply(2, 1, 7, false))
    expect(view(candidate, 1)).toMatchObject({ role: 'follower', term: 7, vote: null })

    const leader = ledBy1()
    leader.step(1, appended(2, 1, 7, false, 0))
    expect(view(leader, 1)).toMatchObject({ role: 'follower', term: 7, leaderId: null })
  })

  // 3.3: a request with a stale term number is rejected
  it('3.3: a request of an old term is rejected, and told the new one', () => {
    const net = createCoreNet([diskOf([], 4), diskOf([]), diskOf([])])
    net.step(1, vote(2, 1, 3))
    net.step(1, append(2, 1, 3, [0, 0], [entry(3, 1)]))
    expect(net.wire).toMatchObject([
      { type: 'vote-reply', granted: false, term: 4 },
      { type: 'append-reply', ok: false, term: 4 },
    ])
    expect(net.terms(1)).toEqual([])
  })

  it('3.3: an answer of an old term is passed over', () => {
    const net = empty(3)
    makeCandidate(net, 1, 2)
    makeCandidate(net, 1)
    net.step(1, voteReply(2, 1, 0, true))
    expect(view(net, 1).role).not.toBe('leader')
  })
})

describe('becoming a leader', () => {
  // 3.4: a server remains a follower as long as it receives valid messages from a leader
  it('3.4: a server stays a follower as long as it hears a leader', () => {
    const net = ledBy1()
    for (let ticks = 0; ticks < 500; ticks++) {
      net.tick(1)
      net.tick(2)
      net.settle()
    }
    expect(view(net, 2)).toMatchObject({ role: 'follower', term: 1, leaderId: 1 })
  })

  // 3.4: to begin an election, it increments its term, votes for itself and asks the others in parallel
  it('3.4: a candidate raises its term, votes for itself and asks everybody at once', () => {
    const net = empty(5)
    makeCandidateAndKeep(net)
    expect(view(net, 1)).toMatchObject({ role: 'candidate', term: 1, vote: 1 })
    expect(said(net, 'vote').map(({ to }) => Number(to))).toEqual([2, 3, 4, 5])
  })

  // 3.4: a candidate wins if it receives votes from a majority in the full cluster for the same term
  it.each([
    [3, 1],
    [4, 2],
    [5, 2],
    [7, 3],
  ])('3.4: of %i servers a candidate needs %i votes besides its own', (servers, needed) => {
    const net = empty(servers)
    makeCandidate(net, 1, ...Array.from({ length: needed }, (_, at) => at + 2))
    for (let at = 0; at < needed; at++) {
      expect(view(net, 1).role).toBe('candidate')
      net.step(1, voteReply(at + 2, 1, 1, true))
    }
    expect(view(net, 1).role).toBe('leader')
  })

  // 3.4: each server votes for at most one candidate in a term, first come first served
  it('3.4: the candidate that has the vote gets it again when it asks again', () => {
    const net = empty(3)
    net.step(1, vote(2, 1, 1))
    net.step(1, vote(2, 1, 1))
    net.step(1, vote(3, 1, 1))
    expect(said(net, 'vote-reply').map((m) => m.type === 'vote-reply' && m.granted)).toEqual([true, true, false])
  })

  it('3.4: a vote that arrives twice counts once', () => {
    const net = empty(5)
    makeCandidate(net, 1, 2, 3)
    net.step(1, voteReply(2, 1, 1, true))
    net.step(1, voteReply(2, 1, 1, true))
    expect(view(net, 1).role).toBe('candidate')
    net.step(1, voteReply(3, 1, 1, true))
    expect(view(net, 1).role).toBe('leader')
  })

  // 3.4: a candidate that hears a leader whose term is at least its own recognises it
  it('3.4: a candidate recognises the leader that won its term', () => {
    const net = empty(3)
    makeCandidate(net, 1, 2)
    net.step(1, append(3, 1, 1, [0, 0], [entry(1, 1)]))
    expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: 3, vote: 1 })
  })

  it('3.4: a candidate stays one when an older leader speaks', () => {
    const net = createCoreNet([diskOf([], 4), diskOf([], 4), diskOf([])])
    makeCandidate(net, 1, 2)
    net.step(1, append(3, 1, 4, [0, 0], [entry(4, 1)]))
    expect(view(net, 1)).toMatchObject({ role: 'candidate', term: 5 })
    expect(said(net, 'append-reply')).toMatchObject([{ to: 3, ok: false, term: 5 }])
  })

  it('3.4: nobody votes in a term whose leader it has heard', () => {
    const net = empty(3)
    net.step(3, append(1, 3, 1, [0, 0]))
    net.wire.length = 0
    net.step(3, vote(2, 3, 1))
    expect(said(net, 'vote-reply')).toMatchObject([{ granted: false }])
  })

  // 3.4: with split votes each candidate times out and starts a new election in a higher term
  it('3.4: after a split vote somebody asks again in a higher term, and one wins', () => {
    const net = empty(4)
    for (const id of [1, 2]) makeCandidate(net, id, 3, 4)
    net.step(3, vote(1, 3, 1))
    net.step(4, vote(2, 4, 1))
    net.settle()
    expect(net.nodes.filter(({ core }) => core.view.role === 'leader')).toEqual([])
    for (let ticks = 0; ticks < 400; ticks++) {
      for (const { id } of net.nodes) net.tick(id)
      net.settle()
    }
    const leaders = net.nodes.filter(({ core }) => core.view.role === 'leader')
    expect(leaders).toHaveLength(1)
    expect(leaders[0]!.core.view.term).toBeGreaterThan(1)
  })

  // 3.4: timeouts are chosen randomly from a fixed interval, anew at each election
  it('3.4: election timeouts are spread over their interval, and drawn anew each time', () => {
    const drawn = new Set<number>()
    const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
    for (let ticks = 0, last = 0; ticks < 3000; ticks++) {
      net.tick(1)
      if (net.wire.length === 0) continue
      if (last > 0) drawn.add(ticks - last)
      last = ticks
      net.wire.length = 0
    }
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(raftDefaults.electionTicksMin)
    expect(Math.max(...drawn)).toBeLessThanOrEqual(raftDefaults.electionTicksMax)
    expect(drawn.size).toBeGreaterThan(15)
  })

  // 3.4: a leader sends heartbeats to all others to maintain its authority
  it('3.4: a leader sends a heartbeat to everybody each interval', () => {
    const net = ledBy1(5)
    for (let beat = 0; beat < 3; beat++) {
      net.wire.length = 0
      net.tick(1, raftDefaults.heartbeatTicks)
      expect(said(net, 'heartbeat').map(({ to }) => Number(to))).toEqual([2, 3, 4, 5])
    }
  })
})

describe('who may win', () => {
  // 3.6.1: the voter denies its vote if its own log is more up-to-date; the later last term wins, then the longer log
  it.each<[ours: number[], theirs: [index: number, term: number], granted: boolean]>([
    [[1], [1, 1], true],
    [[1], [2, 1], true],
    [[1, 1], [1, 1], false],
    [[1, 1], [1, 2], true],
    [[1, 2], [3, 1], false],
    [[1, 2], [2, 2], true],
    [[], [0, 0], true],
    [[1], [0, 0], false],
  ])('3.6.1: of a log %j a candidate whose last entry is %j gets the vote: %s', (ours, theirs, granted) => {
    const net = nodesWith(ours, [], [])
    net.step(1, vote(2, 1, 9, theirs))
    expect(said(net, 'vote-reply')).toMatchObject([{ granted }])
    net.wire.length = 0
    const again = nodesWith(ours, [], [])
    again.step(1, preVote(2, 1, 9, theirs))
    expect(said(again, 'pre-vote-reply')).toMatchObject([{ granted }])
  })
})

describe('crashes', () => {
  // 3.8: term and vote persist, so that a server cannot vote twice in a term
  it('3.8: term, vote and log outlive a restart; role, leader and commit index do not', () => {
    const net = ledBy1()
    net.propose(1, 'a')
    net.settle()
    net.restart(2)
    expect(view(net, 2)).toMatchObject({ role: 'follower', term: 1, vote: 1, leaderId: null, commit: 0 })
    expect(net.terms(2)).toEqual([1, 1])
    net.tick(1, raftDefaults.heartbeatTicks)
    net.settle()
    expect(view(net, 2)).toMatchObject({ leaderId: 1, commit: 2 })
    expect(net.node(2).core.termAt(logIndex(2))).toBe(1)
  })

  // 3.7: requests are idempotent, so retries do no harm
  it('3.7: a request that arrives twice is answered twice and does its work once', () => {
    const net = empty(3)
    for (let i = 0; i < 2; i++) net.step(1, append(2, 1, 1, [0, 0], [entry(1, 1, 'a')]))
    expect(net.terms(1)).toEqual([1])
    expect(said(net, 'append-reply')).toMatchObject([
      { ok: true, index: 1 },
      { ok: true, index: 1 },
    ])
  })
})

describe('leadership transfer', () => {
  // 3.10: the target's vote request carries a flag that makes the others vote although they hear a leader
  it('3.10: a campaign that the leader asked for is not refused for contact with it', () => {
    const net = ledBy1()
    net.step(2, vote(3, 2, 2, [1, 1]))
    expect(said(net, 'vote-reply')).toEqual([])
    net.step(2, vote(3, 2, 2, [1, 1], true))
    expect(said(net, 'vote-reply')).toMatchObject([{ granted: true, term: 2 }])
  })

  // 3.10: other servers may become leader as well; after an election timeout the leader takes requests again
  it('3.10: asking twice whether it may lead changes nothing', () => {
    const net = ledBy1()
    for (let i = 0; i < 2; i++) asked(net, 1, (core) => core.mayLead(true, 'asked twice'))
    expect(view(net, 1)).toMatchObject({ role: 'leader', term: 1 })
  })
})

function makeCandidateAndKeep(net: ReturnType<typeof empty>): void {
  makeCandidate(net, 1)
  for (const voter of [2, 3]) net.step(1, preVoteReply(voter, 1, 1, true))
}
