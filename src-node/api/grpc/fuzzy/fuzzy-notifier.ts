/**
 * Tells one client which names its patterns have found and lost (nacos-grpc 5.6, 6.3): at first, or after a reconnect, all that it lacks, ten at a time;
 * then each change. A name is told as it is when it is sent, so that no older word overtakes a newer one. What the client has is the client's to say.
 */

import type { FuzzyResource, FuzzyWatcher } from '../../../notify/fuzzy-telling.ts'
import { type BytesInFlight, createShare, type Share } from '../bytes-in-flight.ts'
import type { Connection } from '../connection.ts'
import { createRetriedPushes, type PushWords } from '../retried-pushes.ts'
import type { FuzzyDialect } from './dialects.ts'

export interface SyncPlan {
  /** As the client wrote it. */
  readonly pattern: string
  /** What the pattern has found; goes on changing. */
  readonly found: ReadonlySet<string>
  /** Names that the client has, as it says. */
  readonly received: ReadonlySet<string>
  /** It does not know yet that it has all of them. */
  readonly isInitializing: boolean
  /** False: there are more than were found, and what was not found may be there. */
  readonly tellsGone: boolean
}

export interface FuzzyNotifier extends FuzzyWatcher {
  /** In place of the last one for this pattern. False: too much is to be told already. */
  sync(plan: SyncPlan): boolean
  /** It watches this pattern no more. */
  cancel(pattern: string): void
  /** The connection is gone. */
  stop(): void
}

export interface FuzzyNotifierParts {
  readonly connection: Connection
  readonly dialect: FuzzyDialect
  /** For names that all clients together are to be told of as gone. */
  readonly room: BytesInFlight
  isThere(resource: FuzzyResource): boolean
  after(ms: number, task: () => void): { cancel(): void }
  /** The connection ends: its client comes back with what it has. */
  giveUp(): void
}

/** As in Nacos. */
export const batchKeys = 10
/** Changes that wait for one client; four times what one pattern may find. */
export const changesMax = 2_000

interface Sync {
  /** Of its own: what comes of one that was replaced must not touch the next. */
  readonly name: string
  readonly pattern: string
  readonly found: ReadonlySet<string>
  readonly isInitializing: boolean
  readonly batches: readonly (readonly { readonly key: string; readonly isAdded: boolean }[])[]
  /** The batch that is under way or comes next. */
  at: number
  readonly share: Share
}

type Item = { readonly kind: 'change'; readonly resource: FuzzyResource } | { readonly kind: 'sync'; readonly sync: Sync }

const charactersOf = (keys: readonly string[]): number => keys.reduce((sum, key) => sum + key.length, 0)

export const createFuzzyNotifier = (parts: FuzzyNotifierParts): FuzzyNotifier => {
  const { connection, dialect, after, giveUp } = parts
  const syncs = new Map<string, Sync>()
  let begun = 0

  const end = (sync: Sync): void => {
    sync.share.set(0)
    if (syncs.get(sync.pattern) === sync) syncs.delete(sync.pattern)
  }

  /** Names that have changed since are left out: what has become of them is told apart. */
  const syncWords = (sync: Sync): PushWords | null => {
    const { pattern, found, batches } = sync
    if (syncs.get(pattern) !== sync) return null
    for (let batch = batches[sync.at]; batch !== undefined; batch = batches[++sync.at]) {
      const keys = batch.filter(({ key, isAdded }) => found.has(key) === isAdded).map(({ key, isAdded }) => ({ key, isThere: isAdded }))
      const syncType = sync.isInitializing ? 'FUZZY_WATCH_INIT_NOTIFY' : 'FUZZY_WATCH_DIFF_SYNC_NOTIFY'
      if (keys.length > 0) return dialect.sync({ pattern, syncType, keys, total: batches.length, current: sync.at + 1 })
    }
    if (sync.isInitializing) return dialect.sync({ pattern, syncType: 'FINISH_FUZZY_WATCH_INIT_NOTIFY', keys: [], total: 0, current: 0 })
    end(sync)
    return null
  }
  const words = (item: Item): PushWords | null => {
    switch (item.kind) {
      case 'sync':
        return syncWords(item.sync)
      case 'change':
        return dialect.change({ key: item.resource.key, isThere: parts.isThere(item.resource) })
    }
  }

  const tellSync = (sync: Sync): void => pushes.tell(sync.name, { kind: 'sync', sync })
  const taken = (item: Item): void => {
    if (item.kind === 'change') return
    const { sync } = item
    if (syncs.get(sync.pattern) !== sync) return
    if (sync.at >= sync.batches.length) end(sync)
    else {
      sync.at++
      tellSync(sync)
    }
  }
  const pushes = createRetriedPushes<Item>({ connection, limits: dialect.limits, after, words, taken, giveUp })

  return {
    changed: (resource) => {
      const name = `c${resource.key}`
      if (pushes.waiting() >= changesMax && !pushes.isWaiting(name)) giveUp()
      else pushes.tell(name, { kind: 'change', resource })
    },
    lost: giveUp,
    sync: ({ pattern, found, received, isInitializing, tellsGone }) => {
      const added = [...found].filter((key) => !received.has(key))
      const gone = tellsGone ? [...received].filter((key) => !found.has(key)) : []
      const last = syncs.get(pattern)
      if (last !== undefined) end(last)
      const share = createShare(parts.room)
      if (!share.set(charactersOf(gone))) return false
      const keys = [...added.map((key) => ({ key, isAdded: true })), ...gone.map((key) => ({ key, isAdded: false }))]
      const batches = Array.from({ length: Math.ceil(keys.length / batchKeys) }, (_, at) => keys.slice(at * batchKeys, (at + 1) * batchKeys))
      const sync: Sync = { name: `s${++begun}`, pattern, found, isInitializing, batches, at: 0, share }
      syncs.set(pattern, sync)
      tellSync(sync)
      return true
    },
    cancel: (pattern) => {
      const sync = syncs.get(pattern)
      if (sync !== undefined) end(sync)
    },
    stop: () => {
      pushes.stop()
      for (const sync of [...syncs.values()]) end(sync)
    },
  }
}
