/** Leadership handed over on purpose (thesis 3.10): to whom, when, and what happens when it comes to nothing. */

import { expect, it } from 'vitest'
import { raftDefaults } from '../../src-node/raft/options.ts'
import { type Message, nodeId } from '../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf } from './core-net.ts'

const three = (): CoreNet => {
  const net = createCoreNet([diskOf([]), diskOf([]), diskOf([])])
  net.elect(1)
  return net
}
const handOver = (net: CoreNet, id: number, to: number): boolean => {
  const begun = net.node(id).core.transferTo(nodeId(to))
  net.drain(net.node(id))
  return begun
}
const without =
  (id: number) =>
  (message: Message): boolean =>
    message.from !== id && message.to !== id
const view = (net: CoreNet, id: number) => net.node(id).core.view

it('the target leads the next term, without a pre-vote and although everybody hears a leader', () => {
  const net = three()
  expect(handOver(net, 1, 3)).toBe(true)
  expect(net.wire.map(({ type }) => type)).toEqual(['timeout-now'])
  net.settle()
  expect(view(net, 3)).toMatchObject({ role: 'leader', term: 2 })
  expect(view(net, 1)).toMatchObject({ role: 'follower', leaderId: 3, transfer: null })
  expect(net.node(3).causes).not.toContainEqual(expect.stringContaining('pre-candidate'))
})

it('a target that lags is told only once it holds everything', () => {
  const net = three()
  net.propose(1, 'a', 'b')
  net.settle(without(3))
  handOver(net, 1, 3)
  expect(net.wire.some(({ type }) => type === 'timeout-now')).toBe(false)
  // A heartbeat answer brings the lost appends back.
  for (let beat = 0; beat < 3 && view(net, 3).role !== 'leader'; beat++) {
    net.tick(1, 10)
    net.settle()
  }
  expect(view(net, 3)).toMatchObject({ role: 'leader', commit: 4 })
})

it('nothing is appended while it hands over', () => {
  const net = three()
  handOver(net, 1, 3)
  expect(view(net, 1).transfer).toMatchObject({ target: 3 })
  expect(() => net.propose(1, 'late')).toThrow(/hands over to node 3/)
})

it('after an election timeout without success the leader leads on', () => {
  const net = three()
  handOver(net, 1, 3)
  for (let at = 0; at < raftDefaults.electionTicksMin; at++) {
    net.tick(1)
    net.settle(without(3))
  }
  expect(view(net, 1)).toMatchObject({ role: 'leader', term: 1, transfer: null })
  net.propose(1, 'goes on')
  net.settle(without(3))
  expect(view(net, 1).commit).toBe(2)
})

it('is refused to itself, to a stranger, and while another is under way', () => {
  const net = three()
  expect(handOver(net, 1, 1)).toBe(false)
  expect(handOver(net, 1, 9)).toBe(false)
  expect(handOver(net, 2, 3)).toBe(false)
  expect(handOver(net, 1, 2)).toBe(true)
  expect(handOver(net, 1, 3)).toBe(false)
})

it('a target that may not lead lets it pass', () => {
  const net = three()
  net.node(3).core.mayLead(false, 'its state store is full')
  net.drain(net.node(3))
  handOver(net, 1, 3)
  net.settle()
  expect(view(net, 1)).toMatchObject({ role: 'leader', term: 1 })
})

it('a word to take over from a leader that is not followed any more says nothing', () => {
  const net = three()
  net.step(3, { type: 'timeout-now', from: nodeId(2), to: nodeId(3), term: view(net, 3).term })
  expect(view(net, 3)).toMatchObject({ role: 'follower', leaderId: 1, term: 1 })
})

it('entries that the old leader had taken are committed by the new one', () => {
  const net = three()
  net.propose(1, 'a')
  handOver(net, 1, 2)
  net.settle()
  expect(view(net, 2)).toMatchObject({ role: 'leader', commit: 3 })
  expect(net.terms(2)).toEqual([1, 1, 2])
})
