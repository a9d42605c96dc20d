/**
 * Commands as bytes of the Raft log: version, kind, then length-prefixed fields. Owns the format and nothing else.
 * Decoding never throws, whatever the bytes; contents are neither decoded to text nor copied (the decoded content is a
 * view of the payload).
 *
 *   u8 version · u8 kind (1 publish, 2 delete; 3 is that of prune-codec.ts, 4 and 5 are those of attach-codec.ts) · version 2 only: u8 length + request id, ASCII
 *   · publish only: u8 type, varint tags (0 not given, else number + 1)
 *   · texts, each varint length + UTF-8 (`expectedMd5`: 0 for none, else length + 1) · publish only: varint length + content
 *
 * A command without a request id is version 1, byte for byte as it always was; with one it is version 2.
 */

import { isRequestId } from './request-table.ts'
import { isRestore } from './snapshot-codec.ts'
import type { Command, ConfigType, DeleteConfig, PublishConfig } from './types.ts'

const plainVersion = 1
const withRequestId = 2
const kindPublish = 1
const kindDelete = 2
/** Far above what the API lets through (a tag list is a few words); only bounds what hostile bytes can make us allocate. */
const tagsMax = 4096

/** Order is format: only ever append. */
const configTypes: readonly ConfigType[] = ['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset']

const utf8Encoder = new TextEncoder()
/** Without `ignoreBOM` a leading U+FEFF of a name would vanish. */
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const varintBytes = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5)

/** As TextEncoder counts: a lone surrogate becomes U+FFFD, three bytes. */
const utf8Bytes = (text: string): number => {
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

interface Writer {
  readonly bytes: Uint8Array
  at: number
}

const writeVarint = (out: Writer, value: number): void => {
  let rest = value
  while (rest >= 0x80) {
    out.bytes[out.at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out.bytes[out.at++] = rest
}

/** `size` is what `utf8Bytes` gave; equal to the length, the text is ASCII and a plain loop beats the encoder. */
const writeText = (out: Writer, text: string, size: number): void => {
  if (size === text.length) for (let at = 0; at < size; at++) out.bytes[out.at + at] = text.charCodeAt(at)
  else utf8Encoder.encodeInto(text, out.bytes.subarray(out.at, out.at + size))
  out.at += size
}

/** Texts in the order of the format; `null` stands for "absent", told apart from `''` by a length of one more. */
const fieldsOf = (command: Command): readonly (string | null)[] => {
  const { namespace, group, dataId, expectedMd5, sourceIp, sourceUser } = command
  if (command.kind === 'delete-config') return [namespace, group, dataId, sourceIp, sourceUser, expectedMd5]
  const { md5, appName, description, encryptedDataKey, tags } = command
  return [namespace, group, dataId, sourceIp, sourceUser, expectedMd5, md5, appName, description, encryptedDataKey, ...(tags ?? []).slice(0, tagsMax)]
}

/** Position of the one optional text in `fieldsOf`. */
const optionalField = 5

/**
 * @returns fresh bytes that share nothing with the command; the content is copied once
 * @throws for a request id that is none (`isRequestId`): no node would read the command
 */
export const encodeCommand = (command: Command): Uint8Array => {
  const fields = fieldsOf(command)
  const sizes = fields.map((text) => (text === null ? 0 : utf8Bytes(text)))
  const publish = command.kind === 'publish-config' ? command : null
  const prefix = (at: number): number => (at === optionalField ? (fields[at] === null ? 0 : (sizes[at] ?? 0) + 1) : (sizes[at] ?? 0))
  const { requestId } = command
  let total = publish ? 3 + varintBytes(tagsPrefix(publish)) + varintBytes(publish.content.length) + publish.content.length : 2
  if (requestId !== undefined) {
    if (!isRequestId(requestId)) throw new Error('command codec: this is no request id')
    total += 1 + requestId.length
  }
  for (let at = 0; at < fields.length; at++) total += varintBytes(prefix(at)) + (sizes[at] ?? 0)
  const out: Writer = { bytes: new Uint8Array(total), at: 0 }
  out.bytes[out.at++] = requestId === undefined ? plainVersion : withRequestId
  out.bytes[out.at++] = publish ? kindPublish : kindDelete
  if (requestId !== undefined) {
    out.bytes[out.at++] = requestId.length
    writeText(out, requestId, requestId.length)
  }
  if (publish) {
    out.bytes[out.at++] = Math.max(0, configTypes.indexOf(publish.type))
    writeVarint(out, tagsPrefix(publish))
  }
  for (let at = 0; at < fields.length; at++) {
    writeVarint(out, prefix(at))
    writeText(out, fields[at] ?? '', sizes[at] ?? 0)
  }
  if (publish) {
    writeVarint(out, publish.content.length)
    out.bytes.set(publish.content, out.at)
  }
  return out.bytes
}

/** 0 = tags not given, else their number + 1. */
const tagsPrefix = (command: PublishConfig): number => (command.tags === null ? 0 : Math.min(command.tags.length, tagsMax) + 1)

interface Reader {
  readonly bytes: Uint8Array
  at: number
  /** Once true, every further read gives nothing; looked at once at the end. */
  bad: boolean
}

const readByte = (input: Reader): number => {
  const value = input.bytes[input.at++]
  if (value === undefined) input.bad = true
  return value ?? 0
}

const readVarint = (input: Reader): number => {
  let value = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = readByte(input)
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  input.bad = true
  return 0
}

const readBytes = (input: Reader, length: number): Uint8Array => {
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
const readShortAscii = (input: Reader, length: number): string | null => {
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

const readText = (input: Reader, length: number): string => {
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

const readTexts = (input: Reader, count: number): string[] => {
  const texts: string[] = []
  for (let at = 0; at < count && !input.bad; at++) texts.push(readText(input, readVarint(input)))
  return texts
}

const readOptionalText = (input: Reader): string | null => {
  const prefix = readVarint(input)
  return prefix === 0 ? null : readText(input, prefix - 1)
}

const readDelete = (input: Reader): DeleteConfig => {
  const [namespace = '', group = '', dataId = '', sourceIp = '', sourceUser = ''] = readTexts(input, 5)
  return { kind: 'delete-config', namespace, group, dataId, sourceIp, sourceUser, expectedMd5: readOptionalText(input) }
}

const readPublish = (input: Reader): PublishConfig | null => {
  const type = configTypes[readByte(input)]
  const tagsGiven = readVarint(input)
  if (type === undefined || tagsGiven > tagsMax + 1) return null
  const [namespace = '', group = '', dataId = '', sourceIp = '', sourceUser = ''] = readTexts(input, 5)
  const expectedMd5 = readOptionalText(input)
  const [md5 = '', appName = '', description = '', encryptedDataKey = ''] = readTexts(input, 4)
  const tags = tagsGiven === 0 ? null : readTexts(input, tagsGiven - 1)
  const content = readBytes(input, readVarint(input))
  return {
    kind: 'publish-config',
    namespace,
    group,
    dataId,
    sourceIp,
    sourceUser,
    expectedMd5,
    content,
    md5,
    type,
    appName,
    description,
    tags,
    encryptedDataKey,
  }
}

/** Whether a command, as bytes, may change a configuration: in MySQL mode the shared database must hold what it did before anybody is told. */
export const changesConfigs = (bytes: Uint8Array): boolean => bytes[1] === kindPublish || bytes[1] === kindDelete || isRestore(bytes)

/** undefined: of version 1, without an id. An id that no client may choose makes the whole command unreadable. */
const readRequestId = (input: Reader, version: number): string | undefined => {
  if (version === plainVersion) return undefined
  const requestId = readText(input, readByte(input))
  if (!isRequestId(requestId)) input.bad = true
  return requestId
}

/** @returns null for bytes that no version of ours wrote or that this one cannot read; the content is a view of `bytes`. */
export const decodeCommand = (bytes: Uint8Array): Command | null => {
  const input: Reader = { bytes, at: 0, bad: false }
  const version = readByte(input)
  if (version !== plainVersion && version !== withRequestId) return null
  const kind = readByte(input)
  const requestId = readRequestId(input, version)
  const command = kind === kindPublish ? readPublish(input) : kind === kindDelete ? readDelete(input) : null
  if (input.bad || input.at !== bytes.length || command === null) return null
  return requestId === undefined ? command : { ...command, requestId }
}
