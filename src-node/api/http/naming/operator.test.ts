import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClientView } from '../../../naming/naming-port.ts'
import { type NamingServer, startNamingServer, success } from './naming-server.testing.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const operator = '/v1/ns/operator'

test('clients ask whether the server is up', async () => {
  expect(await server.ask('GET', `${operator}/metrics`)).toEqual([200, '{"status":"UP"}'])
  expect(await server.ask('GET', '/v1/ns/ops/metrics')).toEqual([200, '{"status":"UP"}'])
  await server.ask('PUT', `${operator}/switches`, { entry: 'overriddenServerStatus', value: 'DOWN' })
  expect(await server.ask('GET', `${operator}/metrics`)).toEqual([200, '{"status":"DOWN"}'])
})

test('a status that an operator sets keeps clients out, and the operator in', async () => {
  const set = (value: string) => server.ask('PUT', `${operator}/switches`, { entry: 'overriddenServerStatus', value })
  const down = (status: string) => [503, `server is ${status}now, please try again later!`]
  await set('DOWN')
  expect(await server.register()).toEqual(down('DOWN'))
  await set('READ_ONLY')
  expect([await server.register(), await server.hosts()]).toEqual([down('READ_ONLY'), []])
  await set('WRITE_ONLY')
  expect(await server.register()).toEqual([200, 'ok'])
  expect(await server.ask('GET', '/v1/ns/instance/list', { serviceName: 'svc' })).toEqual(down('WRITE_ONLY'))
  await set('UP')
  expect(await server.hosts()).toHaveLength(1)
})

test('a path can be given a status of its own', async () => {
  server.node.naming.switches.limitedUrlMap = { '/nacos/v1/ns/instance/list': 418, '/v1/ns/service': 'x' }
  expect(await server.ask('GET', '/v1/ns/instance/list', { serviceName: 'svc' })).toEqual([418, ''])
  expect(await server.register()).toEqual([200, 'ok'])
})

test('metrics with all numbers, or with every member null', async () => {
  await server.register()
  const [, all] = await server.json('GET', `${operator}/metrics`, { onlyStatus: 'false' })
  expect(Object.keys(all)).toEqual([
    ...['status', 'serviceCount', 'instanceCount', 'subscribeCount', 'responsibleInstanceCount', 'clientCount', 'connectionBasedClientCount'],
    ...['ephemeralIpPortClientCount', 'persistentIpPortClientCount', 'responsibleClientCount', 'cpu', 'load', 'mem'],
  ])
  expect(all).toMatchObject({ serviceCount: 1, instanceCount: 1, clientCount: 1 })
  const [, v2] = await server.json('GET', '/v2/ns/operator/metrics')
  expect(v2.data).toMatchObject({ status: 'UP', serviceCount: null, responsibleClientCount: null, cpu: null })
  const [, v3] = await server.json('GET', '/v3/admin/ns/ops/metrics', { onlyStatus: 'false' })
  expect(v3.data).toMatchObject({ serviceCount: 1, clientCount: 1 })
  expect(v3.data).not.toHaveProperty('cpu')
})

test('switches are shown and set; a value outside its limit is refused in the words of its entry', async () => {
  expect(await server.ask('PUT', `${operator}/switches`, { entry: 'defaultInstanceEphemeral', value: 'false' })).toEqual([200, 'ok'])
  expect((await server.json('GET', `${operator}/switches`))[1].defaultInstanceEphemeral).toBe(false)
  await server.register()
  expect((await server.hosts())[0].ephemeral).toBe(false)
  const small = { entry: 'pushCacheMillis', value: '9' }
  expect(await server.ask('PUT', `${operator}/switches`, small)).toEqual([400, 'min cache time for http or tcp is too small(<10000)'])
  expect(await server.json('PUT', '/v2/ns/operator/switches', small)).toEqual([
    400,
    { code: 20_002, message: 'parameter validate error', data: 'min cache time for http or tcp is too small(<10000)' },
  ])
  expect(await server.json('PUT', '/v3/admin/ns/ops/switches', { entry: 'nothing', value: '1' })).toEqual(success('ok'))
  expect(await server.ask('PUT', `${operator}/switches`, { entry: 'check' })).toEqual([400, "Param 'value' is required."])
})

test('pushes are counted, and from anew after a reset', async () => {
  expect(await server.ask('GET', `${operator}/push/state`, { detail: 'true', reset: 'true' })).toEqual([
    200,
    '{"succeed":3,"total":4,"ratio":0.75,"reset":true,"detail":{"avgPushCost":4,"maxPushCost":9}}',
  ])
  expect(await server.ask('GET', `${operator}/push/state`)).toEqual([200, '{"succeed":0,"total":0,"ratio":0.0,"reset":false}'])
})

test('who is responsible: the leader, for every client and service', async () => {
  const leader = { responsibleServer: '127.0.0.1:8849' }
  expect(await server.json('GET', `${operator}/distro/client`, { ip: '1.1.1.1', port: 1 })).toEqual([200, leader])
  expect(await server.json('GET', `${operator}/distro/server`, { serviceName: 'svc' })).toEqual([200, leader])
  expect(await server.json('GET', '/v3/admin/ns/client/distro', { ip: '1.1.1.1', port: 1 })).toEqual(success(leader))
})

test('servers as 1.x lists them, and its own word of health', async () => {
  const [, { servers }] = await server.json('GET', `${operator}/servers`)
  expect(servers).toMatchObject([{ port: 8848, state: 'UP' }, { port: 8849 }])
  expect((await server.json('GET', `${operator}/distro/status`))[1].status).toHaveLength(2)
  expect((await server.json('GET', `${operator}/cluster/state`))[1]).toMatchObject({
    ip: '127.0.0.1:8848',
    voteFor: '127.0.0.1:8849',
    term: 7,
    state: 'FOLLOWER',
  })
  expect((await server.json('GET', '/v1/ns/health/server'))[1].msg).toBe('Hello! I am Nacos-Naming and healthy! total services: 0, local port:8848')
  expect((await server.json('GET', '/v1/ns/health/checkers'))[1].TCP).toEqual({ type: 'TCP' })
  expect(await server.ask('PUT', `${operator}/log`, { logName: 'x', logLevel: 'DEBUG' })).toEqual([200, 'ok'])
})

test('an unknown path of naming is 501, as from the distro filter', async () => {
  const [status, error] = await server.json('GET', '/v1/ns/nothing')
  expect([status, error.message]).toEqual([501, 'no such api:GET:/nacos/v1/ns/nothing'])
})

const connection: ClientView = {
  ...{
    clientId: 'c_1',
    kind: 'connection',
    ephemeral: true,
    lastUpdatedMs: 5,
    ip: '10.1.1.1',
    port: 4000,
    agent: 'Nacos-Java-Client:v2.4.0',
    app: 'shop',
  },
}
const address: ClientView = { ...connection, clientId: '10.0.0.5:8080#true', kind: 'ip-port', ip: '10.0.0.5', port: 8080 }

test('clients are listed and shown, in v2 with what they have, in 3.x with every member', async () => {
  server.node.naming.clients.push(connection, address)
  expect(await server.json('GET', '/v2/ns/client/list')).toEqual(success(['c_1', '10.0.0.5:8080#true']))
  expect((await server.json('GET', '/v2/ns/client', { clientId: 'c_1' }))[1].data).toEqual({
    ...{ clientId: 'c_1', ephemeral: true, lastUpdatedTime: 5, clientType: 'connection', connectType: 'GRPC', appName: 'shop' },
    ...{ version: 'Nacos-Java-Client:v2.4.0', clientIp: '10.1.1.1', clientPort: '4000' },
  })
  expect((await server.json('GET', '/v3/admin/ns/client', { clientId: '10.0.0.5:8080#true' }))[1].data).toEqual({
    ...{ clientId: '10.0.0.5:8080#true', ephemeral: true, lastUpdatedTime: 5, clientType: 'ipPort', connectType: null, appName: null },
    ...{ version: null, clientIp: '10.0.0.5', clientPort: 8080 },
  })
  expect(await server.json('GET', '/v2/ns/client', { clientId: 'none' })).toEqual([
    404,
    { code: 20_004, message: 'resource not found', data: 'clientId [ none ] not exist' },
  ])
})

test('what a client publishes, and who publishes a service', async () => {
  server.node.naming.clients.push(address)
  await server.register()
  const clientId = { clientId: address.clientId }
  const published = { ip: '10.0.0.5', port: 8080 }
  expect((await server.json('GET', '/v2/ns/client/publish/list', clientId))[1].data).toEqual([
    { namespace: 'public', group: 'DEFAULT_GROUP', serviceName: 'svc', registeredInstance: { ...published, cluster: 'DEFAULT' } },
  ])
  const publisherInfo = { ...clientId, ...published, clusterName: 'DEFAULT' }
  expect((await server.json('GET', '/v3/admin/ns/client/publish/list', clientId))[1].data).toEqual([
    { namespaceId: 'public', groupName: 'DEFAULT_GROUP', serviceName: 'svc', publisherInfo, subscriberInfo: null },
  ])
  const publishers = (version: string, fields: Record<string, string | number> = {}) =>
    server.json('GET', `${version}/ns/client/service/publisher/list`, { serviceName: 'svc', ...fields })
  expect(await publishers('/v2')).toEqual(success([{ ...clientId, ...published }]))
  expect(await publishers('/v3/admin', published)).toEqual(success([publisherInfo]))
  expect(await publishers('/v2', { port: 1 })).toEqual(success([]))
})
