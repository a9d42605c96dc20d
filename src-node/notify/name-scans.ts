/** Looks through all names that there are, for one who asks after the other, so many in one turn: however many ask, the loop is free. Decides nothing. */

import type { FuzzyName } from './fuzzy-pattern.ts'

export interface NameScan {
  /** Null: one that does not count. May change while it is walked. */
  readonly rows: Iterator<FuzzyName | null>
  isWanted(): boolean
  /** It need not see the rest. */
  isEnough(): boolean
  visit(name: FuzzyName): void
  /** Once, also if it is not wanted any more. */
  done(): void
}

/** Some 0.3 us each. */
const rowsPerTurn = 2_000
/** That nobody wants any more, some 20 us each: they come as fast as clients can ask and go away. */
const droppedPerTurn = 256

/** @returns what takes a scan; it begins in a later turn */
export const createNameScans = (defer: (task: () => void) => void): ((scan: NameScan) => void) => {
  const waiting: NameScan[] = []

  /** Whether it is over. */
  const walk = ({ rows, isEnough, visit }: NameScan): boolean => {
    for (let seen = 0; seen < rowsPerTurn; seen++) {
      const row = rows.next()
      if (row.done === true) return true
      if (row.value !== null) visit(row.value)
      if (isEnough()) return true
    }
    return false
  }
  const turn = (): void => {
    for (let dropped = 0; dropped < droppedPerTurn; dropped++) {
      const [first] = waiting
      if (first === undefined) break
      const isWanted = first.isWanted()
      if (isWanted && !walk(first)) break
      waiting.shift()
      first.done()
      if (isWanted) break
    }
    if (waiting.length > 0) defer(turn)
  }

  return (scan) => {
    if (waiting.push(scan) === 1) defer(turn)
  }
}
