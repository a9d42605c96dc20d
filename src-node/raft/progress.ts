/** What a leader knows about one follower (etcd-io/raft tracker/, design.md there): how far it is, and how fast to send. */

import type { NodeId } from './types.ts'

export interface Progress {
  readonly id: NodeId
  /** Highest index known to be on the follower's disk. */
  match: number
  /** First index of the next append. */
  next: number
  /** `probe`: one append at a time until logs are known to agree. `replicate`: a stream. `snapshot`: none, it lacks what is compacted. */
  state: 'probe' | 'replicate' | 'snapshot'
  /** Probe only: the one append is out, nothing more until an answer or a heartbeat's answer. */
  probing: boolean
  /** Heard from since the last quorum check. */
  active: boolean
  /** Ticks since it was heard; without end if it never was, or its socket closed. */
  silentTicks: number
  /** The transport cannot take more just now. */
  congested: boolean
  /** Commit index that the follower has, or will have once what is on its way arrives. */
  commitTold: number
  /** Last index of each append on its way, oldest first. */
  readonly inflight: number[]
  /** Highest round that the follower has answered in this term. */
  round: number
  /** Round of the clock's heartbeat whose answer, or a later one, is waited for; 0: none. */
  beatRound: number
  /** State at the last heartbeat answer: nothing moved between two of them means that appends were lost. */
  beatMatch: number
  beatOldest: number
}

export function createProgress(id: NodeId, next: number): Progress {
  return {
    id,
    match: 0,
    next,
    state: 'probe',
    probing: false,
    active: true,
    silentTicks: Number.POSITIVE_INFINITY,
    congested: false,
    commitTold: 0,
    inflight: [],
    round: 0,
    beatRound: 0,
    beatMatch: 0,
    beatOldest: 0,
  }
}

/** A message of this follower, whatever it says. */
export function heard(progress: Progress): void {
  progress.active = true
  progress.silentTicks = 0
}

/** Forgets what is on its way: the next append starts just after what is certain. */
export function probeFrom(progress: Progress, next: number): void {
  progress.state = 'probe'
  progress.next = Math.max(next, progress.match + 1)
  progress.probing = false
  progress.commitTold = Math.min(progress.commitTold, progress.match)
  progress.inflight.length = 0
}

/** The next entry that it needs is not in the log any more: nothing is sent until a snapshot has brought it within reach. */
export function awaitSnapshot(progress: Progress): void {
  progress.state = 'snapshot'
  progress.probing = false
  progress.inflight.length = 0
}

/** It is within reach of the log again, by whatever way. */
export function leaveSnapshot(progress: Progress): void {
  progress.state = 'replicate'
  progress.next = progress.match + 1
}

/** The follower has synced everything up to `index`. */
export function acknowledge(progress: Progress, index: number): void {
  if (index > progress.match) progress.match = index
  if (index >= progress.next) progress.next = index + 1
  let arrived = 0
  while (arrived < progress.inflight.length && (progress.inflight[arrived] as number) <= index) arrived++
  if (arrived > 0) progress.inflight.splice(0, arrived)
  if (progress.state === 'probe') {
    progress.state = 'replicate'
    progress.next = progress.match + 1
    progress.probing = false
  }
}

/**
 * A heartbeat was answered, that of `round` or a later one. If nothing at all moved since the last answered one although appends are out,
 * they were lost without the connection closing: start again from what is certain. Only heartbeats of the clock count, one at a
 * time: rounds for reads follow each other too closely to tell that anything was lost.
 */
export function heartbeatAnswered(progress: Progress, round: number): void {
  if (progress.beatRound === 0 || round < progress.beatRound) return
  progress.beatRound = 0
  progress.probing = false
  const oldest = progress.inflight[0] ?? 0
  if (progress.state === 'replicate' && oldest !== 0 && oldest === progress.beatOldest && progress.match === progress.beatMatch) {
    probeFrom(progress, progress.match + 1)
  }
  progress.beatMatch = progress.match
  progress.beatOldest = progress.inflight[0] ?? 0
}
