/** Walks over all configurations, a slice a turn, so that none of them holds the loop. */

import type { Effect } from '../state-machine/types.ts'
import type { DriverClock } from './ports.ts'

/** A millisecond or two. */
const rowsPerTurn = 1000

/** Of values that are read and hashed: a few milliseconds. */
const bytesPerTurn = 2 * 1024 * 1024

/** Takes up to a slice of `rows`; whether there may be more. `bytesOf`: where rows are no small thing. */
export function slice<T>(rows: Iterator<T>, visit: (row: T) => void, bytesOf: (row: T) => number = () => 0): boolean {
  let bytes = 0
  for (let taken = 0; taken < rowsPerTurn && bytes < bytesPerTurn; taken++) {
    const next = rows.next()
    if (next.done) return false
    visit(next.value)
    bytes += bytesOf(next.value)
  }
  return true
}

export interface Listeners {
  readonly defer: DriverClock['defer']
  /** Never empty. */
  readonly onEffects: (effects: readonly Effect[]) => void
}

/** The first slice at once. */
export function tellInSlices(changes: Iterator<Effect | null>, listeners: Listeners): void {
  const effects: Effect[] = []
  const more = slice(changes, (effect) => effect !== null && effects.push(effect))
  if (effects.length > 0) listeners.onEffects(effects)
  if (more) listeners.defer(() => tellInSlices(changes, listeners))
}
