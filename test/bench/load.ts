/**
 * The load generator, a process of its own: keeps every connection busy with one request at a time, or begins requests at a rate on whatever
 * connection is idle, and counts what came back in the measured time. Takes its orders as JSON in its only argument, prints one JSON object, ends by itself.
 */

import { connectRaw, type RawConnection } from './raw-http.ts'
import { contentOf, dataIdOf, keyCount, publishRequest, readRequest, registerRequest } from './requests.ts'
import { spreadOf } from './stats.ts'

export interface LoadOrder {
  readonly kind: 'publish' | 'read' | 'register'
  /** Connections are spread over these in turn. */
  readonly bases: readonly string[]
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
  /** Requests begun a second, whatever becomes of them; without it, each connection begins its next when the last is answered. */
  readonly rate?: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly count: number
  /** Answers with 200 in all, warm-up included. */
  readonly answered: number
  /** Answers other than 200, and broken connections, warm-up included. */
  readonly errors: number
  readonly firstError: string | null
  /** Of the errors, those with a refusal code, by code. */
  readonly refused: Readonly<Record<string, number>>
  /** At a rate: requests that found no idle connection and were not begun. */
  readonly unsent: number
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
const rateTickMs = 2

const startMs = performance.now() + order.warmUpMs
const endMs = startMs + order.measuredMs
const latenciesMs: number[] = []
let turn = 0
let answered = 0
let errors = 0
let firstError: string | null = null
let unsent = 0
const refused: Record<string, number> = {}

const nextRequest = (): string => {
  turn += 1
  const key = (turn * stride) % keyCount
  if (order.kind === 'register') return registerRequest(key, turn)
  const dataId = dataIdOf(key)
  return order.kind === 'publish' ? publishRequest(dataId, contentOf(seed, turn)) : readRequest(dataId)
}

const noteError = (what: string): void => {
  errors += 1
  firstError ??= what
}

/** Begins one request; `done` tells whether the connection is still good. */
const begin = (connection: RawConnection, done: (isGood: boolean) => void): void => {
  const begunMs = performance.now()
  connection.send(nextRequest(), (answer) => {
    if (answer === null) {
      noteError('a connection broke')
      done(false)
      return
    }
    const doneMs = performance.now()
    if (answer.status !== 200) {
      noteError(`${answer.status} ${answer.body.slice(0, 120)}`)
      if (answer.code !== null) refused[answer.code] = (refused[answer.code] ?? 0) + 1
    } else {
      answered += 1
      if (begunMs >= startMs && doneMs <= endMs) latenciesMs.push(doneMs - begunMs)
    }
    done(true)
  })
}

/** Keeps one connection busy until the time is over. */
const drive = (connection: RawConnection): Promise<void> =>
  new Promise((resolve) => {
    const next = (isGood: boolean): void => {
      if (!isGood || performance.now() >= endMs) resolve()
      else begin(connection, next)
    }
    next(true)
  })

/** Begins requests at a rate until the time is over, then waits for the answers that are still out. */
const driveAtRate = (all: readonly RawConnection[], rate: number): Promise<void> =>
  new Promise((resolve) => {
    const idle = [...all]
    let out = 0
    let begun = 0
    const fromMs = performance.now()
    const over = (): boolean => performance.now() >= endMs
    const endIfDone = (): void => {
      if (over() && out === 0) resolve()
    }
    const beginOne = (): void => {
      const connection = idle.shift()
      if (connection === undefined) {
        unsent++
        return
      }
      out++
      begin(connection, (isGood) => {
        out--
        if (isGood) idle.push(connection)
        endIfDone()
      })
    }
    const timer = setInterval(() => {
      if (over()) {
        clearInterval(timer)
        endIfDone()
        return
      }
      for (const due = ((performance.now() - fromMs) * rate) / 1000; begun < due; begun++) beginOne()
    }, rateTickMs)
  })

const connections = await Promise.all(Array.from({ length: order.connections }, (_, at) => connectRaw(order.bases[at % order.bases.length] ?? '')))
let cpuBefore = process.cpuUsage()
setTimeout(() => {
  cpuBefore = process.cpuUsage()
}, order.warmUpMs)
await (order.rate === undefined ? Promise.all(connections.map(drive)) : driveAtRate(connections, order.rate))
const cpu = process.cpuUsage(cpuBefore)
for (const connection of connections) connection.close()

const spread = spreadOf(latenciesMs)
const result: LoadResult = {
  perSecond: spread.count / (order.measuredMs / 1000),
  count: spread.count,
  answered,
  errors,
  firstError,
  refused,
  unsent,
  p50Ms: spread.p50,
  p99Ms: spread.p99,
  worstMs: spread.worst,
  ownCpuShare: (cpu.user + cpu.system) / 1000 / order.measuredMs,
}
console.log(JSON.stringify(result))
