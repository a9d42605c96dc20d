import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PushEnd } from '../../../naming/naming-port.ts'
import { type NamingServer, startNamingServer, success } from './naming-server.testing.ts'
import { takesPushes } from './udp-agents.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const agent = { 'user-agent': 'Nacos-Java-Client:v1.0.0' }
const subscribe = (headers: Record<string, string> = agent, more: Record<string, string | number> = {}) =>
  server.ask('GET', '/v1/ns/instance/list', { serviceName: 'svc', clientIP: '192.168.7.7', udpPort: 5001, app: 'shop', ...more }, headers)

test('a list with a UDP port subscribes, and the push goes to the address that asked', async () => {
  await subscribe()
  const [subscription] = server.node.naming.subscriptions
  expect(subscription?.view).toMatchObject({ ip: '192.168.7.7', port: 5001, agent: 'Nacos-Java-Client:v1.0.0', app: 'shop', name: 'svc' })
  const taken: PushEnd[] = []
  const info = server.node.naming.port.serviceInfo({ namespace: 'public', group: 'DEFAULT_GROUP', name: 'svc' }, '', false)
  subscription?.push(info, (was) => taken.push(was))
  const [datagram] = server.node.pushed
  expect([datagram?.host, datagram?.port]).toEqual(['127.0.0.1', 5001])
  const { type, data, lastRefTime } = JSON.parse(datagram?.text ?? '')
  expect([type, lastRefTime]).toEqual(['dom', 1_714_532_645_000])
  expect(JSON.parse(data)).toMatchObject({ name: 'DEFAULT_GROUP@@svc', clusters: '', hosts: [], cacheMillis: 10_000 })
  datagram?.acked(true)
  expect(taken).toEqual([true])
})

test.each([
  ['no known agent', { 'user-agent': 'curl/8' }, {}],
  ['no agent', {}, {}],
  ['no UDP port', agent, { udpPort: 0 }],
])('with %s a list is only a list', async (_what, headers, more) => {
  expect((await subscribe(headers, more))[0]).toBe(200)
  expect(server.node.naming.subscriptions).toEqual([])
})

test('Client-Version stands for an agent that says nothing', async () => {
  await subscribe({ 'client-version': 'Nacos-Go-Client:v1.1.0' })
  expect(server.node.naming.subscriptions).toHaveLength(1)
})

test.each([
  ['Nacos-Java-Client:v1.0.0', true],
  ['Nacos-Java-Client:v0.0.9', false],
  ['Nacos-C-Client:v1.0.12', true],
  ['Nacos-C-Client:v1.0.2', false],
  ['Nacos-CSharp-Client:v0.9.0', true],
  ['Nacos-DNS:v1.0.1', true],
  ['Nacos-Java-Client', false],
  ['Nacos-Python-Client:v1.0', false],
  ['Nacos-Go-Client:vx', false],
])('%s takes pushes: %s', (name, expected) => {
  expect(takesPushes(name, server.node.naming.port.switches())).toBe(expected)
})

test('with pushes switched off nobody takes them', () => {
  expect(takesPushes('Nacos-Java-Client:v1.0.0', { ...server.node.naming.port.switches(), pushEnabled: false })).toBe(false)
})

test('subscribers are listed page by page, in the shape of each version', async () => {
  await subscribe()
  await subscribe(agent, { udpPort: 5002 })
  const subscriber = {
    ...{ addrStr: '192.168.7.7:5001', agent: 'Nacos-Java-Client:v1.0.0', app: 'shop', ip: '192.168.7.7', port: 5001 },
    ...{ namespaceId: 'public', serviceName: 'DEFAULT_GROUP@@svc', cluster: '' },
  }
  const page = { serviceName: 'svc', pageNo: 1, pageSize: 1, aggregation: 'false' }
  expect(await server.json('GET', '/v1/ns/service/subscribers', page)).toEqual([200, { subscribers: [subscriber], count: 2 }])
  const [, v3] = await server.json('GET', '/v3/console/ns/service/subscribers', page)
  expect(v3.data).toMatchObject({
    totalCount: 2,
    pagesAvailable: 2,
    pageItems: [{ address: '192.168.7.7:5001', serviceName: 'svc', appName: 'shop' }],
  })
  expect(await server.json('GET', '/v2/ns/client/service/subscriber/list', { serviceName: 'svc', port: 5002 })).toEqual(
    success([{ clientId: '192.168.7.7:5002#true', ip: '192.168.7.7', port: 5002 }]),
  )
})
