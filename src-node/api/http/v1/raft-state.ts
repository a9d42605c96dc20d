/** `GET /v1/ns/raft/state`: this node's view of consensus: the peers' classic shape (nacos-http 10) and our own fields beside it. */

import type { Role } from '../../../raft/types.ts'
import type { PeerProgress, RaftStatus } from '../../../raft-driver/ports.ts'
import { jsonType, noCache, send } from '../errors.ts'
import type { HttpParts, MemberAddress } from '../ports.ts'
import type { Route } from '../router.ts'

export const httpAddress = (member: MemberAddress): string => `${member.host}:${member.httpPort}`

const shownState = (role: Role): 'LEADER' | 'FOLLOWER' | 'CANDIDATE' =>
  role === 'leader' ? 'LEADER' : role === 'follower' ? 'FOLLOWER' : 'CANDIDATE'

/** Of the others this node knows only who leads; their votes are theirs. */
export const classicPeer = (parts: HttpParts, member: MemberAddress, status: RaftStatus) => {
  const own = member.id === parts.nodeId
  const votedFor = own ? parts.members.find((candidate) => candidate.id === status.vote) : undefined
  return {
    ip: httpAddress(member),
    voteFor: votedFor === undefined ? null : httpAddress(votedFor),
    term: status.term,
    leaderDueMs: parts.settings.electionTimeoutMs,
    heartbeatDueMs: parts.settings.heartbeatMs,
    state: own ? shownState(status.role) : member.id === status.leaderId ? 'LEADER' : 'FOLLOWER',
  }
}

const raftPeer = (parts: HttpParts, member: MemberAddress, status: RaftStatus): object => {
  const own = member.id === parts.nodeId
  const progress: PeerProgress | undefined = status.peers.find((peer) => peer.id === member.id)
  return {
    ...classicPeer(parts, member, status),
    id: member.id,
    connected: own ? true : (progress?.connected ?? false),
    matchIndex: own ? status.lastIndex : (progress?.matchIndex ?? null),
    rttMs: progress?.rttMs ?? null,
    voter: status.voters.some((id) => id === member.id),
  }
}

/**
 * Where configurations are kept, besides this node's own store; `storeAppliedIndex` and what follows are those of MySQL mode (design 5). `available`:
 * this node takes configuration writes.
 */
const storageOf = ({ sharedStore }: HttpParts): object => {
  if (sharedStore === null) return { kind: 'sqlite' }
  const { kind, storeAppliedIndex, queueLength, health, trouble, knowsColumns, dataErrors, lastSync } = sharedStore.status()
  return {
    ...{ kind, storeAppliedIndex, queueLength, available: health === 'available' && knowsColumns, state: health, trouble: trouble?.code ?? null },
    // Of the leader alone: rows that are committed and that the database does not take.
    dataErrors,
    // The last look for rows that another program changed.
    lastSync,
  }
}

export const createRaftStateRoute = (parts: HttpParts): Route => ({
  access: 'signed-in',
  GET: (_request, response) => {
    const status = parts.status()
    const meta = parts.meta()
    const leader = parts.members.find((member) => member.id === status.leaderId)
    const state = {
      leader: leader === undefined ? null : httpAddress(leader),
      leaderId: status.leaderId,
      term: status.term,
      state: shownState(status.role),
      commitIndex: status.commitIndex,
      // Index and hash of one moment: both are the machine's.
      appliedIndex: meta.appliedIndex,
      stateHash: meta.stateHash,
      firstIndex: status.firstIndex,
      lastIndex: status.lastIndex,
      durableIndex: status.durableIndex,
      historyRetention: parts.historyRetention(),
      services: 0,
      storage: storageOf(parts),
      peers: parts.members.map((member) => raftPeer(parts, member, status)),
    }
    send(response, { status: 200, headers: ['Content-Type', jsonType, ...noCache], body: JSON.stringify(state) })
  },
})
