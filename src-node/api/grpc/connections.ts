/**
 * The clients that are registered at this node: from ConnectionSetupRequest on their stream until that ends (nacos-grpc 3). Tells others of each that
 * comes and goes, looks after the silent ones, and moves them on request. A connection is its TCP transport: unary calls carry no id.
 */

import { isIP } from 'node:net'
import type { ConnectionTable, Place } from '../http/ports.ts'
import { type GrpcAnswer, unreadable } from './answers.ts'
import { type ClientWords, type Connection, createConnection } from './connection.ts'
import { isObject, type JsonObject, numberOf, textOf, textsOf } from './json-fields.ts'
import { decodePayload, type Payload, type PayloadEncoder } from './payload.ts'
import type { Caller, PushStream, StreamEvents, Transport } from './sessions.ts'

/** A transport as calls see it. */
export interface Line {
  readonly ip: string
  readonly port: number
  /** What ServerCheck tells, and the connection has once it is registered. */
  id(): string
  /** Null: unregistered. */
  connection(): Connection | null
}

export type Unary = (line: Line, payload: Payload, answer: (answer: GrpcAnswer) => void) => void

export interface ConnectionsParts {
  readonly connectionsMax: number
  readonly pendingMax: number
  readonly encode: PayloadEncoder
  readonly unary: Unary
  opened(connection: Connection): void
  closed(connection: Connection): void
  readonly clock: { wallMs(): number; monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
}

export interface Connections extends Omit<ConnectionTable, 'configMetrics'> {
  accept(transport: Transport): Caller
  all(): IterableIterator<Connection>
  find(id: string): Connection | undefined
  /** Ends it at once. */
  evict(connection: Connection): void
  /** To be called every few seconds: asks who was silent for long, and ends those that do not answer or never said who they are. */
  sweep(): void
}

/** nacos-grpc 3, step 7. */
export const livenessMs = { sweepEvery: 3_000, silent: 20_000, answer: 5_000 } as const
/** A transport without a registered client is of use for a server check and a set-up: nobody needs so long. */
const unregisteredMs = 30_000
/** Python does not act on a reset; it is given so long to move. */
const resetGraceMs = 3_000
const ackOk = 200
/** What a client answers is kept for whoever asked; beyond it only that it has answered. */
const answerBytesMax = 128 * 1024
const labelsMax = 64
/** Of a version, a tenant or a label: none of the real ones comes near. */
const wordCharactersMax = 256

/** All abilities whose requests are served; what is absent a client does otherwise (nacos-grpc 3, step 4). */
const setupAck: GrpcAnswer = {
  type: 'SetupAckRequest',
  json: JSON.stringify({ headers: {}, abilityTable: { supportPersistentInstanceByGrpc: true, fuzzyWatch: true }, module: 'internal' }),
}

const cut = (text: string): string => (text.length > wordCharactersMax ? text.slice(0, wordCharactersMax) : text)

const wordsOf = (body: JsonObject, said: string, ip: string): ClientWords => {
  const labels = Object.fromEntries(Object.entries(textsOf(body, 'labels', labelsMax)).map(([name, value]) => [cut(name), cut(value)]))
  const clientIp = isIP(said) === 0 ? ip : said
  return { clientIp, version: cut(textOf(body, 'clientVersion')), tenant: cut(textOf(body, 'tenant')), labels }
}

const bodyOf = (payload: Payload): JsonObject | null => {
  try {
    const body: unknown = JSON.parse(payload.value.toString('utf8'))
    return isObject(body) ? body : null
  } catch {
    return null
  }
}

export const createConnections = (parts: ConnectionsParts): Connections => {
  const { clock, encode, connectionsMax } = parts
  const registered = new Map<string, Connection>()
  /** Ends the transport of a connection; a stream alone could stay half open. */
  const ends = new Map<Connection, () => void>()
  const asked = new Set<Connection>()
  const unregistered = new Map<Line, { readonly sinceMs: number; end(): void }>()

  const reset = (connection: Connection, place: Place | null): void => {
    const where = place === null ? {} : { serverIp: place.host, serverPort: String(place.httpPort) }
    const members = JSON.stringify({ ...where, connectionId: connection.id, module: 'internal' }).slice(1, -1)
    connection.push('ConnectResetRequest', members, resetGraceMs, () => undefined)
    clock.after(resetGraceMs, () => ends.get(connection)?.())
  }

  const detect = (connection: Connection): void => {
    if (asked.has(connection)) return
    asked.add(connection)
    connection.push('ClientDetectionRequest', '"module":"internal"', livenessMs.answer, (outcome) => {
      asked.delete(connection)
      if (outcome !== 'taken') ends.get(connection)?.()
    })
  }

  const accept = (transport: Transport): Caller => {
    const { ip, port } = transport
    let id = `${clock.wallMs()}_${ip}_${port}`
    let connection: Connection | null = null
    const line: Line = { ip, port, id: () => id, connection: () => connection }
    const wait = (): void => void unregistered.set(line, { sinceMs: clock.monotonicMs(), end: transport.destroy })

    const drop = (gone: Connection): void => {
      if (connection !== gone) return
      connection = null
      registered.delete(gone.id)
      ends.delete(gone)
      gone.close()
      parts.closed(gone)
      // Another set-up on this transport is another connection: what belonged to this one is being removed by its id.
      id = `${Math.max(clock.wallMs(), Number.parseInt(id, 10) + 1)}_${ip}_${port}`
      wait()
    }

    const setUp = (body: JsonObject, said: string, stream: PushStream): Connection | null => {
      const made = createConnection({ id, ip, port, words: wordsOf(body, said, ip), stream, encode, clock, pendingMax: parts.pendingMax })
      if (registered.size >= connectionsMax) {
        made.push('ConnectResetRequest', `"connectionId":"${id}","module":"internal"`, resetGraceMs, () => transport.destroy())
        return null
      }
      connection = made
      registered.set(id, made)
      ends.set(made, transport.destroy)
      unregistered.delete(line)
      parts.opened(made)
      if (Object.hasOwn(body, 'abilityTable') && body.abilityTable !== null) made.tell(setupAck)
      return made
    }

    const onStream = (stream: PushStream): StreamEvents => {
      let own: Connection | null = null
      return {
        message: (message) => {
          const payload = decodePayload(message)
          const body = payload === null ? null : bodyOf(payload)
          if (payload === null || body === null) return
          if (payload.type === 'ConnectionSetupRequest') {
            // The first one counts, on whichever stream it came.
            if (connection === null) own = setUp(body, payload.clientIp, stream)
            return
          }
          own?.heard()
          const answer = payload.value.length > answerBytesMax ? {} : body
          own?.acknowledged(textOf(body, 'requestId'), numberOf(body, 'resultCode') === ackOk, answer)
        },
        closed: () => {
          if (own !== null) drop(own)
        },
      }
    }

    wait()
    return {
      unary: (message, send) => {
        connection?.heard()
        const answer = ({ type, json }: GrpcAnswer): void => send(encode(type, json))
        const payload = decodePayload(message)
        if (payload === null) answer(unreadable)
        else parts.unary(line, payload, answer)
      },
      stream: onStream,
      closed: () => {
        if (connection !== null) drop(connection)
        unregistered.delete(line)
      },
    }
  }

  return {
    accept,
    all: () => registered.values(),
    find: (id) => registered.get(id),
    size: () => registered.size,
    evict: (connection) => ends.get(connection)?.(),
    views: () => [...registered.values()].map((connection) => connection.view()),
    reset: (id, place) => {
      const found = registered.get(id)
      if (found === undefined) return false
      reset(found, place)
      return true
    },
    sweep: () => {
      for (const connection of registered.values()) if (connection.silentMs() >= livenessMs.silent) detect(connection)
      const latestMs = clock.monotonicMs() - unregisteredMs
      for (const { sinceMs, end } of [...unregistered.values()]) if (sinceMs <= latestMs) end()
    },
  }
}
