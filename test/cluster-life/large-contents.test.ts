/** Large contents under load: what they may cost is time, a late heartbeat, at 10 MiB one election each; never a write. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { finalAnswer } from '../support/final-answer.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { md5, publish, raftState, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const mebibyte = 1024 * 1024
const writerCount = 8
/** The promise is 100 ms on two cores that are ours alone; the bound tells a node that stands still from one that waits for its turn. */
const silenceLimitMs = 1_000

const contentOf = (mebibytes: number): string => randomBytes((mebibytes * mebibyte) / 2).toString('hex')

/** How long followers heard nothing of their leader, each time that a heartbeat was missed, over all nodes. */
const silences = (cluster: HeadlessCluster): readonly number[] =>
  cluster.ready.nodes.flatMap(({ dir }) =>
    [...readFileSync(join(dir, 'logs', 'nacos.log'), 'utf8').matchAll(/silent for (\d+) ms/g)].map(([, ms]) => Number(ms)),
  )
const highestTerm = async ({ bases }: HeadlessCluster): Promise<number> =>
  Math.max(...(await Promise.all(bases.map(raftState))).map(({ term }) => term))

it('contents of 1 MiB cost no election and hold up no heartbeat for long; of 10 MiB one election each at most, and nothing is lost', {
  timeout: 180_000,
}, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const { bases } = cluster
  const writers = startWriters(bases, writerCount)
  const contents = new Map<string, string>()
  const publishAll = async (mebibytes: number, count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const dataId = `large-${mebibytes}-${at % 4}`
      const content = contentOf(mebibytes)
      const written = await finalAnswer(dataId, (id) => publish(bases[at % bases.length] ?? '', { dataId }, content, id))
      expect(written.status).toBe(200)
      contents.set(dataId, md5(content))
    }
  }
  try {
    await waitUntil('some load', () => writers.acknowledged() >= 100)
    const before = await highestTerm(cluster)
    await publishAll(1, 12)
    const quiet = Math.max(0, ...silences(cluster))
    console.log(`12 contents of 1 MiB under load: longest silence of the leader ${quiet} ms`)
    expect(await highestTerm(cluster)).toBe(before)
    expect(quiet).toBeLessThan(silenceLimitMs)
    await publishAll(10, 6)
    const elections = (await highestTerm(cluster)) - before
    console.log(`6 contents of 10 MiB under load: ${elections} elections, longest silence ${Math.max(0, ...silences(cluster))} ms`)
    expect(elections).toBeLessThanOrEqual(6)
  } finally {
    await writers.stop()
  }
  await agreedState(bases)
  for (const base of bases) {
    expect(await writers.audit(base)).toEqual([])
    for (const [dataId, expected] of contents) expect(md5((await read(base, { dataId })).text)).toBe(expected)
  }
})
