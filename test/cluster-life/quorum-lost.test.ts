/** Two of three down: writes are refused in words and never sneak in later, reads go on, and one node more is enough to write again. */

import { describe, expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { openConsole } from '../support/console-client.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import type { Answer } from '../support/http.ts'
import { publish, read, refusalOf } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const attempts = 6
/** The promise is 2 s; a busy machine may add its own. */
const refusalLimitMs = 4_000
const againLimitMs = 15_000

interface Attempt {
  readonly dataId: string
  readonly answer: Answer
  readonly tookMs: number
}

const tryToWrite = async (base: string, dataId: string): Promise<Attempt> => {
  const begunMs = performance.now()
  const answer = await publish(base, { dataId }, `content of ${dataId}`)
  return { dataId, answer, tookMs: performance.now() - begunMs }
}

const isCleanRefusal = ({ answer, tookMs }: Attempt): void => {
  const code = refusalOf(answer)
  expect(['no_quorum', 'outcome_unknown']).toContain(code)
  expect(answer.status).toBe(code === 'outcome_unknown' ? 504 : 503)
  expect(tookMs).toBeLessThan(refusalLimitMs)
}

const scene = async (cluster: HeadlessCluster, survivorLeads: boolean): Promise<void> => {
  await using line = await openConsole(cluster.ready.console ?? '', cluster.ready.consoleCode ?? '')
  const leader = await agreedLeader(cluster.bases)
  const followers = cluster.ready.nodes.map(({ id }) => id).filter((id) => id !== leader.id)
  const survivor = survivorLeads ? leader.id : followers[0]!
  const downed = cluster.ready.nodes.map(({ id }) => id).filter((id) => id !== survivor)
  const base = cluster.baseOf(survivor)
  expect((await publish(base, { dataId: 'before' }, 'written by a quorum')).status).toBe(200)

  await Promise.all(downed.map((id) => line.client.cluster.stopNode({ id })))
  for (const id of downed)
    await waitUntil(`node ${id} to be down`, async () => (await read(cluster.baseOf(id), { dataId: 'before' }).catch(() => null)) === null)
  const tries: Attempt[] = []
  for (let at = 0; at < attempts; at++) tries.push(await tryToWrite(base, `during-${at}`))
  tries.push(...(await Promise.all(Array.from({ length: attempts }, (_, at) => tryToWrite(base, `during-together-${at}`)))))
  for (const each of tries) isCleanRefusal(each)
  expect((await read(base, { dataId: 'before' })).text).toBe('written by a quorum')

  await line.client.cluster.startNode({ id: downed[0]! })
  await waitUntil('writes to go on', async () => (await publish(base, { dataId: 'after' }, 'two are enough')).status === 200, againLimitMs)
  await line.client.cluster.startNode({ id: downed[1]! })
  await waitUntil('the third to have it', async () => (await read(cluster.baseOf(downed[1]!), { dataId: 'after' })).status === 200, againLimitMs)
  await agreedState(cluster.bases)
  for (const { dataId, answer } of tries.filter((each) => refusalOf(each.answer) === 'no_quorum')) {
    expect(answer.status).toBe(503)
    for (const each of cluster.bases) expect(`${dataId}: ${(await read(each, { dataId })).status}`).toBe(`${dataId}: 404`)
  }
  console.log(
    `survivor ${survivorLeads ? 'led' : 'followed'}: refused after ${tries.map(({ answer, tookMs }) => `${Math.round(tookMs)} ms ${refusalOf(answer)}`).join(', ')}`,
  )
}

// At the same time: what takes theirs is a refusal's own limit, again and again.
describe.concurrent('with two of three down', () => {
  it('a surviving follower refuses writes, reads, and goes on with the second node', async () => {
    await using cluster = await startHeadless()
    await scene(cluster, false)
  })

  it('a surviving leader refuses writes, reads, and goes on with the second node', async () => {
    await using cluster = await startHeadless()
    await scene(cluster, true)
  })
})
