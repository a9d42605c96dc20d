/**
 * Under load a leader lets writes gather while others are on their way, and appends them together once those are committed: an append is a synced
 * transaction on every node, and costs what it costs however many entries it carries. A few writers never wait for each other. It decides
 * and wakes; what is held back stays where it is, not yet taken, with everything that may become of it.
 */

import type { DriverOptions } from './options.ts'
import type { DriverClock } from './ports.ts'

export interface Gathering {
  /** Are the `waiting` writes to wait on? Asked in each drain. `openEntries`: appended and not committed. */
  holds(waiting: number, openEntries: number, nowMs: number): boolean
  /** Writes were held in the last drain, and now nothing keeps them. */
  isOver(openEntries: number): boolean
  appended(nowMs: number): void
}

/** @param wake asks for a drain; whoever is held is let go by then at the latest */
export const createGathering = ({ gatherEntries, gatherMs }: DriverOptions, clock: DriverClock, wake: () => void): Gathering => {
  let appendedMs = Number.NEGATIVE_INFINITY
  let held = false
  let armed = false
  return {
    holds(waiting, openEntries, nowMs) {
      held = waiting > 0 && openEntries >= gatherEntries && nowMs - appendedMs < gatherMs
      if (held && !armed) {
        armed = true
        clock.after(gatherMs, () => {
          armed = false
          wake()
        })
      }
      return held
    },
    isOver: (openEntries) => held && openEntries < gatherEntries,
    appended(nowMs) {
      appendedMs = nowMs
    },
  }
}
