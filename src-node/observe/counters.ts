/** Plain counters of one node since its start; owned by the node, raised where things happen, read by status.ts and by who asks for metrics. */

export interface Counters {
  writes: number
  reads: number
  pushes: number
  /** Synced commits of the Raft log, and their time together. */
  logSyncs: number
  logSyncMs: number
  /** Times that this node came to lead, and times that it missed its leader. */
  elected: number
  leaderMissed: number
  /** Turns of the loop that the driver found slow. */
  slowTurns: number
}

export const createCounters = (): Counters => ({
  ...{ writes: 0, reads: 0, pushes: 0, logSyncs: 0, logSyncMs: 0 },
  ...{ elected: 0, leaderMissed: 0, slowTurns: 0 },
})
