/**
 * Copying the leader's log (thesis 3.5, 3.6, 5.3): what a leader sends, what a follower answers, when an entry is committed.
 * All sending happens once a drain, so a thousand proposals cost each follower one message.
 */

import { followTail, ofVoters } from './configuration.ts'
import { type CoreState, commitTo } from './core-state.ts'
import { hearLeader } from './election.ts'
import { broken, dataLost } from './invariant.ts'
import { acknowledge, awaitSnapshot, heard, heartbeatAnswered, leaveSnapshot, type Progress, probeFrom } from './progress.ts'
import { quorumIndex } from './quorum.ts'
import { type Append, type AppendReply, type Heartbeat, type HeartbeatReply, logIndex, type NodeId, term } from './types.ts'

/** Follower: takes what agrees, cuts only what conflicts (reliability 4.4, 4.5). */
export function onAppend(s: CoreState, m: Append): void {
  hearLeader(s, m.from)
  const { log } = s
  let { prevIndex, entries } = m
  if (prevIndex < s.commit) {
    // What is committed agrees with every leader; only what comes after it is news.
    entries = entries.slice(s.commit - prevIndex)
    if (entries.length === 0) {
      acknowledgeAppend(s, m.from, s.commit)
      return
    }
    prevIndex = s.commit
  } else if (log.termAt(prevIndex) !== m.prevTerm) {
    rejectAppend(s, m)
    return
  }

  const news = entries.find((entry) => log.termAt(entry.index) !== entry.term)
  if (news !== undefined) {
    if (news.index <= s.commit) broken(`entry ${news.index} conflicts below the commit index ${s.commit}`)
    const tail = news === entries[0] ? entries : entries.slice(entries.indexOf(news))
    log.replaceTail(tail)
    followTail(s, tail)
  }
  const verified = prevIndex + entries.length
  commitTo(s, Math.min(m.commit, verified))
  acknowledgeAppend(s, m.from, verified)
}

/** One acknowledgement a drain: a later one replaces an earlier one that has not left yet. */
export function acknowledgeAppend(s: CoreState, to: NodeId, index: number): void {
  const reply: AppendReply = {
    type: 'append-reply',
    from: s.options.id,
    to,
    term: s.term,
    ok: true,
    index: logIndex(index),
    hintIndex: logIndex(0),
    hintTerm: term(0),
  }
  const at = s.afterPersist.findIndex((waiting) => waiting.type === 'append-reply' && waiting.ok && waiting.to === to && waiting.term === s.term)
  const earlier = s.afterPersist[at]
  if (earlier?.type !== 'append-reply') s.afterPersist.push(reply)
  else if (earlier.index < index) s.afterPersist[at] = reply
}

function rejectAppend(s: CoreState, m: Append): void {
  const hintIndex = s.log.lastIndexAtOrBelowTerm(m.prevIndex, m.prevTerm)
  const hintTerm = s.log.termAt(hintIndex) ?? broken(`no term at ${hintIndex}`)
  s.afterPersist.push({
    type: 'append-reply',
    from: s.options.id,
    to: m.from,
    term: s.term,
    ok: false,
    index: m.prevIndex,
    hintIndex: logIndex(hintIndex),
    hintTerm,
  })
}

export function onHeartbeat(s: CoreState, m: Heartbeat): void {
  hearLeader(s, m.from)
  if (m.match > s.log.lastIndex())
    dataLost(`the leader knows this node held entry ${m.match}, but its log ends at ${s.log.lastIndex()}: the disk lost data`)
  commitTo(s, Math.min(m.commit, m.match))
  // Round 0 only carries the commit index and asks for nothing.
  if (m.round > 0) s.messages.push({ type: 'heartbeat-reply', from: s.options.id, to: m.from, term: s.term, round: m.round })
}

/** A leader of an older term speaks: our term makes it step down (etcd-io/raft: PreVote with CheckQuorum would lock up). */
export function answerStaleLeader(s: CoreState, m: Append | Heartbeat): void {
  s.afterPersist.push({
    type: 'append-reply',
    from: s.options.id,
    to: m.from,
    term: s.term,
    ok: false,
    index: logIndex(0),
    hintIndex: logIndex(0),
    hintTerm: term(0),
  })
}

export function onAppendReply(s: CoreState, m: AppendReply): void {
  const progress = s.progress.get(m.from)
  if (progress === undefined) return
  heard(progress)
  if (m.ok) {
    if (m.index > s.log.lastIndex()) broken(`node ${m.from} acknowledges ${m.index}, beyond our log's end ${s.log.lastIndex()}`)
    acknowledge(progress, m.index)
    if (progress.state === 'snapshot' && s.log.termAt(progress.match) !== null) leaveSnapshot(progress)
    return
  }
  if (progress.state === 'snapshot') return
  // A rejection of something older than what is known now says nothing.
  if (m.index <= progress.match) return
  if (progress.state === 'replicate') probeFrom(progress, progress.match + 1)
  else if (m.index === progress.next - 1) {
    const agree = s.log.lastIndexAtOrBelowTerm(Math.min(m.hintIndex, m.index - 1), m.hintTerm)
    probeFrom(progress, agree + 1)
  }
}

export function onHeartbeatReply(s: CoreState, m: HeartbeatReply): void {
  const progress = s.progress.get(m.from)
  if (progress === undefined) return
  heard(progress)
  if (m.round > progress.round) progress.round = m.round
  heartbeatAnswered(progress, m.round)
}

/** Commit by counting, but only entries of the own term (thesis 3.6.2, figure 3.7); the own disk counts once it has synced. */
export function advanceCommit(s: CoreState): void {
  const index = quorumIndex(ofVoters(s, s.log.persistedIndex(), (progress) => progress.match))
  if (index > s.commit && s.log.termAt(index) === s.term) commitTo(s, index)
}

/** Everything a leader owes its followers now: appends, a heartbeat if one is due, else the news of a higher commit index. */
export function replicate(s: CoreState): void {
  for (const progress of s.progress.values()) {
    while (mayAppend(s, progress)) sendAppend(s, progress)
    const useful = Math.min(s.commit, progress.match)
    if (s.beatDue || s.readRoundDue || useful > progress.commitTold) sendHeartbeat(s, progress)
  }
  s.beatDue = false
  s.readRoundDue = false
}

/** A megabyte each: one on its way, one being synced by the follower. */
const inflightFromDiskMax = 2

function mayAppend(s: CoreState, progress: Progress): boolean {
  if (progress.congested || progress.state === 'snapshot' || progress.next > s.log.lastIndex()) return false
  if (progress.state === 'probe') return !progress.probing
  // What has left the window is read from the disk: no more of that in one turn than an answer asks for.
  const inflightMax = progress.next < s.log.windowFirst() ? inflightFromDiskMax : s.options.inflightAppendsMax
  return progress.inflight.length < inflightMax
}

function sendAppend(s: CoreState, progress: Progress): void {
  const { log, options } = s
  const prevIndex = progress.next - 1
  const prevTerm = log.termAt(prevIndex)
  if (prevTerm === null) {
    if (prevIndex >= log.firstIndex() - 1) broken(`entry ${prevIndex}, needed by node ${progress.id}, is not in the log`)
    awaitSnapshot(progress)
    return
  }
  const entries = log.entries(progress.next, log.lastIndex(), { count: options.appendEntriesMax, bytes: options.appendBytesMax })
  const last = prevIndex + entries.length
  s.messages.push({
    type: 'append',
    from: options.id,
    to: progress.id,
    term: s.term,
    prevIndex: logIndex(prevIndex),
    prevTerm,
    entries,
    commit: s.commit,
  })
  if (progress.state === 'probe') {
    progress.probing = true
    return
  }
  progress.next = last + 1
  progress.inflight.push(last)
  progress.commitTold = Math.max(progress.commitTold, Math.min(s.commit, last))
}

function sendHeartbeat(s: CoreState, progress: Progress): void {
  const round = s.beatDue || s.readRoundDue ? s.round : 0
  if (s.beatDue && progress.beatRound === 0) progress.beatRound = round
  const match = logIndex(progress.match)
  s.messages.push({ type: 'heartbeat', from: s.options.id, to: progress.id, term: s.term, commit: s.commit, match, round })
  progress.commitTold = Math.max(progress.commitTold, Math.min(s.commit, progress.match))
}
