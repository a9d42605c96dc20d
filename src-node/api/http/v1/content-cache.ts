/**
 * The contents read last, with their answer's headers made up once. An entry is found by row id and Raft index together, so
 * it can never be stale. Bounded in bytes; a large content is never kept.
 */

import type { ConfigIndexRow } from '../../../state-machine/types.ts'

export interface CachedContent {
  /** Bytes; as a string, one character stands for one byte (Latin-1). */
  readonly body: Uint8Array | string
  /** Flat list for `writeHead`. */
  readonly headers: readonly string[]
}

interface Entry extends CachedContent {
  readonly index: number
}

/** One entry takes an eighth of the cache at most. */
const shareOfOne = 8
/** Headers, map entry and object, in bytes. */
const overheadBytes = 800

export interface ContentCache {
  find(row: ConfigIndexRow): CachedContent | undefined
  /** Call with what was read from the store for `row`, and found to be what was written. */
  keep(row: ConfigIndexRow, content: CachedContent): void
}

export const createContentCache = (bytesMax: number): ContentCache => {
  /** Oldest first. As long as half of the room is free a hit is not moved to the end: two map operations less on the hot path. */
  const entries = new Map<number, Entry>()
  let bytes = 0
  const drop = (id: number, entry: Entry): void => {
    entries.delete(id)
    bytes -= entry.body.length + overheadBytes
  }
  const evict = (): void => {
    for (const [id, entry] of entries) {
      if (bytes <= bytesMax) return
      drop(id, entry)
    }
  }
  return {
    find: (row) => {
      const found = entries.get(row.id)
      if (found !== undefined && found.index === row.index) {
        if (bytes > bytesMax / 2) {
          entries.delete(row.id)
          entries.set(row.id, found)
        }
        return found
      }
      return undefined
    },
    keep: (row, content) => {
      const before = entries.get(row.id)
      // A large content is checked over several turns; a newer one may have been quicker.
      if (before !== undefined && before.index > row.index) return
      if (before !== undefined) drop(row.id, before)
      if (content.body.length > bytesMax / shareOfOne) return
      entries.set(row.id, { ...content, index: row.index })
      bytes += content.body.length + overheadBytes
      evict()
    },
  }
}
