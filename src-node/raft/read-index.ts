/**
 * Linearizable reads without a log entry (thesis 6.4, ReadIndex): a read is safe at the commit index that the leader had when it was
 * asked, once a majority has answered a heartbeat that left after the question. It owns the questions that wait at a leader. What
 * waits is dropped with the role or the term, never answered late: whoever asked asks again (etcd-io/etcd#20418).
 */

import { ofVoters } from './configuration.ts'
import type { CoreState } from './core-state.ts'
import { quorumIndex } from './quorum.ts'
import { type LogIndex, logIndex, type NodeId, type ReadIndex, type ReadIndexReply } from './types.ts'

export interface PendingRead {
  readonly from: NodeId
  /** The asker's own number for this question, or batch of them. */
  readonly context: number
  /** Commit index to read at; 0 until an entry of the leader's own term is committed (thesis 6.4, step 1). */
  index: LogIndex
  /** The round whose answers confirm it; 0 until one has left after the question. */
  round: number
}

/** Asks on behalf of this node. Nothing comes of it when no leader is known: the caller's limits of time decide. */
export function askReadIndex(s: CoreState, context: number): void {
  if (s.role === 'leader') takeRead(s, s.options.id, context)
  else if (s.leaderId !== null) s.messages.push({ type: 'read-index', from: s.options.id, to: s.leaderId, term: s.term, context })
}

export function onReadIndex(s: CoreState, m: ReadIndex): void {
  if (s.role === 'leader') takeRead(s, m.from, m.context)
}

export function onReadIndexReply(s: CoreState, m: ReadIndexReply): void {
  if (m.from === s.leaderId) s.safeReads.push({ context: m.context, index: m.index })
}

function takeRead(s: CoreState, from: NodeId, context: number): void {
  if (s.pendingReads.length < s.options.pendingReadsMax) s.pendingReads.push({ from, context, index: logIndex(0), round: 0 })
}

/** Once a drain, before heartbeats leave: new questions get their index, and one round for all of them. */
export function startReads(s: CoreState): void {
  if (s.pendingReads.length === 0) return
  const ownTermCommitted = s.log.termAt(s.commit) === s.term
  for (let i = s.pendingReads.length - 1; i >= 0; i--) {
    const read = s.pendingReads[i] as PendingRead
    if (read.round !== 0) break
    if (!s.readRoundDue) {
      s.readRoundDue = true
      s.round++
    }
    read.round = s.round
  }
  if (!ownTermCommitted) return
  for (const read of s.pendingReads) if (read.index === 0) read.index = s.commit
}

/** Answers what a majority has confirmed by now; questions are in order of their rounds. */
export function answerReads(s: CoreState): void {
  if (s.pendingReads.length === 0) return
  const confirmed = quorumIndex(ofVoters(s, s.round, (progress) => progress.round))
  let answered = 0
  for (const read of s.pendingReads) {
    if (read.round === 0 || read.round > confirmed || read.index === 0) break
    answered++
    if (read.from === s.options.id) s.safeReads.push({ context: read.context, index: read.index })
    else s.messages.push({ type: 'read-index-reply', from: s.options.id, to: read.from, term: s.term, context: read.context, index: read.index })
  }
  s.pendingReads.splice(0, answered)
}
