/**
 * The one command that no client sends: rows of history that are to go, by their numbers. Kind 5 of the command format (command-codec.ts),
 * big-endian: u8 version 1 · u8 kind 3 · f64 cutoff, ms since 1970 · u16 rows · one f64 a row, ascending.
 *
 * The leader names the rows instead of a rule, since a rule would need an index over history that every write of every node pays for. A row that
 * may go stays one that may go: it has enough newer ones of its configuration, and none of those is ever taken before it.
 */

import type { PruneHistory } from './types.ts'

const version = 1
const kindPrune = 3
const cutoffAt = 2
const countAt = cutoffAt + 8
const headBytes = countAt + 2

/** Rows of one command: what every node can take away in a few milliseconds. */
export const prunedRowsMax = 1000

/** @throws for rows that no node would believe: none, too many, or not ascending */
export const encodePrune = ({ cutoffMs, nids }: PruneHistory): Uint8Array => {
  const bytes = new Uint8Array(headBytes + nids.length * 8)
  const view = new DataView(bytes.buffer)
  bytes[0] = version
  bytes[1] = kindPrune
  view.setFloat64(cutoffAt, cutoffMs)
  view.setUint16(countAt, nids.length)
  for (const [at, nid] of nids.entries()) view.setFloat64(headBytes + at * 8, nid)
  if (decodePrune(bytes) === null) throw new Error('prune codec: these are no rows to take away')
  return bytes
}

/** @param from where the command begins */
export const isPrune = (bytes: Uint8Array, from = 0): boolean => bytes[from] === version && bytes[from + 1] === kindPrune

/** @returns null for bytes that are none of ours; never throws */
export const decodePrune = (bytes: Uint8Array): PruneHistory | null => {
  if (!isPrune(bytes) || bytes.length < headBytes) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cutoffMs = view.getFloat64(cutoffAt)
  const count = view.getUint16(countAt)
  if (!Number.isSafeInteger(cutoffMs) || count === 0 || count > prunedRowsMax || bytes.length !== headBytes + count * 8) return null
  const nids: number[] = []
  let last = 0
  for (let at = headBytes; at < bytes.length; at += 8) {
    const nid = view.getFloat64(at)
    if (!Number.isSafeInteger(nid) || nid <= last) return null
    nids.push(nid)
    last = nid
  }
  return { kind: 'prune-history', cutoffMs, nids }
}
