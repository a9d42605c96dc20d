/**
 * By hand: the full dump of a node that has a hundred thousand configurations and no files yet, once more with all files there, and the changes of
 * a burst. One process with the real store, machine and cache; no cluster, no load. Prints times, what the longest turn of the loop took of the processor at
 * most, and memory: that of a process that has not written those configurations itself.
 * `CONFIGS` makes it smaller.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCacheThread } from '../../src-node/disk-cache/cache-thread.ts'
import { createDiskCache } from '../../src-node/disk-cache/disk-cache.ts'
import type { DumpReason } from '../../src-node/disk-cache/types.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { createStateMachine, emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type { ConfigKey } from '../../src-node/state-machine/types.ts'
import { openSqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import { waitUntil } from '../support/wait-until.ts'

const configCount = Number(process.env.CONFIGS ?? 100_000)
const burst = 10_000
const batch = 1_000
const limitMs = 300_000

const [, script = '', folderToFill] = process.argv
const dir = folderToFill ?? mkdtempSync(join(tmpdir(), 'nacos-trio-cache-dump-'))
mkdirSync(join(dir, 'data'), { recursive: true })
if (folderToFill === undefined) spawnSync(process.execPath, [script, dir], { stdio: 'inherit', timeout: limitMs })
const store = openSqliteStateStore({ path: join(dir, 'data', 'state.db'), clusterId: 'cache-dump', nodeId: 1, initialMeta: emptyMeta() })
const machine = createStateMachine(store.loadIndex(), store.meta())
let index = store.meta().appliedIndex

const keyAt = (n: number): ConfigKey => ({ namespace: '', group: 'DEFAULT_GROUP', dataId: `config-${n}` })

const publishAll = (count: number, words: string): void => {
  for (let from = 0; from < count; from += batch) {
    const writes = []
    machine.begin()
    for (let n = from; n < Math.min(count, from + batch); n++) {
      const content = Buffer.from(`${words} ${n} ${'x'.repeat(120)}`)
      const rest = {
        type: 'text',
        appName: '',
        description: '',
        tags: null,
        encryptedDataKey: '',
        expectedMd5: null,
        sourceIp: '',
        sourceUser: '',
      } as const
      const md5 = createHash('md5').update(content).digest('hex')
      const payload = encodeCommand({ kind: 'publish-config', ...keyAt(n), content, md5, ...rest })
      writes.push(...machine.apply({ index: ++index, term: 1, stampMs: 0, payload }).writes)
    }
    store.commit(writes, machine.pendingMeta())
    machine.publish()
  }
}

const failed = (cause: unknown): never => {
  throw cause
}
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`
const clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}
const mainThreadMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
/** What the loop's own thread used between two looks, at the most: a busy machine makes a turn longer, not dearer. */
const createTurns = () => {
  let lastMs = mainThreadMs()
  let mostMs = 0
  const timer = setInterval(() => {
    const nowMs = mainThreadMs()
    mostMs = Math.max(mostMs, nowMs - lastMs)
    lastMs = nowMs
  }, 1)
  return {
    end: (): number => {
      clearInterval(timer)
      return mostMs
    },
  }
}

/** What `task` takes, beside the loop and on it. */
const measured = async (what: string, task: () => Promise<unknown>): Promise<void> => {
  const turns = createTurns()
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  await task()
  const tookMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpu)
  const used = `processor ${Math.round((user + system) / 1000)} ms`
  console.log(
    `${what}: ${Math.round(tookMs)} ms, ${used}, longest turn ${turns.end().toFixed(1)} ms, ${megabytes(process.memoryUsage.rss())} afterwards`,
  )
}

const measure = async (): Promise<void> => {
  console.log(`${configCount} configurations in store and memory: ${megabytes(process.memoryUsage.rss())}`)
  const cache = createDiskCache({
    ...{ dir, clock, fullDumpMs: 0, foldsCase: false, thread: openCacheThread({ root: () => join(dir, 'data'), lost: failed }) },
    configs: { find: machine.find, all: machine.all, size: machine.size, readContent: store.readContent },
    say: (_level, line) => console.log(`  ${line}`),
    failed,
  })
  const dump = (reason: DumpReason) => () => cache.fullDump(reason)
  await measured('full dump, no file there', dump('start'))
  await measured('full dump, all files there', dump('request'))
  publishAll(Math.min(burst, configCount), 'second')
  await measured(`${burst} files that changed in a burst`, () => {
    cache.changed(
      Array.from({ length: Math.min(burst, configCount) }, (_, n) => keyAt(n)),
      index,
    )
    return waitUntil('the files to be written', () => cache.status().dirty === 0, limitMs)
  })
  await cache.close()
}

try {
  if (folderToFill === undefined) await measure()
  else publishAll(configCount, 'first')
} finally {
  store.close()
  if (folderToFill === undefined) rmSync(dir, { recursive: true, force: true })
}
