/** Ongaro 2014, chapter 10: batching and pipelining. The number in front is the section. */

import { describe, expect, it } from 'vitest'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import { createCoreNet, diskOf } from '../core-net.ts'
import { appended, asked, ledBy1, said, view } from './cluster.ts'

const toSecond = (net: ReturnType<typeof ledBy1>) => said(net, 'append').filter(({ to }) => to === 2)

describe('a leader', () => {
  // 10.2.1: it may write to its own disk in parallel with replicating to its followers
  it('10.2.1: sends entries while its own disk still takes them', () => {
    const net = ledBy1()
    net.node(1).slowDisk = true
    net.propose(1, 'a')
    expect(toSecond(net)).toHaveLength(1)
    expect(net.terms(1)).toEqual([1])
  })

  // 10.2.2: with a stream of appends it need not wait for one answer before it sends the next
  it('10.2.2: sends the next append before the last is answered', () => {
    const net = ledBy1()
    for (const text of ['a', 'b', 'c']) net.propose(1, text)
    expect(toSecond(net).map((m) => m.type === 'append' && Number(m.prevIndex))).toEqual([1, 2, 3])
  })

  it('10.2.2: sends only one until the logs are known to agree', () => {
    const net = createCoreNet([diskOf([1, 1]), diskOf([1]), diskOf([1, 1])])
    net.elect(1, ({ type }) => type !== 'append')
    net.wire.length = 0
    for (const text of ['a', 'b', 'c']) net.propose(1, text)
    expect(toSecond(net)).toEqual([])
    net.step(1, appended(2, 1, view(net, 1).term, true, 1))
    const sent = toSecond(net).flatMap((m) => (m.type === 'append' ? m.entries : []))
    expect(sent.map(({ index }) => Number(index))).toEqual([2, 3, 4, 5, 6])
  })

  // 10.2.2: if an append is lost, the follower rejects the next, and the leader goes back
  it('10.2.2: goes back to what is certain when one of the stream was lost', () => {
    const net = ledBy1()
    net.propose(1, 'lost')
    net.wire.length = 0
    net.propose(1, 'next')
    net.settle()
    expect(net.terms(2)).toEqual([1, 1, 1])
    expect(view(net, 1).commit).toBe(3)
  })

  it('10.2.2: is not moved by a rejection that it has dealt with already', () => {
    const net = createCoreNet([diskOf([1, 2, 2]), diskOf([1]), diskOf([1, 2, 2])])
    net.elect(1, ({ to, type }) => !(to === 2 && type === 'append'))
    net.wire.length = 0
    const inTerm = view(net, 1).term
    net.step(1, appended(2, 1, inTerm, false, 3, [1, 1]))
    const first = toSecond(net)
    expect(first).toMatchObject([{ prevIndex: 1 }])
    net.step(1, appended(2, 1, inTerm, false, 3, [1, 1]))
    expect(toSecond(net)).toEqual(first)
  })

  // 10.2.2: batching: several requests travel in one append; its size is bounded
  it('10.2.2: puts what waits into one append, as far as its limits go', () => {
    const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])], { appendEntriesMax: 3, appendBytesMax: 10 })
    net.elect(1)
    net.propose(1, 'a', 'b', 'c', 'd')
    net.propose(1, '12345678', '12345', 'a text longer than the limit')
    const sizes = toSecond(net).map((m) => m.type === 'append' && m.entries.length)
    expect(sizes).toEqual([3, 1, 1, 1, 1])
  })

  it('10.2.2: waits while the connection to a follower is full, and goes on when it is not', () => {
    const net = ledBy1()
    asked(net, 1, (core) => core.congested(net.node(2).id, true))
    net.propose(1, 'a')
    expect(toSecond(net)).toEqual([])
    asked(net, 1, (core) => core.congested(net.node(2).id, false))
    expect(toSecond(net)).toHaveLength(1)
  })
})

describe('a heartbeat', () => {
  it('10.2.2: finds a stream that dried up, once nothing moved between two answers', () => {
    const net = ledBy1()
    net.propose(1, 'a')
    net.wire.length = 0
    const resent: number[] = []
    for (let beat = 1; beat <= 3; beat++) {
      net.tick(1, raftDefaults.heartbeatTicks)
      net.settle((m) => {
        if (m.type === 'append' && m.to === 2) resent.push(beat)
        return true
      })
    }
    expect(resent).toEqual([2])
    expect(net.terms(2)).toEqual([1, 1])
  })
})
