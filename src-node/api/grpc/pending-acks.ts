/**
 * Pushes to one client that wait for their acknowledgement, by `requestId` (nacos-grpc 3.1). Each ends exactly once: acknowledged, refused, out of time,
 * or with the connection. Never more than a named number of them.
 */

export type AckOutcome = 'taken' | 'refused' | 'timed-out' | 'closed'

export interface PendingAcks {
  /** Null: as many wait as may. Else the number to send. */
  expect(timeoutMs: number, done: (outcome: AckOutcome) => void): string | null
  /** Of a number nobody waits for: nothing happens. */
  answered(requestId: string, taken: boolean): void
  size(): number
  /** All that wait hear `closed`; nothing is expected any more. */
  close(): void
}

interface Pending {
  readonly timer: { cancel(): void }
  readonly done: (outcome: AckOutcome) => void
}

export const createPendingAcks = (max: number, after: (ms: number, task: () => void) => { cancel(): void }): PendingAcks => {
  const pending = new Map<string, Pending>()
  let next = 0
  let closed = false
  const end = (requestId: string, outcome: AckOutcome): void => {
    const found = pending.get(requestId)
    if (found === undefined) return
    pending.delete(requestId)
    found.timer.cancel()
    found.done(outcome)
  }
  return {
    expect: (timeoutMs, done) => {
      if (closed || pending.size >= max) return null
      const requestId = String(++next)
      pending.set(requestId, { timer: after(timeoutMs, () => end(requestId, 'timed-out')), done })
      return requestId
    },
    answered: (requestId, taken) => end(requestId, taken ? 'taken' : 'refused'),
    size: () => pending.size,
    close: () => {
      closed = true
      for (const requestId of [...pending.keys()]) end(requestId, 'closed')
    },
  }
}
