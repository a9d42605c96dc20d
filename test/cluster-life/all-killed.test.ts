/** kill -9 of all three nodes at once, under load. `KILL_ALLS=20` is the run by hand. */

import { expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { startHeadless } from '../support/headless.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const rounds = Number(process.env.KILL_ALLS ?? 3)
const writerCount = 8
const writesBetweenKills = 200
const restartLimitMs = 30_000
const perRoundMs = 60_000

it(`all three killed ${rounds} times: everything acknowledged is there after the restart`, { timeout: 60_000 + rounds * perRoundMs }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters(cluster.bases, writerCount)
  try {
    for (let round = 0; round < rounds; round++) {
      const before = writers.acknowledged()
      await waitUntil('some load', () => writers.acknowledged() >= before + writesBetweenKills, restartLimitMs)
      const seen = cluster.events().length
      for (const { id } of cluster.ready.nodes) cluster.killNode(id)
      for (const { id } of cluster.ready.nodes) {
        await cluster.nextEvent(`node ${id} to be ready again`, (event) => event.event === 'node-ready' && event.id === id, restartLimitMs, seen)
      }
    }
  } finally {
    await writers.stop()
  }
  await agreedState(cluster.bases)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
  console.log(`${writers.acknowledged()} writes acknowledged over ${rounds} kills of all; met: ${JSON.stringify(writers.troubles())}`)
})
