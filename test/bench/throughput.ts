/** Publish and read: how many a second, how long one takes, and how far that is from a bare server in the same run. */

import type { HeadlessCluster } from '../support/headless.ts'
import { cpuMicros } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { filesCurrent } from './files.ts'
import type { LoadResult } from './load.ts'
import { runLoad, startEchoServers } from './processes.ts'
import { connectRaw, exchange } from './raw-http.ts'
import { contentOf, dataIdOf, keyCount, publishRequest } from './requests.ts'

export const loadConnections = 64
const warmUpMs = 2_000
const echoMs = 3_000
/**
 * One connection: a node at rest has code for batches, and V8 compiles for a quarter minute what single writes need instead; until then they cost
 * up to 1.7 times the processor time.
 */
const singleWarmUpMs = 10_000
const firstSecondsMs = 5_000
const settleMs = 500
const settleLimitMs = 30_000
/** Of a core, for each node: what an idle node uses is less than half of it. */
const restShare = 0.05

export interface Throughput {
  readonly load: LoadResult
  /** The bare server's rate under the same load, same run. */
  readonly ceiling: LoadResult
}

/** Microseconds of processor time that one write costs the nodes together; compares builds on a machine that is not quiet, which rates cannot. */
export interface WriteCost {
  readonly user: number
  readonly system: number
}

export interface PublishFigures extends Throughput {
  /**
   * The same load before it, on nodes that have just started: an eighth of their processor time goes to V8's compilers, which nodes that
   * have run for a while have behind them.
   */
  readonly fresh: LoadResult
  /** null where the system does not tell. */
  readonly cost: WriteCost | null
  /** From the end of the load until every node's files are what it has applied. */
  readonly filesMs: number
  /** One connection at one node, from its first write on. */
  readonly firstSingle: LoadResult
  /** One connection, all nodes one after the other, each warmed up. */
  readonly single: readonly { readonly node: number; readonly leads: boolean; readonly load: LoadResult }[]
}

export const refuseErrors = (what: string, load: LoadResult): LoadResult => {
  if (load.errors > 0) throw new Error(`${what}: ${load.errors} requests failed, the first with ${load.firstError}`)
  return load
}

const ceilingOf = async (kind: 'publish' | 'read', servers: number): Promise<LoadResult> => {
  await using echo = await startEchoServers(servers)
  return await runLoad({ kind, bases: echo.bases, connections: loadConnections, warmUpMs: 1_000, measuredMs: echoMs })
}

const nodesCpu = (cluster: HeadlessCluster) => cluster.ready.nodes.map(({ id }) => cpuMicros(cluster.pidOf(id)))

/** Runs `load` and divides what the nodes used by what it wrote, warm-up included. */
export const withCost = async (
  cluster: HeadlessCluster,
  load: () => Promise<LoadResult>,
): Promise<{ result: LoadResult; cost: WriteCost | null }> => {
  const before = nodesCpu(cluster)
  const result = await load()
  let cost: { user: number; system: number } | null = { user: 0, system: 0 }
  for (const [at, after] of nodesCpu(cluster).entries()) {
    const from = before[at] ?? null
    if (cost === null || after === null || from === null) cost = null
    else cost = { user: cost.user + (after.user - from.user) / result.answered, system: cost.system + (after.system - from.system) / result.answered }
  }
  return { result, cost }
}

/** What the load before has left to do (collecting, compiling, checkpoints) is done: for half a second each node used a twentieth of a core at most. */
const settled = async (cluster: HeadlessCluster): Promise<void> => {
  const used = () => nodesCpu(cluster).reduce((sum, cpu) => sum + (cpu === null ? 0 : cpu.user + cpu.system), 0)
  let [from, sinceMs] = [used(), performance.now()]
  await waitUntil(
    'the nodes to be at rest',
    () => {
      const tookMs = performance.now() - sinceMs
      if (tookMs < settleMs) return false
      const share = (used() - from) / 1000 / tookMs
      ;[from, sinceMs] = [used(), performance.now()]
      return share < restShare * cluster.bases.length
    },
    settleLimitMs,
  )
}

/** Three nodes, 64 connections; then, the nodes at rest again, one connection at each node. */
export const measurePublish = async (cluster: HeadlessCluster, measuredMs: number, leader: number): Promise<PublishFigures> => {
  const ceiling = await ceilingOf('publish', cluster.bases.length)
  const order = { kind: 'publish', bases: cluster.bases, connections: loadConnections, warmUpMs, measuredMs } as const
  const fresh = refuseErrors('publish', await runLoad(order))
  const { result, cost } = await withCost(cluster, () => runLoad(order))
  const load = refuseErrors('publish', result)
  const filesMs = await filesCurrent(cluster.bases)
  await settled(cluster)
  const singleAt = async (base: string, ms: { readonly warmUpMs: number; readonly measuredMs: number }) =>
    refuseErrors('publish, one connection', await runLoad({ kind: 'publish', bases: [base], connections: 1, ...ms }))
  const [first] = cluster.bases
  const firstSingle = await singleAt(first ?? '', { warmUpMs: 0, measuredMs: firstSecondsMs })
  const single = []
  const warm = { warmUpMs: singleWarmUpMs, measuredMs: measuredMs / 2 }
  for (const { id, http } of cluster.ready.nodes) single.push({ node: id, leads: id === leader, load: await singleAt(http, warm) })
  return { load, fresh, cost, filesMs, ceiling, firstSingle, single }
}

/** Writes every key once, so that no read misses. */
const fill = async (bases: readonly string[]): Promise<void> => {
  const connections = await Promise.all(Array.from({ length: loadConnections }, (_, at) => connectRaw(bases[at % bases.length] ?? '')))
  let next = 0
  const work = connections.map(async (connection) => {
    while (next < keyCount) {
      const key = next++
      const answer = await exchange(connection, publishRequest(dataIdOf(key), contentOf('fill', key)))
      if (answer?.status !== 200) throw new Error(`filling failed at key ${key}: ${answer?.status ?? 'connection broken'}`)
    }
  })
  await Promise.all(work)
  for (const connection of connections) connection.close()
}

/** One node, 64 connections, over all keys. */
export const measureRead = async (cluster: HeadlessCluster, measuredMs: number): Promise<Throughput> => {
  await fill(cluster.bases)
  const ceiling = await ceilingOf('read', 1)
  const load = await runLoad({ kind: 'read', bases: cluster.bases.slice(0, 1), connections: loadConnections, warmUpMs, measuredMs })
  return { load: refuseErrors('read', load), ceiling }
}
