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

import {
  type FieldReader,
  type FieldWriter,
  readByte,
  readBytes,
  readOptionalText,
  readText,
  readTexts,
  readVarint,
  utf8Bytes,
  varintBytes,
  writeText,
  writeVarint,
} from './fields.ts'
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
  const out: FieldWriter = { bytes: new Uint8Array(total), at: 0 }
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

const readDelete = (input: FieldReader): DeleteConfig => {
  const [namespace = '', group = '', dataId = '', sourceIp = '', sourceUser = ''] = readTexts(input, 5)
  return { kind: 'delete-config', namespace, group, dataId, sourceIp, sourceUser, expectedMd5: readOptionalText(input) }
}

const readPublish = (input: FieldReader): PublishConfig | null => {
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
const readRequestId = (input: FieldReader, version: number): string | undefined => {
  if (version === plainVersion) return undefined
  const requestId = readText(input, readByte(input))
  if (!isRequestId(requestId)) input.bad = true
  return requestId
}

/** @returns null for bytes that no version of ours wrote or that this one cannot read; the content is a view of `bytes`. */
export const decodeCommand = (bytes: Uint8Array): Command | null => {
  const input: FieldReader = { bytes, at: 0, bad: false }
  const version = readByte(input)
  if (version !== plainVersion && version !== withRequestId) return null
  const kind = readByte(input)
  const requestId = readRequestId(input, version)
  const command = kind === kindPublish ? readPublish(input) : kind === kindDelete ? readDelete(input) : null
  if (input.bad || input.at !== bytes.length || command === null) return null
  return requestId === undefined ? command : { ...command, requestId }
}
