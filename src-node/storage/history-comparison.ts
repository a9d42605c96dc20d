/**
 * History of both sides, row beside row by its numbers as they come, so that neither side is ever held as a whole. Counts and sums; names no row,
 * since a number says little to anybody.
 */

import { hash } from 'node:crypto'
import type { HistoryLook } from '../observe/store-look.ts'
import type { SourceHistoryRow } from './sink.ts'
import type { StoredHistoryRow } from './types.ts'

const lanes = 2n ** 64n
const textOf = ({ nid, namespace, group, dataId, operation, md5 }: SourceHistoryRow): string =>
  JSON.stringify([nid, namespace, group, dataId, operation, md5])
const hashOf = (text: string): bigint => BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`)
const shown = (sum: bigint): string => sum.toString(16).padStart(16, '0')

export interface HistoryComparison {
  /** In the order of its numbers: it may read rows of ours up to this one. */
  theirs(row: SourceHistoryRow): void
  /** After the last of theirs. False: call it again, when others had their turn. */
  rest(): boolean
  result(): HistoryLook
}

export interface HistoryComparisonParts {
  /** Of ours, above this number. */
  page(after: number): readonly StoredHistoryRow[]
  /** What was made after this entry is on its way: it counts on no side. */
  moment(): number
  fits(row: StoredHistoryRow): boolean
  /** Whether the database tells such a row from another kind, and so has it. */
  isKept(row: StoredHistoryRow): boolean
}

export const createHistoryComparison = ({ page, moment, fits, isKept }: HistoryComparisonParts): HistoryComparison => {
  const counts = { ours: 0, theirs: 0, alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, tooBig: 0 }
  let [oursSum, theirsSum] = [0n, 0n]
  let waiting: StoredHistoryRow[] = []
  let last = 0
  let ended = false

  /** The next one of ours that counts, not taken yet. */
  const head = (): StoredHistoryRow | undefined => {
    while (waiting.length === 0 && !ended) {
      const rows = page(last)
      ended = rows.length === 0
      last = rows.at(-1)?.nid ?? last
      waiting = rows.filter((row) => row.index <= moment() && isKept(row)).toReversed()
    }
    return waiting.at(-1)
  }
  const take = (row: StoredHistoryRow, text: string): void => {
    waiting.pop()
    counts.ours++
    oursSum = (oursSum + hashOf(text)) % lanes
    if (!fits(row)) counts.tooBig++
  }
  const alone = (row: StoredHistoryRow): void => {
    counts.oursAlone++
    take(row, textOf(row))
  }

  return {
    theirs(row) {
      for (let own = head(); own !== undefined && own.nid < row.nid; own = head()) alone(own)
      const text = textOf(row)
      counts.theirs++
      theirsSum = (theirsSum + hashOf(text)) % lanes
      const own = head()
      if (own?.nid !== row.nid) {
        counts.theirsAlone++
        return
      }
      const ownText = textOf(own)
      if (ownText === text) counts.alike++
      else counts.unlike++
      take(own, ownText)
    },
    rest() {
      const own = head()
      if (own === undefined) return true
      alone(own)
      return false
    },
    result: () => ({ ...counts, oursHash: shown(oursSum), theirsHash: shown(theirsSum) }),
  }
}
