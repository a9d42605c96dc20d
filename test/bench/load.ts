/**
 * The load generator, a process of its own: keeps every connection busy with one request at a time and counts what came back in the
 * measured time. Takes its orders as JSON in its only argument, prints one JSON object, ends by itself.
 */

import { connectRaw, type RawConnection } from './raw-http.ts'
import { contentOf, dataIdOf, keyCount, publishRequest, readRequest } from './requests.ts'
import { spreadOf } from './stats.ts'

export interface LoadOrder {
  readonly kind: 'publish' | 'read'
  /** Connections are spread over these in turn. */
  readonly bases: readonly string[]
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly count: number
  /** Answers other than 200, and broken connections, warm-up included. */
  readonly errors: number
  readonly firstError: string | null
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** Share of one core that the generator itself used while it measured. */
  readonly ownCpuShare: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder
const seed = `${process.pid}`
/** Spreads turns over the keys without repeating one soon; coprime with the number of keys. */
const stride = 7_919

const startMs = performance.now() + order.warmUpMs
const endMs = startMs + order.measuredMs
const latenciesMs: number[] = []
let turn = 0
let errors = 0
let firstError: string | null = null

const nextRequest = (): string => {
  turn += 1
  const dataId = dataIdOf((turn * stride) % keyCount)
  return order.kind === 'publish' ? publishRequest(dataId, contentOf(seed, turn)) : readRequest(dataId)
}

const noteError = (what: string): void => {
  errors += 1
  firstError ??= what
}

/** Keeps one connection busy until the time is over. */
const drive = (connection: RawConnection): Promise<void> =>
  new Promise((resolve) => {
    const next = (): void => {
      const begunMs = performance.now()
      if (begunMs >= endMs) {
        resolve()
        return
      }
      connection.send(nextRequest(), (answer) => {
        if (answer === null) {
          noteError('a connection broke')
          resolve()
          return
        }
        const doneMs = performance.now()
        if (answer.status !== 200) noteError(`${answer.status} ${answer.body.slice(0, 120)}`)
        else if (begunMs >= startMs && doneMs <= endMs) latenciesMs.push(doneMs - begunMs)
        next()
      })
    }
    next()
  })

const connections = await Promise.all(Array.from({ length: order.connections }, (_, at) => connectRaw(order.bases[at % order.bases.length] ?? '')))
let cpuBefore = process.cpuUsage()
setTimeout(() => {
  cpuBefore = process.cpuUsage()
}, order.warmUpMs)
await Promise.all(connections.map(drive))
const cpu = process.cpuUsage(cpuBefore)
for (const connection of connections) connection.close()

const spread = spreadOf(latenciesMs)
const result: LoadResult = {
  perSecond: spread.count / (order.measuredMs / 1000),
  count: spread.count,
  errors,
  firstError,
  p50Ms: spread.p50,
  p99Ms: spread.p99,
  worstMs: spread.worst,
  ownCpuShare: (cpu.user + cpu.system) / 1000 / order.measuredMs,
}
console.log(JSON.stringify(result))
