/** Once auth is on: every request type, with every kind of caller. A type without a row here fails the first test. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCaller } from '../http/fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../http/server.ts'
import { connectGrpc, type TestClient } from './client.testing.ts'
import { createFakeGrpcNode } from './fake-node.testing.ts'
import { handlersOf } from './handlers.ts'
import { createListeners } from './listeners.ts'
import { createGrpcServer, type NodeGrpcServer } from './server.ts'

const config = { dataId: 'd', group: 'G', tenant: 'dev' }
const service = { namespace: 'dev', serviceName: 'svc', groupName: 'G' }
const instance = { ip: '10.0.0.5', port: 80 }

type Right = 'open' | 'read' | 'write'
const requests: readonly (readonly [type: string, right: Right, body: object])[] = [
  ['HealthCheckRequest', 'open', {}],
  ['ConfigQueryRequest', 'read', config],
  ['ConfigPublishRequest', 'write', { ...config, content: 'x' }],
  ['ConfigRemoveRequest', 'write', config],
  ['ConfigBatchListenRequest', 'read', { listen: true, configListenContexts: [{ ...config, md5: '' }] }],
  ['ConfigFuzzyWatchRequest', 'read', { groupKeyPattern: 'dev>>G>>*', watchType: 'WATCH' }],
  ['InstanceRequest', 'write', { ...service, type: 'registerInstance', instance }],
  ['BatchInstanceRequest', 'write', { ...service, type: 'batchRegisterInstance', instances: [instance] }],
  ['PersistentInstanceRequest', 'write', { ...service, type: 'registerInstance', instance }],
  ['ServiceQueryRequest', 'read', service],
  ['ServiceListRequest', 'read', { namespace: 'dev', groupName: 'G', pageNo: 1, pageSize: 10 }],
  ['SubscribeServiceRequest', 'read', { ...service, subscribe: true, clusters: '' }],
  ['NamingFuzzyWatchRequest', 'read', { namespace: 'dev', groupKeyPattern: 'dev>>G>>*', watchType: 'WATCH' }],
]

const node = createFakeGrpcNode()
const tokens: Record<string, string> = { nobody: '', forged: 'e30.e30.e30' }
let http: NodeHttpServer
let server: NodeGrpcServer
let client: TestClient

beforeAll(async () => {
  http = createHttpServer(node.httpParts)
  const httpPort = await http.listen('127.0.0.1', 0)
  const call = createCaller(() => httpPort)
  const post = (path: string, fields: Record<string, string>) => call('POST', `/nacos/v1/auth${path}`, new URLSearchParams(fields).toString())
  await post('/users/admin', { password: 'root' })
  for (const [name, resource, action] of [
    ['reader', 'dev:*:*', 'r'],
    ['writer', 'dev:*:*', 'w'],
    ['stranger', 'test:*:*', 'rw'],
    ['narrow', 'dev:G:*/app*', 'r'],
  ] as const) {
    await post('/users', { username: name, password: name })
    await post('/roles', { role: name, username: name })
    await post('/permissions', { role: name, resource, action })
    tokens[name] = JSON.parse((await post('/login', { username: name, password: name })).text).accessToken
  }
  tokens.nacos = JSON.parse((await post('/login', { username: 'nacos', password: 'root' })).text).accessToken
  server = createGrpcServer(node.parts)
  client = connectGrpc(await server.listen('127.0.0.1', 0))
  await client.register()
  node.parts.auth.switchTo(true)
})
afterAll(async () => {
  client.close()
  await server.close(0)
  await http.close(0)
})

const mayDo: Readonly<Record<string, readonly Right[]>> = {
  ...{ nobody: ['open'], forged: ['open'], stranger: ['open'] },
  ...{ reader: ['open', 'read'], writer: ['open', 'write'], nacos: ['open', 'read', 'write'] },
}

test('every request type has its row', () => {
  const types = handlersOf(
    node.parts,
    createListeners(node.parts, () => undefined),
  ).map(({ type }) => type)
  expect(requests.map(([type]) => type).toSorted()).toEqual(types.toSorted())
})

describe.each(Object.keys(mayDo))('%s', (caller) => {
  test.each(requests)('%s', async (type, right, body) => {
    const headers: Record<string, string> = tokens[caller] === '' ? {} : { accessToken: tokens[caller] ?? '' }
    const answer = await client.call(type, body, headers)
    const isRefused = answer.body.errorCode === 403
    expect(isRefused).toBe(mayDo[caller]?.includes(right) !== true)
    // In the type of its own answer, as clients read it.
    if (isRefused) expect(answer).toMatchObject({ type: expect.not.stringMatching('ErrorResponse'), body: { resultCode: 500, success: false } })
  })
})

test('a list that holds one configuration too many is refused as a whole', async () => {
  const contexts = ['dev', 'test'].map((tenant) => ({ ...config, tenant, md5: '' }))
  const body = { listen: true, configListenContexts: contexts }
  expect((await client.call('ConfigBatchListenRequest', body, { accessToken: tokens.reader ?? '' })).body.errorCode).toBe(403)
  expect([...node.watches.ofKey({ namespace: 'test', group: 'G', dataId: 'd' })]).toEqual([])
})

test('a pattern is covered by a permission for all that it can match, in its own namespace', async () => {
  const ask = async (type: string, groupKeyPattern: string) =>
    (await client.call(type, { namespace: 'dev', tenant: 'dev', groupKeyPattern, watchType: 'CANCEL_WATCH' }, { accessToken: tokens.narrow ?? '' }))
      .body.errorCode
  for (const type of ['ConfigFuzzyWatchRequest', 'NamingFuzzyWatchRequest']) {
    for (const covered of ['dev>>G>>app*', 'dev>>G>>app.yaml', 'dev>>G>>app*x*']) expect(await ask(type, covered)).toBe(0)
    for (const wider of ['dev>>G>>*', 'dev>>*>>app*', 'dev>>G>>*app*', 'test>>G>>app*', 'public>>G>>app*', '>>G>>app*', 'app*', 'dev>>G'])
      expect(await ask(type, wider)).toBe(403)
  }
})

/** Names as the other kind of request has them, which this one does not read. */
const renamed = (body: unknown): unknown => {
  if (Array.isArray(body)) return body.map(renamed)
  if (typeof body !== 'object' || body === null) return body
  const others: Readonly<Record<string, string>> = { tenant: 'namespace', namespace: 'tenant' }
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [others[name] ?? name, renamed(value)]))
}

test.each(requests.filter(([, right, body]) => right !== 'open' && !('groupKeyPattern' in body)))(
  'a namespace under a name that %s does not read stands for none',
  async (type, right, body) => {
    const accessToken = tokens[right === 'read' ? 'reader' : 'writer'] ?? ''
    expect((await client.call(type, renamed(body) as object, { accessToken })).body.errorCode).toBe(403)
    expect((await client.call(type, body, { accessToken })).body.errorCode).not.toBe(403)
  },
)

test('a list of a group is for whoever may see the group, whatever service is named beside it', async () => {
  const ask = async (type: string, caller: string, serviceName: string) =>
    (await client.call(type, { ...service, serviceName, pageNo: 1, pageSize: 10 }, { accessToken: tokens[caller] ?? '' })).body.errorCode
  expect(await ask('ServiceQueryRequest', 'narrow', 'app1')).not.toBe(403)
  expect(await ask('ServiceListRequest', 'narrow', 'app1')).toBe(403)
  expect(await ask('ServiceListRequest', 'reader', 'app1')).not.toBe(403)
})

test('a token may come as a bearer, and a name with its password', async () => {
  const ask = async (headers: Record<string, string>) => (await client.call('ConfigQueryRequest', config, headers)).body.errorCode
  expect(await ask({ Authorization: `Bearer ${tokens.reader}` })).not.toBe(403)
  expect(await ask({ username: 'reader', password: 'reader' })).not.toBe(403)
  expect(await ask({ username: 'reader' })).toBe(403)
  expect(await ask({ accessToken: 'x'.repeat(3_000) })).toBe(403)
})

test('a refused query has what the strictest client reads', async () => {
  expect((await client.call('ConfigQueryRequest', config)).body).toMatchObject({ lastModified: 0, beta: false })
})
