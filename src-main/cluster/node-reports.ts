/**
 * What the nodes last said of themselves, with counters turned into rates. One record per node and life; a dead node has none.
 * Must not judge health and must not talk to a node.
 */

import type { NodeEvent, NodeStatus } from '../../src-node/observe/channel.ts'
import type { NodeReport } from '../contract/cluster.ts'
import type { Instant } from './types.ts'

/** Rates are means over about this long: short enough to follow, long enough to be steady. */
const rateWindowMs = 1_000
const samplesKept = 16
/** A status is due each second; a node silent for three is not taken at its word. */
const freshMs = 3_000

interface Sample {
  readonly atMs: number
  readonly writes: number
  readonly reads: number
  readonly pushes: number
}

/** Who votes and who learns, as a node goes by. */
export type Configuration = Pick<NodeStatus, 'voters' | 'learners'>

interface Heard {
  readonly configuration: Configuration
  readonly report: NodeReport
  readonly monoMs: number
  readonly samples: readonly Sample[]
}

export interface LeaderSeen {
  readonly id: number
  readonly term: number
}

export interface NodeReports {
  /** True when this status turned the node's `serving` on. */
  readonly status: (id: number, status: NodeStatus, now: Instant) => boolean
  /** A role event may come before the next status. */
  readonly role: (id: number, event: Extract<NodeEvent, { type: 'role' }>) => void
  readonly forget: (id: number) => void
  readonly get: (id: number) => NodeReport | null
  /** Serving by its own word, and the word is not older than 3 s. */
  readonly isServing: (id: number, now: Instant) => boolean
  /** The leader of the highest term that any node claims; an old leader that is cut off or stopped loses to a newer term. */
  readonly leader: () => LeaderSeen | null
  readonly term: () => number | null
  /** What the leader goes by; null: no leader is heard. It may be appended only, and not committed yet. */
  readonly configuration: () => Configuration | null
}

const perSecond = (samples: readonly Sample[], newest: Sample, counter: 'writes' | 'reads' | 'pushes'): number => {
  const base = samples.findLast((sample) => newest.atMs - sample.atMs >= rateWindowMs) ?? samples[0]
  if (base === undefined || newest.atMs - base.atMs <= 0) return 0
  return Math.max(0, ((newest[counter] - base[counter]) * 1_000) / (newest.atMs - base.atMs))
}

/** The contract's lists are plain arrays. */
const storeOf = ({ store }: NodeStatus): NodeReport['store'] => {
  if (store === undefined) return null
  const { refusedRows } = store
  return { ...store, refusedRows: refusedRows === null ? null : { count: refusedRows.count, newest: [...refusedRows.newest] } }
}

const toReport = (status: NodeStatus, rates: { samples: readonly Sample[]; newest: Sample; wallMs: number }): NodeReport => ({
  atMs: rates.wallMs,
  role: status.role,
  term: status.term,
  leaderId: status.leaderId,
  commitIndex: status.commitIndex,
  appliedIndex: status.appliedIndex,
  lastIndex: status.lastIndex,
  serving: status.serving,
  diskFull: status.diskFull,
  stateHash: status.stateHash,
  configCount: status.configCount,
  links: status.peers.map((peer) => ({ to: peer.id, connected: peer.connected, matchIndex: peer.matchIndex, rttMs: peer.rttMs })),
  rssBytes: status.rssBytes,
  cpuShare: status.cpuShare,
  uptimeMs: status.uptimeMs,
  writesPerSecond: perSecond(rates.samples, rates.newest, 'writes'),
  readsPerSecond: perSecond(rates.samples, rates.newest, 'reads'),
  pushesPerSecond: perSecond(rates.samples, rates.newest, 'pushes'),
  longPolls: status.longPolls,
  fsyncMs: status.fsyncMs,
  store: storeOf(status),
})

export const createNodeReports = (): NodeReports => {
  const heard = new Map<number, Heard>()
  const leader = (): LeaderSeen | null => {
    let best: LeaderSeen | null = null
    for (const [id, { report }] of heard) if (report.role === 'leader' && report.term > (best?.term ?? -1)) best = { id, term: report.term }
    return best
  }
  return {
    status: (id, status, now) => {
      const before = heard.get(id)
      const newest = { atMs: now.monoMs, writes: status.writes, reads: status.reads, pushes: status.pushes }
      const samples = before?.samples ?? []
      const report = toReport(status, { samples, newest, wallMs: now.wallMs })
      heard.set(id, {
        configuration: { voters: status.voters, learners: status.learners },
        report,
        monoMs: now.monoMs,
        samples: [...samples, newest].slice(-samplesKept),
      })
      return status.serving && before?.report.serving !== true
    },
    role: (id, event) => {
      const before = heard.get(id)
      if (before === undefined || event.term < before.report.term) return
      heard.set(id, { ...before, report: { ...before.report, role: event.role, term: event.term, leaderId: event.leaderId } })
    },
    forget: (id) => {
      heard.delete(id)
    },
    get: (id) => heard.get(id)?.report ?? null,
    isServing: (id, now) => {
      const last = heard.get(id)
      return last?.report.serving === true && now.monoMs - last.monoMs < freshMs
    },
    leader,
    configuration: () => heard.get(leader()?.id ?? 0)?.configuration ?? null,
    term: () => (heard.size === 0 ? null : Math.max(...[...heard.values()].map(({ report }) => report.term))),
  }
}
