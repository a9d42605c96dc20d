/**
 * The consensus core (Raft, Ongaro 2014; shaped like etcd-io/raft): inputs go in by `tick`, `step`, `propose`, `peerGone`...,
 * one `Ready` comes out. It owns term, vote, log view and roles. It never waits, never does I/O, knows neither clock nor chance but
 * its seed: equal inputs give equal outputs, bit for bit. A broken invariant throws InvariantError, which ends the node.
 */

import { inForce, ofVoters, outsideBy } from './configuration.ts'
import { type CoreStart, type CoreState, createCoreState } from './core-state.ts'
import {
  admitsVote,
  enterTermAsFollower,
  leaveToOthers,
  onLeaderGone,
  onPreVote,
  onPreVoteReply,
  onVote,
  onVotePersisted,
  onVoteReply,
  stepDown,
  tickElection,
} from './election.ts'
import { broken } from './invariant.ts'
import type { Membership, MembershipChange } from './membership.ts'
import { type ChangeRefusal, changeMembership, finishChange, forgetRemoved } from './membership-change.ts'
import { probeFrom } from './progress.ts'
import { majority } from './quorum.ts'
import { answerReads, askReadIndex, onReadIndex, onReadIndexReply, startReads } from './read-index.ts'
import { advanceCommit, answerStaleLeader, onAppend, onAppendReply, onHeartbeat, onHeartbeatReply, replicate } from './replication.ts'
import { followersHold, laggingPeers, onSnapshotReceived, onSnapshotSent, type SnapshotVerdict } from './snapshot.ts'
import { continueTransfer, onTimeoutNow, startTransfer, type Transfer, tickTransfer } from './transfer.ts'
import { type Entry, type LogIndex, logIndex, type Message, type NodeId, type Ready, type Role, type SnapshotPlace, type Term } from './types.ts'

/** Read at any time; cheap. */
export interface RaftView {
  readonly term: Term
  readonly vote: NodeId | null
  readonly role: Role
  readonly leaderId: NodeId | null
  readonly commit: LogIndex
  /** Leader: leadership is being handed over; nothing may be proposed. */
  readonly transfer: Readonly<Transfer> | null
  /** Everybody this node sends to. */
  readonly peers: readonly NodeId[]
}

export interface Raft {
  readonly view: RaftView
  lastIndex(): LogIndex
  applied(): LogIndex
  /** Entries that may be applied: committed and on this node's own disk. */
  appliableIndex(): LogIndex
  termAt(index: LogIndex): Term | null
  /** Consecutive entries for applying: at least one, then limited by count and bytes. */
  entries(from: LogIndex, to: LogIndex, limits: { readonly count: number; readonly bytes: number }): readonly Entry[]
  matchIndex(peer: NodeId): LogIndex | null

  /** One unit of time passed. A driver that is late gives one, not many: a laptop's sleep fires no election. */
  tick(): void
  step(message: Message): void
  /** Leader only, and not while it hands over: appends commands in its term. */
  propose(data: readonly Uint8Array[]): void
  /** Asks the leader, this node or another, where a read is linearizable (thesis 6.4); `Ready.reads` answers, or nothing ever does. */
  readIndex(context: number): void
  /** Leader only: hands leadership to another voter (thesis 3.10). False: cannot even begin. */
  transferTo(target: NodeId): boolean
  /** The configuration in force here, committed or not. */
  membership(): Membership
  /** Not null: this node belongs to the cluster no more, or not yet, by the committed configuration of this entry (0: the founding one). */
  outsideBy(): LogIndex | null
  /** Leader only: changes the configuration by one member. @returns the index of its entry, or why nothing was done */
  changeMembership(change: MembershipChange): LogIndex | ChangeRefusal
  /** The peer's socket closed: a hint (design 4), never proof. */
  peerGone(id: NodeId): void
  peerUp(id: NodeId): void
  /** Leader: appends to this peer pause while its connection is full. */
  congested(id: NodeId, on: boolean): void
  /** Gives up leading or campaigning in this term, without naming a successor. */
  resign(cause: string): void
  /** Off: resigns, and leaves campaigning to others until it is on again. Consensus goes on: it votes, follows, acknowledges. */
  mayLead(on: boolean, cause: string): void
  /** A snapshot is whole and verified on this node's disk; it comes with the next Ready if it is to be installed. */
  snapshotReceived(place: SnapshotPlace): SnapshotVerdict
  /** Leader: peers that lack what is compacted away; each stays here until `snapshotSent`, an acknowledgement, or an election timeout of silence. */
  lagging(): readonly NodeId[]
  /** Leader: the lowest index that a follower holds whom the log still helps, null without any. */
  followersHold(): number | null
  /** Leader: the transfer to this peer ended, well or not; it stood for entries up to `index`, 0 if for none. */
  snapshotSent(to: NodeId, index: number): void
  /** Everything that is to be done now, or null. After one with something to persist, `persisted` comes first. */
  ready(): Ready | null
  /** The last Ready is on disk. */
  persisted(): void
  appliedTo(index: LogIndex): void
}

/** Starts from what is on disk, as a follower (thesis 3.8). */
export function createRaft(start: CoreStart): Raft {
  const s = createCoreState(start)
  const idle = () => {
    if (s.persisting) broken('an input came before the last drain was persisted')
  }
  return {
    view: s,
    lastIndex: () => logIndex(s.log.lastIndex()),
    applied: () => s.applied,
    appliableIndex: () => logIndex(Math.min(s.commit, s.log.persistedIndex())),
    termAt: (index) => s.log.termAt(index),
    entries: (from, to, limits) => s.log.entries(from, to, limits),
    matchIndex: (peer) => logIndexOrNull(s.progress.get(peer)?.match),
    tick() {
      idle()
      if (s.role === 'leader') tickLeader(s)
      else tickElection(s)
    },
    step(message) {
      idle()
      // From whomever: a node may not know yet who belongs to the cluster, and its vote may be needed all the same (thesis 4.1).
      if (message.to === s.options.id) step(s, message)
    },
    propose(data) {
      idle()
      if (s.role !== 'leader') broken(`a ${s.role} cannot append`)
      if (s.transfer !== null) broken(`a leader that hands over to node ${s.transfer.target} cannot append`)
      s.log.extend(s.term, 'command', data)
    },
    readIndex(context) {
      idle()
      askReadIndex(s, context)
    },
    transferTo(target) {
      idle()
      return startTransfer(s, target)
    },
    membership: () => inForce(s).membership,
    outsideBy: () => outsideBy(s),
    changeMembership(change) {
      idle()
      return changeMembership(s, change)
    },
    peerGone(id) {
      idle()
      peerGone(s, id)
    },
    peerUp: (id) => void s.gone.delete(id),
    congested(id, on) {
      const progress = s.progress.get(id)
      if (progress !== undefined) progress.congested = on
    },
    resign(cause) {
      stepDown(s, cause)
    },
    mayLead(on, cause) {
      if (s.mayLead === on) return
      s.mayLead = on
      if (!on) leaveToOthers(s, cause)
    },
    snapshotReceived(place) {
      idle()
      return onSnapshotReceived(s, place)
    },
    lagging: () => laggingPeers(s),
    followersHold: () => followersHold(s),
    snapshotSent: (to, index) => onSnapshotSent(s, to, index),
    ready: () => ready(s),
    persisted() {
      if (!s.persisting) broken('nothing was to be persisted')
      s.persisting = false
      s.log.markPersisted()
      onVotePersisted(s)
    },
    appliedTo(index) {
      if (index < s.applied || index > s.commit) broken(`applied ${index} is not between ${s.applied} and commit ${s.commit}`)
      s.applied = index
    },
  }
}

const logIndexOrNull = (value: number | undefined): LogIndex | null => (value === undefined ? null : logIndex(value))

/** Terms first (thesis 3.3), then the message itself. */
function step(s: CoreState, m: Message): void {
  // Pre-votes speak of terms that nobody is in, so they stand outside the rule of terms.
  if (m.type === 'pre-vote') {
    onPreVote(s, m)
    return
  }
  if (m.type === 'pre-vote-reply') {
    if (!m.granted && m.term > s.term) enterTermAsFollower(s, m.term, `node ${m.from} is in a newer term`)
    else onPreVoteReply(s, m)
    return
  }
  if (m.term < s.term) {
    if (m.type === 'append' || m.type === 'heartbeat') answerStaleLeader(s, m)
    else if (m.type === 'vote') s.afterPersist.push({ type: 'vote-reply', from: s.options.id, to: m.from, term: s.term, granted: false })
    return
  }
  if (m.term > s.term) {
    if (m.type === 'vote' && !admitsVote(s, m)) return
    enterTermAsFollower(s, m.term, m.type === 'vote' ? `node ${m.from} asks for votes in a newer term` : `node ${m.from} is in a newer term`)
  }
  dispatch(s, m)
}

function dispatch(s: CoreState, m: Exclude<Message, { type: 'pre-vote' | 'pre-vote-reply' }>): void {
  switch (m.type) {
    case 'vote':
      onVote(s, m)
      break
    case 'vote-reply':
      onVoteReply(s, m)
      break
    case 'append':
      onAppend(s, m)
      break
    case 'append-reply':
      onAppendReply(s, m)
      break
    case 'heartbeat':
      onHeartbeat(s, m)
      break
    case 'heartbeat-reply':
      onHeartbeatReply(s, m)
      break
    case 'read-index':
      onReadIndex(s, m)
      break
    case 'read-index-reply':
      onReadIndexReply(s, m)
      break
    case 'timeout-now':
      onTimeoutNow(s, m)
      break
    default:
      m satisfies never
  }
}

/** Heartbeats, and CheckQuorum (thesis 6.2): a leader that hears no majority for an election timeout steps down. */
function tickLeader(s: CoreState): void {
  if (++s.heartbeatTicks >= s.options.heartbeatTicks) {
    s.heartbeatTicks = 0
    s.beatDue = true
    s.round++
  }
  tickTransfer(s)
  for (const progress of s.progress.values()) progress.silentTicks++
  if (++s.quorumTicks < s.options.electionTicksMax) return
  s.quorumTicks = 0
  forgetRemoved(s)
  const heard = ofVoters(s, 1, ({ active }) => (active ? 1 : 0))
  for (const progress of s.progress.values()) progress.active = false
  if (heard.filter(Boolean).length < majority(heard.length)) stepDown(s, 'heard no majority for an election timeout')
}

function peerGone(s: CoreState, id: NodeId): void {
  s.gone.add(id)
  const progress = s.progress.get(id)
  if (progress !== undefined) {
    // Only of a stream something is lost. Who has not answered in this term may well hold everything: asked from entry 1 on, it would need a
    // snapshot once the log is compacted, and a leader whose state store is full has none to give.
    probeFrom(progress, progress.state === 'replicate' ? progress.match + 1 : progress.next)
    progress.silentTicks = Number.POSITIVE_INFINITY
  } else if (s.leaderId === id) onLeaderGone(s, id)
}

function ready(s: CoreState): Ready | null {
  if (s.persisting) broken('the last drain was not persisted yet')
  if (s.role === 'leader') {
    advanceCommit(s)
    startReads(s)
    answerReads(s)
    replicate(s)
    continueTransfer(s)
    finishChange(s)
  }
  const entries = s.log.unpersisted()
  const silent = s.messages.length === 0 && s.afterPersist.length === 0 && s.safeReads.length === 0 && s.events.length === 0
  if (!s.hardStateChanged && s.snapshot === null && entries.length === 0 && silent) return null
  // A term that is not on disk must not be spoken of: with a hard state or a snapshot to save, every message waits for it.
  const all = s.hardStateChanged || s.snapshot !== null
  const bundle: Ready = {
    snapshot: s.snapshot,
    hardState: s.hardStateChanged ? { term: s.term, vote: s.vote } : null,
    entries,
    messages: all ? [] : s.messages,
    afterPersist: all ? s.messages.concat(s.afterPersist) : s.afterPersist,
    reads: s.safeReads,
    events: s.events,
  }
  s.persisting = all || entries.length > 0
  s.hardStateChanged = false
  s.snapshot = null
  s.messages = []
  s.afterPersist = []
  s.safeReads = []
  s.events = []
  return bundle
}
