/**
 * Commands of named snapshots, as bytes of the Raft log, beside those of command-codec.ts and told from them by their kind; big-endian.
 *
 *   u8 version 1 · u8 kind 6 · u8 0, take: name, UTF-8 · u8 1, drop: f64 index
 *   u8 version 1 · u8 kind 7, restore, 9, with accounts: f64 index · 16 hex digits of its content hash · u8 length + source address · source user, UTF-8
 */

import type { RestoreSnapshot, SnapshotCommand } from './types.ts'

const version = 1
const kindKeep = 6
const kindRestore = 7
const kindRestoreWithAccounts = 9
const takeWord = 0
const dropWord = 1
const keepHeadBytes = 3
const hashAt = 10
const sourceAt = hashAt + 16
/** Far above what the API lets through; bounds what hostile bytes can make every node remember. */
const nameBytesMax = 256
const userBytesMax = 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const hashPattern = /^[0-9a-f]{16}$/

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Null: not UTF-8, or longer than any node believes. */
const textOf = (bytes: Uint8Array, bytesMax: number): string | null => {
  if (bytes.length > bytesMax) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

const indexAt = (bytes: Uint8Array, at: number): number | null => {
  const index = viewOf(bytes).getFloat64(at)
  return Number.isSafeInteger(index) && index > 0 ? index : null
}

const encodeRestore = ({ index, contentHash, sourceIp, sourceUser }: RestoreSnapshot): Uint8Array => {
  const ip = encoder.encode(sourceIp)
  const user = encoder.encode(sourceUser)
  const bytes = new Uint8Array(sourceAt + 1 + ip.length + user.length)
  viewOf(bytes).setFloat64(2, index)
  bytes.set(encoder.encode(contentHash).subarray(0, 16), hashAt)
  bytes[sourceAt] = ip.length
  bytes.set(ip, sourceAt + 1)
  bytes.set(user, sourceAt + 1 + ip.length)
  return bytes
}

const encodeKeep = (command: Exclude<SnapshotCommand, RestoreSnapshot>): Uint8Array => {
  const isTake = command.kind === 'take-snapshot'
  const name = isTake ? encoder.encode(command.name) : new Uint8Array(8)
  if (!isTake) viewOf(name).setFloat64(0, command.index)
  const bytes = new Uint8Array(keepHeadBytes + name.length)
  bytes[2] = isTake ? takeWord : dropWord
  bytes.set(name, keepHeadBytes)
  return bytes
}

const kindOf = (command: SnapshotCommand): number => {
  if (command.kind !== 'restore-snapshot') return kindKeep
  return command.accounts ? kindRestoreWithAccounts : kindRestore
}

/** @throws for what no node would believe: a name that is empty or too long, a hash that is none */
export const encodeSnapshotCommand = (command: SnapshotCommand): Uint8Array => {
  const bytes = command.kind === 'restore-snapshot' ? encodeRestore(command) : encodeKeep(command)
  bytes[0] = version
  bytes[1] = kindOf(command)
  if (decodeSnapshotCommand(bytes) === null) throw new Error('snapshot codec: no node would read this')
  return bytes
}

/** @param from where the command begins */
export const isSnapshotCommand = (bytes: Uint8Array, from = 0): boolean =>
  bytes[from] === version && (bytes[from + 1] === kindKeep || isRestoreKind(bytes[from + 1]))

const isRestoreKind = (kind: number | undefined): boolean => kind === kindRestore || kind === kindRestoreWithAccounts

/** Changes configurations. */
export const isRestore = (bytes: Uint8Array): boolean => bytes[0] === version && isRestoreKind(bytes[1])

const decodeKeep = (bytes: Uint8Array): SnapshotCommand | null => {
  if (bytes.length <= keepHeadBytes) return null
  if (bytes[2] === takeWord) {
    const name = textOf(bytes.subarray(keepHeadBytes), nameBytesMax)
    return name === null ? null : { kind: 'take-snapshot', name }
  }
  if (bytes[2] !== dropWord || bytes.length !== keepHeadBytes + 8) return null
  const index = indexAt(bytes, keepHeadBytes)
  return index === null ? null : { kind: 'drop-snapshot', index }
}

const decodeRestore = (bytes: Uint8Array): SnapshotCommand | null => {
  const userAt = sourceAt + 1 + (bytes[sourceAt] ?? 0)
  if (bytes.length < userAt) return null
  const index = indexAt(bytes, 2)
  const contentHash = textOf(bytes.subarray(hashAt, sourceAt), 16)
  const sourceIp = textOf(bytes.subarray(sourceAt + 1, userAt), 255)
  const sourceUser = textOf(bytes.subarray(userAt), userBytesMax)
  if (index === null || contentHash === null || !hashPattern.test(contentHash) || sourceIp === null || sourceUser === null) return null
  return { kind: 'restore-snapshot', index, contentHash, accounts: bytes[1] === kindRestoreWithAccounts, sourceIp, sourceUser }
}

/** @returns null for bytes that no version of ours wrote; never throws */
export const decodeSnapshotCommand = (bytes: Uint8Array): SnapshotCommand | null => {
  if (!isSnapshotCommand(bytes)) return null
  return bytes[1] === kindKeep ? decodeKeep(bytes) : decodeRestore(bytes)
}
