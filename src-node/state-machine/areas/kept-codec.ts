/**
 * What named snapshots keep of the areas, as records of area 8: copies, many in one record, and one head a snapshot that says what is there. Owns the
 * format and nothing else. Keys are such that one snapshot's records stand together, the head first, copies in the order of area and key.
 *
 *   head    key `<index, 16 digits>` · u8 version 1 · u8 1 with accounts · varint parts · varint count of each area, 1 to 7
 *   part    key `<index, 16 digits>:<number, 8 digits>` · u8 version 1 · copies: u8 area · key · varint length · value
 */

import { beginFields, endFields, fieldsIn, isWhole, putByte, putText, putVarint, readByte, readBytes, readText, readVarint } from '../fields.ts'
import type { AreaNumber, AreaRecord } from '../types.ts'

export const keptArea = 8
const version = 1
const areaNumbers = [1, 2, 3, 4, 5, 6, 7] as const
/** Area, length, and the length of a key, at most. */
const isAreaNumber = (value: number): value is AreaNumber => areaNumbers.some((area) => area === value)

/** By area, how many records. */
export type KeptCounts = Readonly<Record<number, number>>

export interface KeptHead {
  /** Of the snapshot. */
  readonly index: number
  /** Whether users, roles and permissions are among what it brings back: always in a named one, in the way back from a restore only if that touched them. */
  readonly accounts: boolean
  readonly parts: number
  readonly counts: KeptCounts
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0')
export const headKey = (index: number): string => digits(index, 16)
/** All parts of a snapshot come after it, and before those of any other. */
export const partsPrefix = (index: number): string => `${headKey(index)}:`
export const partKey = (index: number, part: number): string => partsPrefix(index) + digits(part, 8)

export const headValue = ({ accounts, parts, counts }: KeptHead): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putByte(out, accounts ? 1 : 0)
  putVarint(out, parts)
  for (const area of areaNumbers) putVarint(out, counts[area] ?? 0)
  return endFields(out)
}

/** Null: no head, or not of a version that this one knows. */
export const headOf = ({ key, value }: Pick<AreaRecord, 'key' | 'value'>): KeptHead | null => {
  const input = fieldsIn(value)
  if (key.length !== headKey(0).length || readByte(input) !== version) return null
  const [accounts, parts] = [readByte(input) === 1, readVarint(input)]
  const counts = Object.fromEntries(areaNumbers.map((area) => [area, readVarint(input)]))
  return isWhole(input) ? { index: Number(key), accounts, parts, counts } : null
}

/** Records, one after the other, until there are enough for a part. */
export interface PartWriter {
  add(record: AreaRecord): void
  bytes(): number
  /** What was added, as the value of a part; the writer is empty then. */
  take(): Uint8Array
}

export const createPartWriter = (): PartWriter => {
  let pieces: Uint8Array[] = []
  let bytes = 0
  return {
    add: ({ area, key, value }) => {
      const out = beginFields()
      putByte(out, area)
      putText(out, key)
      putVarint(out, value.length)
      const head = endFields(out)
      pieces.push(head, value)
      bytes += head.length + value.length
    },
    bytes: () => bytes,
    take: () => {
      const whole = new Uint8Array(1 + bytes)
      whole[0] = version
      let at = 1
      for (const piece of pieces) {
        whole.set(piece, at)
        at += piece.length
      }
      pieces = []
      bytes = 0
      return whole
    },
  }
}

/** The copies in a part, as views of it. Null: no version of ours wrote it. */
export const copiesIn = (value: Uint8Array): readonly AreaRecord[] | null => {
  const input = fieldsIn(value)
  if (readByte(input) !== version) return null
  const copies: AreaRecord[] = []
  while (!input.bad && input.at < value.length) {
    const area = readByte(input)
    const key = readText(input, readVarint(input))
    const copy = readBytes(input, readVarint(input))
    if (isAreaNumber(area)) copies.push({ area, key, value: copy })
  }
  return input.bad ? null : copies
}

const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** Below zero: `a` stands before `b` in a store, which orders keys by their bytes in UTF-8. */
export const compareRecords = (a: Pick<AreaRecord, 'area' | 'key'>, b: Pick<AreaRecord, 'area' | 'key'>): number => {
  if (a.area !== b.area) return a.area - b.area
  const length = Math.min(a.key.length, b.key.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(a.key.charCodeAt(at)) - rank(b.key.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.key.length - b.key.length
}
