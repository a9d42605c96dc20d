/** A node whose data is damaged or gone: it refuses, the others go on, and it comes anew from them, at its own ports, with its folder kept. */

import { readFileSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { exitWithin, type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { readOnly } from '../support/read-only.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters, type Writers } from '../support/writers.ts'

const lifeMs = 240_000
const rebuildLimitMs = 90_000
const damagedCode = 12
const readOnlyCode = 17

const written = async (writers: Writers, more: number): Promise<void> => {
  const before = writers.acknowledged()
  await waitUntil(`${more} more writes`, () => writers.acknowledged() >= before + more, 30_000)
}

/** Stops node 2, does this to its data, starts it: it must refuse, with the code of damage and the offer. */
const refuseAfter = async (cluster: HeadlessCluster, harm: (dataFolder: string) => void | Promise<void>): Promise<void> => {
  await cluster.command('stop 2')
  await cluster.nextEvent('node 2 to stop', ({ event, id }) => event === 'node-exit' && id === 2)
  const from = cluster.events().length
  await harm(join(cluster.dataDir, 'node-2', 'data'))
  await cluster.command('start 2')
  const exit = await cluster.nextEvent('node 2 to refuse', ({ event, id }) => event === 'node-exit' && id === 2, 20_000, from)
  expect(exit.code).toBe(damagedCode)
  expect(exit.reason).toContain('"rebuild 2" brings it back')
}

const flipBytes = (path: string): void => {
  const bytes = readFileSync(path)
  // The page of the schema: every open reads it.
  for (let at = 100; at < 200; at++) bytes[at] = (bytes[at] ?? 0) ^ 0xff
  writeFileSync(path, bytes)
}

const rebuilt = async (cluster: HeadlessCluster, writers: Writers): Promise<void> => {
  await written(writers, 50)
  const answer = await cluster.ask('rebuild 2', rebuildLimitMs)
  expect(answer).toMatchObject({ ok: true, facts: { id: 4, inPlaceOf: 2 } })
  expect(await cluster.ask('pause 2 100')).toMatchObject({ code: 'not_found', detail: 'there is no node 2 any more: node 4 has come in its place' })
  await written(writers, 50)
  await writers.stop()
  // At the address that it had before.
  const state = await agreedState(cluster.bases)
  expect(state).toBeDefined()
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
}

const keptFolder = async (cluster: HeadlessCluster): Promise<string> => {
  const kept = await readdir(join(cluster.dataDir, 'removed'))
  expect(kept).toEqual([expect.stringMatching(/^node-2-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/)])
  return join(cluster.dataDir, 'removed', kept[0] ?? '', 'data')
}

it('a damaged state.db is refused, the others go on, and the node comes anew', { timeout: lifeMs }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters([cluster.baseOf(1), cluster.baseOf(3)])
  try {
    await written(writers, 200)
    await refuseAfter(cluster, (data) => flipBytes(join(data, 'state.db')))
    const harmed = readFileSync(join(cluster.dataDir, 'node-2', 'data', 'state.db'))
    await rebuilt(cluster, writers)
    expect(readFileSync(join(await keptFolder(cluster), 'state.db')).equals(harmed)).toBe(true)
    const told = cluster.events().filter(({ command }) => command === 'rebuild 2')
    expect(told[0]).toMatchObject({ event: 'quorum', en: expect.stringMatching(/^3 voters: .* It is the same again once the new node votes/) })
    expect(told.some(({ event }) => event === 'progress')).toBe(true)
  } finally {
    await writers.stop()
  }
})

it('a deleted raft.db is refused, the others go on, and the node comes anew, also for the next start', { timeout: lifeMs }, async () => {
  const cluster = await startHeadless({ args: ['--no-console'] })
  const { dataDir } = cluster
  const writers = startWriters([cluster.baseOf(1), cluster.baseOf(3)])
  try {
    await written(writers, 200)
    await refuseAfter(cluster, (data) => rm(join(data, 'raft.db')))
    await rebuilt(cluster, writers)
    expect(await readdir(await keptFolder(cluster))).toContain('state.db')
  } finally {
    await writers.stop()
  }
  const before = await agreedState(cluster.bases)
  const port = Number(new URL(cluster.baseOf(1)).port)
  // Not by its own stop, which takes the folder away.
  process.kill(cluster.ready.pid, 'SIGTERM')
  await exitWithin(cluster.launched, 15_000)
  await using again = await startHeadless({ data: dataDir, port, args: ['--no-console'] })
  expect(again.ready.nodes.map(({ id }) => id)).toEqual([1, 3, 4])
  expect((await agreedState(cluster.bases)).stateHash).toBe(before.stateHash)
  await again.stop()
  await rm(dataDir, { recursive: true, force: true })
})

it('data that may not be written to is refused with a code and words of its own, and is good again once it may', {
  timeout: lifeMs,
}, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters([cluster.baseOf(1), cluster.baseOf(3)])
  try {
    await cluster.command('stop 2')
    await cluster.nextEvent('node 2 to stop', ({ event, id }) => event === 'node-exit' && id === 2)
    let from = cluster.events().length
    {
      using _ = readOnly(join(cluster.dataDir, 'node-2', 'data', 'state.db'))
      await cluster.command('start 2')
      const exit = await cluster.nextEvent('node 2 to refuse', ({ event, id }) => event === 'node-exit' && id === 2, 20_000, from)
      expect(exit).toMatchObject({
        code: readOnlyCode,
        reason: expect.stringMatching(/state\.db .*: it may not be written to.*"rebuild 2" brings it back/),
      })
      await written(writers, 50)
    }
    from = cluster.events().length
    await cluster.command('start 2')
    await cluster.nextEvent('node 2 to serve', ({ event, id }) => event === 'node-ready' && id === 2, 20_000, from)
  } finally {
    await writers.stop()
  }
})

it('is refused in words where the others have no majority, and where there are no others; nothing is moved', { timeout: lifeMs }, async () => {
  {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    for (const gone of [1, 2]) {
      await cluster.command(`stop ${gone}`)
      await cluster.nextEvent(`node ${gone} to stop`, ({ event, id }) => event === 'node-exit' && id === gone)
    }
    expect(await cluster.ask('rebuild 2', rebuildLimitMs)).toMatchObject({
      ...{ ok: false, code: 'no_quorum', detail: expect.stringMatching(/^[01] of the other 2 serve: without a majority of them/) },
    })
    expect(await readdir(cluster.dataDir)).not.toContain('removed')
  }
  await using alone = await startHeadless({ nodes: 1, args: ['--no-console'] })
  expect(await alone.ask('rebuild 1')).toMatchObject({ ok: false, detail: 'the last voter cannot go' })
  expect(await readdir(alone.dataDir)).not.toContain('removed')
})

it('a check of a node that works, and a copy of its state, are answered in words', { timeout: lifeMs }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const writers = startWriters([cluster.baseOf(1)])
  try {
    await written(writers, 100)
    expect(await cluster.ask('check 2', 60_000)).toMatchObject({
      ok: true,
      facts: { words: expect.stringMatching(/^sound: state\.db, every page .* raft\.db, \d+ entries/) },
    })
    const folder = join(cluster.dataDir, 'copies')
    expect(await cluster.ask(`backup 2 ${folder}`, 60_000)).toMatchObject({ ok: true, facts: { words: expect.stringContaining(folder) } })
    expect(await readdir(folder)).toHaveLength(1)
    const body = JSON.stringify({ command: 'checkData' })
    const answer = await send(cluster.baseOf(3), {
      method: 'POST',
      path: '/nacos/v1/core/ops/raft',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(JSON.parse(answer.text)).toMatchObject({ code: 200, data: expect.stringContaining('sound:') })
    await cluster.command('stop 2')
    await cluster.nextEvent('node 2 to stop', ({ event, id }) => event === 'node-exit' && id === 2)
    expect(await cluster.ask('check 2')).toMatchObject({ ok: false, detail: 'node 2 does not run: start it first' })
  } finally {
    await writers.stop()
  }
})
