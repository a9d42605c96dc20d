/** Namespaces, users, roles, gray versions and capacities in Nacos's own tables: written as Nacos does, read as Nacos left them, each schema's own. */

import { expect, it } from 'vitest'
import { placeOf, sharedFacts, sharedValueOf } from '../../src-node/state-machine/areas/shared-records.ts'
import type { SharedName, SharedRecord } from '../../src-node/state-machine/areas/shared-words.ts'
import type { RecordRemark, SinkRecord, StoreSink } from '../../src-node/storage/sink.ts'
import { existingNacos } from './existing-nacos.ts'
import { nacos22 } from './nacos-2x.ts'
import { batch, claimed, row } from './shared-database.ts'
import { sinkScene } from './sink-scene.ts'

const { setUp } = sinkScene()
const atMs = Date.UTC(2026, 0, 2, 3, 4, 5)

const namespace = (id: string, showName: string): SharedRecord => ({
  ...{ kind: 'namespace', id, showName, description: 'ä', createdMs: atMs, modifiedMs: atMs + 1 },
})
const user = (name: string, roles: readonly string[] = [], passwordHash = `hash of ${name}`): SharedRecord => ({
  ...{ kind: 'user', name, passwordHash, roles },
})
const role = (name: string, ...resources: readonly string[]): SharedRecord => ({
  ...{ kind: 'role', role: name, permissions: resources.map((resource) => ({ role: name, resource, action: 'rw' })) },
})
const gray = (type: 'beta' | 'tag', expr: string, text: string): SharedRecord => {
  const { content, md5, contentBytes } = row(1, text)
  return {
    ...{ kind: 'gray', namespace: 'dev', group: 'g', dataId: 'd', grayName: type === 'beta' ? 'beta' : `tag_${expr}`, rule: { type, expr }, id: 0 },
    ...{ md5, type: 'text', appName: 'app', encryptedDataKey: '', sourceIp: '10.0.0.1', sourceUser: 'ann', createdMs: atMs, modifiedMs: atMs },
    ...{ index: 0, contentBytes, content: new Uint8Array(content) },
  }
}
const capacity = (scope: 'group' | 'tenant', name: string, quota: number): SharedRecord => ({
  ...{ kind: 'capacity', scope, name, id: 0, createdMs: atMs, modifiedMs: atMs, quota, maxSize: 7, maxAggrCount: 0, maxAggrSize: 0 },
})
const all = [
  ...[namespace('dev', 'Dev 😀'), user('ann', ['r', 'ROLE_ADMIN']), user('bob'), role('r', 'dev:*:*', 'b:*:*')],
  ...[gray('beta', '10.0.0.9', 'b: 1'), gray('tag', 'east', 't: 1'), capacity('group', 'g', 5), capacity('tenant', 'dev', 6)],
]

const put = (record: SharedRecord): SinkRecord => ({ ...placeOf(record), value: sharedValueOf(record) })
const gone = (name: SharedName): SinkRecord => ({ ...placeOf(name), value: null })
const writing = (from: number, ...records: readonly SinkRecord[]) => batch(from, from + 1, [], { records })

const readRecords = async (sink: StoreSink) => {
  const records: SharedRecord[] = []
  const remarks: RecordRemark[] = []
  const outcome = await sink.read({
    ...{ begin: () => undefined, page: () => undefined },
    records: { page: (some) => void records.push(...some), remarks: (some) => void remarks.push(...some) },
  })
  if (outcome.kind !== 'read') throw new Error(`not read: ${JSON.stringify(outcome)}`)
  return { records, remarks, summary: outcome.summary }
}

it('stand in the tables as Nacos writes them, and are read as they were written', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  expect(await sink.write(writing(0, ...all.map(put)))).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql('SELECT kp, tenant_id, tenant_name, tenant_desc, create_source, gmt_create, gmt_modified FROM tenant_info')).toEqual([
    { kp: '1', tenant_id: 'dev', tenant_name: 'Dev 😀', tenant_desc: 'ä', create_source: 'nacos', gmt_create: atMs, gmt_modified: atMs + 1 },
  ])
  expect(await sql('SELECT * FROM users ORDER BY username')).toEqual([
    { username: 'ann', password: 'hash of ann', enabled: 1 },
    { username: 'bob', password: 'hash of bob', enabled: 1 },
  ])
  expect(await sql('SELECT * FROM roles ORDER BY role')).toEqual([
    { username: 'ann', role: 'ROLE_ADMIN' },
    { username: 'ann', role: 'r' },
  ])
  expect(await sql('SELECT * FROM permissions ORDER BY resource')).toEqual([
    { role: 'r', resource: 'b:*:*', action: 'rw' },
    { role: 'r', resource: 'dev:*:*', action: 'rw' },
  ])
  expect(await sql('SELECT gray_name, gray_rule, tenant_id, content, app_name, src_user FROM config_info_gray ORDER BY gray_name')).toEqual([
    {
      ...{ gray_name: 'beta', gray_rule: '{"type":"beta","version":"1.0.0","expr":"10.0.0.9","priority":2147483647}' },
      ...{ tenant_id: 'dev', content: 'b: 1', app_name: 'app', src_user: 'ann' },
    },
    expect.objectContaining({ gray_name: 'tag_east', gray_rule: '{"type":"tag","version":"1.0.0","expr":"east","priority":2147483646}' }),
  ])
  expect(await sql('SELECT group_id, quota, max_size, `usage` FROM group_capacity')).toEqual([{ group_id: 'g', quota: 5, max_size: 7, usage: 0 }])
  const { records, remarks } = await readRecords(sink)
  expect(remarks).toEqual([])
  const sorted = (some: readonly SharedRecord[]) => some.map((record) => `${placeOf(record).key} ${sharedFacts(record)}`).toSorted()
  expect(sorted(records)).toEqual(sorted(all))
  expect(records.find(({ kind }) => kind === 'namespace')).toEqual(all[0])
  expect(records.find(({ kind }) => kind === 'gray')).toEqual({ ...all[4], content: expect.any(Uint8Array) })
})

it('change and go, with what other programs count beside them left as it is', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(writing(0, ...all.map(put)))
  await sql("UPDATE group_capacity SET `usage` = 3; UPDATE users SET enabled = 0 WHERE username = 'bob'")
  const changed = [
    namespace('dev', 'Other'),
    user('ann', ['x'], 'new'),
    user('bob'),
    role('r', 'c:*:*'),
    gray('beta', '10.0.0.8', 'b: 2'),
    capacity('group', 'g', 9),
  ]
  expect(await sink.write(writing(1, ...changed.map(put)))).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql('SELECT tenant_name FROM tenant_info')).toEqual([{ tenant_name: 'Other' }])
  expect(await sql('SELECT * FROM users ORDER BY username')).toEqual([
    { username: 'ann', password: 'new', enabled: 1 },
    { username: 'bob', password: 'hash of bob', enabled: 0 },
  ])
  expect(await sql('SELECT role FROM roles')).toEqual([{ role: 'x' }])
  expect(await sql('SELECT resource FROM permissions')).toEqual([{ resource: 'c:*:*' }])
  expect(await sql("SELECT content FROM config_info_gray WHERE gray_name = 'beta'")).toEqual([{ content: 'b: 2' }])
  expect(await sink.write(writing(2, ...all.map(gone)))).toEqual({ kind: 'written', dataErrors: [] })
  for (const table of ['tenant_info', 'users', 'roles', 'permissions', 'config_info_gray']) expect(await sql(`SELECT * FROM ${table}`)).toEqual([])
  expect(await sql('SELECT group_id, quota, max_size, `usage` FROM group_capacity')).toEqual([{ group_id: 'g', quota: 0, max_size: 0, usage: 3 }])
})

it('of a database of Nacos 2.x are read, the older tables where the newer one has nothing', async () => {
  const { sink, sql } = await setUp(existingNacos)
  await sql(`
    INSERT INTO config_info_gray (data_id, group_id, content, gray_name, gray_rule) VALUES ('app.yaml', 'DEFAULT_GROUP', 'x', 'by-label', '{"type":"label","expr":"a=b"}');
    INSERT INTO tenant_info (kp, tenant_id, tenant_name, gmt_create, gmt_modified) VALUES ('1', 'with space', 'x', 1, 1), ('1', 'public', 'x', 1, 1);
    INSERT INTO permissions VALUES ('r', 'x', 'x')`)
  const { records, remarks } = await readRecords(sink)
  const shown = records.map((record) => {
    if (record.kind !== 'gray') return JSON.stringify(record).slice(0, 110)
    return `gray ${record.grayName} ${record.rule.expr} ${Buffer.from(record.content).toString()}`
  })
  expect(shown).toEqual([
    expect.stringContaining('"namespace","id":"dev-1","showName":"Entwicklung ä"'),
    expect.stringContaining('"user","name":"nacos","passwordHash":"$2a$10$'),
    expect.stringContaining('"role","role":"ROLE_ADMIN"'),
    // The row of config_info_beta is what this one came from.
    'gray beta 10.0.0.9 gray: 1',
    'gray tag_east east tag: 1',
    expect.stringContaining('"capacity","scope":"group","name":"","id":0,"quota":100000'),
    expect.stringContaining('"capacity","scope":"group","name":"orders"'),
    expect.stringContaining('"capacity","scope":"tenant","name":"dev-1"'),
  ])
  expect(remarks.map(({ table, reason, row: of }) => [table, reason, of])).toEqual([
    ['tenant_info', 'name', 'with space'],
    ['permissions', 'action', 'r x x'],
    ['config_info_gray', 'rule', '["","DEFAULT_GROUP","app.yaml"]'],
  ])
})

it('go into the older tables where there is no newer one, and nowhere where there is none', async () => {
  const { sink, sql } = await setUp(nacos22)
  await claimed(sink, 1)
  expect(await sink.write(writing(0, ...all.map(put)))).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql('SELECT data_id, tenant_id, beta_ips, content FROM config_info_beta')).toEqual([
    { data_id: 'd', tenant_id: 'dev', beta_ips: '10.0.0.9', content: 'b: 1' },
  ])
  const { records, summary } = await readRecords(sink)
  expect(records).toMatchObject([{ kind: 'gray', grayName: 'beta', rule: { type: 'beta', expr: '10.0.0.9' } }])
  expect(all.filter((record) => summary.holds(record)).map(({ kind }) => kind)).toEqual(['gray'])
  await sink.write(writing(1, ...all.map(gone)))
  expect(await sql('SELECT * FROM config_info_beta')).toEqual([])
})

it('that a table does not take are told and kept in mind, and stop nothing', async () => {
  const { sink, sql } = await setUp()
  const { limits } = await claimed(sink, 1)
  const long = user('x'.repeat(51))
  expect(limits.tooBigForRecord(long)).toMatchObject({ column: 'username', limit: 50, unit: 'characters' })
  const outcome = await sink.write(writing(0, put(long), put(user('ann'))))
  expect(outcome).toMatchObject({ kind: 'written', dataErrors: [{ table: 'users', column: 'username' }], refusals: { count: 1 } })
  expect(await sql('SELECT username FROM users')).toEqual([{ username: 'ann' }])
  const { area, key } = placeOf(long)
  const { summary } = await readRecords(sink)
  expect([summary.refusedRecord?.(area, key), summary.refusedRecord?.(area, 'uann')]).toEqual([true, false])
  expect(await sink.write(writing(1, gone(long)))).toMatchObject({ refusals: { count: 0 } })
})

it('never take the row of another name that the table takes for the same', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sql(
    "ALTER TABLE users MODIFY username varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL; INSERT INTO users VALUES ('Ann', 'hers', 1)",
  )
  expect(await sink.write(writing(0, put(user('ann'))))).toMatchObject({ dataErrors: [{ table: 'users', dataId: 'ann' }] })
  await sink.write(writing(1, gone(user('ann'))))
  expect(await sql('SELECT username, password FROM users')).toEqual([{ username: 'Ann', password: 'hers' }])
})

it('too small a column is known before anything is proposed', async () => {
  const { sink } = await setUp(existingNacos)
  const { limits } = await claimed(sink, 1)
  expect(all.map((record) => limits.tooBigForRecord(record)?.column ?? null)).toEqual(['tenant_name', ...Array.from({ length: 7 }, () => null)])
  expect(limits.tooBigForRecord(gray('tag', 'x'.repeat(60), 'a'))).toMatchObject({ column: 'gray_name', limit: 50 })
  expect(limits.tooBigForRecord(gray('beta', 'x', 'smile 😀'))).toMatchObject({ column: 'content', unit: 'charset' })
  expect(limits.tooBigForRecord(role('r', 'x'.repeat(129)))).toMatchObject({ column: 'resource' })
})

it('what their reader throws comes out, and is no trouble of the database', async () => {
  const { sink } = await setUp(existingNacos)
  const nothing = { begin: () => undefined, page: () => undefined }
  const page = (): never => {
    throw new Error('of the reader')
  }
  await expect(sink.read({ ...nothing, records: { page } })).rejects.toThrow('of the reader')
})
