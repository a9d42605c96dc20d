/** A database that Nacos 2.x has filled, opened by a real cluster: nothing lost, nothing altered that is not edited, odd rows named. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { existingNacos, left, taken, unknownTables } from '../storage/existing-nacos.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { md5, publishOnce, read, removeOnce } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

let database: Mariadb
beforeAll(async () => {
  if ('found' in findMariadb()) database = await startMariadb()
}, 120_000)
afterAll(() => database?.remove())

const start = (name: string): Promise<HeadlessCluster> => {
  const url = `mysql://trio@127.0.0.1:${database.port}/${name}`
  const args = ['--no-console', '--storage', 'mysql', '--mysql-url', url]
  return startHeadless({ args, env: { NACOS_TRIO_MYSQL_PASSWORD: 'secret' } })
}

const rowsOf = async (name: string, sql: string): Promise<string[]> => (await database.sql(sql, name)).map((row) => JSON.stringify(row))
const unknownRows = (name: string): Promise<string[][]> => Promise.all(unknownTables.map((table) => rowsOf(name, `SELECT * FROM ${table}`)))
const shapes = async (name: string): Promise<string[]> => {
  const tables = [...unknownTables, 'config_info', 'his_config_info', 'config_tags_relation']
  const created = await Promise.all(tables.map((table) => database.sql(`SHOW CREATE TABLE ${table}`, name)))
  return created.map(([row]) => String(row?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, ''))
}
const leftIds = left.map(([id]) => id).join(', ')
const leftRows = (name: string): Promise<string[]> =>
  rowsOf(name, `SELECT *, MD5(content) AS now, '' AS content FROM config_info WHERE id IN (${leftIds}) ORDER BY id`)

const logsOf = ({ ready }: HeadlessCluster): string => ready.nodes.map(({ dir }) => readFileSync(join(dir, 'logs', 'nacos.log'), 'utf8')).join('')

const byName = (a: { readonly data_id: string }, b: { readonly data_id: string }): number => (a.data_id < b.data_id ? -1 : 1)

const isTaken = async ({ bases }: HeadlessCluster): Promise<void> => {
  await waitUntil('the last row to be ours', async () => (await read(bases[2] ?? '', { dataId: 'odd-type.ini' })).status === 200, 20_000)
  await agreedState(bases)
}

describe.skipIf('missing' in findMariadb())('a database of Nacos 2.x', () => {
  it('opens whole: every row is shown, can be edited and removed, and what is not understood stays', { timeout: 180_000 }, async () => {
    const name = await database.database()
    await database.sql(existingNacos, name)
    const before = { unknown: await unknownRows(name), shapes: await shapes(name), left: await leftRows(name) }
    await using cluster = await start(name)
    await isTaken(cluster)

    for (const base of cluster.bases) {
      for (const { dataId, group, tenant, content, type = 'text' } of taken) {
        const answer = await read(base, { dataId, ...(group === undefined ? {} : { group }), ...(tenant === undefined ? {} : { tenant }) })
        expect([dataId, answer.status, answer.text]).toEqual([dataId, 200, content])
        expect([dataId, answer.headers['content-md5'], answer.headers['config-type']]).toEqual([dataId, md5(content), type])
      }
    }
    const named = logsOf(cluster)
    for (const [id, column] of left) expect(named).toMatch(new RegExp(`row ${id} of config_info, .*: ${column} .*stays in the database`))
    expect(named).toMatch(/row 14 of config_info, .*: md5 is not its content's/)
    expect(named).toMatch(/row 22 of config_info, .*: gmt_create is no time/)

    for (const [at, { dataId, group, tenant }] of taken.entries()) {
      const base = cluster.bases[at % cluster.bases.length] ?? ''
      const key = { dataId, ...(group === undefined ? {} : { group }), ...(tenant === undefined ? {} : { tenant }) }
      await publishOnce(base, key, `edited ${dataId}`)
    }
    const edited = await database.sql(`SELECT data_id, content, md5 FROM config_info WHERE content LIKE 'edited %' ORDER BY data_id`, name)
    expect(edited).toEqual(
      taken.map(({ dataId }) => ({ data_id: dataId, content: `edited ${dataId}`, md5: md5(`edited ${dataId}`) })).toSorted(byName),
    )
    expect(await database.sql('SELECT id, c_use, effect, c_schema FROM config_info WHERE id = 12', name)).toEqual([
      { id: 12, c_use: 'kept use', effect: 'kept effect', c_schema: 'kept schema' },
    ])
    expect(await database.sql('SELECT tag_name FROM config_tags_relation WHERE id = 12', name)).toEqual([{ tag_name: 'core' }])
    const history = await database.sql('SELECT nid, data_id, op_type, content FROM his_config_info ORDER BY nid', name)
    expect(history.slice(0, 3).map(({ nid, content }) => `${nid} ${content}`)).toEqual(['77 old', '78 old', '79 gray: 1'])
    expect(history.slice(3).map(({ data_id: dataId, op_type: operation, content }) => [dataId, operation, content])).toEqual(
      taken.map(({ dataId, content }) => [dataId, 'U', content]),
    )
    expect(Number(history[3]?.nid)).toBeGreaterThan(79)

    await removeOnce(cluster.bases[1], { dataId: 'CASE' })
    await publishOnce(cluster.bases[1], { dataId: 'quite-new' }, 'q')
    const [added] = await database.sql("SELECT id FROM config_info WHERE data_id = 'quite-new'", name)
    expect(Number(added?.id)).toBeGreaterThan(40)
    expect(await database.sql("SELECT data_id FROM config_info WHERE data_id IN ('case', 'CASE')", name)).toEqual([{ data_id: 'case' }])
    expect({ unknown: await unknownRows(name), shapes: await shapes(name), left: await leftRows(name) }).toEqual(before)
  })

  it('a leader that dies while it takes the rows over: the next one has them all, each once', { timeout: 180_000 }, async () => {
    const name = await database.database()
    await database.sql(existingNacos, name)
    const many = Array.from({ length: 3_000 }, (_, at) => `(${1_000 + at}, 'many-${at}', 'DEFAULT_GROUP', 'content ${at}', MD5('content ${at}'))`)
    await database.sql(`INSERT INTO config_info (id, data_id, group_id, content, md5) VALUES ${many.join(', ')}`, name)
    await using cluster = await start(name)
    const { id } = await agreedLeader(cluster.bases)
    cluster.killNode(id)
    await waitUntil(
      'the last of many',
      async () => (await read(cluster.bases[id % 3] ?? '', { dataId: 'many-2999' })).text === 'content 2999',
      30_000,
    )
    await cluster.nextEvent('the killed node to be ready', (event) => event.event === 'node-ready' && event.id === id, 30_000)
    await agreedState(cluster.bases)
    for (const base of cluster.bases) {
      for (const at of [0, 1, 1_500, 2_998, 2_999]) expect((await read(base, { dataId: `many-${at}` })).text).toBe(`content ${at}`)
    }
    await publishOnce(cluster.bases[0], { dataId: 'many-7' }, 'seven')
    expect(await database.sql("SELECT content FROM config_info WHERE data_id = 'many-7'", name)).toEqual([{ content: 'seven' }])
    expect(await database.sql('SELECT COUNT(*) AS n FROM config_info', name)).toEqual([{ n: 3_000 + taken.length + left.length }])
  })
})
