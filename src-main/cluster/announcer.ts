/** Tells each turn of events once, in order: a new leader, a node that serves for the first time in its life, an exit. */

import type { LeaderSeen } from './node-reports.ts'
import type { LogSink } from './supervisor-runner.ts'
import type { ClusterEvent, LastExit } from './types.ts'

export interface Announcer {
  readonly onEvent: (listener: (event: ClusterEvent) => void) => () => void
  /** To be told of whatever leader is seen; speaks only of one of a newer term. */
  readonly leader: (seen: LeaderSeen | null) => void
  readonly leaderSinceMs: () => number
  readonly ready: (id: number, pid: number) => void
  readonly exit: (id: number, pid: number, exit: LastExit) => void
  /** A change of the members that nobody waits for is finished. */
  readonly member: (id: number, change: 'added' | 'removed') => void
}

export const createAnnouncer = (log: LogSink, wallMs: () => number): Announcer => {
  const listeners = new Set<(event: ClusterEvent) => void>()
  /** Pid of the life that was announced, by node. */
  const ready = new Map<number, number>()
  let last = { id: 0, term: 0, sinceMs: 0 }

  const emit = (event: ClusterEvent): void => {
    for (const listener of [...listeners]) listener(event)
  }
  return {
    onEvent: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    leader: (seen) => {
      if (seen === null || seen.term <= last.term) return
      last = { ...seen, sinceMs: wallMs() }
      log('info', `Node ${seen.id} leads, term ${seen.term}`)
      emit({ kind: 'leader', id: seen.id, term: seen.term })
    },
    leaderSinceMs: () => last.sinceMs,
    ready: (id, pid) => {
      if (ready.get(id) === pid) return
      ready.set(id, pid)
      log('info', `Node ${id} serves`)
      emit({ kind: 'node-ready', id, pid })
    },
    member: (id, change) => emit({ kind: 'member', id, change }),
    exit: (id, pid, exit) => {
      ready.delete(id)
      emit({ kind: 'node-exit', id, pid, code: exit.code, signal: exit.signal, reason: exit.reason })
    },
  }
}
