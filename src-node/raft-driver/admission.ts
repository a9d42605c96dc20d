/**
 * How many writes a leader may have appended and not yet applied: what it applies in `admittedMs`, by the rate that it showed while it
 * was busy. More would wait past the time in which callers are promised an answer and end as unknown; so they are refused, while it is
 * certain that nothing was written. It measures and counts; it refuses nothing itself.
 */

import type { DriverOptions } from './options.ts'

export interface Admission {
  /** Told regularly, how far the log goes and how much of it is applied. */
  sample(nowMs: number, lastIndex: number, applied: number): void
  /** Entries that may stand unapplied just now. */
  entriesMax(): number
}

/** A window shorter than a few slow syncs would measure chance. */
const windowMs = 200

export function createAdmission(options: DriverOptions): Admission {
  let fromMs = Number.NEGATIVE_INFINITY
  let fromApplied = 0
  let busy = false
  /** Entries a second; infinite as long as nothing ever waited through a whole window. */
  let rate = Number.POSITIVE_INFINITY

  return {
    sample(nowMs, lastIndex, applied) {
      // Once everything is applied nothing has waited for us: how fast it could go is unknown, and more than what it did.
      if (applied >= lastIndex) {
        busy = false
        rate = Number.POSITIVE_INFINITY
      }
      const passedMs = nowMs - fromMs
      if (passedMs < windowMs) return
      if (busy) {
        const measured = ((applied - fromApplied) * 1000) / passedMs
        rate = Number.isFinite(rate) ? (rate + measured) / 2 : measured
      }
      fromMs = nowMs
      fromApplied = applied
      busy = applied < lastIndex
    },
    entriesMax: () => Math.min(options.unappliedEntriesMax, Math.max(options.unappliedEntriesMin, Math.ceil((rate * options.admittedMs) / 1000))),
  }
}
