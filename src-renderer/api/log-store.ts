/** The merged log lines of this session, bounded. Lines are kept in the order of their `seq`; batches arrive at most ten times a second. */

import type { LogLine } from '../../src-main/contract/index.ts'
import type { ConsoleClient } from './client.ts'
import type { Transport } from './connection.ts'
import { createStream } from './stream.ts'

const lineLimit = 50_000
const backlogLines = 20_000

export interface LogSnapshot {
  /** Oldest first; a new array after each batch, the same array otherwise. */
  readonly lines: readonly LogLine[]
  /** Lines received in this stream, also those that fell out of `lines`. */
  readonly received: number
  /** Lines that the server left out because this console did not keep up. */
  readonly dropped: number
  /** The backlog has come: an empty `lines` now means that there are none. */
  readonly loaded: boolean
}

export function createLogStore(transport: Transport, client: ConsoleClient) {
  const listeners = new Set<() => void>()
  let snapshot: LogSnapshot = { lines: [], received: 0, dropped: 0, loaded: false }
  let fresh = true

  const set = (next: LogSnapshot) => {
    snapshot = next
    for (const listener of [...listeners]) listener()
  }
  const stream = createStream({
    transport,
    open: (signal) => client.logs.watch({ backlog: backlogLines }, { signal }),
    onOpen: () => {
      fresh = true
    },
    onItem(batch) {
      const before = fresh ? { lines: [], received: 0, dropped: 0 } : snapshot
      fresh = false
      const lines = before.lines.length === 0 ? batch.lines : [...before.lines, ...batch.lines]
      set({
        lines: lines.length > lineLimit ? lines.slice(-lineLimit) : lines,
        received: before.received + batch.lines.length,
        dropped: before.dropped + batch.dropped,
        loaded: true,
      })
    },
  })

  return {
    snapshot: () => snapshot,
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      const release = stream.retain()
      return () => {
        listeners.delete(listener)
        release()
      }
    },
  }
}
