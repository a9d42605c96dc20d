/** Which measures there are, in which order and on which cluster each runs, and the names of their figures. */

import { profileVariable } from '../../src-main/cluster/fork-launcher.ts'
import { agreedLeader } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { residentBytes } from '../support/processes.ts'
import { degraded } from './degraded.ts'
import { cut, killed, paused } from './failover-ways.ts'
import { failover, transfer } from './lost-leader.ts'
import { manyConfigs } from './many-configs.ts'
import { heldConnections, heldMixed, toldMany } from './many-listeners.ts'
import { mysqlPublish } from './mysql-publish.ts'
import { overload } from './overload.ts'
import { measurePush } from './push.ts'
import { registerOverHttp } from './register.ts'
import { registerOverGrpc } from './register-grpc.ts'
import { type Figures, ms, perSecond, type Row, type Sheet, type Task } from './sheet.ts'
import { median, rounded, spreadOf } from './stats.ts'
import { loadConnections, measurePublish, measureRead, type WriteCost } from './throughput.ts'

/** Those that run when none is named. */
export const defaultMeasures: readonly string[] = [
  'ready',
  'rss',
  'publish',
  'push',
  'read',
  'register',
  'register-grpc',
  'told-many',
  'mysql-publish',
  'failover',
  'failover-paused',
  'failover-cut',
  'transfer',
]
/** The rest takes minutes, and is for by hand. */
export const measureNames: readonly string[] = [...defaultMeasures, 'degraded', 'overload', 'many', 'held-connections', 'held-mixed']
const starts = 5
const idleMs = 5_000
const megabyte = 1024 * 1024

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const share = (value: number, of: number): string =>
  `${Math.round((100 * value) / of)} % of a bare node:http server in the same run (${perSecond(of)})`

/** One start of the real command on a folder of its own, from spawn to the ready line. */
const readyOnce = async (): Promise<number> => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const tookMs = cluster.launched.firstLineMs()
  await cluster.stop()
  return tookMs
}

const ready = async (sheet: Sheet): Promise<void> => {
  const tookMs: number[] = []
  for (let start = 0; start < starts; start++) tookMs.push(await readyOnce())
  const spread = spreadOf(tookMs)
  sheet.keys.ready_ms = rounded(spread.p50, 0)
  sheet.conditions.ready_starts = starts
  sheet.conditions.ready_worst_ms = rounded(spread.worst, 0)
  sheet.rows.push({
    name: 'ready_ms',
    value: ms(spread.p50),
    note: `command to three serving nodes with a leader; median of ${starts}, worst ${ms(spread.worst)}; aim < 1 s`,
  })
}

const nodesMegabytes = (cluster: HeadlessCluster): number =>
  cluster.ready.nodes.reduce((sum, { id }) => sum + residentBytes(cluster.pidOf(id)), 0) / megabyte

const rss = async (sheet: Sheet, cluster: HeadlessCluster): Promise<void> => {
  await pause(idleMs)
  const nodes = nodesMegabytes(cluster)
  const main = residentBytes(cluster.ready.pid) / megabyte
  sheet.keys.rss_mb_total = rounded(nodes, 1)
  sheet.conditions.rss_mb_main = rounded(main, 1)
  sheet.rows.push({
    name: 'rss_mb_total',
    value: `${nodes.toFixed(0)} MB`,
    note: `three nodes, idle; the supervising process apart: ${main.toFixed(0)} MB; aim < 300 MB`,
  })
}

const costRows = (sheet: Sheet, cost: WriteCost | null): readonly Row[] => {
  if (cost === null) return []
  const total = cost.user + cost.system
  sheet.keys.cpu_us_per_write = rounded(total, 1)
  const note = `processor time of the three nodes; user ${cost.user.toFixed(0)} us, system ${cost.system.toFixed(0)} us; warm-up included`
  return [{ name: 'cpu_us_per_write', value: `${total.toFixed(0)} us`, note }]
}

const publish = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const leader = await agreedLeader(cluster.bases)
  const { load, fresh, cost, filesMs, ceiling, firstSingle, single } = await measurePublish(cluster, task.measuredMs, leader.id)
  const p50 = median(single.map((one) => one.load.p50Ms))
  const p99 = Math.max(...single.map((one) => one.load.p99Ms))
  sheet.keys.publish_per_s = rounded(load.perSecond, 0)
  sheet.keys.publish_fresh_per_s = rounded(fresh.perSecond, 0)
  sheet.keys.files_current_ms = rounded(filesMs, 0)
  sheet.keys.publish_p50_ms = rounded(p50, 3)
  sheet.keys.publish_p99_ms = rounded(p99, 3)
  sheet.keys.publish_first_seconds_p50_ms = rounded(firstSingle.p50Ms, 3)
  sheet.keys.publish_first_seconds_p99_ms = rounded(firstSingle.p99Ms, 3)
  sheet.conditions.publish_ratio_to_bare_http = rounded(load.perSecond / ceiling.perSecond, 3)
  sheet.conditions.publish_loaded_p50_ms = rounded(load.p50Ms)
  sheet.conditions.publish_loaded_p99_ms = rounded(load.p99Ms)
  sheet.conditions.rss_mb_total_after_load = rounded(nodesMegabytes(cluster), 1)
  sheet.rows.push(
    {
      name: 'publish_per_s',
      value: perSecond(load.perSecond),
      note: `${loadConnections} connections over three nodes; ${share(load.perSecond, ceiling.perSecond)}; aim >= 10,000/s`,
    },
    {
      name: '  just started',
      value: perSecond(fresh.perSecond),
      note: 'the same load before it, on nodes two seconds old',
    },
    {
      name: '  under that load',
      value: ms(load.p50Ms),
      note: `p99 ${ms(load.p99Ms)}, worst ${ms(load.worstMs)}; the generator used ${Math.round(load.ownCpuShare * 100)} % of a core`,
    },
    ...costRows(sheet, cost),
    { name: 'files_current_ms', value: ms(filesMs), note: 'end of that load until the files of all nodes are what they have applied; aim < 2 s' },
    { name: 'publish_p50_ms', value: ms(p50), note: 'one connection, warmed up for ten seconds at each node; median over the three; aim < 1 ms' },
    { name: 'publish_p99_ms', value: ms(p99), note: 'the same, the slowest of the three nodes; aim < 3 ms' },
    {
      name: '  first seconds',
      value: ms(firstSingle.p50Ms),
      note: `p99 ${ms(firstSingle.p99Ms)}, ${perSecond(firstSingle.perSecond)}; at the first node, its first five seconds after a rest; the client is as cold`,
    },
    ...single.map(({ node, leads, load: one }) => ({
      name: `  node ${node}${leads ? ' (leader)' : ''}`,
      value: ms(one.p50Ms),
      note: `p99 ${ms(one.p99Ms)}, worst ${ms(one.worstMs)}, ${perSecond(one.perSecond)}`,
    })),
  )
}

const push = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const { allMs, byNode } = await measurePush(cluster, task.measuredMs)
  const spread = spreadOf(allMs)
  sheet.keys.push_p99_ms = rounded(spread.p99, 3)
  sheet.conditions.push_p50_ms = rounded(spread.p50, 3)
  sheet.conditions.push_samples = spread.count
  const nodes = byNode.map(({ node, samplesMs }) => `node ${node} p99 ${ms(spreadOf(samplesMs).p99)}`).join(', ')
  sheet.rows.push({
    name: 'push_p99_ms',
    value: ms(spread.p99),
    note: `publish answered to long poll told; p50 ${ms(spread.p50)}, worst ${ms(spread.worst)}; ${nodes}; aim < 5 ms`,
  })
}

const read = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const { load, ceiling } = await measureRead(cluster, task.measuredMs)
  sheet.keys.read_per_s = rounded(load.perSecond, 0)
  sheet.conditions.read_ratio_to_bare_http = rounded(load.perSecond / ceiling.perSecond, 3)
  sheet.rows.push({
    name: 'read_per_s',
    value: perSecond(load.perSecond),
    note: `${loadConnections} connections at one node; p99 ${ms(load.p99Ms)}; ${share(load.perSecond, ceiling.perSecond)}; aim >= 30,000/s`,
  })
}

const profileEnv = (profileDir: string | null): Record<string, string> => (profileDir === null ? {} : { [profileVariable]: profileDir })

const withCluster = async (act: (cluster: HeadlessCluster) => Promise<void>, profileDir: string | null = null): Promise<void> => {
  await using cluster = await startHeadless({ args: ['--no-console'], env: profileEnv(profileDir) })
  await act(cluster)
}

/** Runs what `only` names. Throws if a measure cannot be taken; a figure that would be wrong is not reported. */
export const measureAll = async (task: Task): Promise<Figures> => {
  const sheet: Sheet = { keys: {}, conditions: {}, rows: [], broken: [] }
  const wants = (name: string): boolean => task.only.includes(name)
  const step = async (name: string, act: () => Promise<void>): Promise<void> => {
    if (!wants(name)) return
    task.say(`measuring ${name}`)
    await act()
  }
  // The first start may have to build; it is not measured.
  await withCluster(async () => undefined)
  await step('ready', () => ready(sheet))
  if (['rss', 'publish', 'push', 'read'].some(wants)) {
    await withCluster(async (cluster) => {
      await step('rss', () => rss(sheet, cluster))
      await step('publish', () => publish(sheet, cluster, task))
      await step('push', () => push(sheet, cluster, task))
      await step('read', () => read(sheet, cluster, task))
    }, task.profileDir)
  }
  await step('register', () => withCluster((cluster) => registerOverHttp(sheet, cluster, task), task.profileDir))
  await step('register-grpc', () => withCluster((cluster) => registerOverGrpc(sheet, cluster, task), task.profileDir))
  await step('told-many', () => withCluster((cluster) => toldMany(sheet, cluster)))
  await step('mysql-publish', () => mysqlPublish(sheet, task, profileEnv(task.profileDir)))
  await step('failover', () => withCluster((cluster) => failover(sheet, cluster, killed, task)))
  await step('failover-paused', () => withCluster((cluster) => failover(sheet, cluster, paused, task)))
  await step('failover-cut', () => withCluster((cluster) => failover(sheet, cluster, cut, task)))
  await step('transfer', () => withCluster((cluster) => transfer(sheet, cluster, task)))
  await step('degraded', () => withCluster((cluster) => degraded(sheet, cluster, task)))
  await step('overload', () => withCluster((cluster) => overload(sheet, cluster, task)))
  await step('held-connections', () => withCluster((cluster) => heldConnections(sheet, cluster)))
  await step('held-mixed', () => withCluster((cluster) => heldMixed(sheet, cluster)))
  await step('many', () => manyConfigs(sheet, task))
  sheet.conditions.connections = loadConnections
  return sheet
}
