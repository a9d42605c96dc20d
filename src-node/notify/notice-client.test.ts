/** The sender's half of one notice, against servers that behave and servers that do not. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { decodeNotice, type NoticeOutcome } from './notice.ts'
import { createNoticeClient, noticePath } from './notice-client.ts'
import { createNoticeGate, createNoticeSigner } from './notice-proof.ts'

const clusterSecret = 'aa'.repeat(32)
let drawn = 0
const randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill(++drawn)
const gateOf = () => createNoticeGate({ self: 2, clusterSecret, randomBytes, isMember: () => true })
const after = (ms: number, task: () => void) => {
  const timer = setTimeout(task, ms)
  return { cancel: () => clearTimeout(timer) }
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void
const open: { close(): void }[] = []

const serve = async (handler: Handler): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => handler(request, response, Buffer.concat(pieces)))
  })
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

const clientOf = (answerMs = 5_000) => {
  const client = createNoticeClient({ signer: createNoticeSigner({ self: 1, clusterSecret, randomBytes }), answerMs, after })
  open.push(client)
  return client
}

const tell = (client: ReturnType<typeof clientOf>, port: number, index = 7): Promise<NoticeOutcome> =>
  new Promise((resolve) => client.send({ id: 2, host: '127.0.0.1', httpPort: port }, { index, keys: null }, resolve))

/** A receiver as it should be; `restart` makes it a new run. */
const soundReceiver = () => {
  let gate = gateOf()
  const requests: { readonly path: string; readonly bytes: number; readonly kind: string }[] = []
  const handler: Handler = (request, response, body) => {
    const verdict = gate.judge(request.headers['nacos-trio-proof']?.toString(), body)
    requests.push({ path: request.url ?? '', bytes: body.length, kind: verdict.kind })
    if (verdict.kind === 'challenge') response.writeHead(401, { 'nacos-trio-challenge': verdict.challenge }).end()
    else response.writeHead(verdict.kind === 'proven' && decodeNotice(body) !== null ? 200 : 403).end()
  }
  return {
    ...{ handler, requests },
    restart: () => {
      gate = gateOf()
    },
    kinds: () => requests.splice(0).map(({ kind }) => kind),
  }
}

afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

test('asks once for a challenge, names nothing before, and keeps both connection and challenge', async () => {
  const receiver = soundReceiver()
  const { port, sockets } = await serve(receiver.handler)
  const client = clientOf()
  for (let count = 0; count < 3; count++) expect(await tell(client, port)).toEqual({ kind: 'taken' })
  expect(receiver.requests[0]).toEqual({ path: noticePath, bytes: 0, kind: 'challenge' })
  expect(receiver.kinds()).toEqual(['challenge', 'proven', 'proven', 'proven'])
  expect(sockets.size).toBe(1)
})

test('a receiver that started anew is proven to anew, in the same go', async () => {
  const receiver = soundReceiver()
  const { port } = await serve(receiver.handler)
  const client = clientOf()
  await tell(client, port)
  receiver.restart()
  expect(await tell(client, port)).toEqual({ kind: 'taken' })
  expect(receiver.kinds()).toEqual(['challenge', 'proven', 'challenge', 'proven'])
})

test('a kept connection that the receiver closed costs nothing but another one', async () => {
  const receiver = soundReceiver()
  const { port, sockets } = await serve((request, response, body) => {
    if (receiver.requests.length === 2 && sockets.size === 1) request.socket.resetAndDestroy()
    else receiver.handler(request, response, body)
  })
  const client = clientOf()
  await tell(client, port)
  expect(await tell(client, port)).toEqual({ kind: 'taken' })
  expect(sockets.size).toBe(2)
})

test.each<[string, Handler, RegExp]>([
  ['refuses', (_request, response) => void response.writeHead(503).end('caused: this node lags;'), /^it answered 503 caused: this node lags;$/],
  [
    'asks for a proof for ever',
    (_request, response) => void response.writeHead(401, { 'nacos-trio-challenge': 'ab'.repeat(32) }).end(),
    /^it answered 401$/,
  ],
  [
    'gives a challenge that is none',
    (_request, response) => void response.writeHead(401, { 'nacos-trio-challenge': 'x' }).end(),
    /^it answered 401$/,
  ],
  ['hangs up', (request) => void request.socket.resetAndDestroy(), /ECONNRESET/],
  [
    'breaks off in its answer',
    (_request, response) => void response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()),
    /^the connection closed before the answer was whole$/,
  ],
  [
    'talks without end of something else',
    (_request, response) => void response.writeHead(500).end('x'.repeat(1_000_000)),
    /^it answered 500 x{200}$/,
  ],
])('a receiver that %s has not taken it', async (_, handler, why) => {
  const { port } = await serve(handler)
  expect(await tell(clientOf(), port)).toEqual({ kind: 'failed', why: expect.stringMatching(why) })
})

test('a receiver that is silent is given up in time', async () => {
  const { port } = await serve(() => {})
  expect(await tell(clientOf(50), port)).toEqual({ kind: 'failed', why: 'no answer within 50 ms' })
})

test('nobody there is a failure that says so', async () => {
  const { port } = await serve(() => {})
  for (const each of open.splice(0)) each.close()
  expect(await tell(clientOf(), port)).toMatchObject({ kind: 'failed', why: expect.stringContaining('ECONNREFUSED') })
})

test('a closed client has nothing on its way any more', async () => {
  let asked = (): void => {}
  const arrived = new Promise<void>((resolve) => {
    asked = resolve
  })
  const { port } = await serve(() => asked())
  const client = clientOf()
  const told = tell(client, port)
  await arrived
  client.close()
  expect((await told).kind).toBe('failed')
})
