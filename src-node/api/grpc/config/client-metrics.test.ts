/** Clients asked about themselves by a server over real connections. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectGrpc, type TestClient, type TestStream } from '../client.testing.ts'
import { createFakeGrpcNode } from '../fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../server.ts'

const ip = '10.0.0.7'
let server: NodeGrpcServer
let port = 0
let clients: TestClient[] = []

beforeEach(async () => {
  server = createGrpcServer(createFakeGrpcNode().parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  for (const client of clients) client.close()
  clients = []
  await server.close(0)
})

const join = async (clientIp = ip): Promise<TestStream> => {
  const client = connectGrpc(port)
  clients.push(client)
  return client.register({}, clientIp)
}
const ask = (clientIp = ip, key: string | null = null) =>
  new Promise<object>((resolve) => void server.configMetrics(clientIp, key, (metrics) => resolve(Object.fromEntries(metrics))))
/** Takes the next question, and answers it. */
const answer = async (stream: TestStream, metrics: unknown, resultCode = 200) => {
  const { type, body } = await stream.next()
  stream.send('ClientConfigMetricResponse', { resultCode, requestId: body.requestId, metrics })
  return { type, body }
}

test('those at the address are asked, and what they say is put together', async () => {
  const [one, two, other] = await Promise.all([join(), join(), join('10.0.0.8')])
  const told = ask()
  const asked = await Promise.all([answer(one, { a: '1' }), answer(two, { b: { c: 2 } })])
  expect(asked[0]).toMatchObject({ type: 'ClientConfigMetricRequest', body: { headers: {}, metricsKeys: [], module: 'config' } })
  expect([await told, other.waiting()]).toEqual([{ a: '1', b: { c: 2 } }, []])
})

test('a configuration is asked about by its key', async () => {
  const stream = await join()
  const told = ask(ip, 'd+G+dev')
  const { body } = await answer(stream, {})
  expect(body.metricsKeys).toEqual([
    { type: 'cacheData', key: 'd+G+dev' },
    { type: 'snapshotData', key: 'd+G+dev' },
  ])
  expect(await told).toEqual({})
})

test('nobody there is an empty answer', async () => {
  expect(await ask('10.9.9.9')).toEqual({})
})

test.each([
  ['refuses', 500, { a: 1 }],
  ['talks nonsense', 200, ['a']],
  ['says too much', 200, { a: 'x'.repeat(200 * 1024) }],
])('a client that %s is left out', async (_what, resultCode, metrics) => {
  const [bad, good] = await Promise.all([join(), join()])
  const told = ask()
  await Promise.all([answer(bad, metrics, resultCode), answer(good, { b: 1 })])
  expect(await told).toEqual({ b: 1 })
})

test('a client that says nothing is waited for only so long, and one that goes is not', async () => {
  const [mute] = await Promise.all([join(), join()])
  const told = ask()
  await mute.next()
  clients[1]?.close()
  expect(await told).toEqual({})
})

test('names are counted over all clients, and so are questions', async () => {
  const streams = await Promise.all([join(), join()])
  const told = ask()
  const many = (letter: string) => Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`${letter}${at}`, at]))
  await Promise.all([answer(streams[0]!, many('a')), answer(streams[1]!, many('b'))])
  expect(Object.keys(await told)).toHaveLength(1_000)
  const taken = Array.from({ length: 17 }, () => server.configMetrics(ip, null, () => undefined))
  expect([taken.filter(Boolean).length, taken.at(-1)]).toEqual([16, false])
})
