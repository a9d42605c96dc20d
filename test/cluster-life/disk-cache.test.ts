/** The files of the disk cache on real nodes: equal to what the API answers, repaired when somebody changed them, whole after kill -9. */

import { existsSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CacheStatus } from '../../src-node/disk-cache/types.ts'
import { agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { type Key, publish, read, remove } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const opsPath = '/nacos/v1/cs/ops/localCache'
/** What the issue promises after the end of a load. */
const filesLimitMs = 2_000

let cluster: HeadlessCluster
beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(() => cluster?.stop())

const dataOf = (id: number): string => join(cluster.dataDir, `node-${id}`, 'data')
const fileOf = (id: number, { dataId, group = 'DEFAULT_GROUP', tenant }: Key): string =>
  join(dataOf(id), tenant === undefined ? 'config-data' : join('tenant-config-data', tenant), group, dataId)

const statusOf = async (base: string): Promise<CacheStatus> => JSON.parse((await send(base, { path: opsPath })).text) as CacheStatus

const isCurrent = async (base: string): Promise<boolean> => {
  const { state, running } = await statusOf(base)
  return state === 'current' && running === null
}
const allCurrent = (limitMs?: number): Promise<boolean> =>
  waitUntil('the files of all nodes to be current', async () => (await Promise.all(cluster.bases.map(isCurrent))).every(Boolean), limitMs)

/** A full dump on this node, by request; its report. */
const fullDump = async (base: string): Promise<NonNullable<CacheStatus['last']>> => {
  const before = (await statusOf(base)).last?.startedMs
  expect(await send(base, { method: 'POST', path: opsPath })).toMatchObject({ status: 200, text: '200' })
  return waitUntil('the dump to be over', async () => {
    const { running, last } = await statusOf(base)
    return running === null && last?.reason === 'request' && last.startedMs !== before ? last : null
  })
}

const keys: readonly Key[] = [{ dataId: 'app.yaml' }, { dataId: 'app.yaml', tenant: 'dev' }, { dataId: 'other.json', group: 'MY_GROUP' }]

const filesAgree = async (): Promise<void> => {
  for (const { id, http } of cluster.ready.nodes) {
    for (const key of keys) {
      const answer = await read(http, key)
      const found = existsSync(fileOf(id, key)) ? readFileSync(fileOf(id, key)) : null
      if (answer.status === 404) expect(found).toBeNull()
      else expect(found?.equals(answer.body)).toBe(true)
    }
  }
}

it('after writes on any node, the files of all nodes are what the API answers', async () => {
  await allCurrent(10_000)
  for (let round = 0; round < 5; round++) {
    for (const [at, base] of cluster.bases.entries()) {
      for (const key of keys) expect(await publish(base, key, `round: ${round}\nnode: ${at}\n数据 😀\r\n`)).toMatchObject({ status: 200 })
    }
  }
  expect((await remove(cluster.bases[1] ?? '', keys[2] ?? { dataId: '' })).status).toBe(200)
  await agreedState(cluster.bases)
  await allCurrent(filesLimitMs)
  await filesAgree()
  expect(readdirSync(join(dataOf(1), 'config-data', 'DEFAULT_GROUP'))).toEqual(['app.yaml'])
})

it('a file changed or deleted by hand is repaired by a full dump of that node, which reports it', async () => {
  const [app, dev] = keys as [Key, Key]
  const base = cluster.baseOf(2)
  writeFileSync(fileOf(2, app), 'by hand')
  unlinkSync(fileOf(2, dev))
  mkdirSync(join(dataOf(2), 'config-data', 'nobody'))
  writeFileSync(join(dataOf(2), 'config-data', 'nobody', 'x'), 'mine')
  const report = await fullDump(base)
  expect(report).toMatchObject({
    different: { count: 1, first: ['public/DEFAULT_GROUP/app.yaml'] },
    missing: { count: 1, first: ['dev/DEFAULT_GROUP/app.yaml'] },
    extra: { count: 1, first: ['public/nobody/x'] },
  })
  expect(report.failed.count).toBe(0)
  await filesAgree()
  expect(await fullDump(base)).toMatchObject({ missing: { count: 0 }, different: { count: 0 }, extra: { count: 0 } })
  await waitUntil('the log to tell of it', () =>
    readFileSync(join(cluster.dataDir, 'node-2', 'logs', 'nacos.log'), 'utf8').includes('1 missing, 1 different, 1 extra; 2 files written'),
  )
})

it('a node killed while it writes files has whole ones after its restart, and no others', async () => {
  const contentOf = (n: number): string => `${n} `.repeat(1_000)
  const load = Array.from({ length: 400 }, (_, n) => publish(cluster.baseOf(1), { dataId: `many-${n % 100}` }, contentOf(n)))
  const seen = cluster.events().length
  await waitUntil('the first of the files', () => existsSync(fileOf(3, { dataId: 'many-0' })))
  cluster.killNode(3)
  await Promise.all(load)
  for (const name of readdirSync(join(dataOf(3), 'config-data', 'DEFAULT_GROUP')).filter((found) => found.startsWith('many-'))) {
    const content = readFileSync(fileOf(3, { dataId: name }), 'utf8')
    expect(content).toBe(contentOf(Number(content.split(' ')[0])))
  }
  await cluster.nextEvent('the node to be back', ({ event, id }) => event === 'node-ready' && id === 3, 20_000, seen)
  await agreedState(cluster.bases)
  await allCurrent()
  for (let n = 0; n < 100; n++) {
    const answer = await read(cluster.baseOf(3), { dataId: `many-${n}` })
    expect(readFileSync(fileOf(3, { dataId: `many-${n}` })).equals(answer.body)).toBe(true)
  }
  expect(readdirSync(join(dataOf(3), 'config-data', 'DEFAULT_GROUP'))).toHaveLength(101)
})
