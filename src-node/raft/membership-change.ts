/**
 * The leader's side of a membership change (thesis 4.1, 4.2): when one may begin, who is ready to vote, and what ends with it. One change at
 * a time, by one voter, and only once the leader has committed an entry of its own term: without that two leaders could change
 * the same configuration in two ways (Ongaro, raft-dev, 2015; reliability 4.15).
 */

import { inForce, isVoter, takeEffect } from './configuration.ts'
import type { CoreState } from './core-state.ts'
import { stepDown } from './election.ts'
import { type ChangeProblem, changedBy, encodeMembership, type Membership, type MembershipChange } from './membership.ts'
import { createProgress } from './progress.ts'
import { majority } from './quorum.ts'
import { type LogIndex, logIndex, type NodeId } from './types.ts'

export type ChangeRefusal = ChangeProblem | 'not_leader' | 'change_in_progress' | 'not_caught_up' | 'would_lose_quorum'

/** Appends the changed configuration, which is in force from here on. @returns its index, or why nothing was done */
export function changeMembership(s: CoreState, change: MembershipChange): LogIndex | ChangeRefusal {
  if (s.role !== 'leader') return 'not_leader'
  const { index, membership } = inForce(s)
  if (s.transfer !== null || index > s.commit || s.log.termAt(s.commit) !== s.term) return 'change_in_progress'
  const next = changedBy(membership, change)
  if (typeof next === 'string') return next
  if (change.kind === 'promote' && !hasCaughtUp(s, change.id)) return 'not_caught_up'
  if (liveVoters(s, next) < majority(next.voters.length) && changesVotes(membership, next)) return 'would_lose_quorum'
  const at = logIndex(s.log.lastIndex() + 1)
  const data = encodeMembership(next)
  s.log.extend(s.term, 'config', [data])
  takeEffect(s, { index: at, data })
  if (change.kind === 'add-learner') welcome(s, change.id)
  return at
}

/** Learners come and go without touching any majority. */
const changesVotes = (before: Membership, after: Membership): boolean => before.voters.length !== after.voters.length

/** It answers, it holds the configuration in which it learns, and it is one append away from the end of the log (thesis 4.2.1). */
function hasCaughtUp(s: CoreState, id: NodeId): boolean {
  const progress = s.progress.get(id)
  if (progress === undefined || progress.silentTicks >= s.options.electionTicksMax) return false
  return progress.match >= inForce(s).index && progress.match + s.options.promoteLagMax >= s.log.lastIndex()
}

function liveVoters(s: CoreState, { voters }: Membership): number {
  const isLive = (id: NodeId) => id === s.options.id || (s.progress.get(id)?.silentTicks ?? Number.POSITIVE_INFINITY) < s.options.electionTicksMax
  return voters.filter(isLive).length
}

/** From what is on this disk: a newcomer has nothing, and one answer says so. Nothing is believed of one that had the id before. */
function welcome(s: CoreState, id: NodeId): void {
  s.progress.set(id, createProgress(id, s.log.persistedIndex() + 1))
}

/** Once an election timeout: until then a removed server was served like any other, so that it hears of its removal and keeps silent. */
export function forgetRemoved(s: CoreState): void {
  for (const id of s.progress.keys()) if (!s.peers.includes(id)) s.progress.delete(id)
}

/** Once a drain, after everything was sent: a leader that is no voter any more has done its last duty (thesis 4.2.2). */
export function finishChange(s: CoreState): void {
  if (!isVoter(s, s.options.id) && inForce(s).index <= s.commit) stepDown(s, 'the configuration without this node is committed')
}
