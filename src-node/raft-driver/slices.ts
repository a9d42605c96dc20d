/** Walks over all configurations, a slice a turn, so that none of them holds the loop. */

import type { Effect } from '../state-machine/types.ts'
import type { DriverClock } from './ports.ts'

/** A millisecond or two. */
const rowsPerTurn = 1000

/** Takes up to a slice of `rows`; whether there may be more. */
export function slice<T>(rows: Iterator<T>, visit: (row: T) => void): boolean {
  for (let taken = 0; taken < rowsPerTurn; taken++) {
    const next = rows.next()
    if (next.done) return false
    visit(next.value)
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
