/** The connection table over HTTP (nacos-http 11.2, 14.2): what is shown of a client, and how many are asked to move where. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import type { ConnectionView } from '../ports.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const client = (at: number): ConnectionView => ({
  ...{
    connectionId: `1714532645000_10.0.0.${at}_4000`,
    ip: `10.0.0.${at}`,
    port: 4000,
    clientIp: `192.168.0.${at}`,
    version: 'Nacos-Go-Client:v2.3.5',
  },
  ...{
    tenant: 'dev',
    appName: 'shop',
    labels: { source: 'sdk', AppName: 'shop' },
    createdMs: 1_714_532_645_000,
    lastActiveMs: 7.75,
    pendingPushes: 0,
  },
})
let moved: unknown[] = []
let server: NodeHttpServer
let node: ReturnType<typeof createFakeNode>
let port = 0
const call = createCaller(() => port)
beforeEach(async () => {
  moved = []
  node = createFakeNode()
  const table = {
    size: () => 3,
    views: () => [1, 2, 3].map(client),
    reset: (...asked: unknown[]) => moved.push(asked) > 0,
    configMetrics: () => false,
  }
  server = createHttpServer({ ...node.parts, connections: table })
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

const idOf = (at: number) => client(at).connectionId
const shown = {
  ...{ traced: false, abilityTable: null, connected: true },
  metaInfo: {
    ...{ connectType: 'GRPC', clientIp: '192.168.0.2', remoteIp: '10.0.0.2', remotePort: 4000, localPort: 9848, version: 'Nacos-Go-Client:v2.3.5' },
    ...{ connectionId: idOf(2), createTime: '2024-05-01T03:04:05.000+00:00', lastActiveTime: 7, appName: 'shop', tenant: 'dev' },
    ...{ labels: { source: 'sdk', AppName: 'shop' }, tag: null, tlsProtected: false, sdkSource: true, clusterSource: false },
  },
}

it('each client is shown under its id, bare in v2 and in the Result of v3, where its namespace has the name that it has everywhere', async () => {
  const bare = JSON.parse((await call('GET', '/nacos/v2/core/loader/current')).text)
  expect([Object.keys(bare), bare[idOf(2)]]).toEqual([[1, 2, 3].map(idOf), shown])
  const { code, data } = JSON.parse((await call('GET', '/nacos/v3/admin/core/loader/current')).text)
  const { tenant, ...metaInfo } = shown.metaInfo
  expect([code, Object.keys(data), data[idOf(2)]]).toEqual([0, Object.keys(bare), { ...shown, metaInfo: { ...metaInfo, namespaceId: tenant } }])
})

describe.each([
  ['v2', 'GET', '/nacos/v2/core/loader', 'success'],
  ['v3', 'POST', '/nacos/v3/admin/core/loader', '{"code":0,"message":"success","data":"success"}'],
])('%s', (_version, method, base, success) => {
  const ask = (path: string) => call(method, `${base}/${path}`, method === 'POST' ? '' : undefined)

  it('asks those beyond the count to move, to a place or wherever they like', async () => {
    expect((await ask('reloadCurrent?count=1&redirectAddress=10.1.1.1:8848')).text).toBe(success)
    const place = { host: '10.1.1.1', httpPort: 8848 }
    expect(moved).toEqual([
      [idOf(2), place],
      [idOf(3), place],
    ])
    moved = []
    expect((await ask('reloadCurrent?count=2')).text).toBe(success)
    expect(moved).toEqual([[idOf(3), null]])
    expect(node.notes).toEqual(['2 gRPC clients beyond 1 are asked to move to 10.1.1.1:8848', '1 gRPC clients beyond 2 are asked to move'])
  })

  it('moves nobody where there are no more than that', async () => {
    expect((await ask('reloadCurrent?count=3')).text).toBe(success)
    expect([moved, node.notes]).toEqual([[], []])
  })

  it('asks one to move', async () => {
    expect((await ask(`reloadClient?connectionId=${idOf(2)}&redirectAddress=nacos-1.nacos:8848`)).text).toBe(success)
    expect(moved).toEqual([[idOf(2), { host: 'nacos-1.nacos', httpPort: 8848 }]])
  })

  it.each([
    'reloadCurrent',
    'reloadCurrent?count=x',
    'reloadCurrent?count=1&redirectAddress=a',
    'reloadClient',
    'reloadClient?connectionId=a&redirectAddress=a:b',
  ])('%s is refused, and nobody moves', async (path) => {
    const { status, text } = await ask(path)
    expect([status, JSON.parse(text).code]).toEqual([400, expect.any(Number)])
    expect(moved).toEqual([])
  })
})
