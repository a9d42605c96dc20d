/** Ongaro 2014, chapter 6: what clients may believe. The number in front is the section. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import { logIndex, type Message, nodeId, term } from '../../../src-node/raft/types.ts'
import { asked, type empty, ledBy1, said, view, without } from './cluster.ts'

const readAt = (net: ReturnType<typeof empty>, id: number, context: number) => asked(net, id, (core) => core.readIndex(context))
const answer = (from: number, to: number, inTerm: number, context: number): Message => ({
  ...{ type: 'read-index-reply', from: nodeId(from), to: nodeId(to), term: term(inTerm), context, index: logIndex(0) },
})

describe('a leader that may be deposed', () => {
  // 6.2: a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority
  it('6.2: leads on with one answer of four, and two of five steps are enough', () => {
    for (const [heard, leads] of [
      [[2], false],
      [[2, 3], true],
    ] as const) {
      const net = ledBy1(5)
      const cut = [2, 3, 4, 5].filter((id) => !(heard as readonly number[]).includes(id))
      for (let ticks = 0; ticks < raftDefaults.electionTicksMax * 2; ticks++) {
        net.tick(1)
        net.settle(without(...cut))
      }
      expect(view(net, 1).role === 'leader', `heard ${heard.join(' and ')}`).toBe(leads)
    }
  })
})

describe('a read without a log entry', () => {
  // 6.4 step 2: the leader saves its current commit index as the read index
  it('6.4: is as new as what was committed when it was asked, not when it is answered', () => {
    const net = ledBy1()
    readAt(net, 1, 1)
    const beats = net.wire.splice(0)
    net.propose(1, 'later')
    net.settle()
    expect(view(net, 1).commit).toBe(2)
    net.wire.push(...beats)
    net.settle()
    expect(net.node(1).reads).toEqual([{ context: 1, index: 1 }])
  })

  // 6.4: one round of heartbeats may confirm any number of reads
  it('6.4: shares its round with all that are asked before the round leaves, and not with one that is asked after', () => {
    const net = ledBy1()
    readAt(net, 1, 1)
    const first = net.wire.splice(0)
    readAt(net, 1, 2)
    net.wire.length = 0
    net.wire.push(...first)
    net.settle()
    expect(net.node(1).reads.map(({ context }) => context)).toEqual([1])
  })

  // 6.4: followers can help: they ask the leader for a current read index
  it('6.4: is answered to a follower only by the leader it follows', () => {
    const net = ledBy1()
    readAt(net, 2, 5)
    expect(said(net, 'read-index')).toMatchObject([{ to: 1, context: 5 }])
    net.wire.length = 0
    net.step(2, answer(3, 2, 1, 5))
    expect(net.node(2).reads).toEqual([])
    net.step(2, answer(1, 2, 1, 5))
    expect(net.node(2).reads).toEqual([{ context: 5, index: 0 }])
  })

  it('6.4: is nothing to a follower whose leader fell silent', () => {
    const net = ledBy1()
    readAt(net, 2, 5)
    net.wire.length = 0
    net.tick(2, raftDefaults.electionTicksMax)
    net.step(2, answer(1, 2, 1, 5))
    expect(net.node(2).reads).toEqual([])
  })

  // 6.4 step 3: the answers must be to heartbeats of this round or a later one
  it('6.4: is not confirmed by an older answer that comes late', () => {
    const net = ledBy1()
    net.tick(1, raftDefaults.heartbeatTicks)
    net.settle(({ type }) => type === 'heartbeat')
    net.step(1, { type: 'heartbeat-reply', from: nodeId(2), to: nodeId(1), term: term(1), round: 1 })
    readAt(net, 1, 1)
    net.wire.length = 0
    for (const from of [2, 3]) net.step(1, { type: 'heartbeat-reply', from: nodeId(from), to: nodeId(1), term: term(1), round: 1 })
    expect(net.node(1).reads).toEqual([])
    net.step(1, { type: 'heartbeat-reply', from: nodeId(3), to: nodeId(1), term: term(1), round: 2 })
    expect(net.node(1).reads).toEqual([{ context: 1, index: 1 }])
  })
})
