/**
 * All configurations of a real cluster into a real MariaDB and back: the dry run tells what comes about, the move compares, and whatever goes
 * wrong on the way leaves the cluster as it was.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { nacos22 } from '../storage/nacos-2x.ts'
import { agreedState } from '../support/agreement.ts'
import { type ClusterEvent, type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { publish, publishOnce, read, refusalOf, removeOnce } from '../support/nacos.ts'
import { signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

let database: Mariadb
const folder = mkdtempSync(join(tmpdir(), 'nacos-trio-move-'))
beforeAll(async () => {
  if ('found' in findMariadb()) database = await startMariadb()
}, 120_000)
afterAll(async () => {
  await database?.remove()
  rmSync(folder, { recursive: true, force: true })
})

const env = { NACOS_TRIO_MYSQL_PASSWORD: 'secret' }
const urlOf = (name: string): string => `mysql://trio@127.0.0.1:${database.port}/${name}`
const start = (data?: string): Promise<HeadlessCluster> => startHeadless({ args: ['--no-console'], env, ...(data === undefined ? {} : { data }) })

/** Types a line and gives its answer, whatever others run beside it. */
const say = (cluster: HeadlessCluster, line: string, limitMs = 60_000): Promise<ClusterEvent> => {
  const from = cluster.events().length
  cluster.launched.write(`${line}\n`)
  const [name = ''] = line.split(' mysql://')
  return cluster.nextEvent(`an answer to "${name}"`, ({ event, command }) => event === 'answer' && command?.startsWith(name) === true, limitMs, from)
}

interface Look {
  readonly ours: { readonly configs: number; readonly hash: string }
  readonly theirs: { readonly configs: number; readonly hash: string }
  readonly namespaces: readonly { readonly namespace: string; readonly ours: Look['ours']; readonly theirs: Look['ours'] }[]
  readonly history: Readonly<Record<'ours' | 'theirs' | 'alike' | 'oursHash' | 'theirsHash', number | string>>
  readonly records: Readonly<Record<'ours' | 'theirs' | 'oursHash' | 'theirsHash', number | string>>
  readonly [name: string]: unknown
}
interface Plan {
  readonly merge: unknown
  readonly look: Look
  readonly obstacles: readonly { readonly code: string; readonly count: number }[]
  readonly rows: number
}
const planIn = ({ facts }: ClusterEvent): Plan => {
  const { move } = facts as { readonly move?: Plan }
  if (move === undefined) throw new Error(`no plan in ${JSON.stringify(facts)}`)
  return move
}
const isAlike = ({ look }: Plan): void => {
  expect(look).toMatchObject({ unlike: 0, oursAlone: 0, theirsAlone: 0 })
  expect(look.theirs).toEqual(look.ours)
  for (const { ours, theirs } of look.namespaces) expect(theirs).toEqual(ours)
  expect(look.history.alike).toBe(look.history.ours)
  expect(look.history.theirsHash).toBe(look.history.oursHash)
  expect(look.records).toMatchObject({ unlike: 0, oursAlone: 0, theirsAlone: 0, oursHash: look.records.theirsHash })
}
/** Of the other kinds of a move. */
const none = ['users', 'roles', 'gray', 'capacities'].map((area) => ({ area, moved: 0, taken: 0, skipped: 0, overwritten: 0 }))
const tables = async (name: string): Promise<readonly unknown[]> => database.sql('SHOW TABLES', name)

/** Updates, a deleted one, two namespaces, tags, a gray version, a user with a role; 12 configurations, 17 rows of history, 5 records beside them. */
const fill = async ({ bases }: HeadlessCluster): Promise<void> => {
  const [base = ''] = bases
  for (let at = 0; at < 10; at++) await publishOnce(base, { dataId: `item-${at}` }, `content ${at} ä 😀`)
  for (const dataId of ['a.yaml', 'b.yaml']) await publishOnce(base, { dataId, group: 'orders', tenant: 'dev-1' }, 'x: 1')
  for (const at of [0, 1]) await publishOnce(base, { dataId: `item-${at}` }, `newer ${at}`)
  await publishOnce(base, { dataId: 'gone' }, 'x')
  await removeOnce(base, { dataId: 'gone' })
  const made = [
    '/nacos/v1/console/namespaces?customNamespaceId=dev-1&namespaceName=Dev&namespaceDesc=x',
    ...['/nacos/v1/auth/users?username=ann&password=ann', '/nacos/v1/auth/roles?username=ann&role=dev'],
    '/nacos/v1/auth/permissions?role=dev&resource=dev-1:*:*&action=r',
    ...['/nacos/v1/cs/configs?dataId=item-0&group=DEFAULT_GROUP&tag=east&content=e', '/nacos/v1/cs/capacity?group=orders&quota=5'],
  ]
  for (const path of made) expect([path, (await send(base, { method: 'POST', path })).status]).toEqual([path, 200])
  await agreedState(bases)
}

describe.skipIf('missing' in findMariadb())('a move between SQLite and MySQL', () => {
  it('into a database that others have filled: told before, both sides one afterwards, and what was replaced in the history', {
    timeout: 180_000,
  }, async () => {
    const [skipped, overwritten] = [await database.database(), await database.database()]
    const theirNamespaces = `CREATE TABLE tenant_info (
      id bigint(20) NOT NULL AUTO_INCREMENT, kp varchar(128) NOT NULL, tenant_id varchar(128) DEFAULT '', tenant_name varchar(128) DEFAULT '',
      tenant_desc varchar(256) DEFAULT NULL, create_source varchar(32) DEFAULT NULL, gmt_create bigint(20) NOT NULL, gmt_modified bigint(20) NOT NULL,
      PRIMARY KEY (id), UNIQUE KEY uk_tenant_info_kptenantid (kp, tenant_id));
      INSERT INTO tenant_info (kp, tenant_id, tenant_name, gmt_create, gmt_modified) VALUES ('1', 'team', 'Theirs', 1, 1), ('1', 'lone', 'Lone', 1, 1)`
    for (const name of [skipped, overwritten]) await database.sql(`${nacos22} ${theirNamespaces}`, name)
    await using cluster = await start()
    const namespaces = '/nacos/v1/console/namespaces'
    expect((await send(cluster.bases[0] ?? '', { method: 'POST', path: `${namespaces}?customNamespaceId=team&namespaceName=Ours` })).status).toBe(200)
    const shownName = async (): Promise<unknown> => (await send(cluster.bases[0] ?? '', { path: `${namespaces}?show=all&namespaceId=team` })).text
    // Its numbers are theirs, too.
    for (let at = 0; at < 15; at++) await publishOnce(cluster.bases[at % 3], { dataId: `item-${at % 14}` }, `content ${at}`)
    await removeOnce(cluster.bases[0], { dataId: 'item-7' })
    await publishOnce(cluster.bases[0], { dataId: 'app.yaml' }, 'first')
    await publishOnce(cluster.bases[0], { dataId: 'app.yaml' }, 'ours')
    await agreedState(cluster.bases)
    const content = async (): Promise<string> => (await read(cluster.bases[2] ?? '', { dataId: 'app.yaml' })).text
    expect(planIn(await say(cluster, `storage plan ${urlOf(skipped)}`)).obstacles).toMatchObject([{ code: 'not-empty' }])
    expect(planIn(await say(cluster, `storage plan ${urlOf(skipped)} ABORT`)).obstacles).toEqual([{ code: 'conflict', count: 2 }])
    expect(planIn(await say(cluster, `storage plan ${urlOf(skipped)} SKIP`))).toMatchObject({
      obstacles: [],
      merge: { taken: 2, kept: 1, replaced: 0 },
      counts: [{ area: 'configs', moved: 13, taken: 2, skipped: 1 }, { area: 'namespaces', moved: 0, taken: 1, skipped: 1 }, ...none],
    })

    const moved = await say(cluster, `storage move ${urlOf(overwritten)} OVERWRITE`, 90_000)
    expect(planIn(moved).look).toMatchObject({ unlike: 0, oursAlone: 0, theirsAlone: 0, alike: 16, owner: 'this-cluster' })
    expect(moved.facts).toMatchObject({
      moved: [{ area: 'configs', moved: 13, taken: 2, overwritten: 1 }, { area: 'namespaces', moved: 0, taken: 1, overwritten: 1 }, ...none],
    })
    expect(await database.sql("SELECT tenant_name FROM tenant_info WHERE tenant_id = 'team'", overwritten)).toEqual([{ tenant_name: 'Ours' }])
    expect(await shownName()).toContain('"Ours"')
    expect(await content()).toBe('ours')
    expect(
      await database.sql("SELECT content FROM his_config_info WHERE data_id = 'app.yaml' AND op_type = 'U' ORDER BY nid DESC LIMIT 1", overwritten),
    ).toEqual([{ content: '名: 值' }])
    expect((await read(cluster.bases[1] ?? '', { dataId: 'db.properties', group: 'orders', tenant: 'dev-1' })).text).toBe('a=1')
    expect(await say(cluster, 'storage move sqlite', 60_000)).toMatchObject({ ok: true })

    expect(planIn(await say(cluster, `storage move ${urlOf(skipped)} SKIP`, 90_000)).look).toMatchObject({
      unlike: 0,
      oursAlone: 0,
      theirsAlone: 0,
      alike: 16,
    })
    expect(await content()).toBe('名: 值')
    expect(await shownName()).toContain('"Theirs"')
    await agreedState(cluster.bases)
  })

  it('there and back: told before, equal afterwards, with all history, and nothing said with a password', { timeout: 180_000 }, async () => {
    const name = await database.database()
    const data = join(folder, 'kept')
    await using cluster = await start(data)
    await fill(cluster)
    const planned = planIn(await say(cluster, `storage plan ${urlOf(name)}`))
    expect(planned).toMatchObject({
      obstacles: [],
      rows: 12 + 17 + 5,
      look: { oursAlone: 12, theirs: { configs: 0 }, hasTables: false, owner: 'nobody' },
    })
    expect(await tables(name)).toEqual([])

    const moved = planIn(await say(cluster, `storage move ${urlOf(name).replace('@', ':secret@')}`, 60_000))
    isAlike(moved)
    expect(moved.look).toMatchObject({
      alike: 12,
      owner: 'this-cluster',
      history: { ours: 17, theirs: 17 },
      records: { ours: 5, theirs: 5, alike: 5 },
    })
    expect(cluster.launched.stdout()).not.toContain('secret')
    await publishOnce(cluster.bases[1], { dataId: 'item-5' }, 'in MySQL mode')
    expect(await database.sql("SELECT content FROM config_info WHERE data_id = 'item-5'", name)).toEqual([{ content: 'in MySQL mode' }])
    const answer = await say(cluster, `storage move ${urlOf(name)}`)
    expect([answer.ok, answer.detail]).toEqual([false, expect.stringContaining('already')])

    const back = planIn(await say(cluster, 'storage move sqlite', 60_000))
    isAlike(back)
    await database.stop('SIGKILL')
    try {
      await publishOnce(cluster.bases[2], { dataId: 'item-6' }, 'without MySQL')
      expect((await read(cluster.bases[0] ?? '', { dataId: 'item-5' })).text).toBe('in MySQL mode')
    } finally {
      await database.start()
    }
    // What changed meanwhile is written, the rest stands.
    await removeOnce(cluster.bases[0], { dataId: 'item-7' })
    const dropped = await send(cluster.bases[1] ?? '', { method: 'DELETE', path: '/nacos/v1/auth/roles?role=dev' })
    expect(dropped.status).toBe(200)
    const again = planIn(await say(cluster, `storage move ${urlOf(name)}`, 60_000))
    isAlike(again)
    expect(await database.sql('SELECT role FROM roles UNION SELECT role FROM permissions', name)).toEqual([])
    expect(again.look).toMatchObject({ alike: 11, history: { ours: 20, theirs: 20 }, records: { alike: 4 } })
    // And the next start goes on with it.
    await cluster.stop()
    await using next = await start(data)
    await publishOnce(next.bases[1], { dataId: 'item-8' }, 'in the next life')
    expect(await database.sql("SELECT content FROM config_info WHERE data_id = 'item-8'", name)).toEqual([{ content: 'in the next life' }])
  })

  it('what stands in the way is named before anything is done', { timeout: 180_000 }, async () => {
    await using cluster = await start()
    await fill(cluster)
    const theirs = await database.database()
    {
      await using other = await startHeadless({ args: ['--no-console', '--storage', 'mysql', '--mysql-url', urlOf(theirs)], env })
      await publishOnce(other.bases[0], { dataId: 'theirs' }, 'x')
    }
    const foreign = await say(cluster, `storage move ${urlOf(theirs)}`)
    expect([foreign.ok, planIn(foreign).obstacles]).toEqual([false, [{ code: 'foreign', count: 1 }]])

    await database.sql('DROP TABLE nacos_trio_store', theirs)
    const full = await say(cluster, `storage move ${urlOf(theirs)}`)
    expect([full.ok, planIn(full).obstacles]).toEqual([false, [{ code: 'not-empty', count: 1 }]])

    const narrow = await database.database()
    const emptied = ['config_info', 'his_config_info', 'config_tags_relation'].map((table) => `TRUNCATE ${table}`).join('; ')
    await database.sql(`${nacos22} ${emptied}; ALTER TABLE config_info MODIFY group_id varchar(5)`, narrow)
    const small = planIn(await say(cluster, `storage plan ${urlOf(narrow)}`))
    expect(small.obstacles).toEqual([{ code: 'too-big', count: 12 }])
    expect(small.look.excesses).toContainEqual({
      ...{ namespace: '', group: 'DEFAULT_GROUP', dataId: 'item-3', column: 'group_id', limit: 5, unit: 'characters', charset: 'utf8mb3' },
    })
    expect(small.look.excesses).toContainEqual(expect.objectContaining({ dataId: 'a.yaml', column: 'group_id' }))
    const nobody = await say(cluster, 'storage plan mysql://trio@127.0.0.1:1/x')
    expect([nobody.ok, nobody.detail]).toEqual([false, expect.stringContaining('connection-refused')])
    await publishOnce(cluster.bases[1], { dataId: 'still' }, 'here')
  })

  it('a database that goes away, an abort and a kill of all nodes in the middle: the cluster has lost nothing, and the next move goes on', {
    timeout: 300_000,
  }, async () => {
    const [name, other] = [await database.database(), await database.database()]
    await using cluster = await start()
    const writers = startWriters(cluster.bases, 16, 'before')
    await waitUntil('more entries than callers wait for', () => writers.acknowledged() > 2_500, 120_000)
    await writers.stop()
    await agreedState(cluster.bases)
    const beginsToFill = async (at: string): Promise<{ readonly answer: Promise<ClusterEvent> }> => {
      const from = cluster.events().length
      const answer = say(cluster, `storage move ${urlOf(at)}`, 120_000)
      const isFilling = ({ event, en, command }: ClusterEvent): boolean =>
        (event === 'progress' && en?.startsWith('filling') === true) || (event === 'answer' && command?.startsWith('storage move') === true)
      expect(await cluster.nextEvent('it to fill', isFilling, 60_000, from)).toMatchObject({ event: 'progress' })
      return { answer }
    }

    const first = await beginsToFill(name)
    signal(database.pid(), 'SIGSTOP')
    try {
      const isRefused = async () => refusalOf(await publish(cluster.bases[0] ?? '', { dataId: 'probe' }, 'x')) === 'storage_unavailable'
      await waitUntil('a write to be refused', isRefused)
      expect((await say(cluster, 'storage abort')).ok).toBe(true)
      const answer = await first.answer
      expect([answer.ok, answer.detail]).toEqual([false, expect.stringContaining('aborted')])
      await publishOnce(cluster.bases[0], { dataId: 'after' }, 'the abort')
    } finally {
      signal(database.pid(), 'SIGCONT')
    }
    const done = planIn(await say(cluster, `storage move ${urlOf(name)}`, 120_000))
    isAlike(done)

    isAlike(planIn(await say(cluster, 'storage move sqlite')))
    const second = await beginsToFill(other)
    expect((await say(cluster, 'kill all')).ok).toBe(true)
    isAlike(planIn(await second.answer))
    for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
  })
})
