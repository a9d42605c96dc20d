/** Every number the core works with, its default and its reason. Time is counted in ticks; the driver says how long one is. */

import { broken } from './invariant.ts'
import type { NodeId } from './types.ts'

export interface RaftTuning {
  /** Lower bound of the random election timeout, and how long a heard leader protects from votes (thesis 4.2.3). */
  readonly electionTicksMin: number
  readonly electionTicksMax: number
  readonly heartbeatTicks: number
  /** A closed leader socket: voters other than the lowest surviving id wait so long before they pre-vote. */
  readonly hintDelayTicks: number
  /** A hinted pre-vote refused for contact is asked again after so long, `hintRetriesMax` times. */
  readonly hintRetryTicks: number
  readonly hintRetriesMax: number
  /** One append carries at most so many entries and, beyond its first entry, so many bytes. */
  readonly appendEntriesMax: number
  readonly appendBytesMax: number
  /** Appends on their way to one follower without an answer. */
  readonly inflightAppendsMax: number
  /** Questions for a read index that wait at a leader; more are dropped, and asked again. */
  readonly pendingReadsMax: number
  /** A learner that lacks no more entries than this may become a voter: it is one append away (thesis 4.2.1). */
  readonly promoteLagMax: number
  /**
   * Persisted entries kept in memory so that neither apply nor a healthy follower reads the disk: appends leave as soon as there is
   * something to append, so a follower is seldom more than a few batches behind. Few, since an entry that outlives two scavenges
   * waits in the old generation for a full collection.
   */
  readonly windowEntriesMax: number
  readonly windowBytesMax: number
}

export interface RaftOptions extends RaftTuning {
  readonly id: NodeId
  /** The voters that the cluster began with: in force until the log holds a configuration. A node that joined later is not among them. */
  readonly voters: readonly NodeId[]
  /** Seeds the election timeouts. */
  readonly seed: number
}

/** At 5 ms a tick: election 150-300 ms, heartbeat 50 ms (thesis 9.3), hints 15 ms and 5 ms (design 4). */
export const raftDefaults: RaftTuning = {
  electionTicksMin: 30,
  electionTicksMax: 60,
  heartbeatTicks: 10,
  hintDelayTicks: 3,
  hintRetryTicks: 1,
  hintRetriesMax: 8,
  appendEntriesMax: 1024,
  appendBytesMax: 1024 * 1024,
  inflightAppendsMax: 64,
  pendingReadsMax: 4096,
  promoteLagMax: 1024,
  windowEntriesMax: 256,
  windowBytesMax: 16 * 1024 * 1024,
}

/** Refuses settings under which the core could not keep its promises. */
export function checkOptions(options: RaftOptions): void {
  if (options.voters.length === 0) broken('a cluster begins with at least one voter')
  if (new Set(options.voters).size !== options.voters.length) broken('a voter is named twice')
  if (options.heartbeatTicks < 1 || options.electionTicksMin <= options.heartbeatTicks) broken('the election timeout must be longer than a heartbeat')
  if (options.electionTicksMax < options.electionTicksMin) broken('electionTicksMax is below electionTicksMin')
  const { appendEntriesMax, appendBytesMax, inflightAppendsMax, pendingReadsMax, windowEntriesMax, windowBytesMax } = options
  const positive = [appendEntriesMax, appendBytesMax, inflightAppendsMax, pendingReadsMax, windowEntriesMax, windowBytesMax]
  if (positive.some((limit) => !(limit >= 1))) broken('every limit of the core must be at least 1')
}
