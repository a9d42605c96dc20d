/** A wish to move leadership, with the core's view in the test's hand: whoever asked hears exactly one answer. */

import { expect, it } from 'vitest'
import type { Raft, RaftView } from '../raft/raft.ts'
import { type NodeId, nodeId, term } from '../raft/types.ts'
import { driverDefaults } from './options.ts'
import type { PeerFrame, TransferOutcome } from './ports.ts'
import { createTransfers } from './transfers.ts'

const setUp = (role: RaftView['role'] = 'follower') => {
  const view = { role, term: term(4), leaderId: nodeId(role === 'leader' ? 1 : 2) as NodeId | null, transfer: null }
  const told: NodeId[] = []
  const sent: [NodeId, PeerFrame][] = []
  const outcomes: TransferOutcome[] = []
  const core = { view, membership: () => ({ voters: [1, 2, 3].map(nodeId), learners: [] }), transferTo: (id: NodeId) => told.push(id) }
  const transport = { send: (to: NodeId, frames: readonly PeerFrame[]) => sent.push([to, frames[0]!]), backlogBytes: () => 0 }
  const transfers = createTransfers({ core: core as unknown as Raft, transport, options: driverDefaults })
  return { view, told, sent, outcomes, transfers, want: (id: number) => transfers.add(nodeId(id), 0, (outcome) => outcomes.push(outcome)) }
}

it('a leader hands over itself, another node asks the leader', () => {
  const leader = setUp('leader')
  leader.want(3)
  leader.transfers.flush()
  expect(leader.told).toEqual([3])
  const follower = setUp()
  follower.want(3)
  follower.transfers.flush()
  follower.transfers.flush()
  expect(follower.sent).toEqual([[2, { type: 'transfer-request', term: 4, target: 3 }]])
})

it('is done when the target leads', () => {
  const { view, want, transfers, outcomes } = setUp()
  want(3)
  transfers.flush()
  transfers.watch(1)
  expect(outcomes).toEqual([])
  view.leaderId = nodeId(3)
  view.term = term(5)
  transfers.watch(2)
  expect(outcomes).toEqual([{ kind: 'done', term: 5 }])
})

it('is answered by the clock alone, although a full disk lets no drain begin', () => {
  const { want, transfers, outcomes } = setUp()
  want(3)
  transfers.watch(driverDefaults.transferWaitMs)
  expect(outcomes).toEqual([{ kind: 'refused', code: 'not_taken_over' }])
})

it('is answered at the end of the run, begun or not', () => {
  const { want, transfers, outcomes } = setUp()
  want(3)
  transfers.stop()
  expect(outcomes).toEqual([{ kind: 'refused', code: 'no_quorum' }])
})

it.each([
  ['unknown_target', 9],
  ['busy', 3],
])('is refused as %s', (code, id) => {
  const { want, outcomes } = setUp()
  if (code === 'busy') want(3)
  want(id)
  expect(outcomes).toEqual([{ kind: 'refused', code }])
})

it('begins only once somebody leads', () => {
  const { view, want, transfers, sent, outcomes } = setUp()
  want(3)
  view.leaderId = null
  transfers.flush()
  expect(sent).toEqual([])
  want(2)
  expect(outcomes).toEqual([{ kind: 'refused', code: 'busy' }])
})
