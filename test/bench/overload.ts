/**
 * More than a cluster can do, for a minute: 640 connections without a pause, then ten times the rate of a cluster whose disks were made slow. Memory,
 * elections and refusals are watched while it lasts, and how soon afterwards a write is as quick as before.
 */

import { agreedLeader } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { residentBytes } from '../support/processes.ts'
import type { LoadOrder, LoadResult } from './load.ts'
import { runLoad } from './processes.ts'
import { connectRaw, exchange } from './raw-http.ts'
import { contentOf, dataIdOf, publishRequest } from './requests.ts'
import { ms, perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded, spreadOf } from './stats.ts'
import { loadConnections } from './throughput.ts'

const crowd = 640
const overloadMs = 60_000
/** Enough to hold what a slow cluster keeps waiting: it takes 2,048 writes a node, and refuses the rest at once. */
const openLoopConnections = 8_000
const slowDiskMs = 100
const timesTheRate = 10
const sampleEveryMs = 1_000
const quickWrites = 20
const againLimitMs = 30_000

const megabyte = 1024 * 1024

export interface OverloadFigures {
  readonly load: LoadResult
  /** Elections that took place: the term at the end less the one at the beginning. */
  readonly terms: number
  /** Largest memory of any node, MB; in the middle third and in the last one, so that growth shows. */
  readonly middleMb: number
  readonly lastMb: number
  /** From the end of the load until twenty writes in a row were as quick as before it. */
  readonly againMs: number
}

/** One write after another at one node; gives each one's time, Infinity for one that failed. */
const writeOne = async (connection: Awaited<ReturnType<typeof connectRaw>>, turn: number): Promise<number> => {
  const begunMs = performance.now()
  const answer = await exchange(connection, publishRequest(dataIdOf(turn), contentOf('single', turn)))
  return answer?.status === 200 ? performance.now() - begunMs : Number.POSITIVE_INFINITY
}

const quickAgain = async (base: string, limitMs: number): Promise<number> => {
  const fromMs = performance.now()
  const connection = await connectRaw(base)
  let row = 0
  let rowBeganMs = fromMs
  try {
    for (let turn = 0; performance.now() - fromMs < againLimitMs; turn++) {
      const beganMs = performance.now()
      const quick = (await writeOne(connection, turn)) <= limitMs
      if (quick && row === 0) rowBeganMs = beganMs
      row = quick ? row + 1 : 0
      if (row >= quickWrites) return rowBeganMs - fromMs
    }
    return Number.POSITIVE_INFINITY
  } finally {
    connection.close()
  }
}

/** Twice the slowest of some writes in peace, and no less than what a busy machine adds by itself. */
const quickLimit = async (base: string): Promise<number> => {
  const connection = await connectRaw(base)
  const tookMs: number[] = []
  for (let turn = 0; turn < 200; turn++) tookMs.push(await writeOne(connection, turn))
  connection.close()
  return Math.max(20, 2 * spreadOf(tookMs).p99)
}

const measure = async (cluster: HeadlessCluster, order: LoadOrder): Promise<OverloadFigures> => {
  const base = cluster.bases[0] ?? ''
  const limitMs = await quickLimit(base)
  const before = await agreedLeader(cluster.bases)
  const samplesMb: number[] = []
  const sample = setInterval(
    () => samplesMb.push(Math.max(...cluster.ready.nodes.map(({ id }) => residentBytes(cluster.pidOf(id)))) / megabyte),
    sampleEveryMs,
  )
  const load = await runLoad(order).finally(() => clearInterval(sample))
  const againMs = await quickAgain(base, limitMs)
  const third = Math.floor(samplesMb.length / 3)
  return {
    ...{ load, againMs, terms: (await agreedLeader(cluster.bases)).term - before.term },
    middleMb: Math.max(...samplesMb.slice(third, 2 * third)),
    lastMb: Math.max(...samplesMb.slice(2 * third)),
  }
}

const write = (sheet: Sheet, name: string, figures: OverloadFigures): void => {
  const { load, terms, middleMb, lastMb, againMs } = figures
  const key = `overload_${name}`
  const refused = Object.values(load.refused).reduce((sum, count) => sum + count, 0)
  sheet.keys[`${key}_elections`] = terms
  sheet.keys[`${key}_again_ms`] = rounded(againMs, 0)
  sheet.keys[`${key}_rss_mb`] = rounded(lastMb, 0)
  sheet.keys[`${key}_without_code`] = load.errors - refused
  sheet.conditions[`${key}_refused`] = JSON.stringify(load.refused)
  if (load.errors > refused) sheet.broken.push(`${load.errors - refused} requests were answered without a code, the first with ${load.firstError}`)
  sheet.rows.push({
    name: `overload, ${name}`,
    value: perSecond(load.perSecond),
    note:
      `acknowledged, p99 ${ms(load.p99Ms)}; refused ${JSON.stringify(load.refused)}; ${terms} elections, aim 0; largest node ${Math.round(middleMb)} MB in ` +
      `the middle, ${Math.round(lastMb)} MB at the end; writes quick again after ${ms(againMs)}, aim < 1 s`,
  })
}

export const overload = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const { bases } = cluster
  task.say(`${crowd} connections without pause for ${overloadMs / 1000} s`)
  write(sheet, 'crowd', await measure(cluster, { kind: 'publish', bases, connections: crowd, warmUpMs: 1_000, measuredMs: overloadMs }))

  for (const { id } of cluster.ready.nodes) await cluster.command(`fault disk-slow ${id} log ${slowDiskMs}`)
  const slow = await runLoad({ kind: 'publish', bases, connections: loadConnections, warmUpMs: 1_000, measuredMs: task.measuredMs })
  const rate = Math.round(slow.perSecond * timesTheRate)
  task.say(`disks ${slowDiskMs} ms slow: ${perSecond(slow.perSecond)}; now ${perSecond(rate)} for ${overloadMs / 1000} s`)
  const order = { kind: 'publish', bases, connections: openLoopConnections, warmUpMs: 1_000, measuredMs: overloadMs, rate } as const
  write(sheet, 'slow_disks', await measure(cluster, order))
  sheet.conditions.overload_slow_disk_ms = slowDiskMs
  sheet.conditions.overload_slow_disks_rate = rounded(slow.perSecond, 0)
  await cluster.command('fault heal')
}
