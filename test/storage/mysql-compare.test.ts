/** A shared database that is looked through row by row, and what it still refuses, against a real server. */

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { OldHistory, SourceHead, SourceRow, StoreSink } from '../../src-node/storage/sink.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { md5 } from '../support/nacos.ts'
import { nacos14 } from './nacos-2x.ts'
import { batch, change, claimed, closeSinks, row, sinkOn, targetOf } from './shared-database.ts'

let server: Mariadb
beforeAll(async () => {
  server = await startMariadb()
})
afterEach(closeSinks)
afterAll(() => server.remove())

const setUp = async (statements = 'SELECT 1') => {
  const database = await server.database()
  await server.sql(statements, database)
  const target = targetOf(server.port, database)
  return { target, sink: sinkOn(target), sql: (text: string) => server.sql(text, database) }
}
const lookThrough = async (sink: StoreSink, wants: (head: SourceHead) => boolean) => {
  const heads: SourceHead[] = []
  const rows: SourceRow[] = []
  const outcome = await sink.read({
    begin: () => undefined,
    wants: (head) => {
      heads.push(head)
      return wants(head)
    },
    page: (some) => void rows.push(...some),
  })
  if (outcome.kind !== 'read') throw new Error(`not read: ${JSON.stringify(outcome)}`)
  return { heads, rows, summary: outcome.summary }
}

it('shows every row without its content, and gives whole ones only where they are wanted', async () => {
  const { sink } = await setUp()
  await claimed(sink, 1)
  const many = Array.from({ length: 1_250 }, (_, at) => row(at + 1, `content of ${at}`))
  await sink.write(batch(0, 1_250, many))
  const { heads, rows, summary } = await lookThrough(sink, ({ id }) => id % 400 === 0)
  expect(heads.map(({ id, dataId, md5: sum }) => [id, dataId, sum])).toEqual(many.map(({ id, dataId, md5: sum }) => [id, dataId, sum]))
  expect(rows.map(({ id, content }) => [id, Buffer.from(content).toString()])).toEqual([400, 800, 1_200].map((id) => [id, `content of ${id - 1}`]))
  expect(summary).toMatchObject({ configs: 1_250, position: { appliedIndex: 1_250 }, refused: new Set() })
})

it('the md5 is that of what stands there, whatever the column says', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 1, [row(1, 'before')]))
  await sql("UPDATE config_info SET content = 'edited 😀' WHERE id = 1")
  const { heads, rows } = await lookThrough(sink, () => true)
  expect([heads[0]?.md5, rows[0]?.md5]).toEqual([md5('edited 😀'), md5('edited 😀')])
})

it('description, application and tags are shown with every row, as they stand there', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 2, [{ ...row(1, 'a'), description: 'why', tags: ['ost', 'a'] }, row(2, 'b')]))
  const shown = async () => (await lookThrough(sink, () => false)).heads.map(({ description, appName, tags }) => [description, appName, tags])
  expect(await shown()).toEqual([
    ['why', '', ['a', 'ost']],
    ['', '', []],
  ])
  await sql("UPDATE config_info SET c_desc = 'Grund ä', app_name = 'shop' WHERE id = 2; DELETE FROM config_tags_relation")
  expect(await shown()).toEqual([
    ['why', '', []],
    ['Grund ä', 'shop', []],
  ])
})

it('old history goes in pieces, those rows that are chosen, and none of a database that is another term’s by now', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  const rows = Array.from({ length: 450 }, (_, at) => `(${at + 1}, 0, 'd', 'g', 'x', '', ${at % 2 === 0 ? "'2020-01-01'" : "'2030-01-01'"})`)
  await sql(`INSERT INTO his_config_info (nid, id, data_id, group_id, content, md5, gmt_modified) VALUES ${rows.join(', ')}`)
  const left = async (): Promise<number[]> => (await sql('SELECT nid FROM his_config_info ORDER BY nid')).map(({ nid }) => Number(nid))
  const asked: number[] = []
  const order = (over: Partial<OldHistory> = {}): OldHistory => ({
    ...{ beforeMs: Date.UTC(2025, 0, 1), belowNid: 440, term: 1 },
    choose: (nids) => {
      asked.push(nids.length)
      return Promise.resolve(nids.filter((nid) => nid !== 7))
    },
    ...over,
  })
  expect(await sink.forgetOld(order({ choose: () => Promise.resolve(null) }))).toEqual({ kind: 'forgot', removed: 0 })
  expect(await sink.forgetOld(order({ term: 2 }))).toEqual({ kind: 'forgot', removed: 0 })
  expect([(await left()).length, asked.splice(0)]).toEqual([450, [200]])
  expect(await sink.forgetOld(order())).toEqual({ kind: 'forgot', removed: 219 })
  expect([asked, (await left()).filter((nid) => nid % 2 === 1)]).toEqual([
    [200, 20],
    [7, 441, 443, 445, 447, 449],
  ])
})

it('an old table says which columns it has', async () => {
  const { sink } = await setUp(nacos14)
  await claimed(sink, 1)
  const { summary } = await lookThrough(sink, () => false)
  expect([summary.columns.has('type'), summary.columns.has('encrypted_data_key')]).toEqual([true, false])
})

it('a row that is not taken is known to whoever claims next, until it comes again and is taken', async () => {
  const { sink, target, sql } = await setUp()
  await sink.open()
  await sql('ALTER TABLE config_info MODIFY app_name varchar(3)')
  await claimed(sink, 1)
  const refused = row(2, 'x', { appName: 'too long' })
  const outcome = await sink.write(batch(0, 3, [row(1, 'a'), refused, row(3, 'c')]))
  const error = { table: 'config_info', id: 2, dataId: 'item-2', column: 'app_name', errno: 1406 }
  expect(outcome).toMatchObject({ kind: 'written', dataErrors: [error], refusals: { count: 1, newest: [error] } })
  const next = sinkOn(target)
  expect((await claimed(next, 2)).refusals).toMatchObject({ count: 1, newest: [error] })
  expect((await lookThrough(next, () => false)).summary.refused).toEqual(new Set([2]))
  await sql('ALTER TABLE config_info MODIFY app_name varchar(128)')
  expect(await next.write(batch(3, 4, [refused], { history: [change(9, refused, 'U')] }))).toMatchObject({ kind: 'written', refusals: { count: 0 } })
  expect(await sql('SELECT COUNT(*) AS n FROM config_info')).toEqual([{ n: 3 }])
  expect(await next.write(batch(4, 5, []))).toEqual({ kind: 'written', dataErrors: [] })
})

it('a refusal goes with its row, and with the cluster that it was for', async () => {
  const { sink, sql, target } = await setUp()
  await sink.open()
  await sql('ALTER TABLE config_info MODIFY app_name varchar(3); ALTER TABLE his_config_info MODIFY app_name varchar(3)')
  await claimed(sink, 1)
  const [one, two] = [row(1, 'a', { appName: 'too long' }), row(2, 'b', { appName: 'too long' })]
  expect(await sink.write(batch(0, 2, [one, two]))).toMatchObject({ refusals: { count: 4 } })
  expect(await sink.write(batch(2, 3, [], { dropped: [one], forgotten: [1] }))).toMatchObject({ refusals: { count: 2 } })
  const other = sinkOn(target, { clusterId: 'cluster-b' })
  expect(await other.claim({ term: 1, lastIndex: 9, adopt: true })).toMatchObject({ kind: 'claimed', refusals: { count: 0 } })
})

it('a batch that comes to nothing leaves no refusal behind', async () => {
  const { sink, sql } = await setUp()
  await sink.open()
  await sql('ALTER TABLE config_info MODIFY app_name varchar(3)')
  await claimed(sink, 1)
  await sql('UPDATE nacos_trio_store SET applied_index = 5')
  expect(await sink.write(batch(0, 1, [row(1, 'a', { appName: 'too long' })]))).toMatchObject({ kind: 'fenced' })
  expect((await claimed(sink, 1)).refusals.count).toBe(0)
})
