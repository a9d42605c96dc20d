/** A database that Nacos itself made: recognised by its columns, read whole, written in its own schema, never altered. */

import { expect, it } from 'vitest'
import { nacos14, nacos22 } from './nacos-2x.ts'
import { batch, change, claimed, readAll, row } from './shared-database.ts'
import { sinkScene } from './sink-scene.ts'

const { server, setUp } = sinkScene()
const candidate = row(1, 'content')

it('shows every row of a 2.x database, as it stands', async () => {
  const { sink } = await setUp(nacos22)
  expect((await claimed(sink, 1)).appliedIndex).toBe(0)
  const rows = await readAll(sink)
  expect(rows.map(({ id, namespace, group, dataId, type, tags }) => [id, namespace, group, dataId, type, tags])).toEqual([
    [12, '', 'DEFAULT_GROUP', 'app.yaml', 'yaml', ['core']],
    [40, 'dev-1', 'orders', 'db.properties', 'unset', []],
    [41, 'dev-1', 'orders', 'DB.properties', 'text', []],
  ])
  expect(Buffer.from(rows[0]!.content).toString()).toBe('名: 值')
  expect([rows[0]!.createdMs, rows[0]!.modifiedMs]).toEqual([Date.UTC(2023, 4, 6, 7, 8, 9), Date.UTC(2024, 0, 2, 3, 4, 5)])
})

it('says above which numbers ours must begin', async () => {
  const { sink } = await setUp(nacos22)
  await claimed(sink, 1)
  const outcome = await sink.read({ begin: () => undefined, page: () => undefined })
  expect(outcome).toMatchObject({
    kind: 'read',
    summary: { configs: 3, history: 2, maxConfigId: 41, maxHistoryId: 78, position: { appliedIndex: 0 } },
  })
})

it.each([
  ['2.2', nacos22],
  ['1.4', nacos14],
])('writes into a database of %s what it has columns for, and alters none of its tables', async (_version, statements) => {
  const { sink, sql } = await setUp(statements)
  const shapes = async () => Promise.all(['config_info', 'his_config_info', 'config_info_beta'].map((table) => sql(`SHOW CREATE TABLE ${table}`)))
  const before = (await shapes()).map(([table]) => String(table!['Create Table']).replace(/AUTO_INCREMENT=\d+ /, ''))
  await claimed(sink, 1)
  const edited = row(12, 'new: 1', { dataId: 'app.yaml', type: 'yaml', tags: ['core', 'edge'] })
  expect(await sink.write({ ...batch(0, 9, [edited]), history: [change(79, edited, 'U')] })).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql('SELECT content, c_use, effect, gmt_modified FROM config_info WHERE id = 12')).toEqual([
    { content: 'new: 1', c_use: 'kept use', effect: 'kept effect', gmt_modified: expect.anything() },
  ])
  expect(await sql('SELECT nid FROM his_config_info ORDER BY nid')).toEqual([{ nid: 77 }, { nid: 78 }, { nid: 79 }])
  expect(await sql('SELECT tag_name FROM config_tags_relation ORDER BY tag_name')).toEqual([{ tag_name: 'core' }, { tag_name: 'edge' }])
  const afterwards = (await shapes()).map(([table]) => String(table!['Create Table']).replace(/AUTO_INCREMENT=\d+ /, ''))
  expect(afterwards).toEqual(before)
})

it('drops rows of a 2.x database by their number, and by their key where the number is another', async () => {
  const { sink, sql } = await setUp(nacos22)
  await claimed(sink, 1)
  const dropped = [row(12, '', { dataId: 'app.yaml' }), row(900, '', { dataId: 'db.properties', group: 'orders', namespace: 'dev-1' })]
  expect(await sink.write(batch(0, 1, [], { dropped }))).toEqual({ kind: 'written', dataErrors: [] })
  // Its name differs in case only.
  expect(await sql('SELECT id FROM config_info')).toEqual([{ id: 41 }])
  const key = "data_id = CONVERT('x' USING utf8mb3) AND group_id = CONVERT('x' USING utf8mb3)"
  expect(await sql(`EXPLAIN DELETE FROM config_info WHERE ${key}`)).toMatchObject([{ key: 'uk_configinfo_datagrouptenant' }])
})

it('writes times as UTC, whatever the zone of the server is', async () => {
  const { sink, sql } = await setUp(nacos22)
  await server.sql("SET GLOBAL time_zone = '+08:00'")
  await claimed(sink, 1)
  await sink.write(batch(0, 1, [row(50, 'x', { modifiedMs: Date.UTC(2026, 5, 7, 8, 9, 10, 999) })]))
  expect(await sql('SELECT CAST(gmt_modified AS CHAR) AS at FROM config_info WHERE id = 50')).toEqual([{ at: '2026-06-07 08:09:10' }])
  await server.sql("SET GLOBAL time_zone = 'SYSTEM'")
})

it('takes public for the default namespace where Nacos 3 has it', async () => {
  const { sink, sql } = await setUp(nacos22)
  await sql(`
    UPDATE config_info SET tenant_id = 'public' WHERE id = 12;
    SET SESSION sql_mode = '';
    INSERT INTO config_info (id, data_id, group_id, content, tenant_id) VALUES (60, 'app.yaml', 'DEFAULT_GROUP', 'copy', ''), (61, 'alone', 'G', 'x', '')`)
  await claimed(sink, 1)
  expect((await readAll(sink)).map(({ id, namespace }) => [id, namespace])).toEqual([
    [12, ''],
    [40, 'dev-1'],
    [41, 'dev-1'],
    [61, ''],
  ])
  const rows = [row(12, 'new', { dataId: 'app.yaml' }), row(61, 'y', { dataId: 'alone', group: 'G' }), row(70, 'z')]
  expect(await sink.write(batch(0, 3, rows, { history: [] }))).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql("SELECT id, tenant_id FROM config_info WHERE tenant_id IN ('', 'public') ORDER BY id")).toEqual([
    { id: 12, tenant_id: 'public' },
    { id: 60, tenant_id: '' },
    { id: 61, tenant_id: 'public' },
    { id: 70, tenant_id: 'public' },
  ])
})

it('refuses before a write is proposed what its columns cannot hold', async () => {
  const { sink } = await setUp(nacos14)
  const { limits } = await claimed(sink, 1)
  const asked = (over: Partial<typeof candidate>) => limits.tooBigFor({ ...candidate, ...over })
  expect(asked({})).toBeNull()
  expect(asked({ content: Buffer.from('中文 and ä') })).toBeNull()
  expect(asked({ content: Buffer.from('smile 😀') })).toEqual({ column: 'content', limit: 0, unit: 'charset', charset: 'utf8mb3' })
  expect(asked({ description: '😀' })).toMatchObject({ column: 'c_desc', unit: 'charset' })
  expect(asked({ dataId: 'd'.repeat(256) })).toMatchObject({ column: 'data_id', limit: 255, unit: 'characters' })
  // 255 here, but 128 in history.
  expect(asked({ group: 'g'.repeat(129) })).toMatchObject({ column: 'group_id', limit: 128 })
  expect(asked({ tags: ['t'.repeat(129)] })).toMatchObject({ column: 'tag_name', limit: 128 })
  expect(asked({ encryptedDataKey: 'key' })).toMatchObject({ column: 'encrypted_data_key', limit: 0 })
})

it('knows which names a table takes for one, as the table itself does', async () => {
  const { sink, sql } = await setUp('SELECT 1')
  expect((await claimed(sink, 1)).limits.names).toBeUndefined()
  await sql('ALTER TABLE config_info MODIFY data_id varchar(255) CHARACTER SET utf8 COLLATE utf8_general_ci NOT NULL')
  const { names } = (await claimed(sink, 2)).limits
  const [one, other, accented] = ['app', 'APP', '\u00e1pp'].map((dataId) => ({ namespace: '', group: 'G', dataId }))
  expect([other!, accented!].map((key) => names?.folded(key))).toEqual([names?.folded(one!), names?.folded(one!)])
  expect(names?.difference(one!, other!)).toEqual({ column: 'data_id', collation: expect.stringMatching(/^utf8(mb3)?_general_ci$/) })
  const outcome = await sink.write(batch(0, 2, [row(50, 'x', { dataId: 'app', group: 'G' }), row(51, 'y', { dataId: 'APP', group: 'G' })]))
  expect(outcome).toMatchObject({ kind: 'written', dataErrors: [{ table: 'config_info' }] })
})

it('knows the largest packet, and takes a content just below it', async () => {
  const { sink, sql } = await setUp('SELECT 1')
  await server.sql('SET GLOBAL max_allowed_packet = 1048576')
  const { limits } = await claimed(sink, 1)
  const excess = limits.tooBigFor({ ...candidate, content: Buffer.alloc(1024 * 1024, 97) })
  expect(excess).toMatchObject({ column: 'content', unit: 'bytes' })
  const largest = row(1, 'a'.repeat(excess!.limit))
  const larger = row(2, 'b'.repeat(2 * 1024 * 1024))
  const outcome = await sink.write(batch(0, 4, [largest, larger, row(3, 'c')]))
  expect(outcome).toMatchObject({
    kind: 'written',
    dataErrors: [
      { table: 'config_info', id: 2, errno: 1153, column: 'content' },
      { table: 'his_config_info', id: 2, errno: 1153 },
    ],
  })
  expect(await sql('SELECT id FROM config_info')).toEqual([{ id: 1 }, { id: 3 }])
  await server.sql('SET GLOBAL max_allowed_packet = 16777216')
})

it('an emoji that slips through into utf8 is one row’s error, not the end of the sink', async () => {
  const { sink, sql } = await setUp(nacos22)
  await claimed(sink, 1)
  const outcome = await sink.write(batch(0, 3, [row(50, 'smile 😀'), row(51, 'fine'), row(52, 'fine too')]))
  expect(outcome).toMatchObject({
    kind: 'written',
    dataErrors: [
      { table: 'config_info', id: 50, column: 'content', errno: 1366 },
      { table: 'his_config_info', dataId: 'item-50', errno: 1366 },
    ],
  })
  expect(await sql('SELECT id FROM config_info WHERE id > 49 ORDER BY id')).toEqual([{ id: 51 }, { id: 52 }])
})

it.each([
  ['its history is missing', 'DROP TABLE his_config_info', 'his_config_info is missing'],
  ['a column of Nacos’s is missing', 'ALTER TABLE config_info DROP COLUMN md5', 'config_info.md5 is missing'],
  ['a column wants a value that we do not know', 'ALTER TABLE config_info ADD COLUMN site int NOT NULL', 'config_info.site has no default'],
  ['a table has no transactions', 'ALTER TABLE his_config_info ENGINE=MyISAM', 'his_config_info is kept by MyISAM'],
  ['its key is missing', 'ALTER TABLE config_info DROP KEY uk_configinfo_datagrouptenant', 'config_info has no unique keys'],
])('refuses a database where %s, and leaves it', async (_what, alteration, sentence) => {
  const { sink, sql } = await setUp(nacos22)
  await sql(alteration)
  expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'schema-unknown', detail: expect.stringContaining(sentence) } })
})

it('refuses a database that a newer version of ours has changed', async () => {
  const { sink, sql } = await setUp(nacos22)
  await sink.open()
  await sql('INSERT INTO nacos_trio_schema VALUES (99)')
  expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'schema-newer' } })
})
