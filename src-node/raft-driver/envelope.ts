/**
 * What stands around a command in the log: version u8, stamp f64, origin u16, life (6 bytes), counter f64, big-endian; then
 * the command's own bytes, which nothing here reads. Origin, life and counter lead an applied entry back to its caller.
 */

/** One process run of one node: six random bytes, so that an answer never reaches a caller of another run. */
export type Life = Uint8Array

const version = 1
const stampAt = 1
const originAt = 9
const lifeAt = 11
export const lifeBytes = 6
const counterAt = lifeAt + lifeBytes
export const envelopeBytes = counterAt + 8

export interface EnvelopeHead {
  readonly origin: number
  readonly life: Life
  readonly counter: number
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Copies `payload` once, behind its head; the stamp is the leader's to set. */
export function sealEnvelope(head: EnvelopeHead, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(envelopeBytes + payload.length)
  const view = viewOf(bytes)
  bytes[0] = version
  view.setUint16(originAt, head.origin)
  bytes.set(head.life, lifeAt)
  view.setFloat64(counterAt, head.counter)
  bytes.set(payload, envelopeBytes)
  return bytes
}

/** Whether these bytes are an envelope of a version that we know. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return bytes.length >= envelopeBytes && bytes[0] === version
}

/** The leader's wall clock, ms since 1970, written in place just before the entry is appended. */
export function stampEnvelope(bytes: Uint8Array, wallMs: number): void {
  viewOf(bytes).setFloat64(stampAt, wallMs)
}

export const stampOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat64(stampAt)
export const counterOf = (bytes: Uint8Array): number => viewOf(bytes).getFloat64(counterAt)
export const payloadOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(envelopeBytes)

export const lifeOf = (bytes: Uint8Array): Life => bytes.slice(lifeAt, lifeAt + lifeBytes)

/** Whether the write was taken by this run of this node. */
export function isOfLife(bytes: Uint8Array, origin: number, life: Life): boolean {
  if (bytes[originAt] !== origin >> 8 || bytes[originAt + 1] !== (origin & 255)) return false
  for (let i = 0; i < lifeBytes; i++) if (bytes[lifeAt + i] !== life[i]) return false
  return true
}
