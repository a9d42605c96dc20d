/** Which lines are shown: by source, level and time. Works on from what it kept; a batch costs its own lines, not the whole log. Pure but for its memory. */

import type { LogLevel, LogLine } from '../../../src-main/contract/index.ts'

export interface LineQuery {
  /** Sources shown; null = all. 0 is the app. */
  readonly sources: ReadonlySet<number> | null
  readonly level: LogLevel
  /** Only lines after this one: the view was cleared there. */
  readonly afterSeq: number
}

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export function passes(line: LogLine, query: LineQuery): boolean {
  return line.seq > query.afterSeq && ranks[line.level] >= ranks[query.level] && (query.sources === null || query.sources.has(line.node))
}

/** The first index in `lines` (rising seq) whose seq is at least `seq`. */
export function indexOfSeq(lines: readonly LogLine[], seq: number): number {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lines[middle]?.seq ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A step that keeps what passes `test`: `step(lines, key)` returns the same array if nothing changed. `lines` must rise by seq; it may grow at the end and
 * lose lines at its start. A changed `key`, or lines that start anew, are filtered from the beginning.
 */
export function createLineStep<Key>(testOf: (key: Key) => ((line: LogLine) => boolean) | null) {
  let key: Key | undefined
  let seen: readonly LogLine[] = []
  let kept: readonly LogLine[] = []
  let test: ((line: LogLine) => boolean) | null = null

  const goesOn = (lines: readonly LogLine[]): boolean => {
    const last = seen.at(-1)
    const first = lines[0]
    if (last === undefined || first === undefined || first.seq > last.seq) return false
    return lines[indexOfSeq(lines, last.seq)] === last
  }
  return (lines: readonly LogLine[], nextKey: Key): readonly LogLine[] => {
    const sameKey = key !== undefined && Object.is(key, nextKey)
    if (sameKey && lines === seen) return kept
    if (!sameKey) {
      key = nextKey
      test = testOf(nextKey)
    }
    const pass = test
    if (pass === null) kept = lines
    else if (!sameKey || !goesOn(lines)) kept = lines.filter(pass)
    else {
      const fresh = lines.slice(indexOfSeq(lines, (seen.at(-1)?.seq ?? 0) + 1)).filter(pass)
      const gone = indexOfSeq(kept, lines[0]?.seq ?? 0)
      if (fresh.length > 0 || gone > 0) kept = [...(gone > 0 ? kept.slice(gone) : kept), ...fresh]
    }
    seen = lines
    return kept
  }
}
