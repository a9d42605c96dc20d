/**
 * How late the event loop is, for as long as somebody asks: it is measured from the first question on, and no more once nobody has asked for a while.
 * Costs a timer 50 times a second meanwhile, and nothing otherwise.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface LoopDelay {
  /** Since the question before this one; null: this is the first, or nothing was measured yet. */
  look(): { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number } | null
  stop(): void
}

/** Prometheus asks every minute at the latest, by any usual setting. */
const idleMs = 300_000
const resolutionMs = 20

export const createLoopDelay = (after: (ms: number, task: () => void) => { cancel(): void }): LoopDelay => {
  let histogram: ReturnType<typeof monitorEventLoopDelay> | null = null
  let idle: { cancel(): void } | null = null
  const stop = (): void => {
    idle?.cancel()
    idle = null
    histogram?.disable()
    histogram = null
  }
  return {
    look: () => {
      idle?.cancel()
      idle = after(idleMs, stop)
      if (histogram === null) {
        histogram = monitorEventLoopDelay({ resolution: resolutionMs })
        histogram.enable()
        return null
      }
      const { mean, max, count } = histogram
      // What it counts is the time from one timer to the next, which is the resolution when nothing is late.
      const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs)
      const seen = count === 0 ? null : { meanMs: lateMs(mean), p99Ms: lateMs(histogram.percentile(99)), maxMs: lateMs(max) }
      histogram.reset()
      return seen
    },
    stop,
  }
}
