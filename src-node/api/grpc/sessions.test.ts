import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { encodePlain } from './client.testing.ts'
import { createFakeGrpcNode } from './fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from './server.ts'

let server: NodeGrpcServer
let port: number
let session: ClientHttp2Session

const limits = { grpcBytesInFlightMax: 300_000, grpcCallsMax: 20, grpcConnectionsMax: 3 }

beforeEach(async () => {
  server = createGrpcServer(createFakeGrpcNode(limits).parts)
  port = await server.listen('127.0.0.1', 0)
  session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
})
afterEach(async () => {
  session.destroy()
  await server.close(0)
})

const framed = (message: Buffer, flag = 0) => {
  const head = Buffer.from([flag, 0, 0, 0, 0])
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
const check = framed(encodePlain('ServerCheckRequest', '{}'))

const request = (headers: object = {}): ClientHttp2Stream => {
  const stream = session.request({ ':method': 'POST', ':path': '/Request/request', 'content-type': 'application/grpc', te: 'trailers', ...headers })
  stream.on('error', () => undefined)
  return stream
}

/** HTTP status and gRPC status, wherever it stood. */
const outcome = async (stream: ClientHttp2Stream): Promise<readonly (number | string | undefined)[]> => {
  let statuses: readonly (number | string | undefined)[] = []
  stream.on('response', (headers) => {
    statuses = [headers[':status'], String(headers['grpc-status'] ?? '')]
  })
  stream.on('trailers', (trailers) => {
    statuses = [statuses[0], String(trailers['grpc-status'] ?? '')]
  })
  stream.resume()
  await Promise.race([once(stream, 'end'), once(stream, 'close')])
  return statuses
}

const send = (bytes: Buffer, headers: object = {}) => {
  const stream = request(headers)
  const done = outcome(stream)
  stream.end(bytes)
  return done
}

test('a call ends with its status', async () => {
  expect(await send(check)).toEqual([200, '0'])
})

test('headers are answered before a message comes', async () => {
  const stream = request()
  const [headers] = await once(stream, 'response')
  expect(headers[':status']).toBe(200)
  const done = outcome(stream)
  stream.end(check)
  await done
})

test.each([
  ['half a message', framed(Buffer.alloc(10)).subarray(0, 9), {}, '13'],
  ['no message', Buffer.alloc(0), {}, '13'],
  ['a compressed message', framed(Buffer.alloc(10), 1), {}, '12'],
  ['a method that is not there', check, { ':path': '/RequestStream/requestStream' }, '12'],
  ['a page of another origin', check, { origin: 'http://evil.example' }, '7'],
])('%s is refused', async (_what, bytes, headers, status) => {
  expect((await send(bytes, headers))[1]).toBe(status)
  expect(await send(check)).toEqual([200, '0'])
})

test('what is no gRPC is told so', async () => {
  expect(await send(check, { 'content-type': 'application/json' })).toEqual([415, '12'])
})

test('bytes in flight have one limit for all, and room comes back', async () => {
  const half = framed(Buffer.alloc(250_000)).subarray(0, 200_000)
  const first = request()
  first.write(half)
  const second = request()
  const refused = outcome(second)
  second.write(half)
  expect((await refused)[1]).toBe('8')
  first.close()
  await once(first, 'close')
  const third = request()
  third.write(half)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(third.closed).toBe(false)
})

test('calls under way have a limit, and room comes back', async () => {
  const open = Array.from({ length: limits.grpcCallsMax }, () => request())
  await Promise.all(open.map((stream) => once(stream, 'response')))
  expect((await send(check))[1]).toBe('8')
  for (const stream of open) stream.close()
  await Promise.all(open.map((stream) => (stream.destroyed ? null : once(stream, 'close'))))
  await waitUntil('room for a call', async () => (await send(check))[1] === '0', 5_000)
})

test('connections have a limit', async () => {
  const others = Array.from({ length: 4 }, () => connectTcp({ host: '127.0.0.1', port }))
  const ends = others.map((socket) => new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined)))
  await Promise.race(ends)
  expect(await send(check)).toEqual([200, '0'])
  for (const socket of others) socket.destroy()
})

test.each([
  ['HTTP/1', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ['noise', '\u0000\u0001\u0002'.repeat(100)],
])('%s ends its own connection only', async (_what, bytes) => {
  const socket = connectTcp({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(bytes)
  await once(socket, 'close')
  expect(await send(check)).toEqual([200, '0'])
})

test('a client that resets its calls harms nobody', async () => {
  for (let turn = 0; turn < 50; turn++) {
    const stream = request()
    stream.write(check)
    stream.close(8)
  }
  await waitUntil('a call to be answered', async () => (await send(check))[1] === '0', 5_000)
})

test('a long word on a stream ends it, and nothing else', async () => {
  const stream = request({ ':path': '/BiRequestStream/requestBiStream' })
  const over = once(stream, 'close')
  stream.resume()
  stream.write(framed(Buffer.alloc(270_000)))
  await over
  expect(await send(check)).toEqual([200, '0'])
})
