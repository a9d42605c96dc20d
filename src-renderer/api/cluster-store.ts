/** The newest view of the cluster and its recent events, fed by one stream. Old data stays, with its age: unknown is never drawn as zero. */

import type { ClusterView, TimelineEvent } from '../../src-main/contract/index.ts'
import type { ConsoleClient } from './client.ts'
import type { Transport } from './connection.ts'
import { createStream } from './stream.ts'

const eventLimit = 500
/** A view comes at least once a second; younger than this is simply "now" and fires no redraw of its own. */
const freshMs = 2_500
const ageTickMs = 1_000

export interface ClusterSnapshot {
  /** null until the first view of this session. */
  readonly view: ClusterView | null
  readonly events: readonly TimelineEvent[]
  /** Time since the view came, ms, in steps of a second; 0 while it is fresh. */
  readonly ageMs: number
}

export function createClusterStore(transport: Transport, client: ConsoleClient) {
  const listeners = new Set<() => void>()
  let snapshot: ClusterSnapshot = { view: null, events: [], ageMs: 0 }
  let receivedAtMs = 0
  let replaceEvents = true
  let ticker: ReturnType<typeof setInterval> | undefined

  const set = (next: ClusterSnapshot) => {
    snapshot = next
    for (const listener of [...listeners]) listener()
  }
  const stream = createStream({
    transport,
    open: (signal) => client.cluster.watch(undefined, { signal }),
    onOpen: () => {
      replaceEvents = true
    },
    onItem(update) {
      if (update.kind === 'view') {
        receivedAtMs = performance.now()
        set({ ...snapshot, view: update.view, ageMs: 0 })
        return
      }
      const events = replaceEvents ? update.events : [...snapshot.events, ...update.events]
      replaceEvents = false
      set({ ...snapshot, events: events.slice(-eventLimit) })
    },
  })
  const tick = () => {
    const ageMs = performance.now() - receivedAtMs
    if (snapshot.view && ageMs >= freshMs) set({ ...snapshot, ageMs: Math.floor(ageMs / ageTickMs) * ageTickMs })
  }

  return {
    snapshot: () => snapshot,
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      const release = stream.retain()
      ticker ??= setInterval(tick, ageTickMs)
      return () => {
        listeners.delete(listener)
        release()
        if (listeners.size === 0) {
          clearInterval(ticker)
          ticker = undefined
        }
      }
    },
  }
}
