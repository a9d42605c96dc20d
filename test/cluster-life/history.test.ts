/** Old history goes on every node alike, by a command of the leader; and nothing goes while its clock cannot be believed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { publish } from '../support/nacos.ts'
import { inStateFile } from '../support/state-file.ts'
import { waitUntil } from '../support/wait-until.ts'

const lifeMs = 120_000
const kept = 10

const start = (retentionMs: number): Promise<HeadlessCluster> =>
  startHeadless({ args: ['--no-console', '--set', `historyRetentionMs=${retentionMs}`, '--set', 'historyRoundMs=200'] })

/** Numbers of the rows of history, of one configuration or of all, as the node has them on disk. */
const historyOf = (cluster: HeadlessCluster, id: number, dataId = '%'): Promise<string> =>
  inStateFile(cluster, id, (db) =>
    db.prepare<[string], number>('SELECT nid FROM his_config_info WHERE data_id LIKE ? ORDER BY nid').pluck().all(dataId).join(),
  )

const publishTimes = async (cluster: HeadlessCluster, dataId: string, times: number): Promise<void> => {
  for (let time = 1; time <= times; time++) expect((await publish(cluster.baseOf(1), { dataId }, `${dataId} ${time}`)).status).toBe(200)
}

const retentionAt = async (cluster: HeadlessCluster, id: number): Promise<string> =>
  JSON.parse((await send(cluster.baseOf(id), { path: '/nacos/v1/ns/raft/state' })).text).historyRetention

it('all nodes keep the newest of each configuration, and the same rows', { timeout: lifeMs }, async () => {
  await using cluster = await start(1_000)
  await publishTimes(cluster, 'often', 40)
  await publishTimes(cluster, 'seldom', 3)
  const newest = Array.from({ length: kept }, (_, at) => 40 - kept + 1 + at).join()
  await waitUntil(
    'the oldest to go',
    async () => {
      // Age is counted by the time of the log, which goes on with its writes.
      await publishTimes(cluster, 'later', 1)
      return (await historyOf(cluster, 1, 'often')) === newest
    },
    30_000,
  )
  for (const id of [2, 3]) await waitUntil(`node ${id} to hold what stays`, async () => (await historyOf(cluster, id, 'often')) === newest, 10_000)
  for (const id of [1, 2, 3]) expect(await historyOf(cluster, id, 'seldom')).toBe('41,42,43')
  await agreedState(cluster.bases)
  await waitUntil('all rows to be the same', async () => new Set(await Promise.all([1, 2, 3].map((id) => historyOf(cluster, id)))).size === 1, 10_000)
  const { id } = await agreedLeader(cluster.bases)
  // The line is written once the last command is answered, and lines wait for each other a moment.
  await waitUntil('the leader to say so', () =>
    /\d+ rows of history older than 1000 ms are removed, with \d+ command/.test(
      readFileSync(join(cluster.dataDir, `node-${id}`, 'logs', 'nacos.log'), 'utf8'),
    ),
  )
})

it('nothing goes while the clock of the leader is two hours wrong, and it is said', { timeout: lifeMs }, async () => {
  // So that only a jump of the clock could make anything old.
  await using cluster = await start(3_600_000)
  await publishTimes(cluster, 'often', 40)
  const { id } = await agreedLeader(cluster.bases)
  await cluster.command(`fault clock ${id} 7200000`)
  await publishTimes(cluster, 'later', 1)
  await waitUntil('the leader to hold back', async () => (await retentionAt(cluster, id)) === 'suspended', 10_000)
  expect(readFileSync(join(cluster.dataDir, `node-${id}`, 'logs', 'nacos.log'), 'utf8')).toContain(
    'no history is removed: the wall clock has gone 2.0 hours ahead',
  )
  await cluster.command('fault heal')
  await waitUntil('the leader to trust its clock again', async () => (await retentionAt(cluster, id)) === 'on', 10_000)
  for (const each of [1, 2, 3]) expect((await historyOf(cluster, each, 'often')).split(',')).toHaveLength(40)
})
