/** The disk cache of a node without peers: its rows in a map, the product's own cache over a real folder. It says beforehand what is going to change. */

import { mkdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createCacheLayout } from '../../../src-node/disk-cache/cache-layout.ts'
import { openCacheThread } from '../../../src-node/disk-cache/cache-thread.ts'
import { createDiskCache } from '../../../src-node/disk-cache/disk-cache.ts'
import type { CachedConfigs } from '../../../src-node/disk-cache/types.ts'
import type { ConfigIndexRow, ConfigKey } from '../../../src-node/state-machine/types.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { type CachedRow, type CacheMark, contentOf, md5Of } from './cache-promises.ts'

/** Names that are names everywhere: what is odd about names is tested elsewhere. */
export const layout = createCacheLayout(false)

/** Memory and store in one, as the cache sees them. */
export const configsOf = (rows: ReadonlyMap<string, CachedRow>): CachedConfigs => {
  const list = (): ConfigIndexRow[] =>
    [...rows.values()].map((row, at) => {
      const content = contentOf(row)
      return {
        ...{ namespace: row.namespace, group: row.group, dataId: row.dataId, id: at, md5: md5Of(content), type: 'text' },
        ...{ encryptedDataKey: '', createdMs: 0, modifiedMs: 0, index: 1, contentBytes: content.length },
      }
    })
  const at = (key: ConfigKey) => list().find(({ id }) => layout.pathOf([...rows.values()][id] as CachedRow) === layout.pathOf(key))
  return {
    find: at,
    all: () => list().values(),
    size: () => rows.size,
    readContent: (id) => {
      const row = [...rows.values()][id]
      return row && contentOf(row)
    },
  }
}

export const realClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => 0,
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}

const failed = (cause: unknown): never => {
  throw cause
}

type RowChange = CachedRow | (ConfigKey & { readonly version: null })

/** @param marks a descriptor */
export const openCacheLife = (dir: string, marks: number, rows: Map<string, CachedRow>) => {
  mkdirSync(join(dir, 'data'), { recursive: true })
  const cache = createDiskCache({
    ...{ dir, clock: realClock, fullDumpMs: 0, foldsCase: false, configs: configsOf(rows), say: () => undefined, failed },
    thread: openCacheThread({ root: () => join(dir, 'data'), lost: failed }),
  })
  const say = (mark: CacheMark): void => void writeSync(marks, `${JSON.stringify(mark)}\n`)
  const settled = async (): Promise<void> => {
    await waitUntil('the files to be written', () => cache.status().state === 'current' && cache.status().running === null)
    say({ kind: 'settled' })
  }
  const store = (...changes: readonly RowChange[]): void => {
    for (const { version, ...key } of changes) {
      const path = layout.pathOf(key)
      if (version === null) rows.delete(path)
      else rows.set(path, { ...key, version })
      say(version === null ? { kind: 'no-row', path } : { kind: 'row', path, row: { ...key, version } })
    }
  }
  return {
    /** Into memory alone: the cache has not begun. */
    store,
    change: async (...changes: readonly RowChange[]): Promise<void> => {
      store(...changes)
      cache.changed(changes, 1)
      await settled()
    },
    /** As a person who does not know what this folder is. */
    byHand: (path: string, text: string | null): void => {
      say({ kind: 'by-hand', path })
      const place = join(dir, 'data', path)
      mkdirSync(dirname(place), { recursive: true })
      if (text === null) rmSync(place)
      else writeFileSync(place, text)
    },
    start: async (): Promise<void> => {
      await cache.fullDump('start')
      await settled()
    },
    close: cache.close,
  }
}
