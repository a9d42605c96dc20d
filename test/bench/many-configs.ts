/**
 * A hundred thousand configurations, from their import to a start with all of them: times, and what each node holds of the memory meanwhile. On a
 * cluster of its own, which is stopped and started again on its data.
 */

import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheStatus, DumpReport } from '../../src-node/disk-cache/types.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { exitWithin, type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { residentBytes, signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { filesCurrent } from './files.ts'
import { writeManyZip } from './many-zip.ts'
import { ms, perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'

const limitMs = 600_000
const sampleEveryMs = 200
/** What V8 gives back after a load it has given back by then. */
const restMs = 10_000
const megabyte = 1024 * 1024
const cachePath = '/nacos/v1/cs/ops/localCache'

const aims = { startMs: 3_000, dumpMs: 10_000, nodeMb: 200 } as const

const pause = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs))
const megabytesOf = (cluster: HeadlessCluster): readonly number[] =>
  cluster.ready.nodes.map(({ id }) => Math.round(residentBytes(cluster.pidOf(id)) / megabyte))
const shown = (each: readonly number[]): string => `${each.join(', ')} MB by node`

/** The highest of each node while `task` runs. */
const whileSampled = async <T>(
  cluster: HeadlessCluster,
  task: () => Promise<T>,
): Promise<{ result: T; tookMs: number; peaksMb: readonly number[] }> => {
  let peaksMb = megabytesOf(cluster)
  const timer = setInterval(() => {
    const now = megabytesOf(cluster)
    peaksMb = peaksMb.map((peak, at) => Math.max(peak, now[at] ?? 0))
  }, sampleEveryMs)
  const beganMs = performance.now()
  try {
    const result = await task()
    return { result, tookMs: performance.now() - beganMs, peaksMb }
  } finally {
    clearInterval(timer)
  }
}

const ordered = async (cluster: HeadlessCluster, line: string): Promise<void> => {
  const answer = await cluster.ask(line, limitMs)
  if (answer.ok !== true) throw new Error(`${line}: ${answer.detail}`)
}

const cacheOf = async (base: string): Promise<CacheStatus> => JSON.parse((await send(base, { path: cachePath })).text) as CacheStatus
/** The report of a full dump that is newer than what was there before. */
const dumped = (base: string, beforeMs: number): Promise<DumpReport> =>
  waitUntil(
    `a full dump at ${base}`,
    async () => {
      const { last, running } = await cacheOf(base)
      return running === null && last !== null && last.startedMs > beforeMs ? last : null
    },
    limitMs,
  )

/** By the supervisor's own log: from the process to its first word that it serves. */
const startTimes = (dataDir: string): readonly number[] => {
  const lines = readFileSync(join(dataDir, 'logs', 'app.log'), 'utf8').split('\n')
  const timeOf = (words: RegExp): number => Date.parse(/^\S+/.exec(lines.findLast((line) => words.test(line)) ?? '')?.[0] ?? '')
  return [1, 2, 3].map((id) => timeOf(new RegExp(`Node ${id} serves`)) - timeOf(new RegExp(`Node ${id} started, pid`)))
}

const stopped = async (cluster: HeadlessCluster): Promise<void> => {
  signal(cluster.launched.pid, 'SIGTERM')
  await exitWithin(cluster.launched, 30_000)
}

interface Place {
  readonly dataDir: string
  readonly zip: string
  readonly count: number
}

const importing = async (sheet: Sheet, cluster: HeadlessCluster, { zip, count }: Place): Promise<void> => {
  const before = await agreedLeader(cluster.bases)
  const { tookMs, peaksMb } = await whileSampled(cluster, () => ordered(cluster, `import ${zip}`))
  await agreedState(cluster.bases, limitMs)
  const terms = (await agreedLeader(cluster.bases)).term - before.term
  const after = await whileSampled(cluster, () => filesCurrent(cluster.bases, limitMs))
  await pause(restMs)
  const restMb = megabytesOf(cluster)
  sheet.keys.import_ms = rounded(tookMs, 0)
  sheet.keys.import_peak_mb = Math.max(...peaksMb)
  sheet.keys.import_elections = terms
  sheet.rows.push(
    {
      name: 'import',
      value: ms(tookMs),
      note: `${count} configurations, ${Math.round(statSync(zip).size / megabyte)} MiB of zip, ${perSecond((count * 1000) / tookMs)}; ${terms} elections, aim 0`,
    },
    { name: '  at most', value: `${Math.max(...peaksMb)} MB`, note: `${shown(peaksMb)}; aim < ${aims.nodeMb} MB` },
    {
      name: '  files of it',
      value: ms(after.tookMs),
      note: `from its end until the files of all nodes are current; ${shown(after.peaksMb)} at most meanwhile`,
    },
    { name: '  afterwards', value: `${Math.max(...restMb)} MB`, note: `${shown(restMb)}, at rest` },
  )
}

const exporting = async (sheet: Sheet, cluster: HeadlessCluster, { zip }: Place): Promise<void> => {
  const { tookMs, peaksMb } = await whileSampled(cluster, () => ordered(cluster, `export ${zip}.again`))
  sheet.keys.export_ms = rounded(tookMs, 0)
  sheet.rows.push({ name: 'export', value: ms(tookMs), note: `all of them; ${shown(peaksMb)} at most` })
}

/** Not removed: ext4 without a journal passes over every inode that was freed within minutes, and would be what is measured. */
const setFilesAside = (dataDir: string): void => {
  for (const id of [1, 2, 3]) renameSync(join(dataDir, `node-${id}`, 'data', 'config-data'), join(dataDir, `files-of-${id}`))
}

/** @param withFiles whether the disk cache is there already */
const starting = async (sheet: Sheet, { dataDir, count }: Place, withFiles: boolean): Promise<void> => {
  if (!withFiles) setFilesAside(dataDir)
  const beganMs = Date.now()
  await using cluster = await startHeadless({ data: dataDir, args: ['--no-console'] })
  const { result, peaksMb } = await whileSampled(cluster, () => Promise.all(cluster.bases.map((base) => dumped(base, beganMs))))
  const nodesMs = startTimes(dataDir)
  const dumpsMs = result.map(({ tookMs }) => Math.round(tookMs))
  const written = result.map((report) => report.written)
  const expected = withFiles ? 0 : count
  if (!written.every((files) => files === expected)) throw new Error(`the start-up dumps wrote ${written.join(', ')} files, not ${expected}`)
  await pause(restMs)
  const restMb = megabytesOf(cluster)
  const name = withFiles ? 'with_files' : 'without_files'
  sheet.keys[`start_${name}_ms`] = Math.max(...nodesMs)
  sheet.keys[`dump_${name}_ms`] = Math.max(...dumpsMs)
  sheet.keys[`rest_${name}_mb`] = Math.max(...restMb)
  sheet.rows.push(
    {
      name: 'node start to serving',
      value: ms(Math.max(...nodesMs)),
      note: `the slowest of three at once: ${nodesMs.join(', ')} ms; aim < ${aims.startMs} ms`,
    },
    {
      name: `  full dump, ${withFiles ? 'all files there' : 'no file there'}`,
      value: ms(Math.max(...dumpsMs)),
      note: `three nodes at once: ${dumpsMs.join(', ')} ms; ${shown(peaksMb)} at most meanwhile; aim < ${aims.dumpMs} ms`,
    },
    { name: '  at rest', value: `${Math.max(...restMb)} MB`, note: `${shown(restMb)}; aim < ${aims.nodeMb} MB` },
  )
  await stopped(cluster)
}

export const manyConfigs = async (sheet: Sheet, task: Task): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nacos-trio-many-'))
  const place: Place = { dataDir, zip: join(dataDir, 'many.zip'), count: task.configs }
  try {
    await writeManyZip(place.zip, task.configs)
    {
      await using cluster = await startHeadless({ data: dataDir, args: ['--no-console'] })
      task.say(`importing ${task.configs} configurations`)
      await importing(sheet, cluster, place)
      await exporting(sheet, cluster, place)
      await stopped(cluster)
    }
    task.say('starting with all of them and their files, then without the files')
    await starting(sheet, place, true)
    await starting(sheet, place, false)
    sheet.conditions.configurations = task.configs
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
