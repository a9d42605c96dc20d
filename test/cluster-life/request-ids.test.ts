/** Writes under request ids, by clients that repeat them until they are told: once each, whatever dies on the way. */

import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { publish, read, refusalOf } from '../support/nacos.ts'
import { inStateFile } from '../support/state-file.ts'
import { waitUntil } from '../support/wait-until.ts'

const kills = Number(process.env.KILLS ?? 5)
const writerCount = 8
const writesBetweenKills = 150
const restartLimitMs = 30_000
const retryPauseMs = 20

const withId = (id: string) => ({ 'Nacos-Trio-Request-Id': id })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Repeaters {
  readonly acknowledged: () => number
  readonly repeats: () => number
  /** Ends once every write that was begun is acknowledged; gives their names. */
  readonly stop: () => Promise<readonly string[]>
}

/** Each write goes to one node after another under its id, until one says that it is done. */
const startRepeaters = (bases: readonly string[]): Repeaters => {
  const written: string[] = []
  let repeats = 0
  let running = true
  const isDone = async (base: string, dataId: string, id: string): Promise<boolean> => {
    try {
      const answer = await publish(base, { dataId }, `content of ${dataId}`, withId(id))
      if (answer.status === 200) return true
      if (refusalOf(answer) === undefined) throw new Error(`${dataId}: ${answer.status} ${answer.text}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
    }
    return false
  }
  const loops = Array.from({ length: writerCount }, async (_, writer) => {
    for (let turn = 0; running; turn++) {
      const dataId = `once-${writer}-${turn}`
      const id = randomUUID()
      for (let at = writer + turn; !(await isDone(bases[at % bases.length] ?? '', dataId, id)); at++) {
        repeats++
        await pause(retryPauseMs)
      }
      written.push(dataId)
    }
  })
  return {
    acknowledged: () => written.length,
    repeats: () => repeats,
    stop: async () => {
      running = false
      await Promise.all(loops)
      return written
    },
  }
}

const killAndWait = async (cluster: HeadlessCluster, ids: readonly number[]): Promise<void> => {
  const seen = cluster.events().length
  for (const id of ids) cluster.killNode(id)
  for (const id of ids)
    await cluster.nextEvent(`node ${id} to be ready again`, (event) => event.event === 'node-ready' && event.id === id, restartLimitMs, seen)
}

/** Rows of a node's own file, as any SQLite tool reads them. */
const rowsOf = <T>(cluster: HeadlessCluster, id: number, sql: string): Promise<T[]> => inStateFile(cluster, id, (db) => db.prepare<[], T>(sql).all())

it(`${kills} killed leaders under repeating clients: every write happened, and once`, { timeout: 60_000 + kills * 30_000 }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const repeaters = startRepeaters(cluster.bases)
  let written: readonly string[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = repeaters.acknowledged()
      await waitUntil('some load', () => repeaters.acknowledged() >= before + writesBetweenKills, restartLimitMs)
      await killAndWait(cluster, [(await agreedLeader(cluster.bases)).id])
    }
  } finally {
    written = await repeaters.stop()
  }
  await agreedState(cluster.bases)
  console.log(`${written.length} writes under ids, ${repeaters.repeats()} repeats over ${kills} killed leaders`)
  expect(repeaters.repeats()).toBeGreaterThan(0)
  for (const { id } of cluster.ready.nodes) {
    const sql = 'SELECT data_id AS name, count(*) AS times FROM his_config_info GROUP BY data_id'
    const history = await rowsOf<{ name: string; times: number }>(cluster, id, sql)
    expect(history.filter(({ times }) => times !== 1)).toEqual([])
    expect(history.map(({ name }) => name).toSorted()).toEqual(written.toSorted())
  }
})

it('one write sent to all nodes at once is written once, and each says where', { timeout: 60_000 }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const names = Array.from({ length: 60 }, (_, at) => `at-once-${at}`)
  for (const dataId of names) {
    const headers = withId(randomUUID())
    const answers = await Promise.all(cluster.bases.map((base) => publish(base, { dataId }, dataId, headers)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers.map((answer) => answer.headers['nacos-trio-index'])).size).toBe(1)
  }
  await agreedState(cluster.bases)
  const sql = 'SELECT count(*) AS rows, count(DISTINCT data_id) AS names FROM his_config_info'
  for (const { id } of cluster.ready.nodes) expect(await rowsOf(cluster, id, sql)).toEqual([{ rows: 60, names: 60 }])
})

it('a repeat gets the first answer: at another node, after newer writes, after all nodes were killed', { timeout: 120_000 }, async () => {
  await using cluster = await startHeadless({ args: ['--no-console'] })
  const [first = '', second = '', third = ''] = cluster.bases
  const key = { dataId: 'once' }
  const id = randomUUID()
  const answer = await publish(first, key, 'one', withId(id))
  const index = answer.headers['nacos-trio-index']
  expect([answer.status, index]).toEqual([200, expect.stringMatching(/^\d+$/)])
  const conflict = { ...withId(randomUUID()), casMd5: 'f'.repeat(32) }
  expect((await publish(second, key, 'never', conflict)).status).toBe(500)
  await publish(third, key, 'two')

  const repeatEverywhere = async () => {
    for (const base of cluster.bases) {
      const repeat = await publish(base, key, 'one', withId(id))
      expect([repeat.status, repeat.text, repeat.headers['nacos-trio-index']]).toEqual([200, 'true', index])
      expect((await publish(base, key, 'never', conflict)).text).toBe('caused: Cas publish fail, server md5 may have changed.;')
      expect((await publish(base, key, 'other', withId(id))).text).toContain('used for another write')
      expect((await read(base, key)).text).toBe('two')
    }
  }
  await repeatEverywhere()
  await killAndWait(
    cluster,
    cluster.ready.nodes.map(({ id }) => id),
  )
  await agreedLeader(cluster.bases)
  await repeatEverywhere()
  await agreedState(cluster.bases)
})
