/**
 * Ongaro 2014, chapter 4: membership changes, one server at a time. The number in front is the section. Most of the chapter stands in
 * ../membership.test.ts; here is what is left of it.
 */

import { expect, it } from 'vitest'
import { encodeMembership, membershipOf } from '../../../src-node/raft/membership.ts'
import { raftDefaults } from '../../../src-node/raft/options.ts'
import { type Entry, nodeId } from '../../../src-node/raft/types.ts'
import { entry } from '../core-net.ts'
import { append, asked, empty, ledBy1, preVoteReply, said, view } from './cluster.ts'

const config = (index: number, atTerm: number, ids: readonly number[], learners: readonly number[] = []): Entry => ({
  ...entry(atTerm, index),
  ...{ kind: 'config', data: encodeMembership(membershipOf(ids.map(nodeId), learners.map(nodeId))) },
})

// 4.1: a server uses the latest configuration in its log, and must be prepared to fall back to an earlier one
it('4.1: of several configurations in one tail the last is in force, and all of them go with the tail', () => {
  const net = empty(3)
  net.step(1, append(2, 1, 1, [0, 0], [config(1, 1, [1, 2, 3], [4]), config(2, 1, [1, 2, 3, 4])]))
  expect(net.node(1).core.membership().voters).toEqual([1, 2, 3, 4])
  net.step(1, append(3, 1, 2, [0, 0], [entry(2, 1)]))
  expect(net.node(1).core.membership()).toEqual({ voters: [1, 2, 3], learners: [] })
})

// 4.2.1: a new server is a non-voting member
it('4.2.1: a learner is not asked for its vote', () => {
  const net = ledBy1()
  asked(net, 1, (core) => core.changeMembership({ kind: 'add-learner', id: nodeId(4) }))
  net.settle(({ to }) => to !== 4)
  net.tick(2, raftDefaults.electionTicksMax)
  expect(said(net, 'pre-vote').map(({ to }) => Number(to))).toEqual([1, 3])
})

// 4.2.2: a server that is not in its own latest configuration still starts elections until that is committed
it('4.2.2: a server whose removal may be undone asks at once when the only voter left is the leader whose socket closed', () => {
  const net = empty(2)
  net.step(2, append(1, 2, 1, [0, 0], [entry(1, 1), config(2, 1, [1])], 1))
  net.gone(2, 1)
  expect(view(net, 2).role).toBe('pre-candidate')
  asked(net, 2, (core) => core.peerUp(nodeId(1)))
  net.step(2, preVoteReply(1, 2, 1, false))
  expect(view(net, 2)).toMatchObject({ role: 'follower', term: 1 })
})
