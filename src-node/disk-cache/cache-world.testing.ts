/** For tests: a node's applied state in a map, a clock that the test moves, and the real cache over a real folder. */

import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'
import type { ConfigIndexRow, ConfigKey } from '../state-machine/types.ts'
import { openCacheThread } from './cache-thread.ts'
import { createDiskCache } from './disk-cache.ts'
import { textOfKey } from './key-text.ts'
import type { CacheStatus } from './types.ts'

export const keyOf = (dataId: string, group = 'G', namespace = ''): ConfigKey => ({ namespace, group, dataId })

/** Time stands still but for `advance`. */
const createManualClock = () => {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly task: () => void }[] = []
  return {
    monotonicMs: () => nowMs,
    wallMs: () => 1_700_000_000_000 + nowMs,
    after: (ms: number, task: () => void) => {
      const timer = { atMs: nowMs + ms, task }
      timers.push(timer)
      return {
        cancel: () => {
          timers = timers.filter((each) => each !== timer)
        },
      }
    },
    advance: (ms: number) => {
      nowMs += ms
      const due = timers.filter(({ atMs }) => atMs <= nowMs)
      timers = timers.filter(({ atMs }) => atMs > nowMs)
      for (const { task } of due) task()
    },
  }
}

interface StoredRow extends ConfigIndexRow {
  readonly content: Buffer
}

export const createWorld = ({ fullDumpMs = 0 } = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'nacos-trio-cache-'))
  const data = join(dir, 'data')
  mkdirSync(data)
  const rows = new Map<string, StoredRow>()
  const clock = createManualClock()
  const said: string[] = []
  const failures: unknown[] = []
  let index = 0
  const open = () =>
    createDiskCache({
      ...{ dir, clock, fullDumpMs, foldsCase: false },
      thread: openCacheThread({ root: () => data, lost: (error) => void failures.push(error) }),
      configs: {
        find: (key) => rows.get(textOfKey(key)),
        all: () => rows.values() as IterableIterator<ConfigIndexRow>,
        size: () => rows.size,
        readContent: (id) => [...rows.values()].find((row) => row.id === id)?.content,
      },
      say: (level, line) => void said.push(`${level} ${line}`),
      failed: (cause) => void failures.push(cause),
    })
  const cache = open()

  /** Into the state alone, as if the cache had not been told. */
  const store = (key: ConfigKey, content: string | Buffer): void => {
    const bytes = Buffer.from(content)
    const md5 = createHash('md5').update(bytes).digest('hex')
    index++
    rows.set(textOfKey(key), {
      ...key,
      ...{ id: index, md5, type: 'text', encryptedDataKey: '', createdMs: 0, modifiedMs: 0, index, contentBytes: bytes.length, content: bytes },
    })
  }
  const publish = (key: ConfigKey, content: string | Buffer): void => {
    store(key, content)
    cache.changed([key], index)
  }
  const remove = (key: ConfigKey): void => {
    rows.delete(textOfKey(key))
    cache.changed([key], ++index)
  }
  const at = (path: string): string => join(data, path)
  const plant = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), content)
  }
  const read = (path: string): string | null => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : null)
  /** Everything below `data`, folders too. */
  const tree = (): string[] => readdirSync(data, { recursive: true }).map(String).sort()
  const until = (holds: (status: CacheStatus) => boolean): Promise<void> =>
    vi.waitFor(
      () => {
        if (!holds(cache.status())) throw new Error(`it is ${JSON.stringify(cache.status())}`)
      },
      { timeout: 10_000, interval: 2 },
    )
  /** Whatever waits is written, a portion's rest after the other. */
  const settled = (): Promise<void> =>
    until(({ dirty, running, dumpDue }) => {
      clock.advance(100)
      return dirty === 0 && running === null && !dumpDue
    })
  const started = async () => {
    const report = await cache.fullDump('start')
    return report
  }
  return {
    ...{ dir, data, cache, clock, rows, said, failures, store, publish, remove, at, plant, read, tree, until, settled, started },
    modeOf: (path: string): number => lstatSync(at(path)).mode & 0o777,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      const closed = cache.close()
      clock.advance(0)
      await closed
      if (existsSync(data)) chmodSync(data, 0o700)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
