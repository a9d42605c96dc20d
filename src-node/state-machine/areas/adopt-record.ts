/**
 * The command that takes over a record of a shared database, as bytes beside those of attach-codec.ts and told from them by its kind. Decoding never
 * throws; the value is a view of the bytes.
 *
 *   u8 version 1 · u8 kind 10 · u8 area · u8 flags (1 replaces a record, 2 has a value) · f64 high, f64 low of what it replaces · key · value to the end
 */

import { beginFields, endFields, fieldsIn, putByte, putNumber, putText, readByte, readNumber, readTexts } from '../fields.ts'
import type { AreaNumber } from '../types.ts'
import type { AdoptRecord } from './shared-words.ts'

const version = 1
const kind = 10
const replaces = 1
const hasValue = 2

export const isAdoptRecord = (bytes: Uint8Array): boolean => bytes[1] === kind

export const encodeAdoptRecord = ({ area, key, expected, value }: AdoptRecord): Uint8Array => {
  const out = beginFields()
  for (const byte of [version, kind, area, (expected === null ? 0 : replaces) + (value === null ? 0 : hasValue)]) putByte(out, byte)
  putNumber(out, expected?.high ?? 0)
  putNumber(out, expected?.low ?? 0)
  putText(out, key)
  const head = endFields(out)
  if (value === null) return head
  const bytes = new Uint8Array(head.length + value.length)
  bytes.set(head)
  bytes.set(value, head.length)
  return bytes
}

const isLane = (number: number): boolean => Number.isInteger(number) && number === (number | 0)

/** @returns null for bytes that no version of ours wrote */
export const decodeAdoptRecord = (bytes: Uint8Array): AdoptRecord | null => {
  const input = fieldsIn(bytes, 2)
  const area = readByte(input)
  const flags = readByte(input)
  const [high, low] = [readNumber(input), readNumber(input)]
  const [key = ''] = readTexts(input, 1)
  if (input.bad || bytes[0] !== version || area < 1 || area > 7 || flags > (replaces | hasValue) || !isLane(high) || !isLane(low)) return null
  const rest = bytes.subarray(input.at)
  if ((flags & hasValue) === 0 && rest.length > 0) return null
  return {
    ...{ area: area as AreaNumber, key },
    expected: (flags & replaces) === 0 ? null : { high, low },
    value: (flags & hasValue) === 0 ? null : rest,
  }
}
