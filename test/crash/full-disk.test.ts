/** A disk that is really full, under each of a node's files: nothing is damaged, what cannot be written is refused in words, and it goes on by itself. */

import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStatus } from '../../src-node/disk-cache/types.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { exitWithin, type HeadlessCluster, launch, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { publish, read, refusalOf, transferLeader } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters, type Writers } from '../support/writers.ts'
import { mayMount, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const mountable = mayMount()
if ('missing' in mountable) console.log(mountable.missing)

/** Nothing gathers on so small a disk. */
const diskMebibytes = 32
/** And here, until less than 64 MiB are left. */
const roomyMebibytes = 192
const shortBytes = 40 * 1024 * 1024
const resumeLimitMs = 15_000
/** A node that ended looks for room again after some seconds. */
const comeBackLimitMs = 40_000
/** A write's own limit of 1.8 s, and room for a busy machine. */
const refusalLimitMs = 5_000

let disk: SmallDisk
let folder = ''
beforeEach(() => {
  disk = mountSmallDisk(diskMebibytes)
  folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
})
afterEach(() => {
  disk[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

const dataOf = (id: number): string => join(folder, `node-${id}`)
const start = (data: string): Promise<HeadlessCluster> => startHeadless({ data, args: ['--no-console'] })
const pidsOf = (cluster: HeadlessCluster): readonly number[] => cluster.ready.nodes.map(({ id }) => cluster.pidOf(id))

/** One write after the other, until one is answered so. */
const untilAnswered = (base: string, wanted: string, limitMs: number) =>
  waitUntil(
    `${base} to answer "${wanted}"`,
    async () => {
      const answer = await publish(base, { dataId: 'asked' }, 'x'.repeat(4_000), {}, { timeoutMs: 3_000 })
      const said = answer.status === 200 ? 'taken' : (refusalOf(answer) ?? `status ${answer.status}`)
      if (said !== wanted) throw new Error(said)
      return true
    },
    limitMs,
  )
const takesWrites = async (base: string): Promise<boolean> => {
  const answer = await publish(base, { dataId: 'asked' }, 'x', {}, { timeoutMs: 3_000 }).catch(() => null)
  return answer?.status === 200
}
const holds = async (cluster: HeadlessCluster, writers: Writers): Promise<void> => {
  await agreedState(cluster.bases)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
}
/** Three nodes under writers; once `act` is through, every node holds all that was acknowledged. */
const underWriters = async (
  data: string,
  act: (cluster: HeadlessCluster, writers: Writers) => Promise<void>,
  basesOf: (cluster: HeadlessCluster) => readonly string[] = ({ bases }) => bases,
): Promise<Writers> => {
  const cluster = await start(data)
  const writers = startWriters(basesOf(cluster), 6)
  try {
    await act(cluster, writers)
    await writers.stop()
    await holds(cluster, writers)
  } finally {
    await writers.stop()
    await cluster.stop()
  }
  return writers
}
/** Writes at every node until so many more are acknowledged. */
const writeMore = async (writers: Writers, count: number): Promise<void> => {
  const before = writers.acknowledged()
  await waitUntil(`${count} more writes`, () => writers.acknowledged() >= before + count, resumeLimitMs)
}

describe.skipIf('missing' in mountable)('a full disk', () => {
  it('under everything: all writes are refused, reads go on, nobody ends, and it goes on when there is room', { timeout: 120_000 }, async () => {
    const writers = await underWriters(disk.path, async (cluster, writing) => {
      await writeMore(writing, 100)
      const pids = pidsOf(cluster)
      disk.fill()
      for (const base of cluster.bases) await untilAnswered(base, 'disk_full', refusalLimitMs)
      for (const base of cluster.bases) expect((await read(base, { dataId: 'writer-0-0' })).status).toBe(200)
      disk.free()
      for (const base of cluster.bases) await untilAnswered(base, 'taken', resumeLimitMs)
      await writeMore(writing, 100)
      expect(pidsOf(cluster)).toEqual(pids)
    })
    const again = await start(disk.path)
    try {
      await holds(again, writers)
    } finally {
      await again.stop()
    }
  })

  it('that loses its room while writes gather ends nobody, once it is short and then full', { timeout: 120_000 }, async () => {
    using roomy = mountSmallDisk(roomyMebibytes)
    await underWriters(roomy.path, async (cluster, writers) => {
      await writeMore(writers, 500)
      const pids = pidsOf(cluster)
      roomy.fill(shortBytes)
      await writeMore(writers, 2_000)
      roomy.fill()
      for (const base of cluster.bases) await untilAnswered(base, 'disk_full', refusalLimitMs)
      roomy.free()
      for (const base of cluster.bases) await untilAnswered(base, 'taken', resumeLimitMs)
      expect(pidsOf(cluster)).toEqual(pids)
    })
  })

  it('in one blow while writes gather may end nodes, which come back by themselves with all of them', { timeout: 120_000 }, async () => {
    using roomy = mountSmallDisk(roomyMebibytes)
    await underWriters(roomy.path, async (cluster, writers) => {
      await writeMore(writers, 500)
      roomy.fill()
      // Longer than anything gathers: by now each node has met the full disk.
      await waitUntil(
        'every node to refuse or to be down',
        async () => (await Promise.all(cluster.bases.map(takesWrites))).every((takes) => !takes),
        resumeLimitMs,
      )
      roomy.free()
      for (const base of cluster.bases) await untilAnswered(base, 'taken', comeBackLimitMs)
      await writeMore(writers, 100)
    })
  })

  it.each(['raft.db', 'state.db'])('under the %s of one node: it refuses, the others go on, it comes back', { timeout: 120_000 }, async (name) => {
    await (await start(folder)).stop()
    const place = join(dataOf(2), 'data', name)
    copyFileSync(place, join(disk.path, name))
    rmSync(place)
    symlinkSync(join(disk.path, name), place)
    const others = ({ bases }: HeadlessCluster) => bases.filter((_, at) => at !== 1)
    const fillAndFree = async (cluster: HeadlessCluster, writers: Writers): Promise<void> => {
      const second = cluster.baseOf(2)
      await writeMore(writers, 100)
      // Else the disk that is filled would be another one.
      expect(statSync(join(disk.path, `${name}-wal`)).size).toBeGreaterThan(0)
      const pids = pidsOf(cluster)
      disk.fill()
      await untilAnswered(second, 'disk_full', refusalLimitMs)
      await writeMore(writers, 100)
      expect((await read(second, { dataId: 'writer-0-0' })).status).toBe(200)
      disk.free()
      await untilAnswered(second, 'taken', resumeLimitMs)
      expect(pidsOf(cluster)).toEqual(pids)
    }
    await underWriters(folder, fillAndFree, others)
  })

  it('under the files of one disk cache: writes and reads go on, no file is torn, and the files follow', { timeout: 120_000 }, async () => {
    await (await start(folder)).stop()
    const files = join(dataOf(2), 'data', 'config-data')
    mkdirSync(files, { recursive: true })
    using small = mountSmallDisk(4, files)
    const cluster = await start(folder)
    const base = cluster.baseOf(2)
    try {
      await publishAll(cluster, 'first')
      await waitUntil('the files of it', async () => (await cacheOf(base)).state === 'current' && filesIn(files).length === keys, resumeLimitMs)
      const pids = pidsOf(cluster)
      small.fill()
      await publishAll(cluster, 'second')
      const full = await waitUntil(
        'node 2 to say so',
        async () => ((await cacheOf(base)).state === 'unwritable' ? cacheOf(base) : null),
        resumeLimitMs,
      )
      expect(full.problem).toContain('ENOSPC')
      expect((await read(base, { dataId: 'file-1' })).text).toBe(contentOf(1, 'second'))
      for (const [at, text] of filesIn(files)) expect([contentOf(at, 'first'), contentOf(at, 'second')]).toContain(text)
      small.free()
      await waitUntil('the files to follow', async () => (await cacheOf(base)).state === 'current', resumeLimitMs)
      expect(filesIn(files)).toEqual(Array.from({ length: keys }, (_, at) => [at, contentOf(at, 'second')]))
      expect(pidsOf(cluster)).toEqual(pids)
    } finally {
      await cluster.stop()
    }
  })

  it('is no reason to give a node up that starts on it: it waits for room, and comes back by itself', { timeout: 120_000 }, async () => {
    await (await start(folder)).stop()
    cpSync(dataOf(2), join(disk.path, 'node-2'), { recursive: true })
    rmSync(dataOf(2), { recursive: true })
    symlinkSync(join(disk.path, 'node-2'), dataOf(2))
    const cluster = await start(folder)
    const writers = startWriters([cluster.baseOf(1), cluster.baseOf(3)], 6)
    const fullExits = (from: number) =>
      cluster
        .events()
        .slice(from)
        .filter(({ event, id, code }) => event === 'node-exit' && id === 2 && code === 18)
    const comesBack = async (from: number): Promise<void> => {
      const exit = await waitUntil('node 2 to find the disk full', () => fullExits(from)[0], resumeLimitMs)
      expect(exit.reason).toMatch(/\.db: the disk is full \(disk_full\), so this node cannot start; it starts by itself once there is room$/)
      await writeMore(writers, 100)
      // A node in a crash loop would have ended three times by then.
      const sinceMs = performance.now()
      await waitUntil('three seconds to pass', () => performance.now() - sinceMs > 3_000)
      expect(fullExits(from)).toHaveLength(1)
      disk.free()
      await cluster.nextEvent('node 2 to serve', ({ event, id }) => event === 'node-ready' && id === 2, resumeLimitMs, from)
    }
    try {
      await writeMore(writers, 100)
      let from = cluster.events().length
      disk.fill()
      cluster.killNode(2)
      await comesBack(from)
      await cluster.command('stop 2')
      await cluster.nextEvent('node 2 to stop', ({ event, id }) => event === 'node-exit' && id === 2, resumeLimitMs, cluster.events().length - 1)
      from = cluster.events().length
      disk.fill()
      await cluster.command('start 2')
      await comesBack(from)
      await writers.stop()
      await holds(cluster, writers)
    } finally {
      await writers.stop()
      await cluster.stop()
    }
  })

  it('under a data folder that is to be opened is named, and nothing is left there', { timeout: 120_000 }, async () => {
    await (await start(disk.path)).stop()
    const before = readdirSync(disk.path)
    disk.fill()
    const refused = launch(['--json', '--data', disk.path, '--no-console'], { LC_ALL: 'C' })
    expect((await exitWithin(refused, resumeLimitMs)).code).toBe(1)
    expect(refused.stdout() + refused.stderr()).toContain(`The disk of the data folder ${disk.path} is full (ENOSPC)`)
    disk.free()
    expect(readdirSync(disk.path)).toEqual(before)
  })

  it('under the logs of one node: it goes on, says later what was lost, and no line is torn', { timeout: 120_000 }, async () => {
    await (await start(folder)).stop()
    const logs = join(dataOf(2), 'logs')
    rmSync(logs, { recursive: true })
    mkdirSync(join(disk.path, 'logs'))
    symlinkSync(join(disk.path, 'logs'), logs)
    const cluster = await start(folder)
    try {
      const file = join(disk.path, 'logs', 'nacos.log')
      expect(existsSync(file)).toBe(true)
      const pids = pidsOf(cluster)
      disk.fill()
      // Each leaves lines on every node; the last page of the file has room for some of them.
      for (let turn = 0; turn < 20; turn++) await handOver(cluster, turn)
      for (const base of cluster.bases) await untilAnswered(base, 'taken', refusalLimitMs)
      disk.free()
      await waitUntil(
        'the log to say what it lost',
        async () => {
          await handOver(cluster, 1)
          return /lines were lost/.test(readFileSync(file, 'utf8'))
        },
        resumeLimitMs,
      )
      expect(pidsOf(cluster)).toEqual(pids)
      const torn = readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter(
          (line) =>
            !/^\d{4}-\d\d-\d\dT[\d:.]{12}Z (INFO |WARN |ERROR) \[[a-z]+\] [^\n]*$/.test(line) ||
            /Z (INFO |WARN |ERROR) \[.*Z (INFO |WARN |ERROR) \[/.test(line),
        )
      expect(torn).toEqual([])
    } finally {
      await cluster.stop()
    }
  })
})

/** Leadership goes to the node whose turn it is; that it holds it already is no failure here. */
const handOver = async (cluster: HeadlessCluster, turn: number): Promise<void> => {
  const target = cluster.ready.nodes[turn % cluster.ready.nodes.length]
  const { id } = await agreedLeader(cluster.bases)
  if (target !== undefined && target.id !== id) await transferLeader(cluster.baseOf(target.id), target.raft)
}

const keys = 40
/** Longer than a page, so that a torn one is seen. */
const contentOf = (at: number, words: string): string => `${at} ${words} ${'x'.repeat(6_000)} end`
const publishAll = async ({ bases }: HeadlessCluster, words: string): Promise<void> => {
  for (let at = 0; at < keys; at++) expect((await publish(bases[at % 3] ?? '', { dataId: `file-${at}` }, contentOf(at, words))).status).toBe(200)
}
const cacheOf = async (base: string): Promise<CacheStatus> =>
  JSON.parse((await send(base, { path: '/nacos/v1/cs/ops/localCache' })).text) as CacheStatus
/** Under their final names, in the order of their numbers. */
const filesIn = (folder: string): readonly (readonly [at: number, text: string])[] => {
  const group = join(folder, 'DEFAULT_GROUP')
  const names = existsSync(group) ? readdirSync(group).filter((name) => name.startsWith('file-')) : []
  return names.map((name) => [Number(name.slice('file-'.length)), readFileSync(join(group, name), 'utf8')] as const).sort(([a], [b]) => a - b)
}
