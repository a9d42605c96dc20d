/**
 * Commands and records of gray versions as bytes. Owns both formats and nothing else. Decoding never throws; contents are neither decoded nor copied.
 *
 *   command  u8 version 1 · u8 kind (32 publish, 33 remove) · namespace, group, dataId, gray name, source ip, source user
 *            · publish only: u8 rule, u8 type, expr, md5, app name, encrypted data key, expected md5 (0 none, else length + 1) · content to the end
 *   record   u8 version 1 · u8 rule, u8 type, expr, md5, app name, encrypted data key, source ip, source user · id, created ms, modified ms, index (doubles)
 *            · content to the end; its key holds the names
 */

import {
  beginFields,
  endFields,
  type FieldReader,
  type FieldWriter,
  fieldsIn,
  isWhole,
  putByte,
  putNumber,
  putText,
  putVarint,
  readByte,
  readNumber,
  readOptionalText,
  readTexts,
} from '../fields.ts'
import type { AreaRecord, ConfigKey, ConfigType } from '../types.ts'
import type { GrayCommand, GrayRow, GrayRule, PublishGray } from './gray-words.ts'

export const grayArea = 3
export const grayKinds = [32, 39] as const
const version = 1
const kindPublish = 32
const kindRemove = 33

/** Order is format: only ever append. */
const rules: readonly GrayRule['type'][] = ['beta', 'tag']
const types: readonly ConfigType[] = ['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset']

const putTexts = (out: FieldWriter, ...texts: readonly string[]): void => {
  for (const text of texts) putText(out, text)
}

const putOptional = (out: FieldWriter, text: string | null): void => {
  if (text === null) putVarint(out, 0)
  else {
    // One more than its length tells it from none.
    const bytes = new TextEncoder().encode(text)
    putVarint(out, bytes.length + 1)
    for (const byte of bytes) putByte(out, byte)
  }
}

const withContent = (head: Uint8Array, content: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(head.length + content.length)
  whole.set(head)
  whole.set(content, head.length)
  return whole
}

const putKinds = (out: FieldWriter, { rule, type }: Pick<GrayRow, 'rule' | 'type'>): void => {
  putByte(out, rules.indexOf(rule.type))
  putByte(out, types.indexOf(type))
}

export const encodeGray = (command: GrayCommand): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putByte(out, command.kind === 'publish-gray' ? kindPublish : kindRemove)
  putTexts(out, command.namespace, command.group, command.dataId, command.grayName, command.sourceIp, command.sourceUser)
  if (command.kind === 'remove-gray') return endFields(out)
  putKinds(out, command)
  putTexts(out, command.rule.expr, command.md5, command.appName, command.encryptedDataKey)
  putOptional(out, command.expectedMd5)
  return withContent(endFields(out), command.content)
}

const readKinds = (input: FieldReader): { readonly ruleType: GrayRule['type']; readonly type: ConfigType } => {
  const ruleType = rules[readByte(input)]
  const type = types[readByte(input)]
  if (ruleType === undefined || type === undefined) input.bad = true
  return { ruleType: ruleType ?? 'beta', type: type ?? 'text' }
}

const readPublish = (
  input: FieldReader,
  names: Omit<PublishGray, 'kind' | 'rule' | 'content' | 'md5' | 'expectedMd5' | 'type' | 'appName' | 'encryptedDataKey'>,
): GrayCommand | null => {
  const { ruleType, type } = readKinds(input)
  const [expr = '', md5 = '', appName = '', encryptedDataKey = ''] = readTexts(input, 4)
  const expectedMd5 = readOptionalText(input)
  if (input.bad) return null
  const content = input.bytes.subarray(input.at)
  return { kind: 'publish-gray', ...names, rule: { type: ruleType, expr }, type, md5, appName, encryptedDataKey, expectedMd5, content }
}

/** Null: bytes that no version of ours wrote, or that this one cannot read. The content is a view of `payload`. */
export const decodeGray = (payload: Uint8Array): GrayCommand | null => {
  const input = fieldsIn(payload, 2)
  if (payload[0] !== version) return null
  const [namespace = '', group = '', dataId = '', grayName = '', sourceIp = '', sourceUser = ''] = readTexts(input, 6)
  const names = { namespace, group, dataId, grayName, sourceIp, sourceUser }
  if (payload[1] === kindPublish) return readPublish(input, names)
  return payload[1] === kindRemove && isWhole(input) ? { kind: 'remove-gray', ...names } : null
}

/** Lengths first: names may hold any character, so no separator is safe. */
export const grayRecordKey = ({ namespace, group, dataId, grayName }: ConfigKey & { readonly grayName: string }): string =>
  `${namespace.length}:${group.length}:${dataId.length}:${namespace}${group}${dataId}${grayName}`

/** Null: no key of a version. */
export const grayNamesIn = (key: string): (ConfigKey & { readonly grayName: string }) | null => {
  const lengths = /^(\d{1,5}):(\d{1,5}):(\d{1,5}):/.exec(key)
  if (lengths === null) return null
  const [head, ...parts] = lengths
  let at = head.length
  const [namespace = '', group = '', dataId = ''] = parts.map((length) => {
    at += Number(length)
    return key.slice(at - Number(length), at)
  })
  return { namespace, group, dataId, grayName: key.slice(at) }
}

/** The configuration that a record belongs to. */
export const configOfGrayRecord = (key: string): ConfigKey | null => {
  const names = grayNamesIn(key)
  return names === null ? null : { namespace: names.namespace, group: names.group, dataId: names.dataId }
}

export const grayRecordValue = (row: GrayRow, content: Uint8Array): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putKinds(out, row)
  putTexts(out, row.rule.expr, row.md5, row.appName, row.encryptedDataKey, row.sourceIp, row.sourceUser)
  for (const number of [row.id, row.createdMs, row.modifiedMs, row.index]) putNumber(out, number)
  return withContent(endFields(out), content)
}

export interface GrayRecord {
  readonly row: GrayRow
  /** A view of the record's value. */
  readonly content: Uint8Array
}

/** Null: not of a version that this one knows. */
export const readGrayRecord = ({ key, value }: Pick<AreaRecord, 'key' | 'value'>): GrayRecord | null => {
  const names = grayNamesIn(key)
  const input = fieldsIn(value, 1)
  const { ruleType, type } = readKinds(input)
  const [expr = '', md5 = '', appName = '', encryptedDataKey = '', sourceIp = '', sourceUser = ''] = readTexts(input, 6)
  const [id, createdMs, modifiedMs, index] = [readNumber(input), readNumber(input), readNumber(input), readNumber(input)]
  if (names === null || value[0] !== version || input.bad) return null
  const content = value.subarray(input.at)
  const row: GrayRow = {
    ...{ ...names, rule: { type: ruleType, expr }, id, md5, type, appName, encryptedDataKey, sourceIp, sourceUser },
    ...{ createdMs, modifiedMs, index, contentBytes: content.length },
  }
  return { row, content }
}
