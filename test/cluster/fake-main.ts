/** A supervising process to be killed: starts a cluster of fake workers and prints their pids as one JSON line. Arguments: folder, port. */

import { join } from 'node:path'
import { bootCluster } from '../../src-main/cluster/boot.ts'
import { createForkLauncher } from '../../src-main/cluster/fork-launcher.ts'

const [dataDir = '', port = ''] = process.argv.slice(2)
const workerPath = join(import.meta.dirname, 'fake-worker.ts')
const result = await bootCluster({ dataDir, port: Number(port), nodes: null, launcher: createForkLauncher(), workerPath, version: '0.0.0' })
if (result.kind === 'problem') throw new Error(result.problem.kind)
const { cluster } = result.booted
cluster.start()
await cluster.waitReady(10_000)
console.log(JSON.stringify(cluster.view().nodes.map(({ pid }) => pid)))
