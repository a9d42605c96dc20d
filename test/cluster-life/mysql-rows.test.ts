/**
 * Rows of the shared database that are not as we would have them, through a real cluster over a real MariaDB: what its tables cannot hold, what they
 * refuse all the same, what other programs do to them, and a database that is an older copy of itself.
 */

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createZipWriter } from '../../src-node/api/zip/zip-writer.ts'
import { findMariadb } from '../runner/tools.ts'
import { nacos22 } from '../storage/nacos-2x.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { type Answer, send } from '../support/http.ts'
import { startOnMysql } from '../support/mysql-cluster.ts'
import { mysqlScene } from '../support/mysql-scene.ts'
import { listen, md5, publish, read, remove } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const { server: database } = mysqlScene()
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nacos-trio-mysql-rows-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = (name: string, ...settings: readonly string[]): Promise<HeadlessCluster> =>
  startOnMysql({ port: database.port, database: name, args: settings.flatMap((setting) => ['--set', setting]) })

interface StorageState {
  readonly queueLength: number
  readonly dataErrors: { readonly count: number; readonly newest: readonly object[] } | null
  readonly lastSync: { readonly problem: string | null } | null
}
const storageAt = async (base: string): Promise<StorageState> => JSON.parse((await send(base, { path: '/nacos/v1/ns/raft/state' })).text).storage
const leaderBase = async (cluster: HeadlessCluster): Promise<string> => cluster.baseOf((await agreedLeader(cluster.bases)).id)

const historySql = 'SELECT nid, data_id, op_type, md5 FROM his_config_info WHERE nid > 78 ORDER BY nid'
const configSql = 'SELECT id, data_id, content FROM config_info ORDER BY id'
/** Of a node: readers disturb nobody. */
const inNode = (cluster: HeadlessCluster, sql: string): object[] => {
  const db = new Database(join(cluster.dataDir, 'node-1', 'data', 'state.db'), { readonly: true })
  try {
    return db.prepare<[], object>(sql).all()
  } finally {
    db.close()
  }
}
const sameRows = async (cluster: HeadlessCluster, name: string, sql: string): Promise<boolean> =>
  JSON.stringify(await database.sql(sql, name)) === JSON.stringify(inNode(cluster, sql))
const equalSoon = async (cluster: HeadlessCluster, name: string): Promise<void> => {
  for (const sql of [historySql, configSql]) {
    const same = await waitUntil('equal rows', () => sameRows(cluster, name, sql), 10_000).catch(() => false)
    if (!same) expect(await database.sql(sql, name)).toEqual(inNode(cluster, sql))
  }
}
const isReadEverywhere = (cluster: HeadlessCluster, dataId: string, text: string | null): Promise<boolean> =>
  waitUntil(
    `${dataId} to be read everywhere`,
    async () => {
      const answers = await Promise.all(cluster.bases.map((base) => read(base, { dataId })))
      return answers.every((answer) => (text === null ? answer.status === 404 : answer.text === text))
    },
    20_000,
  )

const zipOf = async (name: string, content: string): Promise<string> => {
  const writer = createZipWriter(Date.UTC(2026, 0, 1))
  const pieces = [...(await writer.entries([{ name, content: Buffer.from(content) }])), ...writer.end()]
  const path = join(folder, `${createHash('md5').update(name).update(content).digest('hex')}.zip`)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}
const importOf = async (base: string, path: string): Promise<Answer> => {
  const head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
  return send(base, {
    ...{ method: 'POST', path: '/nacos/v1/cs/configs?import=true&namespace=&policy=ABORT' },
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    body: Buffer.concat([Buffer.from(head), readFileSync(path), Buffer.from('\r\n--edge--\r\n')]),
  })
}

describe.skipIf('missing' in findMariadb())('rows of the shared database', () => {
  describe('in a database of Nacos 2.2, in utf8 and with small packets', () => {
    const packetBytes = 1024 * 1024
    let name = ''
    let cluster: HeadlessCluster
    beforeAll(async () => {
      name = await database.database()
      await database.sql(nacos22, name)
      await database.sql(`SET GLOBAL max_allowed_packet = ${packetBytes}`)
      await database.sql('UPDATE his_config_info SET gmt_modified = NOW() + INTERVAL 2 DAY WHERE nid = 78', name)
      cluster = await start(name, 'historyRetentionMs=1000', 'historyRoundMs=200', 'historyKeptNewest=3')
      await isReadEverywhere(cluster, 'app.yaml', '名: 值')
    }, 120_000)
    afterAll(async () => {
      await cluster?.stop()
      await database.sql('SET GLOBAL max_allowed_packet = 16777216')
    })

    it.each([
      ['an emoji', 'smile', 'a: 😀', 'content', 'utf8mb3'],
      ['a name that is too long', 'd'.repeat(256), 'a: 1', 'data_id', '255 characters'],
      ['a content above a packet', 'large', 'x'.repeat(packetBytes), 'content', 'bytes'],
    ])(
      '%s is refused at every node before it is proposed, by its column and limit, published or imported',
      async (_what, dataId, content, ...words) => {
        const before = await agreedState(cluster.bases)
        for (const base of cluster.bases) {
          const published = await publish(base, { dataId }, content)
          expect(published.status).toBe(400)
          const imported = await importOf(base, await zipOf(`DEFAULT_GROUP/${dataId}`, content))
          expect(JSON.parse(imported.text)).toMatchObject({ data: { succCount: 0 } })
          for (const word of words) {
            expect(published.text).toContain(word)
            expect(imported.text).toContain(word)
          }
        }
        expect((await agreedState(cluster.bases)).appliedIndex).toBe(before.appliedIndex)
      },
    )

    it('a row that its table refuses all the same stops nothing, and is shown until it is taken', async () => {
      const base = cluster.bases[0] ?? ''
      await database.sql('ALTER TABLE config_info MODIFY content varchar(10) NOT NULL', name)
      expect((await publish(base, { dataId: 'slipped' }, 'longer than ten')).status).toBe(200)
      expect((await publish(base, { dataId: 'short' }, 'fits')).status).toBe(200)
      const leader = await leaderBase(cluster)
      expect(await storageAt(leader)).toMatchObject({
        dataErrors: { count: 1, newest: [{ table: 'config_info', column: 'content', dataId: 'slipped' }] },
      })
      expect(await database.sql("SELECT content FROM config_info WHERE data_id IN ('slipped', 'short')", name)).toEqual([{ content: 'fits' }])
      await database.sql('ALTER TABLE config_info MODIFY content longtext NOT NULL', name)
      expect((await publish(base, { dataId: 'slipped' }, 'and longer again')).status).toBe(200)
      expect(await storageAt(leader)).toMatchObject({ dataErrors: { count: 0 } })
      expect(await database.sql("SELECT content FROM config_info WHERE data_id = 'slipped'", name)).toEqual([{ content: 'and longer again' }])
    })

    it('history that goes by its age goes there too', { timeout: 60_000 }, async () => {
      for (let time = 1; time <= 12; time++) expect((await publish(cluster.bases[1] ?? '', { dataId: 'often' }, `${time}`)).status).toBe(200)
      const kept = async () => {
        // Age is counted by the time of the log, which goes on with its writes.
        await publish(cluster.bases[2] ?? '', { dataId: 'later' }, 'x')
        return Number((await database.sql("SELECT COUNT(*) AS n FROM his_config_info WHERE data_id = 'often'", name))[0]?.n)
      }
      await waitUntil('the oldest to go', async () => (await kept()) === 3, 30_000)
      await waitUntil('both to keep the same', () => sameRows(cluster, name, historySql), 10_000)
      // What Nacos itself left goes by its age alone, and not before.
      await waitUntil(
        'the old row of another program to go',
        async () => (await database.sql('SELECT 1 FROM his_config_info WHERE nid = 77', name)).length === 0,
        30_000,
      )
      expect(await database.sql('SELECT nid FROM his_config_info WHERE nid < 79', name)).toEqual([{ nid: 78 }])
      await waitUntil('both to keep the same still', () => sameRows(cluster, name, historySql), 10_000)
    })
  })

  describe('in a database that other programs write to', () => {
    let name = ''
    let cluster: HeadlessCluster
    beforeAll(async () => {
      name = await database.database()
      cluster = await start(name, 'storeSyncMs=300')
      for (const dataId of ['kept', 'edited', 'gone']) expect((await publish(cluster.bases[1] ?? '', { dataId }, 'ours')).status).toBe(200)
    }, 120_000)
    afterAll(() => cluster?.stop())

    it('what another program changed, made and took away is the cluster’s soon, and listeners hear of it', async () => {
      const heard = listen(cluster.bases[2] ?? '', { dataId: 'edited' }, md5('ours'))
      // By hand, as people do it: nothing but the content.
      await database.sql("UPDATE config_info SET content = 'theirs' WHERE data_id = 'edited'", name)
      await database.sql("INSERT INTO config_info (data_id, group_id, content, type) VALUES ('made', 'DEFAULT_GROUP', 'new', 'text')", name)
      await database.sql("DELETE FROM config_info WHERE data_id = 'gone'", name)
      await isReadEverywhere(cluster, 'edited', 'theirs')
      await isReadEverywhere(cluster, 'made', 'new')
      await isReadEverywhere(cluster, 'gone', null)
      await isReadEverywhere(cluster, 'kept', 'ours')
      expect((await heard).text).toContain('edited')
      // What it replaced stands in history, there and here.
      const replaced = "SELECT op_type, content FROM his_config_info WHERE data_id IN ('edited', 'gone') AND op_type <> 'I' ORDER BY op_type"
      const rows = [
        { op_type: 'D', content: 'ours' },
        { op_type: 'U', content: 'ours' },
      ]
      await waitUntil('history to say what was replaced', async () => (await database.sql(replaced, name)).length === 2)
      expect([await database.sql(replaced, name), inNode(cluster, replaced)]).toEqual([rows, rows])
      expect((await publish(cluster.bases[0] ?? '', { dataId: 'edited' }, 'ours again')).status).toBe(200)
      expect(await database.sql("SELECT content, md5 FROM config_info WHERE data_id = 'edited'", name)).toEqual([
        { content: 'ours again', md5: md5('ours again') },
      ])
    })

    it('what is said of a configuration by hand, its content being the same, is the cluster’s as well, and once is enough', async () => {
      const said = "SELECT c_desc, config_tags FROM config_info WHERE data_id = 'kept'"
      const replaced = "SELECT op_type FROM his_config_info WHERE data_id = 'kept' AND op_type = 'U'"
      await database.sql("UPDATE config_info SET c_desc = 'by hand' WHERE data_id = 'kept'", name)
      await waitUntil('the description to be here', () => JSON.stringify(inNode(cluster, said)).includes('by hand'))
      const tag =
        "INSERT INTO config_tags_relation (id, tag_name, tag_type, data_id, group_id, tenant_id) SELECT id, 'east', '', data_id, group_id, tenant_id"
      await database.sql(`${tag} FROM config_info WHERE data_id = 'kept'`, name)
      await waitUntil('the tag to be here', () => JSON.stringify(inNode(cluster, said)).includes('east'))
      expect([inNode(cluster, said), inNode(cluster, replaced)]).toEqual([
        [{ c_desc: 'by hand', config_tags: 'east' }],
        [{ op_type: 'U' }, { op_type: 'U' }],
      ])
    })

    it('a database that is put back to an older copy of itself gets what it lacks, and nothing of it comes back', { timeout: 60_000 }, async () => {
      const tables = ['config_info', 'his_config_info', 'config_tags_relation', 'nacos_trio_store', 'nacos_trio_refused']
      for (const each of ['doomed', 'changed']) expect((await publish(cluster.bases[0] ?? '', { dataId: each }, 'old')).status).toBe(200)
      await database.sql(tables.map((table) => `CREATE TABLE copy_${table} AS SELECT * FROM ${table}`).join('; '), name)
      expect((await remove(cluster.bases[1] ?? '', { dataId: 'doomed' })).status).toBe(200)
      for (const each of ['changed', 'born']) expect((await publish(cluster.bases[2] ?? '', { dataId: each }, 'new')).status).toBe(200)
      await waitUntil('every queue to be empty', async () => {
        const states = await Promise.all(cluster.bases.map(storageAt))
        return states.every(({ queueLength }) => queueLength === 0)
      })
      const swap = tables.map((table) => `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM copy_${table}`).join('; ')
      await database.sql(`START TRANSACTION; ${swap}; COMMIT`, name)
      await waitUntil(
        'MySQL to have what came after the copy',
        async () => (await database.sql("SELECT 1 FROM config_info WHERE data_id = 'born'", name)).length === 1,
        20_000,
      )
      await equalSoon(cluster, name)
      await isReadEverywhere(cluster, 'doomed', null)
      await isReadEverywhere(cluster, 'changed', 'new')
      await isReadEverywhere(cluster, 'born', 'new')
      expect((await publish(cluster.bases[0] ?? '', { dataId: 'after' }, 'x')).status).toBe(200)
      await equalSoon(cluster, name)
    })

    it('a table that is emptied takes nothing away from the cluster', { timeout: 60_000 }, async () => {
      for (let at = 0; at < 30; at++) expect((await publish(cluster.bases[at % 3] ?? '', { dataId: `many-${at}` }, 'x')).status).toBe(200)
      await database.sql('DELETE FROM config_info', name)
      const leader = await leaderBase(cluster)
      await waitUntil('it to be seen', async () => /"left":3\d/.test(JSON.stringify((await storageAt(leader)).lastSync)), 10_000)
      await isReadEverywhere(cluster, 'many-0', 'x')
      // The way out that the log names.
      await database.sql('DROP TABLE nacos_trio_store', name)
      await waitUntil(
        'the cluster to fill it again',
        async () => (await database.sql("SELECT 1 FROM config_info WHERE data_id = 'many-29'", name)).length === 1,
        20_000,
      )
      await equalSoon(cluster, name)
    })
  })
})
