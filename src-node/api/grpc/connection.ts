/**
 * One registered client: who it is, when it was last heard of, and the pushes to it with their acknowledgements. Owns nothing of what a push says; must
 * never queue for a client that takes nothing.
 */

import type { ConnectionView } from '../http/ports.ts'
import type { GrpcAnswer } from './answers.ts'
import type { JsonObject } from './json-fields.ts'
import type { PayloadEncoder } from './payload.ts'
import { type Acknowledged, type AckOutcome, createPendingAcks } from './pending-acks.ts'
import type { PushStream } from './sessions.ts'

/** What the set-up said (nacos-grpc 3, step 3). */
export interface ClientWords {
  /** What the client says its address is, as Nacos shows it and goes by it for gray configurations; where that is none, the transport's. */
  readonly clientIp: string
  /** `Nacos-Go-Client:v2.3.5` and the like. */
  readonly version: string
  /** As the client wrote it. */
  readonly tenant: string
  readonly labels: Readonly<Record<string, string>>
}

/** `busy`: the client takes nothing just now, and nothing was sent. */
export type PushOutcome = AckOutcome | 'busy'

/**
 * JSON text of what a request says, without braces and without `headers` and `requestId`: one text for all who are told the same. A long one ends with bytes,
 * its closing brace among them: all are sent from the same memory.
 */
export type PushMembers = string | { readonly start: string; readonly sharedEnd: Buffer }

export interface Connection {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly words: ClientWords
  /**
   * A request that the client must acknowledge.
   * @param done once, at once or later
   */
  push(type: string, members: PushMembers, timeoutMs: number, done: Acknowledged<PushOutcome>): void
  /** A message that wants no acknowledgement. */
  tell(answer: GrpcAnswer): void
  /** It was heard of: a unary request, or a word on its stream. */
  heard(): void
  /** Monotonic, ms since it was last heard of. */
  silentMs(): number
  acknowledged(requestId: string, taken: boolean, answer: JsonObject): void
  view(): ConnectionView
  isOpen(): boolean
  /** What waits for an acknowledgement hears `closed`; the stream ends. */
  close(): void
}

export interface ConnectionParts {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly words: ClientWords
  readonly stream: PushStream
  readonly encode: PayloadEncoder
  readonly pendingMax: number
  readonly clock: { wallMs(): number; monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
}

/** Above it a client is not pushed to: it has not taken what it was sent. */
const waitingBytesMax = 1024 * 1024

export const createConnection = (parts: ConnectionParts): Connection => {
  const { id, ip, port, words, stream, encode, clock } = parts
  const acks = createPendingAcks(parts.pendingMax, clock.after)
  const createdMs = clock.wallMs()
  let heardMs = clock.monotonicMs()
  let open = true
  const silentMs = (): number => clock.monotonicMs() - heardMs
  return {
    ...{ id, ip, port, words },
    push: (type, members, timeoutMs, done) => {
      if (!open) return done('closed', {})
      if (stream.waitingBytes() > waitingBytesMax) return done('busy', {})
      const requestId = acks.expect(timeoutMs, done)
      if (requestId === null) return done('busy', {})
      const start = `{"headers":{},"requestId":"${requestId}",`
      if (typeof members === 'string') stream.send(encode(type, `${start}${members}}`))
      else stream.send(encode(type, `${start}${members.start}`, members.sharedEnd.length), members.sharedEnd)
    },
    tell: ({ type, json }) => {
      if (open) stream.send(encode(type, json))
    },
    heard: () => {
      heardMs = clock.monotonicMs()
    },
    silentMs,
    acknowledged: acks.answered,
    view: () => ({
      ...{ connectionId: id, ip, port, ...words, appName: words.labels.AppName ?? '', createdMs },
      ...{ lastActiveMs: clock.wallMs() - silentMs(), pendingPushes: acks.size() },
    }),
    isOpen: () => open,
    close: () => {
      if (!open) return
      open = false
      acks.close()
      stream.end()
    },
  }
}
