/**
 * What the user typed and has not published, kept over reload and crash: one entry a configuration in the storage given. Must never throw and
 * never grow without bound: the newest `maxDrafts`, each of at most `maxDraftBytes`; when the storage is full the oldest go first. What the storage
 * cannot take (too large, no room) is held in memory, the newest `maxHeld`, so that going to another configuration and back loses nothing.
 */

import type { ConfigKeyInput, ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { configTypeOf } from '../config-types.ts'
import type { ConfigState } from '../publish/undo.ts'

export const maxDrafts = 20
export const maxDraftBytes = 1_048_576
export const maxHeld = 5
const prefix = 'nacos-trio.draft.v1:'

/** What is published beside the text. */
export type DraftMeta = Pick<ConfigState, 'description' | 'appName' | 'tags'>

export interface Draft {
  readonly content: string
  readonly type: ConfigTypeName
  /** Absent = as published. */
  readonly meta?: DraftMeta
  /** md5 of what the edit began from; '' for a configuration that did not exist. */
  readonly baseMd5: string
  /** Wall time of the last change, ms. */
  readonly savedAtMs: number
}

export type SaveResult = 'saved' | 'too-large' | 'no-room'

/** What of `Storage` is needed; `localStorage` fits. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

export interface DraftStore {
  save(key: ConfigKeyInput, draft: Draft): SaveResult
  load(key: ConfigKeyInput): Draft | null
  discard(key: ConfigKeyInput): void
  /** Names of the configurations that have a draft, by `draftName`; the same set object until one comes or goes. */
  names(): ReadonlySet<string>
  subscribe(listener: () => void): () => void
}

export const draftName = ({ namespace, group, dataId }: ConfigKeyInput): string => JSON.stringify([namespace, group, dataId])

const parseMeta = (value: unknown): DraftMeta | null => {
  if (typeof value !== 'object' || value === null) return null
  const { description, appName, tags } = value as Record<string, unknown>
  if (typeof description !== 'string' || typeof appName !== 'string' || !Array.isArray(tags)) return null
  return { description, appName, tags: tags.filter((tag) => typeof tag === 'string') }
}

const parse = (text: string | null): Draft | null => {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { content, type, meta, baseMd5, savedAtMs } = value as Record<string, unknown>
    const known = configTypeOf(type)
    if (typeof content !== 'string' || typeof baseMd5 !== 'string' || typeof savedAtMs !== 'number' || known === null) return null
    const beside = parseMeta(meta)
    return { content, type: known, ...(beside === null ? {} : { meta: beside }), baseMd5, savedAtMs }
  } catch {
    return null
  }
}

const draftKeys = (storage: DraftStorage): readonly string[] => {
  const keys: string[] = []
  for (let i = 0; i < storage.length; i += 1) {
    const key = storage.key(i)
    if (key?.startsWith(prefix)) keys.push(key)
  }
  return keys
}

const oldestFirst = (storage: DraftStorage): readonly string[] =>
  draftKeys(storage)
    .map((key) => ({ key, at: parse(storage.getItem(key))?.savedAtMs ?? 0 }))
    .sort((a, b) => a.at - b.at)
    .map(({ key }) => key)

/** Drafts over a storage; one that throws at every call behaves as an empty one without room. */
export function createDraftStore(storage: DraftStorage): DraftStore {
  const listeners = new Set<() => void>()
  const held = new Map<string, Draft>()
  const readAll = (): ReadonlySet<string> => new Set([...readNames(storage), ...held.keys()])
  let names = readAll()

  const hold = (name: string, draft: Draft) => {
    held.delete(name)
    held.set(name, draft)
    for (const oldest of [...held.keys()].slice(0, Math.max(0, held.size - maxHeld))) held.delete(oldest)
  }
  const changed = () => {
    const now = readAll()
    if (now.size === names.size && [...now].every((name) => names.has(name))) return
    names = now
    for (const listener of listeners) listener()
  }

  return {
    save(key, draft) {
      const name = draftName(key)
      const tooLarge = new TextEncoder().encode(draft.content).length > maxDraftBytes
      const result = tooLarge ? 'too-large' : put(storage, prefix + name, JSON.stringify(draft))
      // An older, smaller state in the storage would come back in place of the newer one.
      if (tooLarge) guarded(() => storage.removeItem(prefix + name), undefined)
      if (result === 'saved') held.delete(name)
      else hold(name, draft)
      changed()
      return result
    },
    load: (key) => held.get(draftName(key)) ?? guarded(() => parse(storage.getItem(prefix + draftName(key))), null),
    discard(key) {
      held.delete(draftName(key))
      guarded(() => storage.removeItem(prefix + draftName(key)), undefined)
      changed()
    },
    names: () => names,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function put(storage: DraftStorage, name: string, text: string): SaveResult {
  return guarded(() => {
    const others = oldestFirst(storage).filter((key) => key !== name)
    for (const key of others.slice(0, Math.max(0, others.length - maxDrafts + 1))) storage.removeItem(key)
    const evictable = others.slice(Math.max(0, others.length - maxDrafts + 1))
    for (let at = 0; at <= evictable.length; at += 1) {
      if (fits(storage, name, text)) return 'saved' as const
      const oldest = evictable[at]
      if (oldest !== undefined) storage.removeItem(oldest)
    }
    return 'no-room' as const
  }, 'no-room')
}

function fits(storage: DraftStorage, name: string, text: string): boolean {
  return guarded(() => {
    storage.setItem(name, text)
    return true
  }, false)
}

function readNames(storage: DraftStorage): ReadonlySet<string> {
  return guarded(() => new Set(draftKeys(storage).map((key) => key.slice(prefix.length))), new Set())
}

/** A window without storage, or a full one, throws at any call. */
function guarded<T>(act: () => T, otherwise: T): T {
  try {
    return act()
  } catch {
    return otherwise
  }
}
