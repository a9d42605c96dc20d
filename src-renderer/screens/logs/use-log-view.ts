/** From the stream to what is on screen: source and level, then time, then search. Each step works on from what it kept. */

import { useDeferredValue, useMemo, useState } from 'react'
import type { LogLine } from '../../../src-main/contract/index.ts'
import type { LogsSearch } from '../../search.ts'
import { createLineStep, type LineQuery, passes } from './log-filter.ts'
import { compileSearch, type LogSearch } from './log-search.ts'

export interface LogView {
  /** Passed by source and level: what the histogram counts. */
  readonly base: readonly LogLine[]
  /** What the list shows. */
  readonly shown: readonly LogLine[]
  /** Shown lines that match the search, oldest first. */
  readonly matches: readonly LogLine[]
  readonly search: LogSearch
}

/** Each step starts anew when one before it does: lines of another filter are not the same lines gone on. */
interface TimeRange {
  readonly of: LineQuery
  readonly from: number | undefined
  readonly to: number | undefined
}

export function useLogView(lines: readonly LogLine[], filter: LogsSearch, options: { readonly words: string; readonly afterSeq: number }): LogView {
  const [steps] = useState(() => ({
    base: createLineStep<LineQuery>((query) => (line) => passes(line, query)),
    time: createLineStep<TimeRange>(({ from, to }) =>
      from === undefined && to === undefined ? null : (line) => line.atMs >= (from ?? 0) && line.atMs < (to ?? Number.POSITIVE_INFINITY),
    ),
    match: createLineStep<{ readonly search: LogSearch; readonly of: TimeRange }>(({ search }) =>
      search.kind === 'ok' ? (line) => search.test(line.text) || search.test(line.module) : () => false,
    ),
  }))
  const sourcesKey = filter.node?.join() ?? ''
  const level = filter.level ?? 'debug'
  const { afterSeq } = options
  const query = useMemo<LineQuery>(
    () => ({ sources: sourcesKey === '' ? null : new Set(sourcesKey.split(',').map(Number)), level, afterSeq }),
    [sourcesKey, level, afterSeq],
  )
  const range = useMemo<TimeRange>(() => ({ of: query, from: filter.from, to: filter.to }), [query, filter.from, filter.to])
  // Typing stays ahead of a search over many lines.
  const words = useDeferredValue(options.words)
  const regex = filter.re === true
  const search = useMemo(() => compileSearch(words, regex), [words, regex])

  const matchKey = useMemo(() => ({ search, of: range }), [search, range])

  const base = steps.base(lines, query)
  const inTime = steps.time(base, range)
  const matches = steps.match(inTime, matchKey)
  const shown = filter.only === true && search.kind === 'ok' ? matches : inTime
  return { base, shown, matches, search }
}
