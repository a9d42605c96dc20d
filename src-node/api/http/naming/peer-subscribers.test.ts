import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeNode } from '../fake-node.testing.ts'
import { type NamingServer, startNamingServer } from './naming-server.testing.ts'
import { createPeerSubscribers } from './peer-subscribers.ts'

const service = { namespace: 'public', group: 'DEFAULT_GROUP', name: 'svc' }
const clock = createFakeNode().parts.clock

let peer: NamingServer
beforeEach(async () => {
  peer = await startNamingServer()
})
afterEach(() => peer.close())

const at = (id: number, httpPort: number) => ({ id, host: '127.0.0.1', httpPort, raftPort: 0 })
const askOf = (...ports: number[]) => {
  const peers = createPeerSubscribers({ nodeId: 1, members: [at(1, 1), ...ports.map((port, index) => at(index + 2, port))], clock })
  return new Promise((resolve) => peers.ask(service, resolve))
}
const subscribe = () =>
  peer.ask(
    'GET',
    '/v1/ns/instance/list',
    { serviceName: 'svc', clientIP: '10.0.0.9', udpPort: 77, clusters: 'c' },
    { 'user-agent': 'Nacos-Java-Client:v1.0.0' },
  )

test('what the others know is told, and what is not known to them is not', async () => {
  expect(await askOf(peer.port)).toEqual([])
  await subscribe()
  expect(await askOf(peer.port)).toEqual([{ ...service, ip: '10.0.0.9', port: 77, agent: 'Nacos-Java-Client:v1.0.0', app: '', clusters: 'c' }])
})

test('a node that is away, or talks nonsense, is left out; without others nobody is asked', async () => {
  const odd: Server = createServer((_request, response) => response.end('{"subscribers":[1,"x"]}'))
  const port = await new Promise<number>((resolve) =>
    odd.listen(0, '127.0.0.1', () => {
      const address = odd.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
  await subscribe()
  expect(await askOf(peer.port, port)).toHaveLength(1)
  await new Promise((resolve) => odd.close(resolve))
  expect(await askOf(port, peer.port)).toHaveLength(1)
  expect(await askOf()).toEqual([])
})

test('so many ask at a time and no more', async () => {
  const peers = createPeerSubscribers({ nodeId: 1, members: [at(1, 1), at(2, peer.port)], clock })
  const asked = Array.from({ length: 33 }, () => peers.ask(service, () => undefined))
  expect(asked.filter((taken) => taken)).toHaveLength(32)
  await new Promise<void>((resolve) => {
    const again = () => (peers.ask(service, () => resolve()) ? undefined : setImmediate(again))
    again()
  })
})
