/** A three-node cluster on disks that forget what was not synced, under the product's own supervisor, in this process. Disposal leaves nothing. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootCluster } from '../../../src-main/cluster/boot.ts'
import type { ClusterEvent } from '../../../src-main/cluster/types.ts'
import { repository } from '../../support/headless.ts'
import { findFreePortSet } from '../../support/ports.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { type Cut, createPowerLauncher, type PowerLauncherOptions } from './power-launcher.ts'

const startLimitMs = 30_000
/** Logs are cut, checkpoints made and snapshots sent within a run of a second. */
const eagerCompaction = { compactEntries: 300, compactKeptEntries: 100 }

const linesIn = (path: string, pattern: RegExp): number =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => pattern.test(line)).length
    : 0

export interface PowerCluster extends AsyncDisposable {
  readonly dataDir: string
  readonly ids: readonly number[]
  readonly bases: readonly string[]
  /** Those made so far, oldest first. */
  readonly cuts: () => readonly Cut[]
  /** Ends that no kill of ours explains, in words: a node that does not believe its own disk. */
  readonly refusals: () => readonly string[]
  /** kill -9, and the power goes. */
  readonly kill: (id: number) => void
  /** kill -9 alone. */
  readonly crash: (id: number) => void
  /** Starts of nodes so far. */
  readonly starts: () => number
  readonly pause: (id: number, ms: number) => void
  readonly resume: (id: number) => void
  /** Lines of the nodes' logs that fit, all together. */
  readonly logLines: (pattern: RegExp) => number
  /** Every node serves. Fails at once when one has refused to start. */
  readonly serving: () => Promise<void>
}

export interface PowerClusterOptions extends Omit<PowerLauncherOptions, 'workDir'> {
  /** Of the nodes' options. Absent: compaction after a few hundred entries. */
  readonly overrides?: Readonly<Record<string, number>> | undefined
}

/** Resolves when it serves for the first time. */
export const startPowerCluster = async ({ overrides = eagerCompaction, ...options }: PowerClusterOptions): Promise<PowerCluster> => {
  const root = mkdtempSync(join(tmpdir(), 'nacos-trio-power-'))
  const [dataDir, workDir] = [join(root, 'data'), join(root, 'journals')]
  mkdirSync(workDir)
  const launcher = createPowerLauncher({ ...options, workDir })
  const workerPath = join(repository, 'out', 'main', 'node.js')
  const port = await findFreePortSet()
  const opened = await bootCluster({ dataDir, port, nodes: 3, launcher, workerPath, version: '0.0.0-power', overrides })
  if (opened.kind === 'problem') throw new Error(`the cluster cannot be started: ${JSON.stringify(opened.problem)}`)
  const { cluster, shutdown } = opened.booted
  const events: ClusterEvent[] = []
  cluster.onEvent((event) => events.push(event))
  const refusals = (): readonly string[] =>
    events.flatMap((event) => (event.kind === 'node-exit' && event.signal === null && event.code !== 0 ? [`node ${event.id}: ${event.reason}`] : []))
  const serving = async (): Promise<void> => {
    const found = await waitUntil(
      'every node to serve',
      () => {
        const refused = refusals()[0]
        return refused ?? (cluster.view().health.kind === 'all-serve' ? 'serving' : null)
      },
      startLimitMs,
    )
    if (found !== 'serving') throw new Error(found)
  }
  const dispose = async (): Promise<void> => {
    await shutdown()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  }
  cluster.start()
  return {
    dataDir,
    ids: cluster.places.map(({ id }) => id),
    bases: cluster.places.map(({ host, httpPort }) => `http://${host}:${httpPort}`),
    cuts: launcher.cuts,
    refusals,
    kill: (id) => void cluster.killNode(id),
    crash: (id) => {
      if (cluster.killNode(id).ok) launcher.spare(id)
    },
    starts: launcher.starts,
    resume: (id) => void cluster.resumeNode(id),
    logLines: (pattern) => cluster.places.reduce((sum, { dir }) => sum + linesIn(join(dir, 'logs', 'nacos.log'), pattern), 0),
    pause: (id, ms) => void cluster.pauseNode(id, ms),
    serving,
    [Symbol.asyncDispose]: dispose,
  }
}
