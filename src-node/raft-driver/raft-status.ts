/** A node's view of consensus put together for whoever asks. Reads only. */

import type { Raft } from '../raft/raft.ts'
import type { NodeId } from '../raft/types.ts'
import type { LeaderWatch } from './leader-watch.ts'
import type { RaftLogStore, RaftStatus, StateSnapshots } from './ports.ts'

export interface RaftStatusParts {
  readonly id: NodeId
  readonly core: Raft
  readonly log: RaftLogStore
  readonly snapshots: StateSnapshots
  readonly watch: LeaderWatch
  readonly connected: ReadonlySet<NodeId>
}

export const raftStatus = (parts: RaftStatusParts, own: Pick<RaftStatus, 'appliedIndex' | 'serving' | 'diskFull'>): RaftStatus => {
  const { id, core, log, snapshots, watch, connected } = parts
  const { view } = core
  return {
    ...core.membership(),
    ...own,
    id,
    role: view.role,
    term: view.term,
    vote: view.vote,
    leaderId: view.leaderId,
    commitIndex: view.commit,
    lastIndex: core.lastIndex(),
    firstIndex: log.firstIndex(),
    durableIndex: snapshots.durableIndex(),
    peers: view.peers.map((peer) => ({
      ...{ id: peer, voter: core.membership().voters.includes(peer), connected: connected.has(peer) },
      ...{ matchIndex: core.matchIndex(peer), rttMs: watch.rttMs(peer) },
    })),
  }
}
