/**
 * Commands of attaching a database, as bytes of the Raft log, beside those of command-codec.ts and told from them by their kind. Decoding never
 * throws, whatever the bytes.
 *
 *   u8 version 1 · u8 kind · kind 4, adopt: f64 id, f64 created, f64 modified, then a whole publish command · kind 5, raise ids: f64 id, f64 history id
 *   · kind 8, adopt a change: f64 as of, f64 id, f64 created, f64 modified, then a whole publish or delete command
 */

import { decodeCommand, encodeCommand } from './command-codec.ts'
import type { AdoptChange, AttachCommand } from './types.ts'

const version = 1
const kindAdopt = 4
const kindRaise = 5
const kindChange = 8
const headBytes = 2
const numberBytes = 8

const withNumbers = (kind: number, numbers: readonly number[], rest: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(headBytes + numbers.length * numberBytes + rest.length)
  const view = new DataView(bytes.buffer)
  bytes[0] = version
  bytes[1] = kind
  for (const [at, number] of numbers.entries()) view.setFloat64(headBytes + at * numberBytes, number)
  bytes.set(rest, headBytes + numbers.length * numberBytes)
  return bytes
}

export const encodeAttach = (command: AttachCommand): Uint8Array => {
  switch (command.kind) {
    case 'adopt-config':
      return withNumbers(kindAdopt, [command.id, command.createdMs, command.modifiedMs], encodeCommand(command.row))
    case 'adopt-change':
      return withNumbers(kindChange, [command.asOf, command.id, command.createdMs, command.modifiedMs], encodeCommand(command.row))
    case 'raise-ids':
      return withNumbers(kindRaise, [command.configId, command.historyId], new Uint8Array(0))
  }
}

export const isAttach = (bytes: Uint8Array): boolean => bytes[1] === kindAdopt || bytes[1] === kindRaise || bytes[1] === kindChange

/** Null: too short, or not all of them are whole numbers that can be counted on from. */
const numbersOf = (bytes: Uint8Array, count: number): readonly number[] | null => {
  if (bytes.length < headBytes + count * numberBytes) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = Array.from({ length: count }, (_, at) => view.getFloat64(headBytes + at * numberBytes))
  return numbers.every((number) => Number.isSafeInteger(number + 1) && Number.isInteger(number) && number >= 0) ? numbers : null
}

const decodeChange = (bytes: Uint8Array): AdoptChange | null => {
  const [asOf, id, createdMs, modifiedMs] = numbersOf(bytes, 4) ?? []
  if (asOf === undefined || id === undefined || createdMs === undefined || modifiedMs === undefined) return null
  const row = decodeCommand(bytes.subarray(headBytes + 4 * numberBytes))
  return row === null ? null : { kind: 'adopt-change', asOf, id, createdMs, modifiedMs, row }
}

/** @returns null for bytes that no version of ours wrote; the content is a view of `bytes`. */
export const decodeAttach = (bytes: Uint8Array): AttachCommand | null => {
  if (bytes[0] !== version) return null
  if (bytes[1] === kindChange) return decodeChange(bytes)
  if (bytes[1] === kindRaise) {
    const [configId, historyId] = numbersOf(bytes, 2) ?? []
    const whole = configId !== undefined && historyId !== undefined && bytes.length === headBytes + 2 * numberBytes
    return whole ? { kind: 'raise-ids', configId, historyId } : null
  }
  const [id, createdMs, modifiedMs] = numbersOf(bytes, 3) ?? []
  if (bytes[1] !== kindAdopt || id === undefined || createdMs === undefined || modifiedMs === undefined) return null
  const row = decodeCommand(bytes.subarray(headBytes + 3 * numberBytes))
  return row?.kind === 'publish-config' ? { kind: 'adopt-config', id, createdMs, modifiedMs, row } : null
}
