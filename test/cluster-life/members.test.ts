/** Nodes come and go on a real cluster, under writers that keep books: nothing acknowledged is lost, and all who are left are equal. */

import { readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { exitWithin, type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { raftState } from '../support/nacos.ts'
import { findFreePortSet } from '../support/ports.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters, type Writers } from '../support/writers.ts'

/** Starting a worker takes a second, on a busy machine several. */
const changeLimitMs = 60_000
const lifeMs = 240_000

const baseAt = (port: number, id: number): string => `http://127.0.0.1:${port + id - 1}`

const written = async (writers: Writers, more: number): Promise<void> => {
  const before = writers.acknowledged()
  await waitUntil(`${more} more writes`, () => writers.acknowledged() >= before + more, 30_000)
}

/** Carries one change out, with writes before and after it. */
const change = async (cluster: HeadlessCluster, writers: Writers, line: string): Promise<number> => {
  await written(writers, 50)
  const answer = await cluster.ask(line, changeLimitMs)
  expect(answer, line).toMatchObject({ ok: true })
  await written(writers, 50)
  return Number(answer.facts?.id)
}

const membersIn = (dataDir: string): { readonly ids: number[]; readonly joining: number[]; readonly leaving: number[] } =>
  JSON.parse(readFileSync(join(dataDir, 'cluster.json'), 'utf8')).members ?? { ids: [], joining: [], leaving: [] }

it('grows from three to five and shrinks to three, its leader first', { timeout: lifeMs }, async () => {
  const port = await findFreePortSet(6)
  await using cluster = await startHeadless({ port, args: ['--no-console'] })
  const writers = startWriters(
    [1, 2, 3, 4, 5].map((id) => baseAt(port, id)),
    8,
  )
  let left = [1, 2, 3]
  try {
    left = [...left, await change(cluster, writers, 'add')]
    left = [...left, await change(cluster, writers, 'add')]
    expect(left).toEqual([1, 2, 3, 4, 5])
    await agreedLeader(left.map((id) => baseAt(port, id)))
    for (let removed = 0; removed < 2; removed++) {
      const { id } = await agreedLeader(left.map((each) => baseAt(port, each)))
      await change(cluster, writers, `remove ${id}`)
      left = left.filter((each) => each !== id)
    }
  } finally {
    await writers.stop()
  }
  const bases = left.map((id) => baseAt(port, id))
  await agreedState(bases)
  for (const base of bases) expect(await writers.audit(base)).toEqual([])
  expect((await readdir(join(cluster.dataDir, 'removed'))).toSorted()).toHaveLength(2)
  const told = cluster.events().filter(({ event }) => event === 'quorum')
  expect(told[0]).toMatchObject({ command: 'add', en: expect.stringContaining('With 4: 3 must agree, still 1 may be lost') })
  console.log(`${writers.acknowledged()} writes acknowledged; met on the way: ${JSON.stringify(writers.troubles())}`)
})

it('bug 18: a node that lost its folder does not come back under its id, and is replaced by a new one', { timeout: lifeMs }, async () => {
  const port = await findFreePortSet(4)
  const cluster = await startHeadless({ port, args: ['--no-console'] })
  const { dataDir } = cluster
  const writers = startWriters([1, 3].map((id) => baseAt(port, id)))
  try {
    await written(writers, 50)
    cluster.killNode(2)
    await rm(join(dataDir, 'node-2', 'data'), { recursive: true })
    await cluster.nextEvent('node 2 to refuse its empty folder', ({ event, id, code }) => event === 'node-exit' && id === 2 && code === 12, 20_000)
    expect(await cluster.ask('remove 1', changeLimitMs)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('too few of the remaining voters'),
    })
    expect(await change(cluster, writers, 'replace 2')).toBe(4)
  } finally {
    await writers.stop()
  }
  const bases = [1, 3, 4].map((id) => baseAt(port, id))
  const before = await agreedState(bases)
  expect(membersIn(dataDir)).toMatchObject({ ids: [1, 3, 4], joining: [], leaving: [] })
  process.kill(cluster.ready.pid, 'SIGTERM')
  await exitWithin(cluster.launched, 15_000)

  await using again = await startHeadless({ port, data: dataDir, args: ['--no-console'] })
  expect(again.ready.nodes.map(({ id }) => id)).toEqual([1, 3, 4])
  expect((await agreedState(bases)).stateHash).toBe(before.stateHash)
  for (const base of bases) expect(await writers.audit(base)).toEqual([])
  await again.stop()
  await rm(dataDir, { recursive: true, force: true })
})

it('goes on with a change after kill -9 of the supervising process', { timeout: lifeMs }, async () => {
  const port = await findFreePortSet(4)
  const cluster = await startHeadless({ port, args: ['--no-console'] })
  const { dataDir } = cluster
  cluster.launched.write('add\n')
  await waitUntil('node 4 to be noted as joining', () => membersIn(dataDir).joining.includes(4), 20_000)
  cluster.killMain()
  await exitWithin(cluster.launched, 15_000)

  await using again = await startHeadless({ port, data: dataDir, nodes: 4, args: ['--no-console'] })
  await waitUntil('node 4 to vote', () => membersIn(dataDir).joining.length === 0, changeLimitMs)
  const bases = [1, 2, 3, 4].map((id) => baseAt(port, id))
  await agreedState(bases)
  await again.stop()
  await rm(dataDir, { recursive: true, force: true })
})

it('faults reach a node that came later, and those of a node outlive another that went', { timeout: lifeMs }, async () => {
  const port = await findFreePortSet(4)
  await using cluster = await startHeadless({ port, args: ['--no-console'] })
  const says = (id: number, text: string): number => {
    const log = readFileSync(join(cluster.dataDir, `node-${id}`, 'logs', 'nacos.log'), 'utf8')
    return log.split(text).length - 1
  }
  const slow = 'as asked: each write of the Raft log takes 5 ms longer'
  expect(await cluster.ask('add', changeLimitMs)).toMatchObject({ ok: true })
  await cluster.command('fault disk-slow 1 log 5')
  await cluster.command('fault cut 1 4')
  await waitUntil('node 1 to have both faults', () => says(1, slow) === 1 && says(1, 'as asked: frames to node-4 are dropped') === 1, 10_000)
  await waitUntil('node 4 to have its end of the cut', () => says(4, 'as asked: frames from node-1 are dropped') === 1, 10_000)
  await cluster.command('fault mend 1 4')
  await cluster.command('fault cut 1 2')
  expect(await cluster.ask('remove 2', changeLimitMs)).toMatchObject({ ok: true })
  await waitUntil('the cut to be over', () => says(1, 'over: frames to node-2 are dropped') === 1, 10_000)
  await cluster.command('restart 1')
  await waitUntil('node 1 to have its slow disk again', () => says(1, slow) === 2, 20_000)
  expect(says(1, 'was not set')).toBe(0)
})

it('a removal refused for want of a leader does not happen later; one over HTTP is finished', { timeout: lifeMs }, async () => {
  const port = await findFreePortSet(3)
  await using cluster = await startHeadless({ port, args: ['--no-console'] })
  await cluster.command('stop 2')
  await cluster.command('stop 3')
  // In the election after the first of them, too, node 1 has no leader for a moment, and may become it.
  for (const node of [2, 3]) await cluster.nextEvent(`node ${node} to have ended`, ({ event, id }) => event === 'node-exit' && id === node)
  await waitUntil('node 1 to have no leader', async () => (await raftState(baseAt(port, 1))).leaderId === null, 10_000)
  expect(await cluster.ask('remove 3', changeLimitMs)).toMatchObject({ ok: false, code: 'no_quorum' })
  await cluster.command('start 2')
  await cluster.command('start 3')
  const leader = await agreedLeader(
    [1, 2, 3].map((id) => baseAt(port, id)),
    30_000,
  )
  const gone = leader.id === 3 ? 2 : 3
  const body = JSON.stringify({ command: 'removePeer', value: `127.0.0.1:${port + gone - 1 - 1_000}` })
  const request = { method: 'POST', path: '/nacos/v1/core/ops/raft', headers: { 'content-type': 'application/json' }, body }
  expect((await send(baseAt(port, leader.id), request)).status).toBe(200)
  await cluster.nextEvent(`node ${gone} to be gone`, ({ event, id }) => event === 'member' && id === gone, 20_000)
  expect(membersIn(cluster.dataDir)).toMatchObject({ ids: [1, 2, 3].filter((id) => id !== gone), joining: [], leaving: [] })
  expect(await readdir(join(cluster.dataDir, 'removed'))).toEqual([`node-${gone}`])
})
