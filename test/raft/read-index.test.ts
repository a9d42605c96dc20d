/** Linearizable reads at the core (thesis 6.4): what a leader must know before it names an index, and what it must never do. */

import { expect, it } from 'vitest'
import type { Message, SafeRead } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf } from './core-net.ts'

const three = (): CoreNet => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  net.elect(1)
  return net
}
const ask = (net: CoreNet, id: number, context: number) => {
  net.node(id).core.readIndex(context)
  net.drain(net.node(id))
}
const safe = (net: CoreNet, id: number): readonly SafeRead[] => net.node(id).reads
const beats = (message: Message) => message.type === 'heartbeat' || message.type === 'heartbeat-reply'
const from =
  (...ids: number[]) =>
  (message: Message) =>
    ids.includes(message.from) && ids.includes(message.to)

it('a read is safe at the commit index of the moment it was asked, once a majority has answered a later heartbeat', () => {
  const net = three()
  net.propose(1, 'a')
  net.settle()
  ask(net, 1, 7)
  expect(safe(net, 1)).toEqual([])
  net.settle()
  expect(safe(net, 1)).toEqual([{ context: 7, index: 2 }])
})

it('a follower gets the index from its leader', () => {
  const net = three()
  ask(net, 2, 3)
  net.settle()
  expect(safe(net, 2)).toEqual([{ context: 3, index: 1 }])
  expect(safe(net, 1)).toEqual([])
})

it('one answer of two is a majority of three', () => {
  const net = three()
  ask(net, 1, 1)
  net.settle(from(1, 3))
  expect(safe(net, 1)).toHaveLength(1)
})

it('a leader that hears nobody confirms nothing', () => {
  const net = three()
  ask(net, 1, 1)
  net.settle(() => false)
  net.tick(1, 25)
  net.settle(() => false)
  expect(safe(net, 1)).toEqual([])
})

it('an answer to a heartbeat that left before the question confirms nothing', () => {
  const net = three()
  net.tick(1, 10)
  const early = net.wire.splice(0).filter(beats)
  ask(net, 1, 1)
  net.settle(() => false)
  net.wire.push(...early)
  net.settle()
  expect(safe(net, 1)).toEqual([])
})

it('a new leader waits for an entry of its own term before it names an index', () => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  const elections = (message: Message) => message.type.includes('vote')
  net.elect(1, elections)
  net.wire.length = 0
  ask(net, 1, 5)
  // Heartbeats are answered, but nobody holds the leader's no-op.
  net.settle(beats)
  expect(net.node(1).core.view.commit).toBe(0)
  expect(safe(net, 1)).toEqual([])
  net.tick(1, 10)
  net.settle()
  expect(safe(net, 1)).toEqual([{ context: 5, index: 1 }])
})

it('a leader that loses its term answers none of its waiting reads, then or later', () => {
  const net = three()
  ask(net, 1, 1)
  net.wire.length = 0
  net.gone(3, 1)
  net.gone(2, 1)
  net.settle(from(2, 3))
  net.tick(2, 10)
  net.settle()
  expect(net.node(1).core.view).toMatchObject({ role: 'follower', leaderId: 2 })
  expect(safe(net, 1)).toEqual([])
})

it('many reads of one drain cost one round', () => {
  const net = three()
  for (let context = 1; context <= 50; context++) net.node(1).core.readIndex(context)
  net.drain(net.node(1))
  expect(net.wire.filter(({ type }) => type === 'heartbeat')).toHaveLength(2)
  net.settle()
  expect(safe(net, 1)).toHaveLength(50)
})

it('questions beyond the limit are dropped, and the others answered', () => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])], { pendingReadsMax: 2 })
  net.elect(1)
  for (const context of [1, 2, 3]) net.node(1).core.readIndex(context)
  net.drain(net.node(1))
  net.settle()
  expect(safe(net, 1).map(({ context }) => context)).toEqual([1, 2])
})

it('a node alone is its own majority', () => {
  const net = createCoreNet([diskOf([])])
  net.elect(1)
  ask(net, 1, 1)
  net.settle()
  net.drain(net.node(1))
  expect(safe(net, 1)).toEqual([{ context: 1, index: 1 }])
})

it('nobody is asked while no leader is known', () => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  ask(net, 1, 1)
  expect(net.wire).toEqual([])
})

it('a node that does not lead ignores a question', () => {
  const net = three()
  net.step(3, { ...{ type: 'read-index', context: 1 }, from: net.node(2).id, to: net.node(3).id, term: net.node(3).core.view.term })
  expect(net.wire).toEqual([])
})

it('a lost append is sent again although reads are asked in every turn', () => {
  const net = three()
  const withoutThree = from(1, 2)
  net.propose(1, 'lost')
  net.settle((message) => withoutThree(message) && message.type !== 'append')
  for (let turn = 1; turn <= 40; turn++) {
    net.node(1).core.tick()
    ask(net, 1, turn)
    net.settle(withoutThree)
  }
  expect(net.node(1).core.view).toMatchObject({ role: 'leader', commit: 2 })
})
