/**
 * The one mutable value of the core, shared by its parts: raft.ts takes inputs and gives outputs, each other file owns one duty.
 * Nothing outside this folder ever holds it.
 */

import { type Configurations, configurationsAtStart, peersOf, settleConfigurations } from './configuration.ts'
import { broken, dataLost } from './invariant.ts'
import { createLogView, type LogView } from './log-view.ts'
import { checkOptions, type RaftOptions } from './options.ts'
import type { Progress } from './progress.ts'
import { createRandom, type Random } from './random.ts'
import type { PendingRead } from './read-index.ts'
import type { Transfer } from './transfer.ts'
import {
  type CoreEvent,
  type HardState,
  type LogIndex,
  logIndex,
  type Message,
  type NodeId,
  type Role,
  type SafeRead,
  type SnapshotPlace,
  type StableLog,
  type Term,
} from './types.ts'

export interface CoreState {
  readonly options: RaftOptions
  readonly log: LogView
  readonly random: Random

  /** Changed by configuration.ts alone; `peers` follows from it. */
  configurations: Configurations
  peers: readonly NodeId[]
  term: Term
  vote: NodeId | null
  role: Role
  leaderId: NodeId | null
  /** Who was seen to lead `term`; kept when contact is lost, to catch a second leader (invariant 1). */
  termLeader: NodeId | null
  commit: LogIndex
  applied: LogIndex
  /** False: this node votes, follows and acknowledges, but neither campaigns nor leads. */
  mayLead: boolean

  /** Ticks since a leader was heard, since the election timer was reset, and what that timer runs to. */
  contactTicks: number
  electionTicks: number
  electionTimeoutTicks: number
  heartbeatTicks: number
  quorumTicks: number

  /** Peers whose socket closed and has not come back. */
  readonly gone: Set<NodeId>
  /** Ticks until a hinted pre-vote, 0 = none is due; retries left of it. */
  hintTicks: number
  hintRetries: number

  /** Answers to the running (pre-)vote, this node's own among them. */
  readonly votes: Map<NodeId, boolean>
  /** Followers, while leading. */
  readonly progress: Map<NodeId, Progress>
  /** Number of the last heartbeat round. */
  round: number
  beatDue: boolean
  readRoundDue: boolean
  /** Questions for a read index, while leading, in order of their rounds. */
  pendingReads: PendingRead[]
  transfer: Transfer | null

  hardStateChanged: boolean
  /** To be installed with the next drain. */
  snapshot: SnapshotPlace | null
  /** A drain was handed out and its persist was not reported yet. */
  persisting: boolean
  messages: Message[]
  afterPersist: Message[]
  safeReads: SafeRead[]
  events: CoreEvent[]
}

export interface CoreStart {
  readonly options: RaftOptions
  readonly log: StableLog
  readonly hardState: HardState
  /** What the state store holds; everything up to it is committed. */
  readonly applied: LogIndex
}

/** A follower that knows no leader, as after every start (thesis 3.8: what is on disk is all there is). */
export function createCoreState({ options, log, hardState, applied }: CoreStart): CoreState {
  checkOptions(options)
  if (applied > log.lastIndex()) dataLost(`the state is applied to entry ${applied}, but the log ends at ${log.lastIndex()}: the disk lost data`)
  if (applied < log.firstIndex() - 1)
    dataLost(`the log begins after entry ${log.firstIndex() - 1}, the state only reaches ${applied}: the disk lost data`)
  const lastTerm = log.lastIndex() === 0 ? 0 : (log.termAt(log.lastIndex()) ?? 0)
  if (lastTerm > hardState.term) dataLost(`the log holds term ${lastTerm}, the hard state only ${hardState.term}: the disk lost data`)
  // Two nodes with one stream of chance would tie in every election, for ever: the id keeps them apart whatever the seeds are.
  const random = createRandom(options.seed ^ Math.imul(options.id, 0x9e3779b9))
  const configurations = configurationsAtStart(options.voters, log.memberships(), applied)
  return {
    options,
    log: createLogView(log, options),
    random,
    configurations,
    peers: peersOf(configurations, options.id),
    term: hardState.term,
    vote: hardState.vote,
    role: 'follower',
    leaderId: null,
    termLeader: null,
    commit: applied,
    applied,
    mayLead: true,
    contactTicks: options.electionTicksMax,
    electionTicks: 0,
    electionTimeoutTicks: random.between(options.electionTicksMin, options.electionTicksMax),
    heartbeatTicks: 0,
    quorumTicks: 0,
    gone: new Set(),
    hintTicks: 0,
    hintRetries: 0,
    votes: new Map(),
    progress: new Map(),
    round: 0,
    beatDue: false,
    readRoundDue: false,
    pendingReads: [],
    transfer: null,
    hardStateChanged: false,
    snapshot: null,
    persisting: false,
    messages: [],
    afterPersist: [],
    safeReads: [],
    events: [],
  }
}

/**
 * Enters a newer term: the vote of the old one is void (invariants 6 and 7). What was to be said in the old term is dropped, so that
 * every message that leaves speaks of exactly the hard state that is on disk by then.
 */
export function enterTerm(s: CoreState, term: Term): void {
  if (term <= s.term) broken(`term would fall from ${s.term} to ${term}`)
  if (!Number.isSafeInteger(term)) broken(`term ${term} is not an integer below 2^53`)
  s.term = term
  s.vote = null
  s.termLeader = null
  s.hardStateChanged = true
  s.messages = []
  s.afterPersist = []
  s.safeReads = []
}

/** Moves the commit index up (invariants 8 and 9). */
export function commitTo(s: CoreState, index: number): void {
  if (index <= s.commit) return
  if (index > s.log.lastIndex()) broken(`commit ${index} is beyond the log's end ${s.log.lastIndex()}`)
  s.commit = logIndex(index)
  settleConfigurations(s)
}
