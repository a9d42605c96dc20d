/** The shared database as an exactly-once sink, against a real server: batches, the fence, lost answers, rows that are not taken. */

import { createConnection } from 'mysql2/promise'
import { expect, it } from 'vitest'
import { batch, change, claimed, readAll, row, sinkOn, targetOf } from './shared-database.ts'
import { sinkScene } from './sink-scene.ts'

const { server, setUp, proxied } = sinkScene()

it('creates what an empty database lacks, and takes it', async () => {
  const { sink, sql } = await setUp()
  expect(await sink.open()).toMatchObject({ kind: 'opened', position: null })
  expect((await claimed(sink, 3)).appliedIndex).toBe(0)
  expect(await sink.open()).toMatchObject({ kind: 'opened', position: { clusterId: 'cluster-a', term: 3, appliedIndex: 0 } })
  const tables = await sql('SHOW TABLES')
  expect(tables.map((table) => Object.values(table)[0])).toEqual([
    ...['config_info', 'config_info_gray', 'config_tags_relation', 'group_capacity', 'his_config_info'],
    ...['nacos_trio_refused', 'nacos_trio_schema', 'nacos_trio_store'],
    ...['permissions', 'roles', 'tenant_capacity', 'tenant_info', 'users'],
  ])
})

it('three nodes may open an empty database at the same time', async () => {
  const { target } = await setUp()
  const outcomes = await Promise.all([1, 2, 3].map(() => sinkOn(target).open()))
  expect(outcomes.map(({ kind }) => kind)).toEqual(['opened', 'opened', 'opened'])
})

it('gives back what it was given', async () => {
  const { sink } = await setUp()
  await claimed(sink, 1)
  const rows = [
    row(1, 'plain'),
    row(2, 'emoji 😀 and "quotes" and \\ and \u0000', { namespace: 'dev', tags: ['a', 'b'], type: 'json', appName: 'app', description: '说明' }),
    row(3, '中'.repeat(100_000)),
  ]
  expect(await sink.write(batch(0, 5, rows))).toEqual({ kind: 'written', dataErrors: [] })
  const cut = (ms: number): number => Math.floor(ms / 1000) * 1000
  expect(await readAll(sink)).toEqual(
    rows.map(({ index: _, ...rest }) => ({ ...rest, content: expect.any(Uint8Array), modifiedMs: cut(rest.modifiedMs) })),
  )
  const contents = (await readAll(sink)).map(({ content }) => Buffer.from(content).toString())
  expect(contents).toEqual(rows.map(({ content }) => Buffer.from(content).toString()))
})

it('holds the largest content that a configuration may have', async () => {
  const { sink } = await setUp()
  const { limits } = await claimed(sink, 1)
  const largest = row(1, `a${'大'.repeat(3_495_253)}`)
  expect(largest.contentBytes).toBe(10 * 1024 * 1024)
  expect(limits.tooBigFor(largest)).toBeNull()
  expect(await sink.write(batch(0, 2, [largest, row(2, 'x')]))).toEqual({ kind: 'written', dataErrors: [] })
  const [read] = await readAll(sink)
  expect(Buffer.compare(read!.content, largest.content)).toBe(0)
})

it('takes the same rows twice and has them once', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  const [one, two] = [row(1, 'first'), row(2, 'second', { tags: ['x'] })]
  await sink.write(batch(0, 4, [one, two]))
  const again = row(1, 'newer')
  expect(await sink.write(batch(4, 4, [again, two], { history: [change(1, one), change(2, two), change(3, one, 'U')] }))).toMatchObject({
    kind: 'written',
  })
  expect(await sql('SELECT id, content FROM config_info ORDER BY id')).toEqual([
    { id: 1, content: 'newer' },
    { id: 2, content: 'second' },
  ])
  expect(await sql('SELECT nid, op_type, content FROM his_config_info ORDER BY nid')).toEqual([
    { nid: 1, op_type: 'I', content: 'first' },
    { nid: 2, op_type: 'I', content: 'second' },
    { nid: 3, op_type: 'U', content: 'first' },
  ])
  expect(await sql('SELECT id, tag_name FROM config_tags_relation')).toEqual([{ id: 2, tag_name: 'x' }])
})

it('takes tags away that another claim or another program gave', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 1, [row(1, 'a', { tags: ['x', 'y'] })]))
  await sink.write(batch(1, 2, [row(1, 'a', { tags: ['y'] })]))
  expect(await sql('SELECT tag_name FROM config_tags_relation')).toEqual([{ tag_name: 'y' }])
  await claimed(sink, 1)
  await sink.write(batch(2, 3, [row(1, 'a')]))
  expect(await sql('SELECT tag_name FROM config_tags_relation')).toEqual([])
})

it('drops rows, and a key that came again under another number', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  const [one, two, three] = [row(1, 'a', { tags: ['x'] }), row(2, 'b'), row(3, 'c')]
  await sink.write(batch(0, 3, [one, two, three]))
  const born = row(9, 'again', { dataId: two.dataId })
  await sink.write(batch(3, 8, [born], { dropped: [one, two], history: [change(7, one, 'D'), change(8, two, 'D'), change(9, born)] }))
  expect(await sql('SELECT id, data_id FROM config_info ORDER BY id')).toEqual([
    { id: 3, data_id: 'item-3' },
    { id: 9, data_id: 'item-2' },
  ])
  expect(await sql('SELECT id FROM config_tags_relation')).toEqual([])
})

it('forgets history that is over its time, and only that', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(
    batch(
      0,
      600,
      Array.from({ length: 600 }, (_, at) => row(at + 1, 'x')),
    ),
  )
  await sink.write(batch(600, 601, [], { forgotten: Array.from({ length: 599 }, (_, at) => at + 1) }))
  expect(await sql('SELECT nid FROM his_config_info')).toEqual([{ nid: 600 }])
})

it('stops a leader that was replaced, and the new one goes on where it was', async () => {
  const { sink: old, target, sql } = await setUp()
  await claimed(old, 1)
  await old.write(batch(0, 2, [row(1, 'old')]))
  const next = sinkOn(target)
  expect((await claimed(next, 2)).appliedIndex).toBe(2)
  // Its connection was ended with the claim, so that it could hold nothing.
  expect(await old.write(batch(2, 3, [row(1, 'late')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'connection-lost' } })
  expect(await old.claim({ term: 1, lastIndex: 9, adopt: false })).toMatchObject({ kind: 'outdated', position: { term: 2, appliedIndex: 2 } })
  expect(await next.write(batch(2, 3, [row(1, 'new')]))).toMatchObject({ kind: 'written' })
  expect(await sql('SELECT content FROM config_info')).toEqual([{ content: 'new' }])
})

it('does not wait long for a holder that the fence does not name, and says what it is', async () => {
  const { sink, target, database } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 2, [row(1, 'before')]))
  const { host, port } = target.addresses[0]!
  const paused = await createConnection({ host, port, user: target.user, password: target.password, database })
  paused.on('error', () => undefined)
  await paused.query('START TRANSACTION')
  await paused.query('UPDATE nacos_trio_store SET applied_index = 99 WHERE id = 1')
  const next = sinkOn(target)
  const stuck = await next.claim({ term: 2, lastIndex: 100, adopt: false })
  expect(stuck).toMatchObject({ kind: 'unavailable', trouble: { code: 'rows-held' } })
  paused.destroy()
  expect((await claimed(next, 2)).appliedIndex).toBe(2)
})

it('ends the connection that the fence names, though it holds the rows', async () => {
  const { sink, target, database, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 2, [row(1, 'before')]))
  const { host, port } = target.addresses[0]!
  const paused = await createConnection({ host, port, user: target.user, password: target.password, database })
  const ended = new Promise<void>((resolve) => paused.on('error', () => resolve()))
  await paused.query('UPDATE nacos_trio_store SET connection_id = CONNECTION_ID() WHERE id = 1')
  await paused.query('START TRANSACTION')
  await paused.query('UPDATE nacos_trio_store SET applied_index = 3 WHERE id = 1')
  await paused.query("UPDATE config_info SET content = 'never' WHERE id = 1")
  const startedMs = performance.now()
  const next = sinkOn(target)
  expect((await claimed(next, 2)).appliedIndex).toBe(2)
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  await ended
  expect(await next.write(batch(2, 3, [row(1, 'after')]))).toMatchObject({ kind: 'written' })
  expect(await sql('SELECT content FROM config_info')).toEqual([{ content: 'after' }])
})

it('gives up a batch whose row another program holds, and leaves nothing of it', async () => {
  const { sink, target, database, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 1, [row(1, 'before')]))
  const { host, port } = target.addresses[0]!
  const other = await createConnection({ host, port, user: target.user, password: target.password, database })
  await other.query('START TRANSACTION')
  await other.query("UPDATE config_info SET c_use = 'x' WHERE id = 1")
  expect(await sink.write(batch(1, 3, [row(1, 'after'), row(2, 'too')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'rows-held' } })
  await other.end()
  expect(await sink.write(batch(1, 3, [row(1, 'after')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'not-open' } })
  expect((await claimed(sink, 1)).appliedIndex).toBe(1)
  expect(await sql('SELECT id, content FROM config_info')).toEqual([{ id: 1, content: 'before' }])
})

it('leaves other users’ connections alone, whatever number the fence names', async () => {
  const { sink, target, sql } = await setUp()
  await claimed(sink, 1)
  const other = await createConnection({ host: '127.0.0.1', port: server.port, user: target.user, password: target.password })
  await sql(`UPDATE nacos_trio_store SET connection_id = ${other.threadId}`)
  await claimed(sinkOn(target), 2)
  expect((await other.query('SELECT 1 AS one'))[0]).toEqual([{ one: 1 }])
  await other.end()
})

it('a lost answer after the commit is unknown, and the next claim says that it was written', async () => {
  const { database, sql } = await setUp()
  const proxy = await proxied()
  const sink = sinkOn(targetOf(proxy.port, database))
  await claimed(sink, 1)
  proxy.loseAnswerTo('COMMIT')
  expect(await sink.write(batch(0, 2, [row(1, 'once')]))).toMatchObject({ kind: 'unknown', trouble: { code: 'connection-lost' } })
  expect(proxy.cuts()).toBe(1)
  expect((await claimed(sink, 1)).appliedIndex).toBe(2)
  expect(await sql('SELECT COUNT(*) AS n FROM his_config_info')).toEqual([{ n: 1 }])
})

it.each(['request', 'answer'] as const)('a line cut at each piece of a batch in turn, the %s lost: everything is there once', async (loses) => {
  const { database, sql } = await setUp()
  const proxy = await proxied()
  const sink = sinkOn(targetOf(proxy.port, database))
  await claimed(sink, 1)
  let index = 0
  const outcomes: string[] = []
  for (let piece = 1; ; piece++) {
    const rows = [1, 2, 3].map((id) => row(id, `content of ${piece}`, { tags: [`tag-${piece}`] }))
    const next = batch(index, index + 3, rows)
    const cutsBefore = proxy.cuts()
    proxy.cutAt(piece, loses)
    const outcome = await sink.write(next)
    outcomes.push(outcome.kind)
    if (outcome.kind !== 'written') {
      const { appliedIndex } = await claimed(sink, 1)
      // As a whole or not at all; surely not where it was said so.
      expect([next.from, next.to]).toContain(appliedIndex)
      if (outcome.kind === 'unavailable') expect(appliedIndex).toBe(next.from)
      if (appliedIndex === next.from) expect(await sink.write(next)).toEqual({ kind: 'written', dataErrors: [] })
    }
    index = next.to
    const [held] = await sql('SELECT COUNT(*) AS n, COUNT(DISTINCT content) AS contents, MAX(content) AS content FROM config_info')
    expect(held).toEqual({ n: 3, contents: 1, content: `content of ${piece}` })
    expect(await sql('SELECT COUNT(*) AS n, MAX(nid) AS last FROM his_config_info')).toEqual([{ n: index, last: index }])
    if (proxy.cuts() === cutsBefore) break
  }
  expect(outcomes.at(-1)).toBe('written')
  expect(outcomes.filter((kind) => kind === 'unavailable').length).toBeGreaterThan(4)
  expect(outcomes.filter((kind) => kind === 'unknown').length).toBe(1)
})

it('a connection lost before the commit leaves nothing behind', async () => {
  const { database, sql } = await setUp()
  const proxy = await proxied()
  const sink = sinkOn(targetOf(proxy.port, database))
  await claimed(sink, 1)
  proxy.loseAnswerTo('INSERT INTO his_config_info')
  expect(await sink.write(batch(0, 2, [row(1, 'never')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'connection-lost' } })
  expect(proxy.cuts()).toBe(1)
  expect((await claimed(sink, 1)).appliedIndex).toBe(0)
  expect(await sql('SELECT COUNT(*) AS n FROM config_info')).toEqual([{ n: 0 }])
})

it('writes nothing when the database is elsewhere than the batch begins', async () => {
  const { sink } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 5, [row(1, 'a')]))
  expect(await sink.write(batch(3, 6, [row(2, 'b')]))).toMatchObject({ kind: 'fenced', position: { appliedIndex: 5, term: 1 } })
  expect(await sink.write(batch(5, 6, [row(2, 'b')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'not-open' } })
  expect((await readAll(sink)).map(({ id }) => id)).toEqual([1])
})

it('refuses another cluster’s database and one beyond our log, and takes them when asked to', async () => {
  const { sink, target, sql } = await setUp()
  await claimed(sink, 7)
  await sink.write(batch(0, 50, [row(1, 'theirs')]))
  const other = sinkOn(target, { clusterId: 'cluster-b' })
  expect(await other.claim({ term: 2, lastIndex: 90, adopt: false })).toMatchObject({
    kind: 'foreign',
    position: { clusterId: 'cluster-a', appliedIndex: 50 },
  })
  expect(await sink.claim({ term: 7, lastIndex: 10, adopt: false })).toMatchObject({ kind: 'ahead', position: { appliedIndex: 50 } })
  expect(await sql('SELECT cluster_id, applied_index FROM nacos_trio_store')).toEqual([{ cluster_id: 'cluster-a', applied_index: 50 }])
  expect(await other.claim({ term: 2, lastIndex: 90, adopt: true })).toMatchObject({ kind: 'claimed', appliedIndex: 0 })
  expect(await readAll(other)).toMatchObject([{ id: 1, dataId: 'item-1' }])
  expect(await sink.write(batch(50, 51, []))).toMatchObject({ kind: 'unavailable' })
})

it('a row that the tables do not take is told, and the others are written', async () => {
  const { sink, sql } = await setUp()
  await sink.open()
  await sql('ALTER TABLE config_info MODIFY app_name varchar(3)')
  await claimed(sink, 1)
  const rows = Array.from({ length: 21 }, (_, at) => row(at + 1, 'x', { appName: at === 12 ? 'too long' : 'ok' }))
  const outcome = await sink.write(batch(0, 21, rows))
  expect(outcome).toMatchObject({
    kind: 'written',
    dataErrors: [{ table: 'config_info', id: 13, dataId: 'item-13', column: 'app_name', errno: 1406 }],
  })
  expect(await sql('SELECT COUNT(*) AS n FROM config_info')).toEqual([{ n: 20 }])
  expect(await sql('SELECT applied_index FROM nacos_trio_store')).toEqual([{ applied_index: 21 }])
})

it('never overwrites the row of another key that another program wrote under our number', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sql("INSERT INTO config_info (id, data_id, group_id, content) VALUES (4, 'theirs', 'G', 'kept')")
  const outcome = await sink.write(batch(0, 1, [row(4, 'ours'), row(5, 'too')]))
  expect(outcome).toMatchObject({ kind: 'written', dataErrors: [{ table: 'config_info', id: 4, dataId: 'item-4', column: null }] })
  expect(await sql('SELECT id, data_id, content FROM config_info ORDER BY id')).toEqual([
    { id: 4, data_id: 'theirs', content: 'kept' },
    { id: 5, data_id: 'item-5', content: 'too' },
  ])
})

it('gives our number back to a key that another program wrote anew', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  await sink.write(batch(0, 1, [row(1, 'ours')]))
  await sql("DELETE FROM config_info; INSERT INTO config_info (id, data_id, group_id, content) VALUES (700, 'item-1', 'DEFAULT_GROUP', 'theirs')")
  await sink.write(batch(1, 2, [row(1, 'newest')], { history: [] }))
  expect(await sql('SELECT id, content FROM config_info')).toEqual([{ id: 1, content: 'newest' }])
  await sql('UPDATE config_info SET id = 700')
  await sink.write(batch(2, 3, [], { dropped: [row(1, '')] }))
  expect(await sql('SELECT COUNT(*) AS n FROM config_info')).toEqual([{ n: 0 }])
})

it('writes a thousand rows of mixed sizes in one batch', async () => {
  const { sink, sql } = await setUp()
  await claimed(sink, 1)
  const rows = Array.from({ length: 1_000 }, (_, at) => row(at + 1, 'y'.repeat(at % 100 === 0 ? 700_000 : 50)))
  expect(await sink.write(batch(0, 1_000, rows))).toEqual({ kind: 'written', dataErrors: [] })
  expect(await sql('SELECT COUNT(*) AS n, SUM(md5 = MD5(content)) AS equal FROM config_info')).toEqual([{ n: 1_000, equal: '1000' }])
  expect((await readAll(sink)).length).toBe(1_000)
})
