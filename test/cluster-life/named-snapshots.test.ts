/** A named snapshot of a real cluster: taken, written over a thousand times, restored under load, and undone, with a leader killed in between. */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { type Answer, send } from '../support/http.ts'
import { type Listeners, startListeners } from '../support/listeners.ts'
import { md5, publish, read, remove } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters, type Writers } from '../support/writers.ts'

const minuteMs = 60_000
const before = 300
const writes = 1_000
/** When the leader is killed, ms after a restore was asked for; by hand `KILL_MS=1,2,4,8,16,32`. */
const moments = (process.env.KILL_MS ?? '8').split(',').map(Number)
const path = '/nacos/v1/core/ops/snapshots'

let cluster: HeadlessCluster
beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(() => cluster?.stop())

type Row = readonly [key: string, md5: string, index: number]
/** Key, md5 and Raft index of everything that is not a writer's. */
const rowsOf = async (base: string): Promise<readonly Row[]> => {
  const lines = (await send(base, { path: '/nacos/v1/core/ops/digest', timeoutMs: minuteMs })).text.trim().split('\n').slice(1, -1)
  return lines
    .map((line) => JSON.parse(line) as [number, string, string, string, string, string, string, number, number, number])
    .filter(([, , , dataId]) => dataId.startsWith('app-'))
    .map(([, , group, dataId, hash, , , , , index]): Row => [`${group}/${dataId}`, hash, index])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
const contentsOf = (rows: readonly Row[]): readonly string[] => rows.map(([key, hash]) => `${key} ${hash}`)
const heardOf = [7, 210, 310, 499].map((at) => `app-${at}`)
/** What a listener knows of a configuration in the end. */
const lastOf = (rows: readonly Row[]): ReadonlyMap<string, string> => {
  const known = new Map(rows.map(([key, hash]) => [key.slice(key.indexOf('/') + 1), hash]))
  return new Map(heardOf.map((dataId) => [dataId, known.get(dataId) ?? '']))
}
/** Nodes come and go here. */
const insist = (what: string, act: () => Promise<Answer>): Promise<true> =>
  waitUntil(what, async () => (await act().catch(() => null))?.status === 200 || null, minuteMs)
const put = (at: number, content: string): Promise<true> =>
  insist(`app-${at} to be written`, () => publish(cluster.bases[at % 3]!, { dataId: `app-${at}` }, content))
const inTurns = async (count: number, act: (at: number) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < count; at += 20) await Promise.all(Array.from({ length: Math.min(20, count - at) }, (_, more) => act(at + more)))
}
interface Listing {
  readonly undo: { readonly index: number; readonly name: string } | null
  readonly snapshots: readonly { readonly name: string; readonly configs: number; readonly changesSince: number }[]
}
const listing = async (base: string): Promise<Listing> => JSON.parse((await send(base, { path })).text)
/** A thousand writes: new contents, two hundred configurations that were not there, and ten of those that were go. */
const writeOver = (round: string): Promise<void> =>
  inTurns(writes, (at) => {
    if (at >= 700 && at < 800 && at % 10 === 0)
      return insist(`app-${at - 500} to be deleted`, () => remove(cluster.bases[at % 3]!, { dataId: `app-${at - 500}` }))
    return put(at % 500, `${round} ${at}`)
  })

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const ask = (method: 'POST' | 'PUT' | 'DELETE', at: string, query: string): Promise<true> =>
  insist(`${method} ${at}`, () => send(cluster.bases[1]!, { method, path: `/nacos/v1/${at}?${query}`, headers: form }))
const instanceAt = (port: number, ephemeral = false): string =>
  `serviceName=${ephemeral ? 'fleeting' : 'lasting'}&ip=127.0.0.1&port=${port}&ephemeral=${ephemeral}`
const beta = (content: string): Promise<true> =>
  insist('a beta version', () => publish(cluster.bases[0]!, { dataId: 'app-1' }, content, { betaIps: '10.9.9.9' }))
/** One of each kind that a snapshot keeps besides configurations. */
const setOthers = async (): Promise<void> => {
  await ask('POST', 'console/namespaces', 'customNamespaceId=team&namespaceName=Team')
  for (const port of [80, 81]) await ask('POST', 'ns/instance', instanceAt(port))
  await beta('beta one')
}
/** Each of them another, gone or new; and an instance that is its client's. */
const changeOthers = async (): Promise<void> => {
  await ask('PUT', 'console/namespaces', 'namespace=team&namespaceShowName=Renamed&namespaceDesc=')
  await ask('POST', 'console/namespaces', 'customNamespaceId=later&namespaceName=Later')
  await ask('DELETE', 'ns/instance', instanceAt(80))
  await ask('POST', 'ns/instance', instanceAt(82))
  await ask('POST', 'ns/instance', instanceAt(90, true))
  await beta('beta two')
}
const othersOn = async (base: string): Promise<readonly string[]> => {
  const got = async <T>(at: string): Promise<T> => JSON.parse((await send(base, { path: `/nacos/v1/${at}` })).text) as T
  const { data: spaces } = await got<{ data: readonly { namespaceShowName: string }[] }>('console/namespaces')
  const { hosts } = await got<{ hosts: readonly { port: number }[] }>('ns/instance/list?serviceName=lasting')
  const { data: version } = await got<{ data: { content: string } }>('cs/configs?beta=true&dataId=app-1&group=DEFAULT_GROUP')
  const names = spaces.map(({ namespaceShowName }) => namespaceShowName).toSorted()
  return [`${names}`, `${hosts.map(({ port }) => port).toSorted()}`, version.content]
}

const moreBy = (load: Writers, count: number): Promise<true> => {
  const goal = load.acknowledged() + count
  return waitUntil(`${count} more writes`, () => load.acknowledged() >= goal || null, minuteMs)
}
/** Knows what every node has for a replaced, a removed, a brought back and an untouched configuration, and waits for changes. */
const listenEverywhere = async (): Promise<Listeners> => {
  const observe = async ({ http }: { http: string }, dataId: string): Promise<string> => {
    const answer = await read(http, { dataId })
    return answer.status === 200 ? md5(answer.body) : ''
  }
  const listeners = startListeners({ nodes: cluster.ready.nodes, keys: heardOf, observe })
  // app-210 is not there: nothing is told of it, and nothing is known.
  await waitUntil('the listeners to have heard once', () => listeners.notices() === 3 * (heardOf.length - 1) || null)
  return listeners
}
const restoreMonday = {
  ...{ method: 'POST', path, headers: { 'content-type': 'application/json' }, timeoutMs: minuteMs },
  body: JSON.stringify({ command: 'restoreSnapshot', value: 'monday' }),
}

it('is taken, restored under load, and undone', { timeout: 3 * minuteMs }, async () => {
  await inTurns(before, (at) => put(at, `first ${at}`))
  await setOthers()
  const besides = { services: 1, instances: 2, grays: 1, namespaces: 1, accounts: 0, capacities: 0 }
  expect(await cluster.ask('snapshot monday', minuteMs)).toMatchObject({ ok: true, facts: { snapshot: { taken: { configs: before, besides } } } })
  const others = await othersOn(cluster.bases[0]!)
  const taken = await rowsOf(cluster.bases[0]!)
  expect(taken).toHaveLength(before)
  await writeOver('second')
  await changeOthers()
  const changed = await othersOn(cluster.bases[1]!)
  await agreedState(cluster.bases)
  const written = await rowsOf(cluster.bases[0]!)
  expect(contentsOf(written)).not.toEqual(contentsOf(taken))

  const listeners = await listenEverywhere()
  const load = startWriters(cluster.bases, 6, 'load')
  await moreBy(load, 100)
  const restored = await cluster.ask('restore monday', minuteMs)
  expect(restored).toMatchObject({ ok: true, facts: { snapshot: { restored: { updated: 290, created: 10, removed: expect.any(Number) } } } })
  await moreBy(load, 100)
  expect(await listeners.settle(lastOf(taken), minuteMs)).toEqual([])
  await load.stop()
  expect(load.troubles()).toEqual({})
  const { index } = (restored.facts as { snapshot: { restored: { index: number } } }).snapshot.restored
  const ofIndex = new Map(written.map(([key, , at]) => [key, at]))
  await agreedState(cluster.bases)
  for (const base of cluster.bases) {
    const rows = await rowsOf(base)
    expect(contentsOf(rows)).toEqual(contentsOf(taken))
    for (const [key, , at] of rows) expect(at === index || at === ofIndex.get(key)).toBe(true)
    expect(rows.filter(([, , at]) => at === index).length).toBeGreaterThan(250)
    expect(index).toBeGreaterThan(Math.max(...ofIndex.values()))
    expect(await othersOn(base)).toEqual(others)
    expect(await othersOn(base)).not.toEqual(changed)
  }

  expect(await cluster.ask('undo', minuteMs)).toMatchObject({ ok: true })
  await agreedState(cluster.bases)
  for (const base of cluster.bases) {
    expect(contentsOf(await rowsOf(base))).toEqual(contentsOf(written))
    expect(await othersOn(base)).toEqual(changed)
  }
  expect(await listeners.settle(lastOf(written), minuteMs)).toEqual([])
  await listeners.stop()
})

it.each(moments)('a leader killed %i ms into a restore changes nothing of what comes of it', { timeout: 3 * minuteMs }, async (intoMs) => {
  await writeOver(`before the kill at ${intoMs}`)
  const { id } = await agreedLeader(cluster.bases)
  const load = startWriters(cluster.bases, 6, 'load')
  await moreBy(load, 50)
  const restoring = send(cluster.baseOf((id % 3) + 1), restoreMonday)
  await new Promise((resolve) => setTimeout(resolve, intoMs))
  cluster.killNode(id)
  const { status, text } = await restoring
  expect([status, JSON.parse(text)]).toMatchObject([200, { code: 200, data: { index: expect.any(Number) } }])
  // All of the writers' keys, several times: what they had written before is gone.
  await moreBy(load, 400)
  await load.stop()
  expect(await load.audit(cluster.baseOf((id % 3) + 1))).toEqual([])
  await agreedState(cluster.bases, minuteMs)
  const rows = await Promise.all(cluster.bases.map(rowsOf))
  expect(rows[0]!.map(([key, hash]) => [key, hash])).toEqual(rows[0]!.map(([key]) => [key, md5(`first ${key.split('-').at(-1)}`)]))
  for (const each of rows) expect(each).toEqual(rows[0])
})

it('is listed, and gone once it is deleted', async () => {
  for (const base of cluster.bases) expect((await listing(base)).snapshots).toMatchObject([{ name: 'monday', configs: before }])
  expect(await cluster.ask('snapshots')).toMatchObject({ ok: true, facts: { snapshot: { list: { snapshots: [{ name: 'monday' }] } } } })
  expect(await cluster.ask('snapshot monday')).toMatchObject({ ok: false, code: 'wrong_state' })
  expect(await cluster.ask('delete-snapshot monday')).toMatchObject({ ok: true })
  expect(await cluster.ask('restore monday')).toMatchObject({ ok: false, code: 'not_found' })
})
