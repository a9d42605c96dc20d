/**
 * Pushes to one client that wait for their acknowledgement, by `requestId` (nacos-grpc 3.1). Each ends exactly once: acknowledged, refused, out of time,
 * or with the connection. Never more than a named number of them.
 */

import type { JsonObject } from './json-fields.ts'

export type AckOutcome = 'taken' | 'refused' | 'timed-out' | 'closed'

/** `answer`: what the client said beside that it has it; empty for every other outcome. */
export type Acknowledged<Outcome> = (outcome: Outcome, answer: JsonObject) => void

export interface PendingAcks {
  /** Null: as many wait as may. Else the number to send. */
  expect(timeoutMs: number, done: Acknowledged<AckOutcome>): string | null
  /** Of a number nobody waits for: nothing happens. */
  answered(requestId: string, taken: boolean, answer: JsonObject): void
  size(): number
  /** All that wait hear `closed`; nothing is expected any more. */
  close(): void
}

interface Pending {
  readonly timer: { cancel(): void }
  readonly done: Acknowledged<AckOutcome>
}

const nothingSaid: JsonObject = {}

export const createPendingAcks = (max: number, after: (ms: number, task: () => void) => { cancel(): void }): PendingAcks => {
  const pending = new Map<string, Pending>()
  let next = 0
  let closed = false
  const end = (requestId: string, outcome: AckOutcome, answer = nothingSaid): void => {
    const found = pending.get(requestId)
    if (found === undefined) return
    pending.delete(requestId)
    found.timer.cancel()
    found.done(outcome, answer)
  }
  return {
    expect: (timeoutMs, done) => {
      if (closed || pending.size >= max) return null
      const requestId = String(++next)
      pending.set(requestId, { timer: after(timeoutMs, () => end(requestId, 'timed-out')), done })
      return requestId
    },
    answered: (requestId, taken, answer) => (taken ? end(requestId, 'taken', answer) : end(requestId, 'refused')),
    size: () => pending.size,
    close: () => {
      closed = true
      for (const requestId of [...pending.keys()]) end(requestId, 'closed')
    },
  }
}
