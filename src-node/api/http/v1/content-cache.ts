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
  /** `load` gives undefined when the store does not have the row. */
  get(row: ConfigIndexRow, load: (row: ConfigIndexRow) => CachedContent | undefined): CachedContent | undefined
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
    get: (row, load) => {
      const found = entries.get(row.id)
      if (found !== undefined && found.index === row.index) {
        if (bytes > bytesMax / 2) {
          entries.delete(row.id)
          entries.set(row.id, found)
        }
        return found
      }
      if (found !== undefined) drop(row.id, found)
      const loaded = load(row)
      if (loaded === undefined || loaded.body.length > bytesMax / shareOfOne) return loaded
      entries.set(row.id, { ...loaded, index: row.index })
      bytes += loaded.body.length + overheadBytes
      evict()
      return loaded
    },
  }
}
