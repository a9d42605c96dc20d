/**
 * The fields that commands and records are written of: numbers, texts with their length in front, lists. Reading never throws and never goes beyond the
 * bytes: what cannot be read marks its reader as bad, which is looked at once at the end.
 */

const utf8Encoder = new TextEncoder()
/** Without `ignoreBOM` a leading U+FEFF of a name would vanish. */
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const varintBytes = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5)

/** As TextEncoder counts: a lone surrogate becomes U+FFFD, three bytes. */
export const utf8Bytes = (text: string): number => {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else {
      bytes += 2
      if (unit >= 0xd800 && unit < 0xdc00) {
        const next = text.charCodeAt(at + 1)
        if (next >= 0xdc00 && next < 0xe000) at++
      }
    }
  }
  return bytes
}

export interface FieldWriter {
  bytes: Uint8Array
  at: number
}

export const writeVarint = (out: FieldWriter, value: number): void => {
  let rest = value
  while (rest >= 0x80) {
    out.bytes[out.at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out.bytes[out.at++] = rest
}

/** `size` is what `utf8Bytes` gave; equal to the length, the text is ASCII and a plain loop beats the encoder. */
export const writeText = (out: FieldWriter, text: string, size: number): void => {
  if (size === text.length) for (let at = 0; at < size; at++) out.bytes[out.at + at] = text.charCodeAt(at)
  else utf8Encoder.encodeInto(text, out.bytes.subarray(out.at, out.at + size))
  out.at += size
}

export interface FieldReader {
  readonly bytes: Uint8Array
  at: number
  /** Once true, every further read gives nothing; looked at once at the end. */
  bad: boolean
}

export const readByte = (input: FieldReader): number => {
  const value = input.bytes[input.at++]
  if (value === undefined) input.bad = true
  return value ?? 0
}

export const readVarint = (input: FieldReader): number => {
  let value = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = readByte(input)
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  input.bad = true
  return 0
}

export const readBytes = (input: FieldReader, length: number): Uint8Array => {
  if (input.bad || length > input.bytes.length - input.at) {
    input.bad = true
    return new Uint8Array(0)
  }
  input.at += length
  return input.bytes.subarray(input.at - length, input.at)
}

const shortTextMax = 64
/** One list per length, reused: `fromCharCode` makes a flat string of it at once, where adding letter by letter makes a chain of 32 bytes each. */
const letterLists: readonly number[][] = Array.from({ length: shortTextMax + 1 }, (_, length) => new Array<number>(length).fill(0))

/** Short ASCII text, the usual case, without a call into the decoder; null if it is neither. */
const readShortAscii = (input: FieldReader, length: number): string | null => {
  const { bytes, at } = input
  const letters = letterLists[length]
  if (letters === undefined || length > bytes.length - at) return null
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] ?? 0x80
    if (byte >= 0x80) return null
    letters[i] = byte
  }
  input.at += length
  return String.fromCharCode.apply(null, letters)
}

export const readText = (input: FieldReader, length: number): string => {
  if (length === 0 || input.bad) return ''
  const ascii = readShortAscii(input, length)
  if (ascii !== null) return ascii
  const bytes = readBytes(input, length)
  try {
    return utf8Decoder.decode(bytes)
  } catch {
    input.bad = true
    return ''
  }
}

export const readTexts = (input: FieldReader, count: number): string[] => {
  const texts: string[] = []
  for (let at = 0; at < count && !input.bad; at++) texts.push(readText(input, readVarint(input)))
  return texts
}

export const readOptionalText = (input: FieldReader): string | null => {
  const prefix = readVarint(input)
  return prefix === 0 ? null : readText(input, prefix - 1)
}

/** A double, big-endian. */
export const readNumber = (input: FieldReader): number => {
  const bytes = readBytes(input, 8)
  return bytes.length < 8 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
}

/** As an own member each, whatever its name. */
export const readMap = (input: FieldReader): Readonly<Record<string, string>> => {
  const count = readVarint(input)
  if (count === 0) return noEntries
  const entries: [string, string][] = []
  for (let at = 0; at < count && !input.bad; at++) entries.push([readText(input, readVarint(input)), readText(input, readVarint(input))])
  return Object.fromEntries(entries)
}
const noEntries = Object.freeze({})

/** Whether all of it was read, and nothing beyond. */
export const isWhole = (input: FieldReader): boolean => !input.bad && input.at === input.bytes.length

export const fieldsIn = (bytes: Uint8Array, at = 0): FieldReader => ({ bytes, at, bad: false })

/**
 * Writing without knowing the length before: one buffer for all, since nobody writes two at a time. `begin`, the fields, `end`.
 * Records and commands are built for every write, so nothing is allocated but the bytes that come out.
 */
const shared: FieldWriter = { bytes: new Uint8Array(4096), at: 0 }
/** A buffer that had to grow beyond it is not kept. */
const keptBytesMax = 1024 * 1024

const makeRoom = (out: FieldWriter, bytes: number): void => {
  if (out.at + bytes <= out.bytes.length) return
  const grown = new Uint8Array(Math.max(out.bytes.length * 2, out.at + bytes))
  grown.set(out.bytes.subarray(0, out.at))
  out.bytes = grown
}

export const beginFields = (): FieldWriter => {
  shared.at = 0
  return shared
}

/** @returns fresh bytes of their own */
export const endFields = (out: FieldWriter): Uint8Array => {
  const bytes = out.bytes.slice(0, out.at)
  if (out.bytes.length > keptBytesMax) out.bytes = new Uint8Array(4096)
  return bytes
}

export const putByte = (out: FieldWriter, value: number): void => {
  makeRoom(out, 1)
  out.bytes[out.at++] = value
}

/** A whole number from 0 to 2^32 - 1. */
export const putVarint = (out: FieldWriter, value: number): void => {
  makeRoom(out, 5)
  writeVarint(out, value)
}

/** Any number, in 8 bytes. */
export const putNumber = (out: FieldWriter, value: number): void => {
  makeRoom(out, 8)
  new DataView(out.bytes.buffer).setFloat64(out.at, value)
  out.at += 8
}

export const putText = (out: FieldWriter, text: string): void => {
  const size = utf8Bytes(text)
  makeRoom(out, size + 5)
  writeVarint(out, size)
  writeText(out, text, size)
}

export const putMap = (out: FieldWriter, map: Readonly<Record<string, string>>): void => {
  const names = Object.keys(map)
  putVarint(out, names.length)
  for (const name of names) {
    putText(out, name)
    putText(out, map[name] ?? '')
  }
}
