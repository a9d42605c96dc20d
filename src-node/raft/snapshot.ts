/**
 * Snapshots in the core (thesis 5.1): a follower that lacks what the leader has compacted away is set aside until it has a snapshot, and a
 * follower that has one lets it stand for the log up to there. What a snapshot holds is committed, whoever sent it: it is believed by
 * its place in the log alone, and never takes back anything (reliability 4.20).
 */

import { restoreConfigurations } from './configuration.ts'
import { type CoreState, commitTo } from './core-state.ts'
import { broken } from './invariant.ts'
import { type Progress, probeFrom } from './progress.ts'
import { acknowledgeAppend } from './replication.ts'
import type { NodeId, SnapshotPlace } from './types.ts'

/** `install`: it comes with the next Ready. `forwarded`: the log holds it all, only the commit index moved. `old`: nothing new. */
export type SnapshotVerdict = 'install' | 'forwarded' | 'old'

/** A whole and verified snapshot stands on this node's disk. */
export function onSnapshotReceived(s: CoreState, place: SnapshotPlace): SnapshotVerdict {
  // A leader holds everything that is committed (thesis 3.6.3); it commits by counting and in no other way.
  if (place.index <= s.commit || s.role === 'leader') return 'old'
  if (place.term > s.term) broken(`a snapshot of term ${place.term} came in term ${s.term}`)
  if (s.log.termAt(place.index) === place.term) {
    commitTo(s, place.index)
    return 'forwarded'
  }
  s.log.restoreTo(place)
  restoreConfigurations(s, place.membership)
  s.snapshot = place
  s.commit = place.index
  s.applied = place.index
  if (s.leaderId !== null && s.leaderId !== s.options.id) acknowledgeAppend(s, s.leaderId, place.index)
  return 'install'
}

/** Silent for an election timeout: gone, cut off or stopped. Nothing is made, sent or kept for it until it is heard again. */
const isSilent = (s: CoreState, { silentTicks }: Progress): boolean => silentTicks >= s.options.electionTicksMax

/** Leader: followers that are heard and can only be helped by a snapshot. */
export function laggingPeers(s: CoreState): NodeId[] {
  const lagging: NodeId[] = []
  for (const progress of s.progress.values()) if (progress.state === 'snapshot' && !isSilent(s, progress)) lagging.push(progress.id)
  return lagging
}

/**
 * Leader: the lowest index that a follower holds whom the log still helps; null without any. Who is silent for an election timeout, or waits
 * for a snapshot anyway, does not keep the log from being cut.
 */
export function followersHold(s: CoreState): number | null {
  let lowest: number | null = null
  for (const progress of s.progress.values()) {
    if (progress.state !== 'snapshot' && !isSilent(s, progress)) lowest = Math.min(lowest ?? progress.match, progress.match)
  }
  return lowest
}

/** Leader: the follower has, or has not, what was sent to it; in both cases the next append finds out where it stands. */
export function onSnapshotSent(s: CoreState, to: NodeId, index: number): void {
  const progress = s.progress.get(to)
  if (progress?.state === 'snapshot') probeFrom(progress, index + 1)
}
