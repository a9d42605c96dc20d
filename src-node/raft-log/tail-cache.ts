/**
 * The newest entries of the log in memory, bounded by bytes; the newest one is always kept, however large.
 * It holds what is on disk and nothing else.
 */

import type { Entry } from '../raft/types.ts'

export interface TailCache {
  readonly bytesMax: number
  at(index: number): Entry | undefined
  /** At least one entry, then up to `bytesMax` of data; null if `from` is no longer (or not) held. */
  range(range: { readonly from: number; readonly to: number; readonly bytesMax: number }): readonly Entry[] | null
  /** Everything from `entries[0].index` on becomes `entries`. */
  replaceFrom(entries: readonly Entry[]): void
  clear(): void
}

/** An entry's objects beside its data, about. */
const entryOverheadBytes = 160

export const createTailCache = (bytesMax: number): TailCache => {
  /** `held[head..]` are consecutive entries; what lies before `head` is given up and cut off now and then. */
  let held: (Entry | undefined)[] = []
  let head = 0
  let bytes = 0

  const firstIndex = (): number => held[head]?.index ?? 0
  const cost = (entry: Entry | undefined): number => (entry ? entry.data.length + entryOverheadBytes : 0)
  const at = (index: number): Entry | undefined => (head < held.length && index >= firstIndex() ? held[head + index - firstIndex()] : undefined)

  const cutFrom = (index: number): void => {
    while (held.length > head && (held.at(-1)?.index ?? 0) >= index) bytes -= cost(held.pop())
  }

  const shrink = (): void => {
    while (bytes > bytesMax && held.length - head > 1) {
      bytes -= cost(held[head])
      held[head++] = undefined
    }
    if (head <= held.length / 2) return
    held = held.slice(head)
    head = 0
  }

  return {
    bytesMax,
    at,
    range: (range) => {
      if (!at(range.from)) return null
      const found: Entry[] = []
      let sum = 0
      for (let index = range.from; index <= range.to; index++) {
        const entry = at(index)
        if (!entry) break
        sum += entry.data.length
        if (found.length > 0 && sum > range.bytesMax) break
        found.push(entry)
      }
      return found
    },
    replaceFrom: (entries) => {
      const from = entries[0]?.index
      if (from === undefined) return
      cutFrom(from)
      for (const entry of entries) {
        held.push(entry)
        bytes += cost(entry)
      }
      shrink()
    },
    clear: () => {
      held = []
      head = 0
      bytes = 0
    },
  }
}
