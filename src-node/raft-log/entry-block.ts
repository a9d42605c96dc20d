/**
 * Consecutive entries as the bytes of one row, and back: each entry's head (kind, length, term), then its data, one after the other, under one
 * checksum that binds their place in the log too. It must never hand out an entry of a block whose checksum it has not compared.
 */

import { type Entry, type EntryKind, logIndex, term } from '../raft/types.ts'
import { checksumOf } from './row-checksum.ts'

export interface EntryBlock {
  readonly first: number
  readonly last: number
  readonly checksum: number
  readonly data: Buffer
}

/** Takes the columns of one block. `data` is only good until it returns. */
export type TakeBlock = (first: number, last: number, checksum: number, data: Buffer) => void

/** A larger entry stands alone. Whoever reads one entry reads all of its block, so that one must not be long. */
export const blockBytesMax = 64 * 1024

/** Order is format: only ever append. */
const kinds: readonly EntryKind[] = ['noop', 'command', 'config']
export const kindNumberOf = (kind: EntryKind): number => kinds.indexOf(kind)
export const kindOf = (kindNumber: number): EntryKind | undefined => kinds[kindNumber]

/** Kind (1 byte), length of the data (4), term (8). All of it is format. */
const headBytes = 13
const lengthAt = 1
const termAt = 5
/** No entry has this kind, so that the checksum of no other row of the log can pass for a block's. */
const blockMark = -3
const blockChecksum = (first: number, last: number, data: Buffer): number => checksumOf([first, last, blockMark], data)

/** @returns where the next one goes */
const put = (target: Buffer, at: number, { kind, term: ofTerm, data }: Entry): number => {
  target[at] = kindNumberOf(kind)
  target.writeUInt32LE(data.length, at + lengthAt)
  target.writeDoubleLE(ofTerm, at + termAt)
  target.set(data, at + headBytes)
  return at + headBytes + data.length
}

/** What it returns packs consecutive entries into as few blocks as their sizes allow, in one pass and, but for large ones, in the same memory each time. */
export const createBlockPacker = (): ((entries: readonly Entry[], take: TakeBlock) => void) => {
  const scratch = Buffer.allocUnsafe(blockBytesMax)
  return (entries, take) => {
    let first = entries[0]?.index ?? 0
    let next: number = first
    let used = 0
    const finish = (): void => {
      if (used === 0) return
      const data = scratch.subarray(0, used)
      take(first, next - 1, blockChecksum(first, next - 1, data), data)
      used = 0
    }
    for (const entry of entries) {
      const size = headBytes + entry.data.length
      if (used + size > blockBytesMax) finish()
      if (used === 0) first = entry.index
      next = entry.index + 1
      if (size <= blockBytesMax) used = put(scratch, used, entry)
      else {
        const alone = Buffer.allocUnsafe(size)
        put(alone, 0, entry)
        take(entry.index, entry.index, blockChecksum(entry.index, entry.index, alone), alone)
      }
    }
    finish()
  }
}

/**
 * Verifies all of the block, then hands out its entries from `from` to `to` until `take` answers false. Their data are views into the block's.
 * @returns whether it is sound; what was handed out of one that is not must not be used.
 */
export const unpackBlock = (block: EntryBlock, range: { readonly from: number; readonly to: number }, take: (entry: Entry) => boolean): boolean => {
  const { first, last, data } = block
  if (blockChecksum(first, last, data) !== block.checksum) return false
  const end = Math.min(last, range.to)
  let at = 0
  for (let index = first; index <= end; index++) {
    if (at + headBytes > data.length) return false
    const kind = kindOf(data[at] ?? -1)
    const next = at + headBytes + data.readUInt32LE(at + lengthAt)
    if (kind === undefined || next > data.length) return false
    if (index >= range.from) {
      const entry = { term: term(data.readDoubleLE(at + termAt)), index: logIndex(index), kind, data: data.subarray(at + headBytes, next) }
      if (!take(entry)) return true
    }
    at = next
  }
  return end < last || at === data.length
}

/** The same block without its entries from `index` on, of which it keeps at least one; null if it is damaged. */
export const cutBlock = (block: EntryBlock, index: number): EntryBlock | null => {
  let bytes = 0
  const count = (entry: Entry): boolean => {
    bytes += headBytes + entry.data.length
    return true
  }
  const last = index - 1
  if (!unpackBlock(block, { from: block.first, to: last }, count)) return null
  const data = block.data.subarray(0, bytes)
  return { first: block.first, last, checksum: blockChecksum(block.first, last, data), data }
}
