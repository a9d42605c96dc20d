import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServiceInfo } from '../../../naming/naming-port.ts'
import { logIndex } from '../../../raft/types.ts'
import { connectGrpc, type TestClient, type TestStream } from '../client.testing.ts'
import { createFakeGrpcNode } from '../fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../server.ts'

let node: ReturnType<typeof createFakeGrpcNode>
let server: NodeGrpcServer
let client: TestClient
let stream: TestStream

beforeEach(async () => {
  node = createFakeGrpcNode()
  server = createGrpcServer(node.parts)
  client = connectGrpc(await server.listen('127.0.0.1', 0))
  stream = await client.register({ clientVersion: 'Nacos-Go-Client:v2.3.5', labels: { AppName: 'shop' } }, '10.0.0.9')
})
afterEach(async () => {
  client.close()
  await server.close(0)
})

const named = { namespace: 'public', serviceName: 'svc', groupName: 'DEFAULT_GROUP' }
const service = { namespace: 'public', group: 'DEFAULT_GROUP', name: 'svc' }
const instance = { ip: '10.0.0.5', port: 8080, weight: 1.0, healthy: true, enabled: true, ephemeral: true, clusterName: 'DEFAULT', metadata: {} }
const spec = { ip: '10.0.0.5', port: 8080, cluster: 'DEFAULT', weight: 1, healthy: true, enabled: true, metadata: {} }
const ok = { resultCode: 200, errorCode: 0, success: true }
const idOf = () => server.views()[0]?.connectionId ?? ''

const register = (more: object = {}) => client.call('InstanceRequest', { ...named, type: 'registerInstance', instance, ...more })
const persistent = (more: object = {}) => client.call('PersistentInstanceRequest', { ...named, type: 'registerInstance', instance, ...more })
const batch = (instances: unknown, more: object = {}) =>
  client.call('BatchInstanceRequest', { ...named, type: 'batchRegisterInstance', instances, ...more })
const subscribe = (more: object = {}) => client.call('SubscribeServiceRequest', { ...named, subscribe: true, clusters: '', ...more })

test('an instance is published by its connection', async () => {
  expect(await register()).toMatchObject({ type: 'InstanceResponse', body: { ...ok, type: 'registerInstance' } })
  expect(node.naming.published).toEqual([[idOf(), service, [spec]]])
})

test('an id that the client gives is kept; a blank one is none, and one of any length is none of ours', async () => {
  const given = { ...instance, instanceId: 'own' }
  expect([(await register({ instance: given })).body, (await persistent({ instance: given })).body]).toMatchObject([ok, ok])
  expect((await batch([given, { ...instance, instanceId: '' }])).body).toMatchObject(ok)
  const named = { ...spec, instanceId: 'own' }
  expect(node.naming.published.map(([, , instances]) => instances)).toEqual([[named], [named, spec]])
  expect((await register({ instance: { ...instance, instanceId: 'x'.repeat(1_025) } })).body).toMatchObject({ errorCode: 400 })
})

test('a deregistration takes away whatever the connection published', async () => {
  expect((await register({ type: 'deregisterInstance' })).body).toEqual({ ...ok, type: 'deregisterInstance' })
  expect(node.naming.published).toEqual([[idOf(), service, []]])
})

test('what a client leaves out is what Nacos takes for it', async () => {
  await client.call('InstanceRequest', { serviceName: 'svc', type: 'registerInstance', instance: { ip: '10.0.0.5', port: 8080 } })
  expect(node.naming.published).toEqual([[idOf(), service, [spec]]])
})

test('a batch is one publication', async () => {
  const other = { ...instance, port: 8081, weight: 0.5, enabled: false, healthy: false, metadata: { a: 'b', n: 7, gone: null } }
  expect(await batch([instance, other])).toMatchObject({ type: 'BatchInstanceResponse', body: { ...ok, type: 'batchRegisterInstance' } })
  const published = { ...spec, port: 8081, weight: 0.5, enabled: false, healthy: false, metadata: { a: 'b', n: '7' } }
  expect(node.naming.published).toEqual([[idOf(), service, [spec, published]]])
})

test('a persistent instance belongs to its address', async () => {
  expect(await persistent()).toMatchObject({ type: 'InstanceResponse', body: { ...ok, type: 'registerInstance' } })
  expect(node.naming.port.instance(service, spec)).toMatchObject({ ephemeral: false })
  expect((await persistent({ type: 'deregisterInstance' })).body).toEqual({ ...ok, type: 'deregisterInstance' })
  expect(node.naming.port.instances(service, '')).toEqual([])
})

test('a service of the other kind is refused in the words of Nacos', async () => {
  node.naming.refusePublish('service-is-persistent')
  const words = (deed: string) => `errCode: 400, errMsg: Current service DEFAULT_GROUP@@svc is persistent service, can't ${deed} instance. `
  const body = { resultCode: 400, errorCode: 400, success: false }
  expect(await register()).toMatchObject({ type: 'ErrorResponse', body: { ...body, message: words('register ephemeral') } })
  expect(await batch([instance])).toMatchObject({ type: 'ErrorResponse', body: { ...body, message: words('batch register ephemeral') } })
})

test.each(['connection-unknown', 'too-many'] as const)('a refusal for %s has its code', async (why) => {
  node.naming.refusePublish(why)
  expect((await register()).body.errorCode).toBe(why === 'too-many' ? 503 : 301)
})

test('a batch is as large as one publication may be, and a larger one is told that limit', async () => {
  const many = Array.from({ length: 1_001 }, (_, at) => ({ ...instance, port: at }))
  const { type, body } = await batch(many)
  expect([type, body.errorCode, body.success]).toEqual(['BatchInstanceResponse', 400, false])
  expect(body.message).toContain('1001 instances are more than the 1000 that one connection may publish for a service; nothing was registered')
  expect(node.naming.published).toEqual([])
  expect((await batch(many.slice(1))).body).toMatchObject(ok)
})

test('a write that found no leader says so', async () => {
  node.naming.outcomeOfNext({ kind: 'refused', code: 'no_quorum' })
  expect((await persistent()).body).toMatchObject({ errorCode: 503, message: expect.stringContaining('no_quorum') })
  node.naming.outcomeOfNext({ kind: 'unknown' })
  expect((await persistent()).body).toMatchObject({ errorCode: 500, message: expect.stringContaining('outcome_unknown') })
  node.naming.outcomeOfNext({ kind: 'applied', reply: { kind: 'naming-refused', why: 'service-unknown' }, index: logIndex(1) })
  expect((await persistent()).body).toMatchObject({ errorCode: 400 })
})

test.each([
  ['InstanceRequest', { instance }],
  ['PersistentInstanceRequest', { instance }],
  ['BatchInstanceRequest', { instances: [] }],
])('a type that %s does not know is refused', async (type, more) => {
  expect(await client.call(type, { ...named, type: 'x', ...more })).toMatchObject({
    ...{ type: 'ErrorResponse', body: { resultCode: 400, errorCode: 400, message: 'Unsupported request type x', success: false } },
  })
})

test.each([
  ['a service name with blanks', { serviceName: 'a b' }],
  ['no service name', { serviceName: '' }],
  ['a long group', { groupName: 'g'.repeat(129) }],
  ['a namespace that is none', { namespace: 'a/b' }],
  ['no instance', { instance: null }],
  ['no address', { instance: { ...instance, ip: ' ' } }],
  ['an address with blanks', { instance: { ...instance, ip: '1 2' } }],
  ['a port beyond all', { instance: { ...instance, port: 65_536 } }],
  ['a port that is none', { instance: { ...instance, port: 'http' } }],
  ['a cluster that is none', { instance: { ...instance, clusterName: 'a,b' } }],
  ['an underscore in the cluster', { instance: { ...instance, clusterName: 'a_b' } }],
  ['a weight beyond all', { instance: { ...instance, weight: 10_001 } }],
  ['a weight that is none', { instance: { ...instance, weight: 'heavy' } }],
  ['much metadata', { instance: { ...instance, metadata: { a: 'x'.repeat(1_024) } } }],
  ['beats later than the end', { instance: { ...instance, metadata: { 'preserved.heart.beat.interval': '20000' } } }],
])('%s is refused before anything is proposed', async (_what, fields) => {
  const answers = await Promise.all([
    register(fields),
    persistent(fields),
    'instance' in fields ? batch([fields.instance]) : batch([instance], fields),
  ])
  expect(answers.map(({ body }) => body.errorCode)).toEqual([400, 400, 400])
  expect([node.naming.published, node.naming.port.instances(service, '')]).toEqual([[], []])
})

test('a cluster that may not be registered is refused as over HTTP, and taken away all the same', async () => {
  const under = { instance: { ...instance, clusterName: 'a_b' } }
  const words = "Instance 'clusterName' should be characters with only 0-9a-zA-Z-. (current: a_b)"
  const answers = [await register(under), await persistent(under), await batch([instance, under.instance])]
  expect(answers.map(({ body }) => body.message)).toEqual([words, words, words])
  const gone = { type: 'deregisterInstance', ...under }
  expect([(await register(gone)).body.success, (await persistent(gone)).body.success]).toEqual([true, true])
})

test('a service is asked for: its hosts, or none', async () => {
  await persistent()
  const { type, body } = await client.call('ServiceQueryRequest', { ...named, cluster: 'DEFAULT', healthyOnly: false, udpPort: 0 })
  expect([type, body.resultCode, body.success]).toEqual(['QueryServiceResponse', 200, true])
  expect(body.serviceInfo).toMatchObject({
    ...{ name: 'svc', groupName: 'DEFAULT_GROUP', clusters: 'DEFAULT', cacheMillis: 10_000, checksum: '', allIPs: false, valid: true },
    ...{ reachProtectionThreshold: false, lastRefTime: 1_714_532_645_000 },
    hosts: [{ ...spec, cluster: undefined, clusterName: 'DEFAULT', ephemeral: false, serviceName: 'DEFAULT_GROUP@@svc' }].map(
      ({ cluster: _, ...host }) => host,
    ),
  })
  const none = await client.call('ServiceQueryRequest', { ...named, serviceName: 'none', cluster: '' })
  expect(none.body).toMatchObject({ ...ok, serviceInfo: { name: 'none', hosts: [] } })
  expect((await client.call('ServiceQueryRequest', { ...named, cluster: 'a b' })).body.errorCode).toBe(400)
})

test('services are listed by group, in pages, without the group', async () => {
  for (const name of ['a', 'b', 'c']) await persistent({ serviceName: name })
  await persistent({ serviceName: 'other', groupName: 'G2' })
  const list = (more: object) => client.call('ServiceListRequest', { ...named, selector: '', ...more })
  expect(await list({ pageNo: 1, pageSize: 2 })).toMatchObject({ type: 'ServiceListResponse', body: { ...ok, count: 3, serviceNames: ['a', 'b'] } })
  expect((await list({ pageNo: 2, pageSize: 2 })).body.serviceNames).toEqual(['c'])
  expect((await list({ pageNo: 'x', pageSize: -1, groupName: 'G2' })).body).toMatchObject({ count: 1, serviceNames: ['other'] })
  expect((await list({ groupName: 'none' })).body).toMatchObject({ count: 0, serviceNames: [] })
  expect((await list({ groupName: 'a b' })).body.errorCode).toBe(400)
})

test('who subscribes is answered, pushed to, and heard', async () => {
  await persistent()
  const { type, body } = await subscribe({ clusters: 'DEFAULT' })
  expect([type, body.message, body.success]).toEqual(['SubscribeServiceResponse', 'success', true])
  expect(body.serviceInfo).toMatchObject({ name: 'svc', clusters: 'DEFAULT', hosts: [{ ip: '10.0.0.5' }] })
  const info: ServiceInfo = { ...node.naming.port.serviceInfo(service, 'DEFAULT', false), hosts: [] }
  const acked = node.naming.push(info)
  const push = await stream.next()
  expect(push).toMatchObject({ type: 'NotifySubscriberRequest', body: { headers: {}, module: 'naming', serviceInfo: { name: 'svc', hosts: [] } } })
  stream.send('NotifySubscriberResponse', { resultCode: 200, errorCode: 0, success: false, requestId: push.body.requestId })
  expect(await acked).toBe(true)
})

test('a service with thousands of hosts is answered and pushed as a whole, to each who asks meanwhile', async () => {
  await subscribe()
  const few = node.naming.port.serviceInfo(service, '', false)
  const hosts = Array.from({ length: 3_000 }, (_, at): ServiceInfo['hosts'][number] => ({
    ...{ instanceId: `i${at}`, ip: '10.0.0.5', port: at, cluster: 'DEFAULT', weight: 1, healthy: true, enabled: true, ephemeral: true },
    ...{ serviceName: 'DEFAULT_GROUP@@svc', metadata: { zone: '东' }, instanceIdGenerator: 'simple' },
    ...{ heartBeatIntervalMs: 5_000, heartBeatTimeoutMs: 15_000, ipDeleteTimeoutMs: 30_000 },
  }))
  const info: ServiceInfo = { ...few, hosts }
  node.naming.show(info)
  const query = () => client.call('ServiceQueryRequest', { ...named, cluster: '' })
  const acked = [node.naming.push(info), node.naming.push(info)]
  const answers = await Promise.all([query(), query()])
  for (const { body } of [...answers, await stream.next(), await stream.next()]) {
    stream.send('NotifySubscriberResponse', { resultCode: 200, requestId: body.requestId })
    const shown = body.serviceInfo as { hosts: { port: number; metadata: object }[] }
    expect(shown.hosts.map(({ port }) => port)).toEqual(hosts.map(({ port }) => port))
    expect(shown.hosts.at(-1)?.metadata).toEqual({ zone: '东' })
  }
  expect(await Promise.all(acked)).toEqual([true, true])
})

test('a push that the client refuses has failed, and so has one to a connection that is gone', async () => {
  await subscribe()
  const info = node.naming.port.serviceInfo(service, '', false)
  const refused = node.naming.push(info)
  stream.send('NotifySubscriberResponse', { resultCode: 500, requestId: (await stream.next()).body.requestId })
  expect(await refused).toBe(false)
  const lost = node.naming.push(info)
  stream.end()
  expect(await lost).toBe(false)
})

test('an end of a subscription is answered with what is there', async () => {
  await subscribe()
  expect(await subscribe({ subscribe: false })).toMatchObject({
    type: 'SubscribeServiceResponse',
    body: { ...ok, message: 'success', serviceInfo: { hosts: [] } },
  })
  expect(node.naming.subscribers()).toBe(0)
  expect((await subscribe({ clusters: 'a b' })).body.errorCode).toBe(400)
})

test.each(['connection-unknown', 'too-many'] as const)('a subscription that is refused for %s has its code', async (why) => {
  node.naming.refuseSubscribe(why)
  expect((await subscribe()).body.errorCode).toBe(why === 'too-many' ? 503 : 301)
})

test('naming hears of connections that come and go, but not of those that a node drops as it stops', async () => {
  const id = idOf()
  expect(node.naming.connections).toEqual([`opened ${id} 10.0.0.9 Nacos-Go-Client:v2.3.5 shop`])
  stream.end()
  await stream.ended
  expect(node.naming.connections.at(-1)).toBe(`closed ${id}`)
  await client.register()
  await server.close(0)
  expect(node.naming.connections.filter((line) => line.startsWith('closed'))).toHaveLength(1)
})
