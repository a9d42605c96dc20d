/** kill -9 of the leader, again and again, under writers that keep books. `KILLS=50` is the run by hand. */

import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { raftState } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters, type Writers } from '../support/writers.ts'

const kills = Number(process.env.KILLS ?? 6)
const writerCount = 8
/** Ten times the promise of 500 ms. */
const writesAgainLimitMs = 5_000
const restartLimitMs = 20_000
const perKillMs = 30_000

const killLeaderOnce = async (cluster: HeadlessCluster, writers: Writers): Promise<number> => {
  const old = await agreedLeader(cluster.bases)
  const seen = cluster.events().length
  const survivors = cluster.ready.nodes.filter(({ id }) => id !== old.id).map(({ http }) => http)
  const killedMs = performance.now()
  cluster.killNode(old.id)

  const firstMs = await waitUntil('a write to be acknowledged again', () => writers.firstAcknowledgedAfter(killedMs), writesAgainLimitMs)
  await waitUntil('a new leader in a new term', async () => {
    const states = await Promise.all(survivors.map(raftState))
    return states.every(({ term, leaderId }) => term > old.term && leaderId !== null)
  })
  const exit = await cluster.nextEvent('the exit of the killed node', ({ event, id }) => event === 'node-exit' && id === old.id, restartLimitMs, seen)
  expect(exit.signal).toBe('SIGKILL')
  const again = await cluster.nextEvent(
    'the killed node to be ready again',
    ({ event, id }) => event === 'node-ready' && id === old.id,
    restartLimitMs,
    seen,
  )
  expect(again.pid).not.toBe(exit.pid)
  return firstMs - killedMs
}

it(`${kills} killed leaders: each replaced, nothing acknowledged lost, the dead back and equal`, {
  timeout: 60_000 + kills * perKillMs,
}, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters(cluster.bases, writerCount)
  const tookMs: number[] = []
  try {
    for (let kill = 0; kill < kills; kill++) tookMs.push(await killLeaderOnce(cluster, writers))
  } finally {
    await writers.stop()
  }
  await agreedState(cluster.bases)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
  const sorted = tookMs.toSorted((a, b) => a - b).map(Math.round)
  console.log(`leader killed ${kills} times: writes again after ${sorted[Math.floor(kills / 2)]} ms (median), ${sorted.at(-1)} ms (worst)`)
  console.log(`${writers.acknowledged()} writes acknowledged; met on the way: ${JSON.stringify(writers.troubles())}`)
})
