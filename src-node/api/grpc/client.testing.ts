/** For tests: a client on grpc-js and protobufjs, so that nothing of the server's own bytes judges itself. */

import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import protobuf from 'protobufjs'

const proto = `syntax = "proto3";
message Metadata { string type = 3; string clientIp = 8; map<string, string> headers = 7; }
message Any { string type_url = 1; bytes value = 2; }
message Payload { Metadata metadata = 2; Any body = 3; }`

const payloadType = protobuf.parse(proto).root.lookupType('Payload')

export interface Said {
  readonly type: string
  readonly body: Record<string, unknown>
  readonly clientIp: string
}

interface PlainPayload {
  readonly metadata?: { readonly type?: string; readonly clientIp?: string }
  readonly body?: { readonly value?: Uint8Array }
}

export const encodePlain = (type: string, json: string, more: { clientIp?: string; headers?: Record<string, string> } = {}): Buffer =>
  Buffer.from(payloadType.encode(payloadType.create({ metadata: { type, ...more }, body: { value: Buffer.from(json) } })).finish())

export const decodePlain = (bytes: Uint8Array): Said => {
  const { metadata, body } = payloadType.toObject(payloadType.decode(bytes)) as PlainPayload
  const text = Buffer.from(body?.value ?? []).toString('utf8')
  return { type: metadata?.type ?? '', clientIp: metadata?.clientIp ?? '', body: JSON.parse(text) as Record<string, unknown> }
}

const same = (bytes: Buffer): Buffer => bytes

export interface TestStream {
  send(type: string, body: object, clientIp?: string): void
  /** The next message, as soon as there is one. */
  next(): Promise<Said>
  /** All that came and were not taken. */
  waiting(): readonly Said[]
  /** Resolves once the stream has ended, however. */
  readonly ended: Promise<void>
  end(): void
}

export interface TestClient {
  call(type: string, body: object, headers?: Record<string, string>): Promise<Said>
  /** With a body that may be no JSON at all. */
  callRaw(bytes: Buffer): Promise<Said>
  open(): TestStream
  /** Opens a stream and says who this is; resolves once calls are answered. */
  register(setup?: object, clientIp?: string): Promise<TestStream>
  close(): void
}

const streamOf = (call: ClientDuplexStream<Buffer, Buffer>): TestStream => {
  const came: Said[] = []
  const waiters: ((said: Said) => void)[] = []
  call.on('data', (bytes: Buffer) => {
    const said = decodePlain(bytes)
    const waiter = waiters.shift()
    if (waiter === undefined) came.push(said)
    else waiter(said)
  })
  const ended = new Promise<void>((resolve) => {
    call.on('error', () => resolve())
    call.on('end', () => resolve())
  })
  return {
    send: (type, body, clientIp = '') => void call.write(encodePlain(type, JSON.stringify(body), { clientIp })),
    next: () => {
      const first = came.shift()
      return first === undefined ? new Promise((resolve) => void waiters.push(resolve)) : Promise.resolve(first)
    },
    waiting: () => came,
    ended,
    end: () => call.end(),
  }
}

/** A connection of its own: grpc-js would share one between clients. */
export const connectGrpc = (port: number, options: { authority?: string } = {}): TestClient => {
  const channel = { 'grpc.use_local_subchannel_pool': 1, ...(options.authority === undefined ? {} : { 'grpc.default_authority': options.authority }) }
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), channel)
  const callRaw = (bytes: Buffer): Promise<Said> =>
    new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: Buffer): void => {
        if (answer === undefined) reject(error)
        else resolve(decodePlain(answer))
      }
      client.makeUnaryRequest('/Request/request', same, same, bytes, new Metadata(), {}, done)
    })
  const call = (type: string, body: object, headers: Record<string, string> = {}): Promise<Said> =>
    callRaw(encodePlain(type, JSON.stringify(body), { headers }))
  const streams: ClientDuplexStream<Buffer, Buffer>[] = []
  const open = (): TestStream => {
    const stream = client.makeBidiStreamRequest('/BiRequestStream/requestBiStream', same, same, new Metadata(), {})
    streams.push(stream)
    return streamOf(stream)
  }
  return {
    ...{ call, callRaw, open },
    register: async (setup = {}, clientIp = '') => {
      const stream = open()
      stream.send('ConnectionSetupRequest', { clientVersion: 'Test-Client:v1', tenant: '', labels: { source: 'sdk' }, ...setup }, clientIp)
      // Each message of a stream is taken in order, but a call may overtake it.
      while ((await call('HealthCheckRequest', {})).type !== 'HealthCheckResponse');
      return stream
    },
    close: () => {
      // An open stream would keep the connection.
      for (const stream of streams) stream.cancel()
      client.close()
    },
  }
}
