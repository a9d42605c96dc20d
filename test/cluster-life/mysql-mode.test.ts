/**
 * MySQL mode as a user has it: a real cluster over a real MariaDB of the test's own. By hand: `KILLS=200`, and `HANG_S=30`.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { agreedLeader, agreedState, databaseAvailable } from '../support/agreement.ts'
import { exitWithin, type HeadlessCluster, launch, repository, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { mysqlArgs, mysqlEnv, startOnMysql } from '../support/mysql-cluster.ts'
import { mysqlScene } from '../support/mysql-scene.ts'
import { publish, raftState, read, refusalOf, remove } from '../support/nacos.ts'
import { findFreePortSet } from '../support/ports.ts'
import { signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const kills = Number(process.env.KILLS ?? 3)
const hangMs = Number(process.env.HANG_S ?? 4) * 1_000
/** From one look at a cluster without its database to the next. */
const lookMs = 250
/** Promises of the mode, with room for a machine that does other things too. */
const promises = { refusedMs: 1_000, backMs: 2_000, newLeaderMs: 1_000 }

const { server: database } = mysqlScene()
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nacos-trio-mysql-mode-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = (name: string, args: readonly string[] = [], data?: string): Promise<HeadlessCluster> =>
  startOnMysql({ port: database.port, database: name, args, data })

interface HistoryLine {
  readonly nid: number
  readonly data_id: string
  readonly op_type: string
  readonly md5: string
}
const historySql = 'SELECT nid, data_id, op_type, md5 FROM his_config_info ORDER BY nid'
const textOf = ({ nid, data_id, op_type, md5 }: HistoryLine): string => `${nid} ${data_id} ${op_type} ${md5}`
const inMysql = async (name: string): Promise<string[]> => ((await database.sql(historySql, name)) as unknown as HistoryLine[]).map(textOf)
/** Of a node that has stopped, or runs: readers disturb nobody. */
const inNode = (cluster: HeadlessCluster, id: number): string[] => {
  const db = new Database(join(cluster.dataDir, `node-${id}`, 'data', 'state.db'), { readonly: true })
  const rows = db.prepare<[], HistoryLine>(historySql).all()
  db.close()
  return rows.map(textOf)
}

/** Services are in no shared database: nobody who registers one waits for it. */
const registerSoon = async (base: string): Promise<void> => {
  const path = '/nacos/v1/ns/instance?serviceName=orders&ip=10.0.0.5&port=8080'
  const askedMs = performance.now()
  const answer = await send(base, { method: 'POST', path })
  expect([answer.status, answer.text]).toEqual([200, 'ok'])
  expect(performance.now() - askedMs).toBeLessThan(promises.refusedMs)
}

/** Asks anew every moment, without waiting for earlier questions; milliseconds from `sinceMs` to the first refusal because of the database. */
const firstRefusal = async (base: string, sinceMs: number): Promise<number> => {
  let refusedMs: number | null = null
  const ask = async (): Promise<void> => {
    const answer = await publish(base, { dataId: 'probe' }, 'x', {}, { timeoutMs: 5_000 })
    if (refusalOf(answer) === 'storage_unavailable') refusedMs ??= performance.now() - sinceMs
  }
  return waitUntil('a write to be refused', () => {
    void ask()
    return refusedMs
  })
}

/** Writes whose callers gave up reach MySQL a moment later. */
const equalSoon = async (cluster: HeadlessCluster, name: string): Promise<readonly string[]> => {
  const { appliedIndex } = await agreedState(cluster.bases)
  await waitUntil('MySQL to have everything', async () => {
    const [row] = await database.sql('SELECT applied_index FROM nacos_trio_store', name)
    return (row?.applied_index as number) >= appliedIndex || (await inMysql(name)).length >= inNode(cluster, 1).length
  })
  const commits = inNode(cluster, 1)
  expect(await inMysql(name)).toEqual(commits)
  return commits
}

describe.skipIf('missing' in findMariadb())('MySQL mode', () => {
  it('what is published at any node is in MySQL once, with its history, when it is answered', { timeout: 120_000 }, async () => {
    const name = await database.database()
    await using cluster = await start(name)
    for (const [at, base] of cluster.bases.entries()) {
      expect((await publish(base, { dataId: 'shared' }, `version ${at}`)).status).toBe(200)
      expect((await publish(base, { dataId: `own-${at}`, tenant: 'team' }, 'x')).status).toBe(200)
      const [row] = await database.sql("SELECT content FROM config_info WHERE data_id = 'shared'", name)
      expect(row).toMatchObject({ content: `version ${at}` })
    }
    expect((await remove(cluster.bases[0] ?? '', { dataId: 'own-0', tenant: 'team' })).status).toBe(200)
    const rows = await database.sql('SELECT data_id, tenant_id FROM config_info ORDER BY data_id', name)
    expect(rows).toMatchObject([{ data_id: 'own-1', tenant_id: 'team' }, { data_id: 'own-2' }, { data_id: 'shared', tenant_id: '' }])
    const history = await inMysql(name)
    expect(history.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      ...['shared I', 'own-0 I', 'shared U', 'own-1 I', 'shared U', 'own-2 I', 'own-0 D'],
    ])
    expect(history).toEqual(inNode(cluster, 2))
  })

  it(`${kills} leaders killed during writes: every commit is in MySQL exactly once`, { timeout: 120_000 + kills * 30_000 }, async () => {
    const name = await database.database()
    await using cluster = await start(name)
    const writers = startWriters(cluster.bases, 8, 'killed')
    try {
      for (let kill = 0; kill < kills; kill++) {
        const { id } = await agreedLeader(cluster.bases)
        const seen = cluster.events().length
        const killedMs = performance.now()
        cluster.killNode(id)
        await waitUntil('a write to be acknowledged again', () => writers.firstAcknowledgedAfter(killedMs), 10_000)
        await cluster.nextEvent('the killed node to be ready', (event) => event.event === 'node-ready' && event.id === id, 30_000, seen)
      }
    } finally {
      await writers.stop()
    }
    await agreedState(cluster.bases)
    for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
    const commits = await equalSoon(cluster, name)
    expect(commits.length).toBeGreaterThanOrEqual(writers.acknowledged())
    console.log(`${kills} kills, ${writers.acknowledged()} acknowledged, ${commits.length} commits; met: ${JSON.stringify(writers.troubles())}`)
  })

  it(`MySQL that hangs for ${hangMs / 1_000} s under load: no election, reads and registrations go on, writes are refused in time, and go on soon after its return`, {
    timeout: 120_000 + hangMs,
  }, async () => {
    const name = await database.database()
    await using cluster = await start(name)
    const base = cluster.bases[1] ?? ''
    expect((await publish(base, { dataId: 'kept' }, 'before')).status).toBe(200)
    const writers = startWriters(cluster.bases, 4, 'hang')
    const before = await raftState(base)
    signal(database.pid(), 'SIGSTOP')
    const stoppedMs = performance.now()
    try {
      const refusedMs = await Promise.all(cluster.bases.map((each) => firstRefusal(each, stoppedMs)))
      console.log(`refused ${refusedMs.map(Math.round).join(', ')} ms after MySQL stood still`)
      expect(Math.max(...refusedMs)).toBeLessThan(promises.refusedMs)
      do {
        for (const each of cluster.bases) {
          const askedMs = performance.now()
          expect(refusalOf(await publish(each, { dataId: 'probe' }, 'x'))).toBe('storage_unavailable')
          expect(performance.now() - askedMs).toBeLessThan(promises.refusedMs)
          expect((await read(each, { dataId: 'kept' })).text).toBe('before')
          await registerSoon(each)
          expect(await raftState(each)).toMatchObject({ term: before.term, storage: { kind: 'mysql', available: false } })
        }
        await new Promise((resolve) => setTimeout(resolve, lookMs))
      } while (performance.now() - stoppedMs < hangMs)
    } finally {
      signal(database.pid(), 'SIGCONT')
    }
    const backMs = performance.now()
    await waitUntil('a write to be acknowledged again', () => writers.firstAcknowledgedAfter(backMs), 10_000)
    console.log(`${Math.round(performance.now() - backMs)} ms after its return the first write was acknowledged`)
    expect(performance.now() - backMs).toBeLessThan(promises.backMs)
    await writers.stop()
    expect((await raftState(base)).term).toBe(before.term)
    for (const each of cluster.bases) expect(await writers.audit(each)).toEqual([])
    await equalSoon(cluster, name)
  })

  it('MySQL that is killed and comes back: nothing lost, nothing twice', { timeout: 120_000 }, async () => {
    const name = await database.database()
    await using cluster = await start(name)
    const writers = startWriters(cluster.bases, 8, 'crash')
    await waitUntil('writes', () => writers.acknowledged() > 20)
    await database.stop('SIGKILL')
    const refusedMs = await firstRefusal(cluster.bases[2] ?? '', performance.now())
    expect(refusedMs).toBeLessThan(promises.refusedMs)
    await database.start()
    const backMs = performance.now()
    await waitUntil('a write to be acknowledged again', () => writers.firstAcknowledgedAfter(backMs), 10_000)
    expect(performance.now() - backMs).toBeLessThan(promises.backMs)
    await writers.stop()
    for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
    await equalSoon(cluster, name)
  })

  it('a leader that stands still while it writes holds nobody up, and changes nothing when it goes on', { timeout: 120_000 }, async () => {
    const name = await database.database()
    await using cluster = await start(name)
    const { id, term } = await agreedLeader(cluster.bases)
    const writers = startWriters(
      cluster.bases.filter((base) => base !== cluster.baseOf(id)),
      8,
      'pause',
    )
    await waitUntil('writes', () => writers.acknowledged() > 20)
    signal(cluster.pidOf(id), 'SIGSTOP')
    const stoppedMs = performance.now()
    try {
      await waitUntil('a write to be acknowledged by another leader', async () => {
        const states = await Promise.all(cluster.bases.filter((base) => base !== cluster.baseOf(id)).map(raftState))
        return states.every((state) => state.term > term && state.leaderId !== id) && writers.firstAcknowledgedAfter(stoppedMs)
      })
      console.log(`the longest silence around a leader that stands still: ${Math.round(writers.longestSilence(stoppedMs))} ms`)
      expect(writers.longestSilence(stoppedMs)).toBeLessThan(promises.newLeaderMs)
    } finally {
      signal(cluster.pidOf(id), 'SIGCONT')
    }
    await agreedLeader(cluster.bases)
    await writers.stop()
    for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
    await equalSoon(cluster, name)
  })

  /** A database that a cluster has written one row to, and left. */
  const used = async (): Promise<string> => {
    const name = await database.database()
    await using cluster = await start(name)
    expect((await publish(cluster.bases[0] ?? '', { dataId: 'theirs' }, 'old')).status).toBe(200)
    return name
  }
  const isTakenOver = (cluster: HeadlessCluster) =>
    waitUntil('their row to be ours', async () => (await read(cluster.bases[2] ?? '', { dataId: 'theirs' })).text === 'old', 10_000)

  it('a new data folder on a used database is refused in words, and takes it over when asked to', { timeout: 180_000 }, async () => {
    const name = await used()
    const port = await findFreePortSet(3)
    const refused = launch([...mysqlArgs(database.port, name), '--data', join(folder, 'fresh'), '--port', String(port)], { ...mysqlEnv, LC_ALL: 'C' })
    expect(await exitWithin(refused, 60_000)).toMatchObject({ code: 3 })
    expect(refused.stderr()).toContain('--mysql-adopt')
    expect(refused.stderr()).not.toContain('secret')
    expect(await inMysql(name)).toHaveLength(1)
    await using cluster = await start(name, ['--mysql-adopt'])
    await isTakenOver(cluster)
    expect((await publish(cluster.bases[2] ?? '', { dataId: 'theirs' }, 'new')).status).toBe(200)
    expect((await inMysql(name)).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(['1 theirs I', '2 theirs U'])
  })

  it('a database without our table is taken over unasked', { timeout: 120_000 }, async () => {
    const name = await used()
    await database.sql('DROP TABLE nacos_trio_store', name)
    await using cluster = await start(name)
    await isTakenOver(cluster)
  })

  it('a cluster that has lived without a database brings what it has', { timeout: 120_000 }, async () => {
    const name = await database.database()
    const data = join(folder, 'lived')
    {
      await using alone = await startHeadless({ args: ['--no-console'], data })
      for (const text of ['one', 'two']) expect((await publish(alone.bases[0] ?? '', { dataId: 'mine' }, text)).status).toBe(200)
      expect((await publish(alone.bases[1] ?? '', { dataId: 'gone' }, 'x')).status).toBe(200)
      expect((await remove(alone.bases[2] ?? '', { dataId: 'gone' })).status).toBe(200)
    }
    await using cluster = await start(name, [], data)
    await waitUntil('MySQL to have everything', async () => (await inMysql(name)).length === 4, 10_000)
    expect(await inMysql(name)).toEqual(inNode(cluster, 1))
    expect(await database.sql('SELECT data_id, content FROM config_info', name)).toEqual([{ data_id: 'mine', content: 'two' }])
  })
})

it('one node without a supervisor keeps its configurations in the database too, with the password from a file', { timeout: 120_000 }, async () => {
  const name = await database.database()
  const port = await findFreePortSet(1)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'secret\n')
  const mysql = ['--storage', 'mysql', '--mysql-url', `mysql://trio@127.0.0.1:${database.port}/${name}`, '--mysql-password-file', passwordFile]
  const place = ['--data', join(folder, 'standalone'), '--port', String(port), '--set', 'storeSyncMs=60000']
  const child = spawn(process.execPath, [join(repository, 'out/main/cli.js'), 'node', ...place, ...mysql], { stdio: 'ignore' })
  try {
    const base = `http://127.0.0.1:${port}`
    await waitUntil('the node to be there', async () => (await raftState(base)).leaderId === 1, 30_000)
    await databaseAvailable([base])
    expect((await publish(base, { dataId: 'standalone' }, 'x')).status).toBe(200)
    expect(await database.sql('SELECT data_id, content FROM config_info', name)).toEqual([{ data_id: 'standalone', content: 'x' }])
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
