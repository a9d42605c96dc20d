/** Every limit and wait of the driver loop, its default and its reason. */

export interface DriverOptions {
  /** Length of one tick of the core. Short, because the socket-close rule retries every 5 ms (design 4). */
  readonly tickMs: number
  /** A write waits so long for a leader, then it is refused with `no_quorum`. Longer than a cut leader takes to be replaced. */
  readonly leaderWaitMs: number
  /** A write that was handed to a leader is answered by then, if need be with `unknown`; below the 2 s that callers are promised. */
  readonly writeTimeoutMs: number
  /** Writes waiting at this node (design 5: at most 2,048 in flight per node); more are refused as `overloaded`. */
  readonly writesMax: number
  readonly writeBytesMax: number
  /** Leader: commands appended and not applied yet, of all nodes; more are refused as `overloaded`. */
  readonly unappliedEntriesMax: number
  /** Under a backlog a leader admits what it applies in so long, below `leaderWaitMs`; and never fewer than so many. */
  readonly admittedMs: number
  readonly unappliedEntriesMin: number
  /**
   * Leader: while so many entries are on their way, writes gather for the next append, for so long at most. Below it writers are few, and each
   * counts by its own time; above it a commit is due within a few milliseconds, and two appends cost twice what one does.
   */
  readonly gatherEntries: number
  readonly gatherMs: number
  /** One forward frame carries one write, and then up to so many bytes. */
  readonly forwardBytesMax: number
  /** Frames waiting for one drain; beyond it Raft's own repetition makes up for what is dropped. */
  readonly inputsMax: number
  /** One applied run; halved while a run takes longer than `applySliceMs`, so that no turn of the loop takes over 20 ms. */
  readonly applyEntriesMax: number
  readonly applyBytesMax: number
  readonly applySliceMs: number
  /** Pause before a write to a full disk is tried again. */
  readonly diskFullRetryMs: number
  /** Unsent bytes to one peer above which appends to it pause. */
  readonly peerBacklogBytesMax: number
  /** How often waiting writes are looked through for their time limits. */
  readonly expiryMs: number
  /** A leader that refused a forwarded write is asked again after so long. */
  readonly forwardRetryMs: number
  /** Linearizable reads waiting at this node; more are refused as `overloaded`. */
  readonly readsMax: number
  /** A question for a read index that got no answer is asked again after so long: messages may be lost. */
  readonly readAgainMs: number
  /** A transfer that has not made its target leader by then has failed; the leader itself gives up after one election timeout. */
  readonly transferWaitMs: number
  /** Membership changes that wait at a node for their answer. */
  readonly changesMax: number
  /** A membership change that is not settled by then is answered as unknown. */
  readonly changeTimeoutMs: number
  readonly heartbeatSummaryMs: number
  /** Silence of the leader that is worth a line: two heartbeats, which no snapshot and no 1 MiB content may cost. */
  readonly missedHeartbeatMs: number
  readonly slowTurnMs: number
  /** A log of more applied entries, or of about so many bytes, is cut: replay after a start and the file stay small. */
  readonly compactEntries: number
  readonly compactBytes: number
  /** Applied entries that stay all the same, so that who was away for a moment, or takes a snapshot, goes on from the log. */
  readonly compactKeptEntries: number
  readonly compactKeptBytes: number
  /** A follower that is heard and further behind than this is helped by a snapshot rather than by keeping the log for it. */
  readonly compactHeldEntriesMax: number
  readonly compactHeldBytesMax: number
  /**
   * So much of the log stays for a snapshot that is being made, sent, or was just installed: more than for a slow follower, or who needs
   * one while much is written would need the next one at once. Beyond it the log is cut all the same, and a newer snapshot is made.
   */
  readonly compactPinnedEntriesMax: number
  readonly compactPinnedBytesMax: number
  /** Entries forgotten in one turn: a millisecond or two. */
  readonly compactSliceEntries: number
  /** Pause after every attempt to cut a long log, whatever came of it: what held it back (full disk, state not durable yet) is not gone at once. */
  readonly compactRetryMs: number
  /** A heartbeat waits behind one piece at most for a fraction of a millisecond. */
  readonly snapshotChunkBytes: number
  /** Pieces on their way without an answer. */
  readonly snapshotWindowBytes: number
  /** A transfer that does not move is sent again from what is certain. */
  readonly snapshotStallMs: number
  /** Pause after a snapshot could not be made, or was refused; doubled with each refusal in a row. */
  readonly snapshotRetryMs: number
  readonly snapshotRetryMaxMs: number
  /** A made snapshot that nobody needs any more is kept for the next one who does. */
  readonly snapshotKeptMs: number
  /** The log stays so long at most for a follower that has a snapshot now and is still on its way from there. */
  readonly snapshotHelpedMs: number
}

export const driverDefaults: DriverOptions = {
  tickMs: 5,
  leaderWaitMs: 1500,
  writeTimeoutMs: 1800,
  writesMax: 2048,
  writeBytesMax: 128 * 1024 * 1024,
  unappliedEntriesMax: 8192,
  admittedMs: 1000,
  unappliedEntriesMin: 64,
  gatherEntries: 4,
  gatherMs: 5,
  forwardBytesMax: 1024 * 1024,
  inputsMax: 8192,
  applyEntriesMax: 256,
  applyBytesMax: 1024 * 1024,
  applySliceMs: 10,
  diskFullRetryMs: 500,
  peerBacklogBytesMax: 8 * 1024 * 1024,
  expiryMs: 50,
  forwardRetryMs: 25,
  readsMax: 16_384,
  readAgainMs: 100,
  transferWaitMs: 1000,
  changesMax: 16,
  changeTimeoutMs: 3_000,
  heartbeatSummaryMs: 10_000,
  missedHeartbeatMs: 100,
  slowTurnMs: 50,
  compactEntries: 20_000,
  compactBytes: 64 * 1024 * 1024,
  compactKeptEntries: 5_000,
  compactKeptBytes: 16 * 1024 * 1024,
  compactHeldEntriesMax: 50_000,
  compactHeldBytesMax: 256 * 1024 * 1024,
  compactPinnedEntriesMax: 200_000,
  compactPinnedBytesMax: 1024 * 1024 * 1024,
  compactSliceEntries: 1_000,
  compactRetryMs: 1_000,
  snapshotChunkBytes: 256 * 1024,
  snapshotWindowBytes: 1024 * 1024,
  snapshotStallMs: 500,
  snapshotRetryMs: 1_000,
  snapshotRetryMaxMs: 30_000,
  snapshotKeptMs: 60_000,
  snapshotHelpedMs: 60_000,
}
