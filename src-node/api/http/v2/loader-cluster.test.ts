/** How many clients each node has, and evening that out: three real servers that ask each other. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { peerQuestionsOf } from '../peer-world.testing.ts'
import type { ConnectionView, MemberAddress } from '../ports.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

interface Peer {
  readonly server: NodeHttpServer
  readonly port: number
  readonly clients: ConnectionView[]
  readonly moved: string[]
}
let peers: Peer[] = []
let members: MemberAddress[] = []

const client = (at: number): ConnectionView => ({
  ...{ connectionId: `c${at}`, ip: '10.0.0.1', port: at, clientIp: '10.0.0.1', version: '', tenant: '', appName: '', labels: {} },
  ...{ createdMs: 0, lastActiveMs: 0, pendingPushes: 0 },
})
const startPeer = async (id: number, count: number): Promise<Peer> => {
  const node = createFakeNode()
  const clients = Array.from({ length: count }, (_, at) => client(at))
  const moved: string[] = []
  const server = createHttpServer({
    ...{ ...node.parts, nodeId: id },
    get members() {
      return members
    },
    peers: peerQuestionsOf(node, { self: id, nodes: 3, members: () => members }),
    connections: {
      ...{ size: () => clients.length, views: () => clients, configMetrics: () => false },
      reset: (connectionId, place) => moved.push(`${connectionId} to ${place?.httpPort}`) > 0,
    },
  })
  return { server, port: await server.listen('127.0.0.1', 0), clients, moved }
}
beforeEach(async () => {
  peers = await Promise.all([startPeer(1, 6), startPeer(2, 0), startPeer(3, 3)])
  members = peers.map(({ port }, at) => ({ id: at + 1, host: '127.0.0.1', httpPort: port, raftPort: 1 }))
})
afterEach(() => Promise.all(peers.map(({ server }) => server.close(0))))

const ask = (method: string, path: string) => createCaller(() => peers[0]?.port ?? 0)(method, `/nacos${path}`, method === 'POST' ? '' : undefined)
const goes = (at: number): Promise<void> => peers[at]?.server.close(0) ?? Promise.resolve()

it('tells each node and what it comes to', async () => {
  const seen = JSON.parse((await ask('GET', '/v2/core/loader/cluster')).text)
  expect(seen).toMatchObject({ memberCount: 3, metricsCount: 3, completed: true, max: 6, min: 0, avg: 3, threshold: '3.3000000000000003', total: 9 })
  const counts = new Map(
    seen.detail.map(({ address, metric }: { address: string; metric: { sdkConCount: string } }) => [address, metric.sdkConCount]),
  )
  expect(members.map(({ httpPort }) => counts.get(`127.0.0.1:${httpPort}`))).toEqual(['6', '0', '3'])
})

it('tells it in v3 without a level between, its counts as numbers', async () => {
  const { code, data } = JSON.parse((await ask('GET', '/v3/admin/core/loader/cluster')).text)
  expect([code, data.total]).toEqual([0, 9])
  const [first] = members.map(({ httpPort }) => data.detail.find(({ address }: { address: string }) => address === `127.0.0.1:${httpPort}`))
  expect(first).toEqual({ address: expect.any(String), sdkConCount: 6, conCount: 6, load: expect.any(String), cpu: expect.any(String) })
})

it('is not complete without a node that does not answer', async () => {
  await goes(2)
  expect(JSON.parse((await ask('GET', '/v2/core/loader/cluster')).text)).toMatchObject({
    memberCount: 3,
    metricsCount: 2,
    completed: false,
    total: 6,
  })
})

it('who has more than the average allows sends the rest to the one with the fewest', async () => {
  expect((await ask('GET', '/v2/core/loader/smartReloadCluster')).text).toBe('Ok')
  const to = members[1]?.httpPort
  expect(peers.map(({ moved }) => moved)).toEqual([[`c4 to ${to}`, `c5 to ${to}`], [], []])
})

it('a wider factor moves fewer, on other nodes too', async () => {
  peers[2]?.clients.push(...Array.from({ length: 6 }, (_, at) => client(10 + at)))
  expect(JSON.parse((await ask('POST', '/v3/admin/core/loader/smartReloadCluster?loaderFactor=0.6')).text)).toMatchObject({ code: 0, data: 'Ok' })
  expect(peers.map(({ moved }) => moved.length)).toEqual([0, 0, 1])
})

it('fails in words where not every node was heard', async () => {
  await goes(1)
  expect((await ask('GET', '/v2/core/loader/smartReloadCluster')).text).toBe('Fail')
})

it.each(['x', '-1', '2', '1e3'])('a factor of %s is refused', async (factor) => {
  expect((await ask('GET', `/v2/core/loader/smartReloadCluster?loaderFactor=${factor}`)).status).toBe(400)
})
