import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InstanceSpec } from '../../../naming/naming-port.ts'
import { connectGrpc, type Said, type TestClient, type TestStream } from '../client.testing.ts'
import { createFakeGrpcNode } from '../fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../server.ts'
import { receivedMax } from './fuzzy-watch.ts'

let node: ReturnType<typeof createFakeGrpcNode>
let server: NodeGrpcServer
let client: TestClient
let stream: TestStream

beforeEach(async () => {
  node = createFakeGrpcNode()
  server = createGrpcServer(node.parts)
  client = connectGrpc(await server.listen('127.0.0.1', 0))
  stream = await client.register()
})
afterEach(async () => {
  client.close()
  await server.close(0)
})

const success = { resultCode: 200, errorCode: 0, success: true }
const publish = (dataId: string, tenant = '') => client.call('ConfigPublishRequest', { dataId, group: 'G', tenant, content: 'x: 1' })
const remove = (dataId: string) => client.call('ConfigRemoveRequest', { dataId, group: 'G', tenant: '' })
const watchConfigs = (groupKeyPattern: string, more: object = {}) =>
  client.call('ConfigFuzzyWatchRequest', { groupKeyPattern, receivedGroupKeys: [], watchType: 'WATCH', initializing: true, ...more })
const watchServices = (groupKeyPattern: string, more: object = {}) =>
  client.call('NamingFuzzyWatchRequest', { groupKeyPattern, receivedGroupKeys: [], watchType: 'WATCH', initializing: true, ...more })

/** The next push, acknowledged. */
const told = async (): Promise<Said> => {
  const push = await stream.next()
  stream.send('AnyResponse', { resultCode: 200, requestId: push.body.requestId })
  return push
}
const contextsOf = ({ body }: Said) =>
  (body.contexts as { groupKey?: string; serviceKey?: string; changedType: string }[]).map(
    ({ groupKey, serviceKey, changedType }) => `${changedType} ${groupKey ?? serviceKey}`,
  )

describe('configurations', () => {
  test('are told at first, and when they come and go', async () => {
    await publish('app.yaml')
    await publish('other')
    expect((await watchConfigs('public>>G>>app*')).body).toEqual(success)
    expect(await told()).toEqual({
      type: 'ConfigFuzzyWatchSyncRequest',
      clientIp: '127.0.0.1',
      body: {
        ...{ headers: {}, requestId: expect.any(String), groupKeyPattern: 'public>>G>>app*', syncType: 'FUZZY_WATCH_INIT_NOTIFY' },
        ...{ contexts: [{ groupKey: 'app.yaml+G+public', changedType: 'ADD_CONFIG' }], totalBatch: 1, currentBatch: 1, module: 'config' },
      },
    })
    expect((await told()).body).toMatchObject({ syncType: 'FINISH_FUZZY_WATCH_INIT_NOTIFY', groupKeyPattern: 'public>>G>>app*' })
    await publish('other2')
    await publish('app.yaml')
    await publish('app.json', 'dev')
    await publish('app.json')
    const added = await told()
    expect(added).toMatchObject({
      type: 'ConfigFuzzyWatchChangeNotifyRequest',
      body: { groupKey: 'app.json+G+public', changeType: 'CONFIG_CHANGED' },
    })
    await remove('app.yaml')
    expect((await told()).body).toMatchObject({ groupKey: 'app.yaml+G+public', changeType: 'DELETE_CONFIG', module: 'config' })
    expect(stream.waiting()).toEqual([])
  })

  test('are told as a difference to a client that comes back', async () => {
    await publish('kept')
    await publish('new')
    await watchConfigs('public>>G>>*', { initializing: false, receivedGroupKeys: ['kept+G+public', 'gone+G+public', 7] })
    const push = await told()
    expect(push.body.syncType).toBe('FUZZY_WATCH_DIFF_SYNC_NOTIFY')
    expect(contextsOf(push)).toEqual(['ADD_CONFIG new+G+public', 'DELETE_CONFIG gone+G+public'])
    expect((await watchConfigs('public>>G>>*', { initializing: false, receivedGroupKeys: ['kept+G+public', 'new+G+public'] })).body).toEqual(success)
    expect(stream.waiting()).toEqual([])
  })

  test('are told no more once the watch is cancelled', async () => {
    await watchConfigs('public>>G>>*')
    expect((await told()).body.syncType).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
    expect((await watchConfigs('public>>G>>*', { watchType: 'CANCEL_WATCH' })).body).toEqual(success)
    expect(node.fuzzy.configs.size()).toBe(0)
    await publish('a')
    expect(stream.waiting()).toEqual([])
  })

  test('of a request that neither begins nor ends a watch, nothing is watched', async () => {
    expect((await watchConfigs('public>>G>>*', { watchType: 'LOOK' })).body).toEqual(success)
    expect(node.fuzzy.configs.size()).toBe(0)
  })
})

describe('services', () => {
  const spec: InstanceSpec = { ip: '10.0.0.5', port: 80, cluster: 'DEFAULT', weight: 1, healthy: true, enabled: true, metadata: {} }
  const register = (name: string, namespace = 'public') =>
    new Promise<void>((resolve) => {
      const service = { namespace, group: 'G', name }
      node.naming.port.register(service, spec, true, () => {
        node.fuzzy.onEffects([{ kind: 'service-changed', ...service, index: 1 }])
        resolve()
      })
    })

  test('are told at first, and when they come', async () => {
    await register('orders')
    expect((await watchServices('public>>G>>*')).body).toEqual(success)
    const first = await told()
    expect(first).toMatchObject({ type: 'NamingFuzzyWatchSyncRequest', body: { syncType: 'FUZZY_WATCH_INIT_NOTIFY', module: 'naming' } })
    expect(contextsOf(first)).toEqual(['ADD_SERVICE public@@G@@orders'])
    expect((await told()).body.syncType).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
    await register('bills', 'dev')
    await register('bills')
    await register('bills')
    expect(await told()).toMatchObject({
      type: 'NamingFuzzyWatchChangeNotifyRequest',
      body: { syncType: 'FUZZY_WATCH_RESOURCE_CHANGED', serviceKey: 'public@@G@@bills', changedType: 'ADD_SERVICE', module: 'naming' },
    })
    expect(stream.waiting()).toEqual([])
  })

  test('of a request that neither begins nor ends a watch, that is said', async () => {
    expect(await watchServices('public>>G>>*', { watchType: 'LOOK' })).toMatchObject({
      type: 'ErrorResponse',
      body: { resultCode: 400, errorCode: 400, message: 'Unsupported request type LOOK' },
    })
  })
})

test('more patterns than may be are refused, whoever watches them', async () => {
  for (const name of ['a', 'b', 'c']) expect((await watchConfigs(`public>>G>>${name}`)).body).toEqual(success)
  const { type, body } = await watchConfigs('public>>G>>d')
  expect([type, body]).toEqual([
    'ConfigFuzzyWatchResponse',
    { resultCode: 500, errorCode: 50_310, message: 'fuzzy watch pattern over limit', success: false },
  ])
  expect((await watchServices('public>>G>>d')).body).toEqual(success)
})

test('a pattern that finds more than it may is watched as far as that, and that is said', async () => {
  for (let at = 0; at < 26; at++) await publish(`n${at}`)
  const { body } = await watchConfigs('public>>G>>*', { receivedGroupKeys: ['gone+G+public'] })
  expect(body).toEqual({ resultCode: 500, errorCode: 50_311, message: 'fuzzy watch pattern matched count over limit', success: false })
  const batches = [await told(), await told(), await told()]
  expect(batches.map((push) => contextsOf(push).length)).toEqual([10, 10, 5])
  expect(batches.flatMap(contextsOf).filter((each) => !each.startsWith('ADD_CONFIG'))).toEqual([])
  expect((await told()).body.syncType).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
})

test.each([
  ['no pattern', 'app*', "Param check invalid:Param 'groupKeyPattern' is illegal, it must be namespace>>group>>name."],
  ['none at all', null, "Param check invalid:Param 'groupKeyPattern' is illegal, it must be namespace>>group>>name."],
  [
    'a star for the namespace',
    '*>>G>>a',
    "Param check invalid:Param 'namespaceId/tenant' is illegal, illegal characters should not appear in the param.",
  ],
  ['a group with a slash', 'public>>G/*>>a', "Param check invalid:Param 'group' is illegal, illegal characters should not appear in the param."],
  ['a long name', `public>>G>>${'a'.repeat(257)}`, "Param check invalid:Param 'dataId' is illegal, the param length should not exceed 256."],
])('%s is refused', async (_what, groupKeyPattern, message) => {
  const { type, body } = await client.call('ConfigFuzzyWatchRequest', { groupKeyPattern, watchType: 'WATCH' })
  expect([type, body]).toEqual(['ConfigFuzzyWatchResponse', { resultCode: 500, errorCode: 400, message, success: false }])
})

test('of the names that a client says it has, no more are looked at than it can have', async () => {
  const receivedGroupKeys = Array.from({ length: receivedMax + 5 }, (_, at) => `gone${at}+G+public`)
  await watchConfigs('public>>G>>*', { receivedGroupKeys, initializing: false })
  const first = await told()
  expect(first.body.totalBatch).toBe(receivedMax / 10)
})

test('what a connection watched ends with it', async () => {
  await watchConfigs('public>>G>>*')
  await watchServices('public>>G>>*')
  expect([node.fuzzy.configs.size(), node.fuzzy.services.size()]).toEqual([1, 1])
  stream.end()
  await stream.ended
  expect([node.fuzzy.configs.size(), node.fuzzy.services.size()]).toEqual([0, 0])
})
