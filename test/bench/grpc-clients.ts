/**
 * Many registered gRPC clients in one process, for measures that share their cores with the nodes: node:http2 and the product's own bytes, since a
 * thousand channels of grpc-js would cost more than what is measured. Each acknowledges what it is pushed.
 */

import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { createFrameReader } from '../../src-node/api/grpc/frames.ts'
import { createPayloadEncoder, decodePayload } from '../../src-node/api/grpc/payload.ts'

export interface GrpcClient {
  /** Body of the answer. */
  call(type: string, body: object): Promise<Record<string, unknown>>
  close(): void
}

const messageBytesMax = 1024 * 1024
const setUpLimitMs = 10_000
const encode = createPayloadEncoder('')

const bodyOf = (message: Buffer): { readonly type: string; readonly body: Record<string, unknown> } => {
  const payload = decodePayload(message)
  if (payload === null) throw new Error('a node sent what is no Payload')
  return { type: payload.type, body: JSON.parse(payload.value.toString('utf8')) as Record<string, unknown> }
}

const request = (session: ClientHttp2Session, path: string): ClientHttp2Stream => {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' })
  stream.on('error', () => undefined)
  return stream
}

const call = (session: ClientHttp2Session, type: string, body: object): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const stream = request(session, '/Request/request')
    const reader = createFrameReader({ messageBytesMax, onMessage: (message) => resolve(bodyOf(message).body) })
    stream.on('data', (chunk: Buffer) => void reader.read(chunk))
    stream.on('close', () => reject(new Error(`${type} was not answered`)))
    stream.end(encode(type, JSON.stringify(body)))
  })

/** Registered at `address` (`host:port`). `pushed` hears of everything that wants an acknowledgement, after it was given. */
export const joinGrpc = async (address: string, pushed: (type: string) => void): Promise<GrpcClient> => {
  const session = connect(`http://${address}`)
  session.on('error', () => undefined)
  await once(session, 'connect')
  const stream = request(session, '/BiRequestStream/requestBiStream')
  const onMessage = (message: Buffer): void => {
    const { type, body } = bodyOf(message)
    if (body.requestId === undefined) return
    stream.write(encode('AnyResponse', JSON.stringify({ resultCode: 200, errorCode: 0, requestId: body.requestId })))
    pushed(type)
  }
  const reader = createFrameReader({ messageBytesMax, onMessage })
  stream.on('data', (chunk: Buffer) => void reader.read(chunk))
  stream.write(encode('ConnectionSetupRequest', JSON.stringify({ clientVersion: 'bench', tenant: '', labels: { source: 'sdk', module: 'config' } })))
  const endMs = performance.now() + setUpLimitMs
  while ((await call(session, 'HealthCheckRequest', {})).resultCode !== 200)
    if (performance.now() > endMs) throw new Error('a client was not registered')
  return { call: (type, body) => call(session, type, body), close: () => session.destroy() }
}

/** `count` of them, spread over the addresses in turn, some at a time. `pushed` hears which of them it was, from 0. */
export const joinMany = async (
  addresses: readonly string[],
  count: number,
  pushed: (type: string, client: number) => void,
): Promise<readonly GrpcClient[]> => {
  const clients: GrpcClient[] = []
  const atOnce = 50
  for (let from = 0; from < count; from += atOnce) {
    const next = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => from + at)
    const joined = next.map((client) => joinGrpc(addresses[client % addresses.length] ?? '', (type) => pushed(type, client)))
    clients.push(...(await Promise.all(joined)))
  }
  return clients
}
