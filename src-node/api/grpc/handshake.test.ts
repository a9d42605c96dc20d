import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectGrpc, encodePlain, type TestClient } from './client.testing.ts'
import { createFakeGrpcNode } from './fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from './server.ts'

let node: ReturnType<typeof createFakeGrpcNode>
let server: NodeGrpcServer
let client: TestClient
let port: number

beforeEach(async () => {
  node = createFakeGrpcNode()
  server = createGrpcServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  client = connectGrpc(port)
})
afterEach(async () => {
  client.close()
  await server.close(0)
})

const ok = { resultCode: 200, errorCode: 0, success: true }
const idPattern = /^\d+_127\.0\.0\.1_\d+$/

test('a server check tells the id that the connection will have', async () => {
  const check = await client.call('ServerCheckRequest', {})
  expect(check).toMatchObject({ type: 'ServerCheckResponse', body: { ...ok, supportAbilityNegotiation: true } })
  expect(check.body.connectionId).toMatch(idPattern)
  await client.register()
  expect(server.views().map(({ connectionId }) => connectionId)).toEqual([check.body.connectionId])
})

test('a set-up before any check is taken, and a later check tells its id', async () => {
  await client.register()
  const check = await client.call('ServerCheckRequest', {})
  expect(server.views()[0]?.connectionId).toBe(check.body.connectionId)
})

test('whoever said what it can is told what the server can; others hear nothing', async () => {
  const stream = await client.register({ abilityTable: {} })
  expect(await stream.next()).toMatchObject({
    type: 'SetupAckRequest',
    clientIp: '127.0.0.1',
    body: { headers: {}, abilityTable: { supportPersistentInstanceByGrpc: true, fuzzyWatch: true }, module: 'internal' },
  })
  const other = connectGrpc(port)
  const quiet = await other.register({ clientAbilities: {} })
  expect(quiet.waiting()).toEqual([])
  other.close()
})

test('the table shows who is connected', async () => {
  await client.register(
    { clientVersion: 'Nacos-Go-Client:v2.3.5', tenant: 'dev', labels: { AppName: 'shop', source: 'sdk', module: 'config' } },
    '10.1.2.3',
  )
  expect(server.views()).toMatchObject([
    { ip: '127.0.0.1', clientIp: '10.1.2.3', version: 'Nacos-Go-Client:v2.3.5', tenant: 'dev', appName: 'shop', labels: { module: 'config' } },
  ])
})

test('an address that is none is not believed', async () => {
  await client.register({}, '<script>')
  expect(server.views()[0]?.clientIp).toBe('127.0.0.1')
})

test.each([
  [
    'a transport that is not registered',
    'HealthCheckRequest',
    { resultCode: 500, errorCode: 301, message: 'Connection is unregistered.', success: false },
  ],
  ['a request that nobody knows', 'NoSuchRequest', { resultCode: 500, errorCode: 302, message: 'RequestHandler Not Found', success: false }],
  ['what servers send each other', 'ServerReloadRequest', { resultCode: 500, errorCode: 502, success: false }],
  ['a name from the prototype', 'toString', { errorCode: 302 }],
])('%s is refused', async (_what, type, body) => {
  expect(await client.call(type, {})).toMatchObject({ type: 'ErrorResponse', body })
})

test.each([
  ['no JSON', '{"dataId"'],
  ['no object', '[1]'],
  ['nothing', ''],
  ['null', 'null'],
])('a body that is %s is refused with 502', async (_what, json) => {
  await client.register()
  expect(await client.callRaw(encodePlain('ConfigQueryRequest', json))).toMatchObject({ type: 'ErrorResponse', body: { errorCode: 502 } })
})

test('a body that is no UTF-8 is refused, and so are bytes that are no payload', async () => {
  await client.register()
  const broken = encodePlain('ConfigQueryRequest', '{"dataId":"AAAA"}')
  broken.fill(0xff, broken.indexOf('AAAA'), broken.indexOf('AAAA') + 4)
  expect((await client.callRaw(broken)).body.errorCode).toBe(502)
  expect((await client.callRaw(Buffer.from([0x12, 0x7f]))).body.errorCode).toBe(502)
})

test('a node that starts sends clients elsewhere', async () => {
  node.setStarting(true)
  const body = { resultCode: 500, errorCode: 300, message: 'Server is starting,please try later.', success: false }
  expect(await client.call('ServerCheckRequest', {})).toMatchObject({ type: 'ErrorResponse', body })
  node.setStarting(false)
  expect((await client.call('ServerCheckRequest', {})).type).toBe('ServerCheckResponse')
})

test('a stream that ends takes its registration along; the next one is another connection', async () => {
  const stream = await client.register()
  const before = server.views()[0]?.connectionId
  stream.end()
  await stream.ended
  expect((await client.call('HealthCheckRequest', {})).body.errorCode).toBe(301)
  await client.register()
  expect(server.views()).toHaveLength(1)
  expect(server.views()[0]?.connectionId).not.toBe(before)
})

test('a second set-up on the same transport changes nothing', async () => {
  await client.register({ clientVersion: 'first' })
  await client.register({ clientVersion: 'second' })
  expect(server.views().map(({ version }) => version)).toEqual(['first'])
})

test('a client that is told to move hears where to', async () => {
  const stream = await client.register()
  const id = server.views()[0]?.connectionId ?? ''
  expect(server.reset(id, { host: '127.0.0.1', httpPort: 8849 })).toBe(true)
  const push = await stream.next()
  expect(push).toMatchObject({ type: 'ConnectResetRequest', body: { headers: {}, serverIp: '127.0.0.1', serverPort: '8849', connectionId: id } })
  expect(server.reset('1_127.0.0.1_1', null)).toBe(false)
})

test('a web page under another name is refused before anything is read', async () => {
  const rebound = connectGrpc(port, { authority: 'evil.example:9848' })
  await expect(rebound.call('ServerCheckRequest', {})).rejects.toMatchObject({ code: 7 })
  rebound.close()
})

test('a message over the limit is refused by itself', async () => {
  await client.register()
  const large = encodePlain('ConfigPublishRequest', JSON.stringify({ content: 'x'.repeat(11 << 20) }))
  await expect(client.callRaw(large)).rejects.toMatchObject({ code: 8 })
  expect((await client.call('HealthCheckRequest', {})).body.resultCode).toBe(200)
})

test('a request that needs no room for much has none', async () => {
  await client.register()
  const answer = await client.call('ConfigQueryRequest', { dataId: 'd', group: 'G', more: 'x'.repeat(1 << 20) })
  expect(answer).toMatchObject({ type: 'ConfigQueryResponse', body: { errorCode: 400 } })
})

test('a port that is taken is an error of the system', async () => {
  const other = createGrpcServer(node.parts)
  await expect(other.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('a server that closes leaves no connection behind', async () => {
  const stream = await client.register()
  await server.close(50)
  await stream.ended
  expect(server.size()).toBe(0)
})
