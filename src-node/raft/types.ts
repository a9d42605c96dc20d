/**
 * The words of the consensus core: ids, entries, messages, and what one drain of the core hands to its driver.
 * Nothing here knows a clock, a socket or a disk. Names follow the Raft thesis (Ongaro 2014) and etcd-io/raft.
 */

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** A member of the cluster, 1 or higher. */
export type NodeId = Branded<number, 'NodeId'>
/** Election term, 0 before the first election; an integer below 2^53. */
export type Term = Branded<number, 'Term'>
/** Position in the log, the first entry is 1, 0 means "before the first". */
export type LogIndex = Branded<number, 'LogIndex'>

export const nodeId = (value: number): NodeId => value as NodeId
export const term = (value: number): Term => value as Term
export const logIndex = (value: number): LogIndex => value as LogIndex

/**
 * `noop` is the entry a new leader appends in its own term (thesis 6.4); `command` carries the state machine's bytes; `config` a
 * configuration of the cluster (thesis 4.1).
 */
export type EntryKind = 'noop' | 'command' | 'config'

export interface Entry {
  readonly term: Term
  readonly index: LogIndex
  readonly kind: EntryKind
  /** Opaque to the core, but for `config` (membership.ts). Empty for `noop`. */
  readonly data: Uint8Array
}

/** What must be on disk before any message that depends on it leaves (thesis figure 3.1, "persistent state"). */
export interface HardState {
  readonly term: Term
  /** The candidate voted for in `term`, null if none. */
  readonly vote: NodeId | null
}

/** The place just before a log's first entry, or what a snapshot stands for; index 0 of term 0 as long as nothing was compacted. */
export interface LogBase {
  readonly index: LogIndex
  readonly term: Term
}

/** What a snapshot stands for in the log: everything up to there, and the newest configuration among it (null: the founding one). */
export interface SnapshotPlace extends LogBase {
  readonly membership: StoredMembership | null
}

/** Read-only view of what is durable; the core asks it for entries that it no longer holds itself. */
export interface StableLog {
  /** Index of the oldest entry kept; 1 as long as nothing is compacted. */
  firstIndex(): LogIndex
  lastIndex(): LogIndex
  /** Term at `index`, also just before the first entry; null if compacted or beyond the end. */
  termAt(index: LogIndex): Term | null
  /** Entries from `from` to `to`, both inclusive, at least one, then up to `bytesMax` of data. */
  entries(from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[]
  /** Every configuration that an entry kept here holds, oldest first, and the last one before them if entries were compacted. */
  memberships(): readonly StoredMembership[]
}

/** The bytes of one `config` entry. */
export interface StoredMembership {
  readonly index: LogIndex
  readonly data: Uint8Array
}

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

interface MessageBase {
  readonly from: NodeId
  readonly to: NodeId
  /** The sender's term; for `pre-vote` the term it would campaign in. */
  readonly term: Term
}

export interface PreVote extends MessageBase {
  readonly type: 'pre-vote'
  readonly lastIndex: LogIndex
  readonly lastTerm: Term
}
export interface PreVoteReply extends MessageBase {
  readonly type: 'pre-vote-reply'
  readonly granted: boolean
  /** Why not, so that the asker can act: `contact` = a leader is heard, `log` = the asker's log is shorter, `term` = old term. */
  readonly refusal: 'contact' | 'log' | 'term' | null
}
export interface Vote extends MessageBase {
  readonly type: 'vote'
  readonly lastIndex: LogIndex
  readonly lastTerm: Term
  /** The leader asked for this election itself: contact with it is no reason to refuse (thesis 4.2.3). */
  readonly transfer: boolean
}
export interface VoteReply extends MessageBase {
  readonly type: 'vote-reply'
  readonly granted: boolean
}
export interface Append extends MessageBase {
  readonly type: 'append'
  readonly prevIndex: LogIndex
  readonly prevTerm: Term
  readonly entries: readonly Entry[]
  /** The leader's commit index, as it is; the follower takes min(commit, last index this message verified). */
  readonly commit: LogIndex
}
export interface AppendReply extends MessageBase {
  readonly type: 'append-reply'
  readonly ok: boolean
  /** ok: the highest index known to match and to be synced. Not ok: the rejected `prevIndex`. */
  readonly index: LogIndex
  /** Not ok: the follower's best guess where logs may agree (thesis 5.3, fast back-up); otherwise 0. */
  readonly hintIndex: LogIndex
  readonly hintTerm: Term
}
export interface Heartbeat extends MessageBase {
  readonly type: 'heartbeat'
  /** The leader's commit index, as it is; the follower may only commit up to `match`. */
  readonly commit: LogIndex
  /** What the leader knows this follower holds; bounds the commit a heartbeat may carry. */
  readonly match: LogIndex
  /** Number of the read or liveness round this beat asks to confirm. */
  readonly round: number
}
export interface HeartbeatReply extends MessageBase {
  readonly type: 'heartbeat-reply'
  readonly round: number
}

/** A follower asks where a linearizable read may be answered (thesis 6.4). May be lost: the asker asks again. */
export interface ReadIndex extends MessageBase {
  readonly type: 'read-index'
  /** The asker's number for it; the reply carries it back. */
  readonly context: number
}
export interface ReadIndexReply extends MessageBase {
  readonly type: 'read-index-reply'
  readonly context: number
  /** The read is linearizable once this much is applied. */
  readonly index: LogIndex
}
/** The leader hands over: campaign now, without a pre-vote (thesis 3.10). */
export interface TimeoutNow extends MessageBase {
  readonly type: 'timeout-now'
}
export type Message =
  | PreVote
  | PreVoteReply
  | Vote
  | VoteReply
  | Append
  | AppendReply
  | Heartbeat
  | HeartbeatReply
  | ReadIndex
  | ReadIndexReply
  | TimeoutNow

/** A question of this node, answered: reads are linearizable here once `index` is applied. */
export interface SafeRead {
  readonly context: number
  readonly index: LogIndex
}

/** Something the core did that people want to see in a log; it decides nothing. */
export type CoreEvent =
  | { readonly type: 'role'; readonly role: Role; readonly term: Term; readonly leaderId: NodeId | null; readonly cause: string }
  | {
      readonly type: 'vote'
      readonly term: Term
      readonly for: NodeId
      readonly granted: boolean
      readonly pre: boolean
      readonly reason: string | null
    }
  | { readonly type: 'transfer'; readonly term: Term; readonly target: NodeId; readonly phase: 'started' | 'given-up' }
  | {
      /** `undone`: the tail that held it was cut, and the one before is in force again. */
      readonly type: 'membership'
      readonly phase: 'appended' | 'committed' | 'undone'
      readonly index: LogIndex
      readonly voters: readonly NodeId[]
      readonly learners: readonly NodeId[]
    }

/**
 * One drain of the core, to be carried out in this order: `snapshot`; `messages` at once; `hardState` and `entries` in one synced
 * transaction; then tell the core (`persisted`), and only then send `afterPersist`. With a snapshot or a hard
 * state to save every message waits, so nothing a node ever says runs ahead of its disk.
 */
export interface Ready {
  /** Installed before everything else: the state becomes that of the snapshot, the log begins after it. `entries` come after it. */
  readonly snapshot: SnapshotPlace | null
  readonly hardState: HardState | null
  readonly entries: readonly Entry[]
  readonly messages: readonly Message[]
  readonly afterPersist: readonly Message[]
  readonly reads: readonly SafeRead[]
  readonly events: readonly CoreEvent[]
}
