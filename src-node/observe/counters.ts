/** Plain counters of one node since its start; owned by main, raised where things happen, read by status.ts. */

export interface Counters {
  writes: number
  reads: number
  pushes: number
}

export const createCounters = (): Counters => ({ writes: 0, reads: 0, pushes: 0 })
