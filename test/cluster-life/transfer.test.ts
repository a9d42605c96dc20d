/** Leadership handed around a real cluster under writers: every wish comes true, and no write fails or is lost by it. */

import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { startHeadless } from '../support/headless.ts'
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
