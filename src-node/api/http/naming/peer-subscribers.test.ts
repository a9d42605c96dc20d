import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NamingServer, startNamingServer } from './naming-server.testing.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const path = '/v1/ns/service/subscribers'
const of = { serviceName: 'svc' }
const shown = (port: number) => ({
  ...{ addrStr: `10.0.0.9:${port}`, agent: 'Nacos-Java-Client:v1.0.0', app: '', ip: '10.0.0.9', port },
  ...{ namespaceId: 'public', serviceName: 'DEFAULT_GROUP@@svc', cluster: '' },
})
const subscribe = (udpPort: number) =>
  server.ask('GET', '/v1/ns/instance/list', { ...of, clientIP: '10.0.0.9', udpPort }, { 'user-agent': 'Nacos-Java-Client:v1.0.0' })

test('what other nodes know is told too, a client that several know once', async () => {
  await subscribe(1)
  server.node.setPeers([
    { subscribers: [shown(1), shown(2)], count: 2 },
    { subscribers: [shown(2)], count: 1 },
  ])
  expect(await server.json('GET', path, of)).toEqual([200, { subscribers: [shown(1), shown(2)], count: 2 }])
  expect((await server.json('GET', '/v3/admin/ns/service/subscribers', of))[1].data.totalCount).toBe(2)
})

test('they are asked for their own alone, and are told nothing of who asks', async () => {
  await server.ask(
    'GET',
    path,
    { ...of, groupName: 'G', namespaceId: 'dev', accessToken: 'me', username: 'a', password: 'b' },
    { authorization: 'Bearer me' },
  )
  expect(server.node.asked).toEqual([
    {
      path: `/nacos${path}`,
      fields: { namespaceId: 'dev', groupName: 'G', serviceName: 'svc', pageNo: '1', pageSize: '4000', aggregation: 'false' },
    },
  ])
})

test('with aggregation=false, or from a node that talks nonsense, come no others', async () => {
  server.node.setPeers([{ subscribers: [shown(2)], count: 1 }])
  expect((await server.json('GET', path, { ...of, aggregation: 'false' }))[1]).toEqual({ subscribers: [], count: 0 })
  server.node.setPeers([{ subscribers: [1, 'x', null] }, { subscribers: {} }, ['x']])
  expect((await server.json('GET', path, of))[1]).toEqual({ subscribers: [], count: 0 })
})

test('a node that asks as much as it may says so', async () => {
  server.node.setPeers(null)
  expect((await server.ask('GET', path, of))[0]).toBe(503)
})
