/** gRPC clients against three nodes: whichever node they are at, it is one cluster; what they published goes with them; a dead node sends them elsewhere. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectGrpc, type Said, type TestClient, type TestStream } from '../../src-node/api/grpc/client.testing.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { waitUntil } from '../support/wait-until.ts'

interface Registered {
  readonly client: TestClient
  readonly stream: TestStream
}

let cluster: HeadlessCluster
const opened: TestClient[] = []

beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(async () => {
  for (const client of opened) client.close()
  await cluster[Symbol.asyncDispose]()
})

/** A registered client at node `at`, counted from 0. */
const join = async (at: number, clientIp = ''): Promise<Registered> => {
  const client = connectGrpc(Number(cluster.ready.nodes[at]?.grpc.split(':')[1]))
  opened.push(client)
  const stream = await client.register({ clientVersion: 'Nacos-Go-Client:v2.3.5', abilityTable: {} }, clientIp)
  expect((await stream.next()).type).toBe('SetupAckRequest')
  return { client, stream }
}

const acknowledge = ({ stream }: Registered, { body }: Said): void =>
  stream.send('NotifySubscriberResponse', { resultCode: 200, success: false, requestId: body.requestId })

const config = { dataId: 'app.yaml', group: 'G', tenant: '' }
const read = async ({ client }: Registered) => (await client.call('ConfigQueryRequest', config)).body
const publish = async ({ client }: Registered, content: string) =>
  expect((await client.call('ConfigPublishRequest', { ...config, content })).body).toMatchObject({ success: true })

const service = { namespace: 'public', groupName: 'DEFAULT_GROUP' }
const register = async ({ client }: Registered, serviceName: string, port: number) => {
  const instance = { ip: '10.0.0.5', port, weight: 1, healthy: true, enabled: true, ephemeral: true, clusterName: 'DEFAULT', metadata: {} }
  expect((await client.call('InstanceRequest', { ...service, serviceName, type: 'registerInstance', instance })).body).toMatchObject({
    success: true,
  })
}
const portsIn = (body: Record<string, unknown>): number[] =>
  (body.serviceInfo as { hosts: { port: number }[] }).hosts.map(({ port }) => port).toSorted((a, b) => a - b)
const ports = async ({ client }: Registered, serviceName: string) =>
  portsIn((await client.call('ServiceQueryRequest', { ...service, serviceName, cluster: '' })).body)
const has = (who: Registered, serviceName: string, wanted: readonly number[], limitMs?: number) =>
  waitUntil(`${serviceName} to be ${wanted}`, async () => (await ports(who, serviceName)).join() === wanted.join(), limitMs)

describe('three nodes', () => {
  it('tell a listener at each what was published at another', async () => {
    const all = await Promise.all([0, 1, 2].map((at) => join(at)))
    await publish(all[0]!, 'v: 1')
    for (const one of all) {
      await waitUntil('the content to be there', async () => (await read(one)).content === 'v: 1')
      const { md5 } = await read(one)
      const listening = await one.client.call('ConfigBatchListenRequest', { listen: true, configListenContexts: [{ ...config, md5 }] })
      expect(listening.body.changedConfigs).toEqual([])
    }
    await publish(all[1]!, 'v: 2')
    for (const one of all) {
      const push = await one.stream.next()
      expect(push).toMatchObject({ type: 'ConfigChangeNotifyRequest', body: config })
      acknowledge(one, push)
      // Told when its own node has it: the listener reads it there.
      expect((await read(one)).content).toBe('v: 2')
    }
    const listed = await send(cluster.bases[2]!, { method: 'GET', path: '/nacos/v1/cs/configs/listener?dataId=app.yaml&group=G' })
    expect(Object.keys(JSON.parse(listed.text).lisentersGroupkeyStatus)).toEqual(['127.0.0.1'])
  })

  it('tell who watches a pattern what comes and goes at another node, and the difference to one that comes back elsewhere', async () => {
    const [writer, watcher, elsewhere] = (await Promise.all([0, 1, 2].map((at) => join(at)))) as [Registered, Registered, Registered]
    const named = (dataId: string) => ({ dataId, group: 'fuzzy', tenant: '', content: 'v: 1' })
    const put = (dataId: string) => writer.client.call('ConfigPublishRequest', named(dataId))
    const groupKeyPattern = 'public>>fuzzy>>app*'
    const watch = async ({ client }: Registered, type: string, more: object) =>
      expect((await client.call(type, { groupKeyPattern, watchType: 'WATCH', initializing: true, ...more })).body).toMatchObject({ success: true })
    const heard = async (who: Registered): Promise<string> => {
      const push = await who.stream.next()
      acknowledge(who, push)
      const { contexts = [], syncType, groupKey, changeType, serviceKey, changedType } = push.body
      const told = (contexts as { groupKey?: string; serviceKey?: string; changedType: string }[]).map(
        (each) => `${each.changedType} ${each.groupKey}`,
      )
      return [syncType, ...told, changeType ?? changedType, groupKey ?? serviceKey].filter((part) => part !== undefined).join(' ')
    }
    await put('app1')
    await waitUntil('node 2 to have it', async () => (await watcher.client.call('ConfigQueryRequest', named('app1'))).body.success === true)
    await watch(watcher, 'ConfigFuzzyWatchRequest', { receivedGroupKeys: [] })
    expect(await heard(watcher)).toBe('FUZZY_WATCH_INIT_NOTIFY ADD_CONFIG app1+fuzzy+public')
    expect(await heard(watcher)).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
    for (const dataId of ['other', 'app1', 'app2']) await put(dataId)
    expect(await heard(watcher)).toBe('CONFIG_CHANGED app2+fuzzy+public')
    await writer.client.call('ConfigRemoveRequest', named('app1'))
    expect(await heard(watcher)).toBe('DELETE_CONFIG app1+fuzzy+public')
    await waitUntil('node 3 to have it', async () => (await elsewhere.client.call('ConfigQueryRequest', named('app1'))).body.success === false)
    await watch(elsewhere, 'ConfigFuzzyWatchRequest', { initializing: false, receivedGroupKeys: ['app1+fuzzy+public'] })
    expect(await heard(elsewhere)).toBe('FUZZY_WATCH_DIFF_SYNC_NOTIFY ADD_CONFIG app2+fuzzy+public DELETE_CONFIG app1+fuzzy+public')

    await watch(watcher, 'NamingFuzzyWatchRequest', { groupKeyPattern: 'public>>DEFAULT_GROUP>>watched*', receivedGroupKeys: [] })
    expect(await heard(watcher)).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
    await register(writer, 'unwatched', 80)
    await register(writer, 'watched-1', 80)
    expect(await heard(watcher)).toBe('FUZZY_WATCH_RESOURCE_CHANGED ADD_SERVICE public@@DEFAULT_GROUP@@watched-1')
    const query = 'serviceName=watched-2&groupName=DEFAULT_GROUP&ephemeral=false'
    await send(cluster.bases[2]!, { method: 'POST', path: `/nacos/v1/ns/service?${query}` })
    expect(await heard(watcher)).toBe('FUZZY_WATCH_RESOURCE_CHANGED ADD_SERVICE public@@DEFAULT_GROUP@@watched-2')
    await send(cluster.bases[2]!, { method: 'DELETE', path: `/nacos/v1/ns/service?${query}` })
    expect(await heard(watcher)).toBe('FUZZY_WATCH_RESOURCE_CHANGED DELETE_SERVICE public@@DEFAULT_GROUP@@watched-2')
    expect(watcher.stream.waiting()).toEqual([])
  })

  it('show who is connected, count it over all of them, and ask one to move', async () => {
    const { stream } = await join(1)
    const get = async (at: number, path: string) => JSON.parse((await send(cluster.bases[at]!, { path: `/nacos/v2/core/loader/${path}` })).text)
    const current: Record<string, { metaInfo: object }> = await get(1, 'current')
    const [connectionId = ''] = Object.keys(current).slice(-1)
    expect(current[connectionId]?.metaInfo).toMatchObject({ connectType: 'GRPC', version: 'Nacos-Go-Client:v2.3.5', connectionId })
    const summary = await get(0, 'cluster')
    expect(summary).toMatchObject({ memberCount: 3, completed: true, total: expect.any(Number) })
    expect(summary.total).toBeGreaterThanOrEqual(Object.keys(current).length)
    const to = cluster.bases[2]!.slice('http://'.length).replace('/nacos', '')
    await send(cluster.bases[1]!, { path: `/nacos/v2/core/loader/reloadClient?connectionId=${connectionId}&redirectAddress=${to}` })
    expect(await stream.next()).toMatchObject({ type: 'ConnectResetRequest', body: { serverIp: '127.0.0.1', serverPort: to.split(':')[1] } })
  })

  it('ask a client at one of them about itself, whichever is asked', async () => {
    const { stream } = await join(1, '10.7.7.7')
    const asked = send(cluster.bases[0]!, { path: '/nacos/v1/cs/metrics/cluster?ip=10.7.7.7&dataId=app.yaml&group=G' })
    const { type, body } = await stream.next()
    expect([type, body.metricsKeys]).toMatchObject(['ClientConfigMetricRequest', [{ key: 'app.yaml+G' }, { key: 'app.yaml+G' }]])
    stream.send('ClientConfigMetricResponse', { resultCode: 200, requestId: body.requestId, metrics: { listenConfigSize: '1' } })
    expect((await asked).text).toBe('{"listenConfigSize":"1"}')
  })

  it('push a service to its subscribers, and take away what a connection published when it ends', async () => {
    const [publisher, other, subscriber] = (await Promise.all([0, 1, 2].map((at) => join(at)))) as [Registered, Registered, Registered]
    const answer = await subscriber.client.call('SubscribeServiceRequest', { ...service, serviceName: 'orders', subscribe: true, clusters: '' })
    expect(portsIn(answer.body)).toEqual([])
    const heard: number[][] = []
    const hear = async (wanted: readonly number[]): Promise<void> => {
      while (heard.at(-1)?.join() !== wanted.join()) {
        const push = await subscriber.stream.next()
        acknowledge(subscriber, push)
        heard.push(portsIn(push.body))
      }
    }
    await register(publisher, 'orders', 8080)
    await register(other, 'orders', 8081)
    await hear([8080, 8081])
    await has(publisher, 'orders', [8080, 8081])
    publisher.client.close()
    await hear([8081])
    await has(other, 'orders', [8081])
  })

  it('keep what a client published while its node is dead only for as long as it has to come back', async () => {
    const [lost, witness] = (await Promise.all([0, 1].map((at) => join(at)))) as [Registered, Registered]
    await register(lost, 'failing', 1)
    await register(witness, 'failing', 2)
    await has(witness, 'failing', [1, 2])
    cluster.killNode(1)
    await lost.stream.ended
    const again = await join(2)
    await register(again, 'failing', 3)
    await has(witness, 'failing', [2, 3], 30_000)
    // The node is back, and serves as a new one.
    const back = await waitUntil('node 1 to take clients again', () => join(0), 20_000)
    await has(back, 'failing', [2, 3])
  })
})
