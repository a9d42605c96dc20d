/** Three real nodes, writers that fight for the same keys, killed leaders: what every client saw must fit one order. `KILLS=20` by hand. */

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, repository, startHeadless } from '../support/headless.ts'
import { type RegisterWriters, startRegisterWriters } from '../support/register-writers.ts'
import { waitUntil } from '../support/wait-until.ts'

const kills = Number(process.env.KILLS ?? 3)
const writerCount = 8
const keys = ['fought-1', 'fought-2', 'fought-3', 'fought-4']
/** Enough that every key is fought for in every reign. */
const writesPerReign = 150
const reignLimitMs = 15_000
const restartLimitMs = 20_000

const killLeader = async (cluster: HeadlessCluster, writers: RegisterWriters): Promise<void> => {
  const { id } = await agreedLeader(cluster.bases)
  const seen = cluster.events().length
  const before = writers.acknowledged()
  writers.nodeDies(id)
  cluster.killNode(id)
  await waitUntil(`${writesPerReign} writes under the next leader`, () => writers.acknowledged() >= before + writesPerReign, reignLimitMs)
  await cluster.nextEvent('the dead node to be ready again', (event) => event.event === 'node-ready' && event.id === id, restartLimitMs, seen)
}

it(`${writerCount} writers on ${keys.length} keys through ${kills} killed leaders: one order explains all they saw`, {
  timeout: 60_000 + kills * 30_000,
}, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const pictures = join(repository, 'test-results', 'linear')
  const writers = startRegisterWriters({ nodes: cluster.ready.nodes, writers: writerCount, keys, pictures })
  try {
    await waitUntil('the first writes', () => writers.acknowledged() >= writesPerReign, reignLimitMs)
    for (let kill = 0; kill < kills; kill++) await killLeader(cluster, writers)
  } finally {
    await writers.stop()
  }
  await agreedState(cluster.bases)
  await writers.readAtLast()

  const verdict = writers.verdict()
  const { operations, conflicts, unknown, reads, judgedMs } = verdict
  console.log(`${operations} operations (${conflicts} conflicts, ${unknown} unknown) and ${reads} reads judged in ${judgedMs.toFixed(0)} ms`)
  console.log(`met on the way: ${JSON.stringify(writers.troubles())}`)
  expect(verdict.problems).toEqual([])
  expect(verdict.undecided).toBe(0)
  expect(conflicts).toBeGreaterThan(0)
})
