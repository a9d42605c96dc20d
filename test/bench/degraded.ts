/**
 * What one weak follower costs the clients of the other two nodes: the same load on the same two nodes with the third one sound, stopped, and slowed
 * (its disk and its lines). The sound cluster is measured before and after, since a machine is never twice the same.
 */

import { agreedLeader } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { raftState } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { LoadResult } from './load.ts'
import { runLoad } from './processes.ts'
import { ms, perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'
import { loadConnections } from './throughput.ts'

const warmUpMs = 2_000
const levelLimitMs = 60_000
/** A disk and a line as a bad laptop and a bad network have them. */
const slowDiskMs = 20
const slowLineMs = 20

export interface DegradedFigures {
  readonly sound: readonly LoadResult[]
  readonly stopped: LoadResult
  readonly slowed: LoadResult
}

/** All nodes close behind one another. */
const level = (cluster: HeadlessCluster): Promise<boolean> =>
  waitUntil(
    'the nodes to be level',
    async () => {
      const applied = (await Promise.all(cluster.bases.map(raftState))).map(({ appliedIndex }) => appliedIndex)
      return Math.max(...applied) - Math.min(...applied) < 100
    },
    levelLimitMs,
  )

export const measureDegraded = async (cluster: HeadlessCluster, task: Task): Promise<DegradedFigures> => {
  const leader = await agreedLeader(cluster.bases)
  const weak = cluster.ready.nodes.findLast(({ id }) => id !== leader.id)?.id ?? 0
  const bases = cluster.ready.nodes.filter(({ id }) => id !== weak).map(({ http }) => http)
  const load = async (what: string): Promise<LoadResult> => {
    const result = await runLoad({ kind: 'publish', bases, connections: loadConnections, warmUpMs, measuredMs: task.measuredMs })
    if (result.errors > 0) throw new Error(`${what}: ${result.errors} requests failed, the first with ${result.firstError}`)
    task.say(`${what}: ${perSecond(result.perSecond)}, p99 ${ms(result.p99Ms)}`)
    return result
  }
  const before = await load('three sound nodes')

  const seen = cluster.events().length
  await cluster.command(`stop ${weak}`)
  await cluster.nextEvent('the follower to be down', ({ event, id }) => event === 'node-exit' && id === weak, levelLimitMs, seen)
  const stopped = await load('one follower stopped')
  await cluster.command(`start ${weak}`)
  await cluster.nextEvent('the follower to be back', ({ event, id }) => event === 'node-ready' && id === weak, levelLimitMs, seen)
  await level(cluster)

  await cluster.command(`fault disk-slow ${weak} log ${slowDiskMs}`)
  for (const { id } of cluster.ready.nodes) if (id !== weak) await cluster.command(`fault delay ${weak} ${id} ${slowLineMs}`)
  const slowed = await load('one follower slowed')
  await cluster.command('fault heal')
  await level(cluster)
  return { sound: [before, await load('three sound nodes again')], stopped, slowed }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export const degraded = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const { sound, stopped, slowed } = await measureDegraded(cluster, task)
  const rate = mean(sound.map((each) => each.perSecond))
  const p99 = mean(sound.map((each) => each.p99Ms))
  for (const [name, load] of [['stopped', stopped] as const, ['slowed', slowed] as const]) {
    sheet.keys[`${name}_follower_rate_share`] = rounded(load.perSecond / rate)
    sheet.keys[`${name}_follower_p99_ratio`] = rounded(load.p99Ms / p99)
    sheet.rows.push({
      name: `one follower ${name}`,
      value: `${Math.round((100 * load.perSecond) / rate)} %`,
      note: `${perSecond(load.perSecond)} of ${perSecond(rate)}; p99 ${ms(load.p99Ms)} to ${ms(p99)}; aim >= 90 % and p99 <= 2x`,
    })
  }
  sheet.conditions.degraded_slow_disk_ms = slowDiskMs
  sheet.conditions.degraded_slow_line_ms = slowLineMs
}
