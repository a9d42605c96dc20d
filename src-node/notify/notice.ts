/**
 * What a leader tells a follower has changed, and its form on the wire: keys and Raft indexes, never a content. A notice makes the receiver
 * look at its own files; it must never be a reason to tell listeners anything, nor to change applied state.
 */

import { isUtf8 } from 'node:buffer'
import type { ConfigKey } from '../state-machine/types.ts'

export interface NoticedKey extends ConfigKey {
  /** Raft index of its last change. */
  readonly index: number
}

export interface Notice {
  /** Highest Raft index of what it tells: whoever has applied so far may look. */
  readonly index: number
  /** Null: more changed than is kept by name; everything is to be looked through. */
  readonly keys: readonly NoticedKey[] | null
}

/** What the leader hears back. `taken`: applied there, and its files are looked at. `failed`: perhaps so, perhaps not; the same keys are told again. */
export type NoticeOutcome = { readonly kind: 'taken' } | { readonly kind: 'failed'; readonly why: string }

/** Of the form below; another one is refused by name, not guessed at. */
const version = 1

/** Keys of one notice: read and kept by the receiver in a few milliseconds. */
export const noticeKeysMax = 2_048
/** Characters of all names in one notice, together; names are short, some 60 characters for the three. */
export const noticeCharactersMax = 128 * 1024
/** Every character may need six bytes (an escape); above what both limits together can give. */
export const noticeBytesMax = 1024 * 1024

/** Names of tables that other programs wrote may be longer than the API's, never longer than their columns. */
const nameCharactersMax = 512

type KeyOnWire = readonly [namespace: string, group: string, dataId: string, index: number]

export const encodeNotice = ({ index, keys }: Notice): Buffer => {
  const onWire = keys?.map((key): KeyOnWire => [key.namespace, key.group, key.dataId, key.index]) ?? null
  return Buffer.from(JSON.stringify({ version, index, keys: onWire }))
}

const isIndex = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= nameCharactersMax

const keyOf = (value: unknown): NoticedKey | null => {
  if (!Array.isArray(value) || value.length !== 4) return null
  const [namespace, group, dataId, index] = value as readonly unknown[]
  if (!isName(namespace) || !isName(group) || !isName(dataId) || !isIndex(index)) return null
  return { namespace, group, dataId, index }
}

const keysOf = (value: unknown): readonly NoticedKey[] | null => {
  if (!Array.isArray(value) || value.length > noticeKeysMax) return null
  const keys: NoticedKey[] = []
  for (const each of value as readonly unknown[]) {
    const key = keyOf(each)
    if (key === null) return null
    keys.push(key)
  }
  return keys
}

const parsed = (body: Buffer): unknown => {
  if (!isUtf8(body)) return null
  try {
    return JSON.parse(body.toString())
  } catch {
    return null
  }
}

/** Null: not a notice, or one of another version. */
export const decodeNotice = (body: Buffer): Notice | null => {
  const fields = parsed(body)
  if (typeof fields !== 'object' || fields === null) return null
  const { version: given, index, keys: named } = fields as Record<string, unknown>
  if (given !== version || !isIndex(index)) return null
  if (named === null) return { index, keys: null }
  const keys = keysOf(named)
  return keys === null ? null : { index, keys }
}
