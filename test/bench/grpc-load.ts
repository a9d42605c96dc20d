/**
 * The load generator over gRPC, a process of its own, on the official library: keeps every connection busy with one unary call at a time. The calls of an
 * echo are the same, so that what the generator itself costs is in both. Takes its order as JSON in its only argument, prints one JSON object, ends by itself.
 */

import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { decodePlain, encodePlain } from '../../src-node/api/grpc/client.testing.ts'
import type { LoadResult } from './load.ts'
import { spreadOf } from './stats.ts'

export interface GrpcLoadOrder {
  /** `echo`: nobody is registered, and what comes back is what was sent. */
  readonly kind: 'register' | 'echo'
  /** `host:port`; connections are spread over these in turn. */
  readonly addresses: readonly string[]
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as GrpcLoadOrder
const servicesOfConnection = 16
const weights = 10_000
const setUpLimitMs = 5_000
const same = (bytes: Buffer): Buffer => bytes

const latenciesMs: number[] = []
let answered = 0
let errors = 0
let firstError: string | null = null
let turn = 0

const noteError = (what: string): void => {
  errors += 1
  firstError ??= what
}

/** One instance a call, another weight each time: no register repeats what is there. */
const register = (connection: number): Buffer => {
  turn += 1
  const at = (connection * servicesOfConnection + (turn % servicesOfConnection)) & 0xffff
  const instance = { ip: `10.1.${at >> 8}.${at & 255}`, port: 8080, weight: turn % weights, healthy: true, enabled: true, ephemeral: true }
  const rest = { clusterName: 'DEFAULT', metadata: { zone: 'a' } }
  const named = { namespace: 'public', serviceName: `bench-${at}`, groupName: 'DEFAULT_GROUP', type: 'registerInstance', module: 'naming' }
  return encodePlain('InstanceRequest', JSON.stringify({ headers: {}, ...named, instance: { ...instance, ...rest } }))
}

const call = (client: Client, bytes: Buffer, done: (problem: string | null) => void): void => {
  client.makeUnaryRequest('/Request/request', same, same, bytes, new Metadata(), {}, (error, answer?: Buffer) => {
    if (answer === undefined) return done(error?.message ?? 'no answer')
    const { type, body } = decodePlain(answer)
    done(order.kind === 'echo' || body.resultCode === 200 ? null : `${type} ${JSON.stringify(body).slice(0, 120)}`)
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Registered as the connection of a client, and answering what it is asked. */
const setUp = async (client: Client): Promise<void> => {
  const stream = client.makeBidiStreamRequest('/BiRequestStream/requestBiStream', same, same, new Metadata(), {})
  stream.on('error', () => undefined)
  stream.on('data', (bytes: Buffer) => {
    const { requestId } = decodePlain(bytes).body
    stream.write(encodePlain('ClientDetectionResponse', JSON.stringify({ resultCode: 200, errorCode: 0, requestId })))
  })
  stream.write(
    encodePlain('ConnectionSetupRequest', JSON.stringify({ clientVersion: 'bench', tenant: '', labels: { source: 'sdk', module: 'naming' } })),
  )
  const endMs = performance.now() + setUpLimitMs
  const isRegistered = (): Promise<boolean> =>
    new Promise((resolve) => call(client, encodePlain('HealthCheckRequest', '{}'), (problem) => resolve(problem === null)))
  while (!(await isRegistered())) {
    if (performance.now() > endMs) throw new Error('a connection was not registered')
    await pause(10)
  }
}

const connect = async (at: number): Promise<Client> => {
  const address = order.addresses[at % order.addresses.length] ?? ''
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  if (order.kind === 'register') await setUp(client)
  return client
}

const clients = await Promise.all(Array.from({ length: order.connections }, (_, at) => connect(at)))
const startMs = performance.now() + order.warmUpMs
const endMs = startMs + order.measuredMs

const drive = (client: Client, at: number): Promise<void> =>
  new Promise((resolve) => {
    const next = (): void => {
      const begunMs = performance.now()
      if (begunMs >= endMs) {
        resolve()
        return
      }
      call(client, register(at), (problem) => {
        const doneMs = performance.now()
        if (problem !== null) noteError(problem)
        else {
          answered += 1
          if (begunMs >= startMs && doneMs <= endMs) latenciesMs.push(doneMs - begunMs)
        }
        next()
      })
    }
    next()
  })

let cpuBefore = process.cpuUsage()
setTimeout(() => {
  cpuBefore = process.cpuUsage()
}, order.warmUpMs)
await Promise.all(clients.map(drive))
const cpu = process.cpuUsage(cpuBefore)
const spread = spreadOf(latenciesMs)
const result: LoadResult = {
  ...{ perSecond: spread.count / (order.measuredMs / 1000), count: spread.count, answered, errors, firstError, refused: {}, unsent: 0 },
  ...{ p50Ms: spread.p50, p99Ms: spread.p99, worstMs: spread.worst, ownCpuShare: (cpu.user + cpu.system) / 1000 / order.measuredMs },
}
console.log(JSON.stringify(result))
process.exit(0)
