/**
 * The log as the core sees it: what is durable (StableLog) and a window of recent entries in memory, as one.
 * The window always reaches to the end of the log and holds everything that is not yet persisted, so entries on disk that
 * a new leader has overruled are never seen. It never cuts below the commit index; the caller asserts that.
 */

import { broken } from './invariant.ts'
import { type Entry, type EntryKind, type LogBase, logIndex, type StableLog, type Term, term } from './types.ts'

interface WindowLimits {
  readonly windowEntriesMax: number
  readonly windowBytesMax: number
}

export interface LogView {
  firstIndex(): number
  lastIndex(): number
  lastTerm(): Term
  /** Known just before the first kept entry too (term 0 at index 0); null below that or beyond the end. */
  termAt(index: number): Term | null
  /** Adds entries of the leader's own term at the end. */
  extend(ofTerm: Term, kind: EntryKind, data: readonly Uint8Array[]): void
  /** Replaces everything from `entries[0].index` on (a follower's conflicting or new tail). */
  replaceTail(entries: readonly Entry[]): void
  /** Nothing of the log is left: it goes on after `base`, also before the disk knows that. */
  restoreTo(base: LogBase): void
  /** Consecutive entries, at least one, then limited by count and bytes. */
  entries(from: number, to: number, limits: { readonly count: number; readonly bytes: number }): readonly Entry[]
  /** Largest index <= `index` whose term is <= `ofTerm`, as far as terms are known: where two logs may agree (thesis 5.3). */
  lastIndexAtOrBelowTerm(index: number, ofTerm: number): number
  /** From here on entries are in memory; what comes before is read from the disk. */
  windowFirst(): number
  persistedIndex(): number
  /** Entries that the next synced transaction must hold. */
  unpersisted(): readonly Entry[]
  /** All of it is on disk now; beyond the window's limits it is read from there, applied or not. */
  markPersisted(): void
}

const noEntries: readonly Entry[] = []

/** Over `stable` as it was at start; from then on only this view decides what is written to it. */
export function createLogView(stable: StableLog, limits: WindowLimits): LogView {
  let window: Entry[] = []
  let windowFirst = stable.lastIndex() + 1
  let windowBytes = 0
  let persisted: number = stable.lastIndex()
  /** What a snapshot stands for, until the disk says the same. */
  let restored: LogBase | null = null
  let lastTermKnown = stable.lastIndex() === 0 ? term(0) : (stable.termAt(stable.lastIndex()) ?? broken('the log has no term at its last index'))

  const lastIndex = () => windowFirst + window.length - 1
  const push = (entry: Entry) => {
    if (entry.term < lastTermKnown) broken(`log term falls from ${lastTermKnown} to ${entry.term} at ${entry.index}`)
    window.push(entry)
    windowBytes += entry.data.length
    lastTermKnown = entry.term
  }
  const termAt = (index: number): Term | null => {
    if (index >= windowFirst) return window[index - windowFirst]?.term ?? null
    if (restored !== null && index <= restored.index) return index === restored.index ? restored.term : null
    return stable.termAt(logIndex(index))
  }
  /** Only of what is on disk. Not of what is applied: a full state store must not make the log pile up in memory. */
  const trim = () => {
    const slackEntries = limits.windowEntriesMax * 1.5
    const slackBytes = limits.windowBytesMax * 1.5
    if (window.length <= slackEntries && windowBytes <= slackBytes) return
    let drop = 0
    let bytes = windowBytes
    while (drop < window.length && (window.length - drop > limits.windowEntriesMax || bytes > limits.windowBytesMax)) {
      bytes -= (window[drop] as Entry).data.length
      drop++
    }
    window.splice(0, drop)
    windowFirst += drop
    windowBytes = bytes
  }
  const sumBytes = (entries: readonly Entry[]) => entries.reduce((sum, entry) => sum + entry.data.length, 0)

  return {
    firstIndex: () => Math.max(stable.firstIndex(), (restored?.index ?? 0) + 1),
    lastIndex,
    lastTerm: () => lastTermKnown,
    termAt,
    extend(ofTerm, kind, data) {
      for (const bytes of data) push({ term: ofTerm, index: logIndex(lastIndex() + 1), kind, data: bytes })
    },
    replaceTail(entries) {
      const first = entries[0]?.index ?? broken('an empty tail replaces nothing')
      if (first > lastIndex() + 1) broken(`entry ${first} would leave a gap after ${lastIndex()}`)
      if (first <= lastIndex()) {
        if (first >= windowFirst) windowBytes -= sumBytes(window.splice(first - windowFirst))
        else {
          window = []
          windowFirst = first
          windowBytes = 0
        }
        persisted = Math.min(persisted, first - 1)
        lastTermKnown = termAt(first - 1) ?? broken(`no term known at ${first - 1}, just before a new tail`)
      }
      for (const entry of entries) push(entry)
    },
    restoreTo(base) {
      restored = base
      window = []
      windowFirst = base.index + 1
      windowBytes = 0
      persisted = base.index
      lastTermKnown = base.term
    },
    entries(from, to, { count, bytes }) {
      const end = Math.min(to, from + count - 1)
      if (from > end) return noEntries
      if (from < windowFirst) return stable.entries(logIndex(from), logIndex(Math.min(end, windowFirst - 1)), bytes)
      let stop = from - windowFirst
      let total = window[stop]?.data.length ?? broken(`entry ${from} is beyond the log`)
      stop++
      while (stop <= end - windowFirst) {
        total += window[stop]?.data.length ?? broken(`entry ${windowFirst + stop} is beyond the log`)
        if (total > bytes) break
        stop++
      }
      return window.slice(from - windowFirst, stop)
    },
    lastIndexAtOrBelowTerm(index, ofTerm) {
      let at = Math.min(index, lastIndex())
      while (at > 0) {
        const here = termAt(at)
        if (here === null || here <= ofTerm) break
        at--
      }
      return at
    },
    windowFirst: () => windowFirst,
    persistedIndex: () => persisted,
    unpersisted: () => (persisted === lastIndex() ? noEntries : window.slice(persisted + 1 - windowFirst)),
    markPersisted() {
      // From here on the disk says where the log begins, and it may cut more.
      restored = null
      persisted = lastIndex()
      trim()
    },
  }
}
