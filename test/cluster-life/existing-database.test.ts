/** A database that Nacos 2.x has filled, opened by a real cluster: nothing lost, nothing altered that is not edited, odd rows named. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { besideTables, existingNacos, left, taken } from '../storage/existing-nacos.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { md5, publishOnce, read, removeOnce } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

let database: Mariadb
beforeAll(async () => {
  if ('found' in findMariadb()) database = await startMariadb()
}, 120_000)
afterAll(() => database?.remove())

const start = (name: string, ...more: readonly string[]): Promise<HeadlessCluster> => {
  const url = `mysql://trio@127.0.0.1:${database.port}/${name}`
  const args = ['--no-console', '--storage', 'mysql', '--mysql-url', url, ...more]
  return startHeadless({ args, env: { NACOS_TRIO_MYSQL_PASSWORD: 'secret' } })
}

const rowsOf = async (name: string, sql: string): Promise<string[]> => (await database.sql(sql, name)).map((row) => JSON.stringify(row))
const besideRows = (name: string): Promise<string[][]> => Promise.all(besideTables.map((table) => rowsOf(name, `SELECT * FROM ${table}`)))
const shapes = async (name: string): Promise<string[]> => {
  const tables = [...besideTables, 'config_info', 'his_config_info', 'config_tags_relation']
  const created = await Promise.all(tables.map((table) => database.sql(`SHOW CREATE TABLE ${table}`, name)))
  return created.map(([row]) => String(row?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, ''))
}
const leftIds = left.map(([id]) => id).join(', ')
const leftRows = (name: string): Promise<string[]> =>
  rowsOf(name, `SELECT *, MD5(content) AS now, '' AS content FROM config_info WHERE id IN (${leftIds}) ORDER BY id`)

const logsOf = ({ ready }: HeadlessCluster): string => ready.nodes.map(({ dir }) => readFileSync(join(dir, 'logs', 'nacos.log'), 'utf8')).join('')

const callForm = (base: string, method: string, path: string, fields: Readonly<Record<string, string>>): ReturnType<typeof send> => {
  const text = new URLSearchParams(fields).toString()
  return method === 'GET' || method === 'DELETE'
    ? send(base, { method, path: `${path}?${text}` })
    : send(base, { method, path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: text })
}

const byName = (a: { readonly data_id: string }, b: { readonly data_id: string }): number => (a.data_id < b.data_id ? -1 : 1)

const isTaken = async ({ bases }: HeadlessCluster): Promise<void> => {
  await waitUntil('the last row to be ours', async () => (await read(bases[2] ?? '', { dataId: 'odd-type.ini' })).status === 200, 20_000)
  await agreedState(bases)
}

describe.skipIf('missing' in findMariadb())('a database of Nacos 2.x', () => {
  it('opens whole: every row is shown, can be edited and removed, and what is not understood stays', { timeout: 180_000 }, async () => {
    const name = await database.database()
    await database.sql(existingNacos, name)
    const before = { beside: await besideRows(name), shapes: await shapes(name), left: await leftRows(name) }
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
    expect({ beside: await besideRows(name), shapes: await shapes(name), left: await leftRows(name) }).toEqual(before)
  })

  it('its namespaces, users, gray versions and capacities are those of the cluster, and what is changed there is changed here', {
    timeout: 180_000,
  }, async () => {
    const name = await database.database()
    await database.sql(existingNacos, name)
    const before = await besideRows(name)
    await using cluster = await start(name, '--auth', 'on', '--set', 'storeSyncMs=300')
    const [base = ''] = cluster.bases
    const login = async (at: string, username: string, password: string): Promise<number | string> => {
      const answer = await callForm(at, 'POST', '/nacos/v1/auth/login', { username, password })
      return answer.status === 200 ? String(JSON.parse(answer.text).accessToken) : answer.status
    }
    // As Nacos keeps it: bcrypt.
    await waitUntil('the user of the database to be known', async () => typeof (await login(base, 'nacos', 'nacos')) === 'string', 20_000)
    expect(await login(cluster.bases[1] ?? '', 'nacos', 'other')).toBe(403)
    const token = String(await login(cluster.bases[2] ?? '', 'nacos', 'nacos'))
    const call = (method: string, path: string, fields: Readonly<Record<string, string>>, at = base): ReturnType<typeof send> =>
      callForm(at, method, path, { ...fields, accessToken: token })
    const namespaceNames = async (at: string): Promise<string> => (await call('GET', '/nacos/v1/console/namespaces', {}, at)).text
    for (const at of cluster.bases) {
      expect(await namespaceNames(at)).toContain('Entwicklung ä')
      expect((await call('GET', '/nacos/v1/cs/configs', { dataId: 'app.yaml', group: 'DEFAULT_GROUP', tag: 'east' }, at)).text).toBe('tag: 1')
    }
    expect((await call('GET', '/nacos/v1/cs/capacity', { group: 'orders' })).text).toContain('"quota":200')
    expect(await besideRows(name)).toEqual(before)

    const renamed = { namespace: 'dev-1', namespaceShowName: 'Dev', namespaceDesc: 'x' }
    expect((await call('PUT', '/nacos/v1/console/namespaces', renamed)).status).toBe(200)
    expect(await database.sql('SELECT kp, tenant_name, tenant_desc, gmt_create FROM tenant_info', name)).toEqual([
      { kp: '1', tenant_name: 'Dev', tenant_desc: 'x', gmt_create: 1_683_356_889_000 },
    ])
    expect((await call('POST', '/nacos/v1/auth/users', { username: 'ann', password: 'ann' })).status).toBe(200)
    expect((await call('POST', '/nacos/v1/auth/roles', { role: 'dev', username: 'ann' })).status).toBe(200)
    const [ann] = await database.sql("SELECT password, enabled, role FROM users JOIN roles USING (username) WHERE username = 'ann'", name)
    expect(ann).toEqual({ password: expect.stringMatching(/^\$2a\$10\$/), enabled: 1, role: 'dev' })
    const version = { dataId: 'app.yaml', group: 'DEFAULT_GROUP', tag: 'west' }
    expect((await call('POST', '/nacos/v1/cs/configs', { ...version, content: 'west: 1' })).status).toBe(200)
    expect(await database.sql("SELECT content FROM config_info_gray WHERE gray_name = 'tag_west'", name)).toEqual([{ content: 'west: 1' }])
    const history = 'SELECT op_type, publish_type, gray_name FROM his_config_info ORDER BY nid DESC LIMIT 1'
    expect(await database.sql(history, name)).toEqual([{ op_type: 'I', publish_type: 'gray', gray_name: 'tag_west' }])
    expect((await call('DELETE', '/nacos/v1/cs/configs', { ...version, tag: 'east' })).status).toBe(200)
    expect(await database.sql('SELECT tag_id FROM config_info_tag', name)).toEqual([])

    const hash = "(SELECT password FROM (SELECT password FROM users WHERE username = 'nacos') AS seeded)"
    await database.sql(
      `INSERT INTO tenant_info (kp, tenant_id, tenant_name, gmt_create, gmt_modified) VALUES ('1', 'dev-2', 'Zwei', 1, 1);
       UPDATE users SET password = ${hash} WHERE username = 'ann'; DELETE FROM config_info_gray WHERE gray_name = 'tag_west'`,
      name,
    )
    for (const at of cluster.bases) {
      await waitUntil('a namespace of another program', async () => (await namespaceNames(at)).includes('Zwei'), 20_000)
      await waitUntil('its password', async () => typeof (await login(at, 'ann', 'nacos')) === 'string', 20_000)
      await waitUntil('a version to be gone', async () => (await call('GET', '/nacos/v1/cs/configs', version, at)).status === 404, 20_000)
    }
    await cluster.command('auth off')
    await agreedState(cluster.bases)
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
