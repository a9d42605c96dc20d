/**
 * Hands views and events to subscribers: at once after a quiet time, then at most ten times a second, and at least once a second while anyone
 * listens. A listener that throws loses its subscription, not the others theirs.
 */

import type { ClusterUpdate, ClusterView } from '../contract/cluster.ts'
import type { Timeline } from './timeline.ts'

const gapMs = 100
const beatMs = 1_000

type Listener = (update: ClusterUpdate) => void

export interface Broadcaster {
  readonly subscribe: (listener: Listener) => () => void
  /** Something in the view or the time line changed. */
  readonly changed: () => void
  readonly close: () => void
}

export const createBroadcaster = (source: {
  readonly view: () => ClusterView
  readonly timeline: Timeline
  readonly monoMs: () => number
}): Broadcaster => {
  const listeners = new Set<Listener>()
  let sentSeq = 0
  let sentAtMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null

  const tell = (listener: Listener, update: ClusterUpdate): void => {
    try {
      listener(update)
    } catch {
      listeners.delete(listener)
    }
  }
  const plan = (delayMs: number): void => {
    if (timer !== null) clearTimeout(timer)
    timer = listeners.size === 0 ? null : setTimeout(flush, delayMs).unref()
  }
  const flush = (): void => {
    sentAtMs = source.monoMs()
    const events = source.timeline.lastSeq() > sentSeq ? source.timeline.after(sentSeq) : []
    sentSeq = source.timeline.lastSeq()
    const view = source.view()
    for (const listener of [...listeners]) {
      if (events.length > 0) tell(listener, { kind: 'events', events: [...events] })
      tell(listener, { kind: 'view', view })
    }
    plan(beatMs)
  }
  const changed = (): void => {
    if (listeners.size > 0) plan(Math.max(0, gapMs - (source.monoMs() - sentAtMs)))
  }
  const subscribe = (listener: Listener): (() => void) => {
    // The others get what is waiting now, so that no event reaches the newcomer twice.
    if (source.timeline.lastSeq() > sentSeq) flush()
    tell(listener, { kind: 'events', events: [...source.timeline.all()] })
    tell(listener, { kind: 'view', view: source.view() })
    listeners.add(listener)
    if (timer === null) plan(beatMs)
    return () => {
      listeners.delete(listener)
    }
  }
  const close = (): void => {
    listeners.clear()
    plan(0)
  }
  return { subscribe, changed, close }
}
