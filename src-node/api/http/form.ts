/**
 * Decoder of `application/x-www-form-urlencoded`, fed piece by piece: percent sequences go straight to bytes, so a content
 * of many MiB never becomes a string and never waits for its end to be decoded. Bytes are not judged here (see
 * parameters.ts); a broken percent sequence is. Must never throw and never keep more than its named limits.
 */

export interface Field {
  readonly name: string
  /** Decoded; empty if `overlong`. */
  readonly value: Buffer
  /** The value was longer than `valueBytesMax` and was not kept. */
  readonly overlong: boolean
}

export const noFields: readonly Field[] = []

export type FormResult = { readonly ok: true; readonly fields: readonly Field[] } | { readonly ok: false; readonly problem: string }

export interface FormDecoder {
  /** At most some 64 KiB at a time keeps a turn short (about 3 ns a byte). The piece may be reused by its owner afterwards. */
  feed(piece: Uint8Array): void
  end(): FormResult
}

/** Content may have 10 MiB (Nacos `maxContent`); nothing else comes near. */
export const valueBytesMax = 10_485_760
/** A Nacos request has fewer than twenty; the rest is somebody probing. */
const fieldsMax = 256
const nameBytesMax = 256

const percent = 0x25
const plus = 0x2b
const ampersand = 0x26
const equals = 0x3d
const blank = 0x20
const notHex = 0xff

const hexValue = new Uint8Array(256).fill(notHex)
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16)
  hexValue[text.charCodeAt(0)] = digit
  hexValue[text.toUpperCase().charCodeAt(0)] = digit
}

const noBytes = Buffer.alloc(0)

interface State {
  readonly fields: Field[]
  /** null while the name is being read. */
  name: string | null
  /** Pieces of the current name or value that earlier calls produced. */
  parts: Buffer[]
  partBytes: number
  overlong: boolean
  /** 0: none; 1: `%` seen; 2: `%` and the first digit seen, at the end of the last piece. */
  pending: 0 | 1 | 2
  pendingHigh: number
  problem: string | null
}

const keep = (state: State, bytes: Buffer): void => {
  if (bytes.length === 0 || state.overlong) return
  state.partBytes += bytes.length
  if (state.partBytes > (state.name === null ? nameBytesMax : valueBytesMax)) {
    state.overlong = true
    state.parts = []
  } else state.parts.push(bytes)
}

const takeBytes = (state: State): Buffer => {
  const { parts } = state
  const bytes = parts.length === 1 ? (parts[0] ?? noBytes) : parts.length === 0 ? noBytes : Buffer.concat(parts, state.partBytes)
  state.parts = []
  state.partBytes = 0
  return bytes
}

const endName = (state: State): void => {
  if (state.overlong) state.problem = 'a parameter name is too long'
  state.overlong = false
  state.name = takeBytes(state).toString('latin1')
}

const endField = (state: State): void => {
  if (state.name === null) {
    if (state.partBytes === 0) return
    endName(state)
  }
  if (state.fields.length >= fieldsMax) state.problem = `more than ${fieldsMax} parameters`
  else state.fields.push({ name: state.name ?? '', value: takeBytes(state), overlong: state.overlong })
  state.parts = []
  state.partBytes = 0
  state.name = null
  state.overlong = false
}

/** Finishes a percent sequence that the last piece had cut; returns how many bytes of this piece it took. */
const finishPending = (state: State, piece: Uint8Array): number => {
  let at = 0
  while (state.pending > 0 && at < piece.length) {
    const digit = hexValue[piece[at++] ?? 0] ?? notHex
    if (digit === notHex) {
      state.problem = 'a broken percent sequence'
      state.pending = 0
    } else if (state.pending === 1) {
      state.pendingHigh = digit
      state.pending = 2
    } else {
      keep(state, Buffer.from([(state.pendingHigh << 4) | digit]))
      state.pending = 0
    }
  }
  return at
}

/** Reads a percent sequence whose `%` stands at `at`; false: it is broken or cut by the end of the piece (then pending). */
const startPending = (state: State, piece: Uint8Array, at: number): void => {
  const left = piece.length - at
  const high = left > 1 ? (hexValue[piece[at + 1] ?? 0] ?? notHex) : 0
  if (high === notHex || left > 2) state.problem = 'a broken percent sequence'
  else {
    state.pending = left > 1 ? 2 : 1
    state.pendingHigh = high
  }
}

const feedPiece = (state: State, piece: Uint8Array): void => {
  const length = piece.length
  const out = Buffer.allocUnsafe(length)
  let at = state.pending > 0 ? finishPending(state, piece) : 0
  let start = 0
  let end = 0
  for (; at < length; at++) {
    const byte = piece[at] as number
    if (byte === percent) {
      const high = at + 2 < length ? (hexValue[piece[at + 1] as number] as number) : notHex
      const low = at + 2 < length ? (hexValue[piece[at + 2] as number] as number) : notHex
      if (high > 15 || low > 15) {
        startPending(state, piece, at)
        if (state.problem !== null) return
        break
      }
      out[end++] = (high << 4) | low
      at += 2
    } else if (byte === ampersand) {
      keep(state, out.subarray(start, end))
      start = end
      endField(state)
      if (state.problem !== null) return
    } else if (byte === equals && state.name === null) {
      keep(state, out.subarray(start, end))
      start = end
      endName(state)
    } else out[end++] = byte === plus ? blank : byte
  }
  keep(state, out.subarray(start, end))
}

/** A decoder of one form. Duplicate names are kept in order; names are read as Latin-1 (ours are ASCII). */
export const createFormDecoder = (): FormDecoder => {
  const state: State = { fields: [], name: null, parts: [], partBytes: 0, overlong: false, pending: 0, pendingHigh: 0, problem: null }
  return {
    feed: (piece) => {
      if (state.problem === null) feedPiece(state, piece)
    },
    end: () => {
      if (state.problem === null && state.pending > 0) state.problem = 'a broken percent sequence'
      if (state.problem === null) endField(state)
      return state.problem === null ? { ok: true, fields: state.fields } : { ok: false, problem: state.problem }
    },
  }
}

/** A whole body at once. */
export const decodeForm = (body: Uint8Array): FormResult => {
  const decoder = createFormDecoder()
  decoder.feed(body)
  return decoder.end()
}

/** A whole query string at once; raw bytes above 127 arrive from node:http as Latin-1 characters and are read as such. */
export const decodeQuery = (query: string): FormResult => decodeForm(Buffer.from(query, 'latin1'))
