/**
 * What the driver loop needs from the world, as interfaces: the same loop runs over real disks and sockets in the
 * product and over simulated ones under `test/sim`. Callbacks may be called at once or later, never twice.
 */

import type { MembershipChange } from '../raft/membership.ts'
import type {
  CoreEvent,
  Entry,
  HardState,
  LogBase,
  LogIndex,
  Message,
  NodeId,
  Role,
  SnapshotPlace,
  StableLog,
  StoredMembership,
  Term,
} from '../raft/types.ts'
import type { SnapshotInfo, SnapshotSource } from '../storage/types.ts'
import type { MembershipOutcome } from './membership-changes.ts'

/** The Raft log and hard state of one node. Only the driver writes to it. */
export interface RaftLogStore extends StableLog {
  hardState(): HardState
  base(): LogBase
  /**
   * One synced transaction: the hard state (if given), everything from `entries[0].index` on replaced by `entries`.
   * `done(null)` once it is durable. `done('disk_full')` if nothing was written because the disk is full: the node then
   * stops voting and acknowledging and tries again. Any other failure must end the process, not return.
   */
  persist(hardState: HardState | null, entries: readonly Entry[], done: (problem: 'disk_full' | null) => void): void
  /**
   * Forgets the oldest entries up to `to`, at most `entriesMax` of them, in one synced transaction; what it keeps is whole after a
   * crash. The caller vouches that a durable state holds them. `disk_full`: nothing changed.
   */
  compact(to: LogIndex, entriesMax: number): 'done' | 'more' | 'disk_full'
  /** One synced transaction: no entry is left, the log begins after `place` with its configuration, and the hard state (if given) is saved. Answers like `persist`. */
  reset(place: SnapshotPlace, hardState: HardState | null, done: (problem: 'disk_full' | null) => void): void
  close(): void
}

/** A write on its way from the node that took it to the leader. */
export interface ForwardFrame {
  readonly type: 'forward'
  /** The term in which the sender believes the receiver leads; the receiver refuses any other. */
  readonly term: Term
  /** Envelope bytes (see envelope.ts), one per write. */
  readonly proposals: readonly Uint8Array[]
}
/** Sent back only for proposals that were certainly not appended. */
export interface ForwardRefusal {
  readonly type: 'forward-refused'
  /** Of the run that forwarded them; counters of another run of the same node mean other writes. */
  readonly life: Uint8Array
  readonly counters: readonly number[]
  readonly reason: 'not_leader' | 'overloaded' | 'disk_full' | 'storage_unavailable'
}
/** A node that was asked to move leadership asks the leader to do it. May be lost: the asker watches who leads. */
export interface TransferRequest {
  readonly type: 'transfer-request'
  readonly term: Term
  readonly target: NodeId
}
/** One piece of a snapshot; each says which snapshot it belongs to, so that a receiver may begin, go on or start over at any of them. */
export interface SnapshotChunk {
  readonly type: 'snapshot-chunk'
  /** The sender leads in it; the receiver takes pieces of its own leader only. */
  readonly term: Term
  readonly info: SnapshotInfo
  readonly membership: StoredMembership | null
  readonly offset: number
  readonly data: Uint8Array
}
/** What the receiver has of the snapshot at `index`. `done`: it needs no more of it. `refused`: it could not be kept; from the begin, later. */
export interface SnapshotReply {
  readonly type: 'snapshot-reply'
  readonly term: Term
  readonly index: LogIndex
  readonly received: number
  readonly outcome: 'more' | 'done' | 'refused'
}
/** MySQL mode: how far the leader's sink has brought the shared database, and whether it takes writes just now. Said again and again. */
export interface StoreApplied {
  readonly type: 'store-applied'
  /** The sender leads in it. */
  readonly term: Term
  /** Everything up to here that belongs into the database is there. Never falls within a term. */
  readonly index: LogIndex
  readonly available: boolean
}
export type PeerFrame = Message | ForwardFrame | ForwardRefusal | TransferRequest | SnapshotChunk | SnapshotReply | StoreApplied

/** Beats of instances that a node took for the leader: not the driver's, and never logged. May be lost; the next one comes in seconds. */
export interface BeatsFrame {
  readonly type: 'beats'
  /** The receiver leads in it, as far as the sender knows. */
  readonly term: Term
  /** Which instances, as naming writes it. */
  readonly data: Uint8Array
}
/** Whatever travels between nodes. */
export type WireFrame = PeerFrame | BeatsFrame

/**
 * All traffic between nodes. Sending never throws and never waits: a frame to an absent peer is dropped. Raft's messages
 * may be lost, repeated or overtaken; a forward or its refusal may be lost or late, but is never delivered twice.
 */
export interface PeerTransport {
  send(to: NodeId, frames: readonly PeerFrame[]): void
  /** Bytes queued for a peer and not yet taken by the kernel; the driver pauses appends above its limit. */
  backlogBytes(to: NodeId): number
}

/** What the transport and the ticker call on the driver. */
export interface PeerEvents {
  onFrame(from: NodeId, frame: PeerFrame): void
  /** The peer's socket closed; a hint for elections, never proof of death. */
  onPeerGone(id: NodeId): void
  onPeerUp(id: NodeId): void
}

/** Time as the driver sees it. Monotonic milliseconds; `wallMs` only stamps commands, and what people are shown. */
export interface DriverClock {
  monotonicMs(): number
  wallMs(): number
  /** Runs `task` after the inputs that are already waiting (setImmediate in the product). */
  defer(task: () => void): void
  after(ms: number, task: () => void): { cancel(): void }
}

/** A committed entry, as the state machine gets it. */
export interface CommittedCommand {
  readonly index: LogIndex
  readonly term: Term
  /** Leader's wall clock in ms at propose; the state machine itself takes max(stamp, last). */
  readonly stampMs: number
  /** Null for an entry without a command (no-op), whose index still counts. */
  readonly payload: Uint8Array | null
}

/** The state machine with its store. `R` is the machine's reply to one command. */
export interface Applier<R> {
  appliedIndex(): LogIndex
  /** This one alone costs a turn of the loop: a run ends with it. Asked for every entry, so it may look at a byte or two. */
  fillsTurn(bytes: Uint8Array, payloadAt: number): boolean
  /** It takes more than a turn, and is the only one of its run. As often asked. */
  standsAlone(bytes: Uint8Array, payloadAt: number): boolean
  /**
   * Applies a run of consecutive entries in one store transaction. `done` gets one reply per element, null for a no-op,
   * and what is to happen once the waiting callers have theirs (design 6: memory, reply, then listeners).
   * `done('disk_full')`: nothing was applied, the driver offers the same run again later.
   */
  apply(run: readonly CommittedCommand[], done: (result: Applied<R> | 'disk_full') => void): void
}
export interface Applied<R> {
  readonly replies: readonly (R | null)[]
  readonly afterReplies: () => void
}

/** The shared database of MySQL mode, as the loop meets it. */
export interface StoreWatch {
  /** A command that belongs into the database while it is known to be away: not proposed, and refused with `storage_unavailable`. */
  refuses(payload: Uint8Array): boolean
  /** The leader that this node follows says so. */
  told(frame: StoreApplied): void
}

/** Snapshots of the state store and the machine's memory together. Every callback comes later, once. */
export interface StateSnapshots {
  /** See StateStore. */
  durableIndex(): number
  checkpoint(): void
  copyOut(done: (result: SnapshotSource | 'failed' | 'disk_full') => void): void
  /** While the file of the state is read by others, a copy being made among them, nothing can be installed. */
  copying(): boolean
  receive(info: SnapshotInfo, membership: StoredMembership | null): IncomingSnapshot
}
export interface IncomingSnapshot {
  write(bytes: Uint8Array): 'ok' | 'disk_full'
  /** Whole, verified, synced, and its memory filled, in slices; on failure it is gone. */
  finish(done: (result: PreparedSnapshot | 'damaged' | 'disk_full') => void): void
  discard(): void
}
export interface PreparedSnapshot {
  /** Store and memory are those of the snapshot, at once and durably, with the mark that the log is still to follow. */
  install(): void
  /** The log has followed: the mark goes, and listeners hear what changed. */
  settled(): void
  discard(): void
}

export type Refusal = 'no_quorum' | 'outcome_unknown' | 'storage_unavailable' | 'overloaded' | 'disk_full' | 'not_member'

/** What became of one write. Exactly one outcome reaches the caller, always. */
export type WriteOutcome<R> =
  | { readonly kind: 'applied'; readonly reply: R; readonly index: LogIndex }
  /** Certainly not executed, now or later. */
  | { readonly kind: 'refused'; readonly code: Exclude<Refusal, 'outcome_unknown'> }
  /** May or may not be executed. */
  | { readonly kind: 'unknown' }

export type ReadRefusal = Extract<Refusal, 'no_quorum' | 'overloaded' | 'not_member'>
/** Where a linearizable read stands: at once after `safe` it may be answered from this node's own applied state. */
export type ReadOutcome = { readonly kind: 'safe' } | { readonly kind: 'refused'; readonly code: ReadRefusal }

/** What became of a wish to move leadership. Writes are held meanwhile, never failed by it. */
export type TransferOutcome =
  | { readonly kind: 'done'; readonly term: Term }
  /** `no_quorum`: nobody leads. `unknown_target`: no voter. `busy`: another transfer. `not_taken_over`: it did not win in time. */
  | { readonly kind: 'refused'; readonly code: 'no_quorum' | 'unknown_target' | 'busy' | 'not_taken_over' }

export interface PeerProgress {
  readonly id: NodeId
  /** False: a learner, or a node that is leaving. */
  readonly voter: boolean
  readonly connected: boolean
  /** Leader only, null elsewhere. */
  readonly matchIndex: LogIndex | null
  /** Round trip of the last heartbeat, ms; leader only. */
  readonly rttMs: number | null
}

/** A snapshot of one node's view of consensus, cheap to take. */
export interface RaftStatus {
  readonly id: NodeId
  readonly role: Role
  readonly term: Term
  readonly vote: NodeId | null
  readonly leaderId: NodeId | null
  readonly commitIndex: LogIndex
  readonly appliedIndex: LogIndex
  readonly lastIndex: LogIndex
  /** The oldest entry that is still in the log, and up to where a checkpoint has made the state durable in this run. */
  readonly firstIndex: LogIndex
  readonly durableIndex: number
  /** A leader is known and this node has applied the commit index which that leader first told it. */
  readonly serving: boolean
  readonly diskFull: boolean
  /** The configuration in force at this node, itself included. */
  readonly voters: readonly NodeId[]
  readonly learners: readonly NodeId[]
  readonly peers: readonly PeerProgress[]
}

export type SnapshotEvent =
  | { readonly type: 'snapshot-made'; readonly index: number; readonly bytes: number }
  | { readonly type: 'snapshot-failed'; readonly why: 'failed' | 'damaged' | 'disk_full' | 'refused'; readonly peer: NodeId | null }
  | { readonly type: 'snapshot-sent'; readonly to: NodeId; readonly index: number }
  | { readonly type: 'snapshot-installed'; readonly index: number; readonly term: Term; readonly unknownWrites: number }
  /** Received for nothing: the log had caught up meanwhile. */
  | { readonly type: 'snapshot-ignored'; readonly index: number; readonly verdict: 'forwarded' | 'old' }

/** What the driver tells the rest of the node; each is also a line in `logs/nacos.log`. */
export type RaftEvent =
  | CoreEvent
  | { readonly type: 'missed-heartbeat'; readonly term: Term; readonly leaderId: NodeId | null; readonly silentMs: number }
  | { readonly type: 'heartbeats'; readonly term: Term; readonly leaderId: NodeId; readonly count: number; readonly inLastMs: number }
  | { readonly type: 'peer'; readonly id: NodeId; readonly up: boolean }
  /** `log`: the Raft log finds no room, the node takes no part in consensus. `state`: the state store finds none, it does not lead. */
  | { readonly type: 'disk-full'; readonly on: boolean; readonly disk: 'log' | 'state' }
  /** By the committed configuration of that entry this node is no member. */
  | { readonly type: 'left'; readonly index: LogIndex }
  | { readonly type: 'compacted'; readonly firstIndex: LogIndex; readonly lastIndex: LogIndex }
  | SnapshotEvent
  | { readonly type: 'slow-turn'; readonly ms: number; readonly during: string }
  /** Writes that a leader of an older term took and certainly lost; they wait for the new leader. */
  | { readonly type: 'reproposed'; readonly term: Term; readonly count: number }

export interface SnapshotNowResult {
  /** Everything that was applied is durable, and the log is cut as far as that and its readers allow. */
  readonly ok: boolean
  readonly durableIndex: number
  readonly firstIndex: LogIndex
}

/** The one loop around the core, as the API sees it. */
export interface RaftDriver<R> extends PeerEvents {
  /**
   * Takes a write at this node, leader or not, if it is a member. Waits for a leader up to the option's limit, forwards once per leader. `patienceMs`:
   * once a leader has it, an answer is waited for so long; the option's limit, if not given.
   */
  write(payload: Uint8Array, done: (outcome: WriteOutcome<R>) => void, patienceMs?: number): void
  /** A linearizable read (thesis 6.4): confirmed by a majority after it was asked, then applied here. Refused without a majority. */
  readIndex(done: (outcome: ReadOutcome) => void): void
  /** Moves leadership to `target`, whoever leads now (thesis 3.10); `done` once this node follows the target. */
  transfer(target: NodeId, done: (outcome: TransferOutcome) => void): void
  /** Leader only, and only one change at a time; see membership-changes.ts for what it answers. */
  changeMembership(change: MembershipChange, done: (outcome: MembershipOutcome) => void): void
  status(): RaftStatus
  /**
   * Makes what is applied durable and cuts the log as far as that allows, whatever its length. Always answered, once. Not ok: a disk is full
   * or busy for long, a reader such as a copy keeps the state from being durable, too many ask, or the node stops.
   */
  snapshotNow(done: (result: SnapshotNowResult) => void): void
  start(): void
  /** Stops ticking and answers every waiting caller. */
  stop(): void
}
