/**
 * Puts a node's own view together and says when it is to be sent: role, leader and readiness as they change, the rest at
 * most ten times a second, all of it at least once a second. Reads only; nothing here is on the path of a request.
 */

import type { RaftEvent, RaftStatus } from '../raft-driver/ports.ts'
import type { MachineMeta } from '../state-machine/types.ts'
import type { NodeEvent, NodeStatus, NodeStoreStatus, WorkerToParent } from './channel.ts'
import type { Counters } from './counters.ts'

export interface StatusParts {
  readonly counters: Counters
  raft(): RaftStatus
  meta(): MachineMeta
  configCount(): number
  longPolls(): number
  /** Undefined in SQLite mode. */
  store(): NodeStoreStatus | undefined
  /** The ports are open. */
  listening(): boolean
  send(message: WorkerToParent): void
  readonly clock: { wallMs(): number; monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
}

export interface StatusReporter {
  event(event: RaftEvent): void
  /** Of the shared database; at once, since this node may end for it. */
  store(events: readonly NodeEvent[]): void
  /** One synced commit of the Raft log took so long. */
  synced(ms: number): void
  start(): void
  stop(): void
}

/** A change of role or readiness is what a supervisor waits for: looked for this often (a few microseconds each). */
const lookEveryMs = 20
const sendEveryMsMin = 100
const sendEveryMsMax = 1_000
/** What waits for the next message; beyond it the oldest go, the log file has them all. */
const eventsMax = 500

const nodeEvent = (event: RaftEvent, atMs: number): NodeEvent | null => {
  switch (event.type) {
    case 'role':
      return { type: 'role', atMs, role: event.role, term: event.term, leaderId: event.leaderId, cause: event.cause }
    case 'peer':
      return { type: 'peer', atMs, peer: event.id, up: event.up }
    case 'disk-full':
      return { type: 'disk-full', atMs, on: event.on }
    case 'slow-turn':
      return { type: 'slow-turn', atMs, ms: event.ms, during: event.during }
    default:
      return null
  }
}

interface Window {
  sinceMs: number
  cpuMs: number
  syncs: number
  syncMs: number
}

const cpuMsNow = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const statusOf = (parts: StatusParts, startedMs: number, window: Window): NodeStatus => {
  const { raft, meta } = { raft: parts.raft(), meta: parts.meta() }
  const nowMs = parts.clock.monotonicMs()
  const elapsedMs = Math.max(1, nowMs - window.sinceMs)
  const store = parts.store()
  return {
    ...{ id: raft.id, role: raft.role, term: raft.term, leaderId: raft.leaderId, commitIndex: raft.commitIndex },
    ...{ appliedIndex: meta.appliedIndex, lastIndex: raft.lastIndex, serving: raft.serving && parts.listening(), diskFull: raft.diskFull },
    ...{ stateHash: meta.stateHash, configCount: parts.configCount() },
    ...{ voters: raft.voters, learners: raft.learners },
    peers: raft.peers.map(({ id, connected, matchIndex, rttMs }) => ({ id, connected, matchIndex, rttMs })),
    rssBytes: process.memoryUsage.rss(),
    cpuShare: (cpuMsNow() - window.cpuMs) / elapsedMs,
    uptimeMs: nowMs - startedMs,
    ...{ writes: parts.counters.writes, reads: parts.counters.reads, pushes: parts.counters.pushes, longPolls: parts.longPolls() },
    fsyncMs: window.syncs === 0 ? null : window.syncMs / window.syncs,
    ...(store === undefined ? {} : { store }),
  }
}

export const createStatusReporter = (parts: StatusParts): StatusReporter => {
  const { clock } = parts
  const startedMs = clock.monotonicMs()
  const newWindow = (): Window => ({ sinceMs: clock.monotonicMs(), cpuMs: cpuMsNow(), syncs: 0, syncMs: 0 })
  let window = newWindow()
  let events: NodeEvent[] = []
  let lastRole = ''
  let lastRest = ''
  let timer: { cancel(): void } | null = null

  const sendEvents = (): void => {
    if (events.length > 0) parts.send({ kind: 'events', events })
    events = []
  }

  const look = (): void => {
    timer = clock.after(lookEveryMs, look)
    const raft = parts.raft()
    const ageMs = clock.monotonicMs() - window.sinceMs
    const role = `${raft.role} ${raft.term} ${raft.leaderId} ${raft.serving && parts.listening()} ${raft.diskFull}`
    const rest = `${raft.voters} ${raft.learners} ${raft.commitIndex} ${raft.appliedIndex} ${raft.peers.map((peer) => (peer.connected ? 1 : 0)).join('')}`
    if (ageMs >= sendEveryMsMin) sendEvents()
    const due = role !== lastRole || (ageMs >= sendEveryMsMin && rest !== lastRest) || ageMs >= sendEveryMsMax - lookEveryMs
    if (!due) return
    lastRole = role
    lastRest = rest
    parts.send({ kind: 'status', status: statusOf(parts, startedMs, window) })
    window = newWindow()
  }

  const keep = (event: NodeEvent): void => {
    events.push(event)
    if (events.length > eventsMax) events.shift()
  }

  return {
    event: (event) => {
      const told = nodeEvent(event, clock.wallMs())
      if (told === null) return
      keep(told)
      if (told.type === 'role') sendEvents()
    },
    store: (happened) => {
      happened.forEach(keep)
      sendEvents()
    },
    synced: (ms) => {
      window.syncs++
      window.syncMs += ms
    },
    start: look,
    stop: () => timer?.cancel(),
  }
}
