/**
 * What this node knows of its leader beyond consensus: whether it serves (design: it has applied the commit index that this
 * leader first told it), how long the leader has been silent, how often it was heard, and round trips. It decides nothing.
 */

import type { RaftView } from '../raft/raft.ts'
import type { LogIndex, Message, NodeId, Term } from '../raft/types.ts'
import type { DriverOptions } from './options.ts'
import type { RaftEvent } from './ports.ts'

export interface LeaderWatch {
  received(message: Message, nowMs: number): void
  sent(message: Message, nowMs: number): void
  tick(nowMs: number): void
  serving(applied: LogIndex, appliedTerm: Term): boolean
  rttMs(peer: NodeId): number | null
}

export interface LeaderWatchParts {
  readonly view: RaftView
  readonly options: DriverOptions
  readonly nowMs: number
  readonly onEvent: (event: RaftEvent) => void
}

export function createLeaderWatch({ view, options, nowMs, onEvent }: LeaderWatchParts): LeaderWatch {
  /** The commit index that the leader of `toldTerm` told first. */
  let toldTerm = 0
  let toldCommit = 0
  let heardMs = nowMs
  let missed = false
  let beats = 0
  let summaryMs = nowMs
  let sentRound = 0
  let sentRoundMs = 0
  const rtt = new Map<NodeId, number>()

  return {
    received(message, atMs) {
      if (message.type === 'heartbeat-reply') {
        if (message.round === sentRound && view.role === 'leader') rtt.set(message.from, atMs - sentRoundMs)
        return
      }
      if ((message.type !== 'append' && message.type !== 'heartbeat') || message.from !== view.leaderId || message.term !== view.term) return
      heardMs = atMs
      missed = false
      if (message.type === 'heartbeat' && message.round > 0) beats++
      if (toldTerm === message.term) return
      toldTerm = message.term
      toldCommit = message.commit
    },
    sent(message, atMs) {
      if (message.type !== 'heartbeat' || message.round === 0 || message.round === sentRound) return
      sentRound = message.round
      sentRoundMs = atMs
      beats++
    },
    tick(atMs) {
      if (view.role === 'follower' && view.leaderId !== null && !missed && atMs - heardMs >= options.missedHeartbeatMs) {
        missed = true
        onEvent({ type: 'missed-heartbeat', term: view.term, leaderId: view.leaderId, silentMs: atMs - heardMs })
      }
      if (atMs - summaryMs < options.heartbeatSummaryMs) return
      if (view.leaderId !== null && beats > 0) {
        onEvent({ type: 'heartbeats', term: view.term, leaderId: view.leaderId, count: beats, inLastMs: atMs - summaryMs })
      }
      beats = 0
      summaryMs = atMs
    },
    // An applied entry of the leader's own term shows that it has committed all of its predecessors' entries, and that we have
    // them; the index it told first covers what a node missed that was away during this very term.
    serving(applied, appliedTerm) {
      if (view.leaderId === null || appliedTerm !== view.term) return false
      return view.role === 'leader' || (toldTerm === view.term && applied >= toldCommit)
    },
    rttMs: (peer) => (view.role === 'leader' ? (rtt.get(peer) ?? null) : null),
  }
}
