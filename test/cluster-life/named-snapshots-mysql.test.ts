/** A named snapshot restored in MySQL mode: the shared database gets what the nodes get, deletes and history too, before the caller hears. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { agreedState } from '../support/agreement.ts'
import { startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { publish, remove } from '../support/nacos.ts'

const minuteMs = 60_000
let database: Mariadb
beforeAll(async () => {
  if ('found' in findMariadb()) database = await startMariadb()
}, 2 * minuteMs)
afterAll(() => database?.remove())

/** Key and md5 of everything a node holds. */
const inNode = async (base: string): Promise<readonly string[]> =>
  (await send(base, { path: '/nacos/v1/core/ops/digest' })).text
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as readonly unknown[])
    .map((cells) => `${cells[3]} ${cells[4]}`)
    .toSorted()
const inMysql = async (name: string): Promise<readonly string[]> =>
  (await database.sql('SELECT data_id, md5 FROM config_info', name)).map((row) => `${row.data_id} ${row.md5}`).toSorted()

describe.skipIf('missing' in findMariadb())('MySQL mode', () => {
  it('a restore and its undoing are in the database when they are answered', { timeout: 3 * minuteMs }, async () => {
    const name = await database.database()
    const args = ['--no-console', '--storage', 'mysql', '--mysql-url', `mysql://trio@127.0.0.1:${database.port}/${name}`]
    await using cluster = await startHeadless({ args, env: { NACOS_TRIO_MYSQL_PASSWORD: 'secret' } })
    const put = async (at: number, content: string): Promise<void> =>
      expect((await publish(cluster.bases[at % 3] ?? '', { dataId: `app-${at}` }, content)).status).toBe(200)
    for (let at = 0; at < 20; at++) await put(at, `first ${at}`)
    await cluster.command('snapshot monday')
    const taken = await inMysql(name)
    for (let at = 10; at < 30; at++) await put(at, `second ${at}`)
    for (let at = 0; at < 5; at++) expect((await remove(cluster.bases[0] ?? '', { dataId: `app-${at}` })).status).toBe(200)
    const written = await inMysql(name)
    const history = async () => (await database.sql('SELECT op_type FROM his_config_info ORDER BY nid', name)).map((row) => row.op_type)
    const before = (await history()).length

    expect(await cluster.ask('restore monday', minuteMs)).toMatchObject({
      ok: true,
      facts: { snapshot: { restored: { updated: 10, created: 5, removed: 10 } } },
    })
    expect(await inMysql(name)).toEqual(taken)
    expect((await history()).slice(before).toSorted().join('')).toBe('DDDDDDDDDDIIIIIUUUUUUUUUU')
    expect(await cluster.ask('undo', minuteMs)).toMatchObject({ ok: true })
    expect(await inMysql(name)).toEqual(written)
    await agreedState(cluster.bases)
    for (const base of cluster.bases) expect(await inNode(base)).toEqual(written)
  })
})
