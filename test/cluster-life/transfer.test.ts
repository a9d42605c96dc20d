/** Leadership handed around a real cluster under writers: every wish comes true, and no write fails or is lost by it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { startHeadless } from '../support/headless.ts'
import { transferLeader } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const rounds = Number(process.env.TRANSFERS ?? 9)

it(`hands leadership over ${rounds} times, and no write fails`, { timeout: 60_000 + rounds * 5_000 }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters(cluster.bases, 8)
  try {
    for (let round = 0; round < rounds; round++) {
      const before = writers.acknowledged()
      await waitUntil('some writes', () => writers.acknowledged() >= before + 20, 20_000)
      const { id } = await agreedLeader(cluster.bases)
      const target = (id % 3) + 1
      expect(await cluster.ask(`transfer ${target}`, 10_000)).toMatchObject({ ok: true })
      expect((await agreedLeader(cluster.bases)).id).toBe(target)
    }
    expect(await cluster.ask('transfer 7', 10_000)).toMatchObject({ ok: false, code: 'not_found' })
  } finally {
    await writers.stop()
  }
  expect(writers.troubles()).toEqual({})
  await agreedState(cluster.bases)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
})

it('hands leadership over by an order to any node, whose log tells who asked', { timeout: 60_000 }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const { id: leader } = await agreedLeader(cluster.bases)
  const asked = (leader % 3) + 1
  const { dir, http, raft } = cluster.ready.nodes.find(({ id }) => id === asked)!
  expect(await transferLeader(http, raft)).toBeNull()
  const line = new RegExp(`INFO +\\[ops\\] transferLeader ${raft}, asked from 127\\.0\\.0\\.1:\\d+: done`)
  await waitUntil('the line in the log', () => line.test(readFileSync(join(dir, 'logs', 'nacos.log'), 'utf8')), 5_000)
  expect((await agreedLeader(cluster.bases)).id).toBe(asked)
})
