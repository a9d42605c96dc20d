/**
 * The line between a node worker and the process that supervises it: every message, both ways, and the exit codes.
 * `src-main` may import this file (types and the code table) and nothing else of src-node.
 */

import type { Role } from '../raft/types.ts'
import type { StoreLook } from './store-look.ts'

export type * from './store-look.ts'

export interface PeerAddress {
  readonly id: number
  /** Loopback or pod address, without port. */
  readonly host: string
  readonly httpPort: number
  readonly grpcPort: number
  readonly raftPort: number
}

/** The shared database of MySQL mode, the same for all nodes. */
export interface MysqlStart {
  /** `mysql://user@host:port/database[,host2:port2]`, without a password. */
  readonly url: string
  /** Never log it. */
  readonly password: string
  /** Take the database over, whosever it is. */
  readonly adopt: boolean
  /**
   * Of a move into a database that holds rows of others: whose counts under a name that both have (`abort`: neither, and nothing is moved). Absent: the
   * cluster does not move in beside them.
   */
  readonly merge?: 'abort' | 'skip' | 'overwrite' | undefined
}

/** Whether callers are asked who they are, and what the program that starts the node shows instead of a login. */
export interface AuthStart {
  readonly on: boolean
  /** 64 hex digits, made for this one start of this node and told to no other process; null: there is none. Never log it. */
  readonly identity: string | null
}

/** Everything a worker needs to start; sent as the first message, never on a command line (it holds a secret). */
export interface NodeStart {
  readonly id: number
  /** Version of the product, shown in the member list. */
  readonly version: string
  /** A node's home: holds `data/` and `logs/`. */
  readonly dir: string
  /** Where this node listens, with all its ports; its own host among `members` if absent. */
  readonly listenHost?: string
  /** Names by which callers may call it, besides those of loopback: `nacos-0.nacos`, `*.nacos.svc`, `10.1.2.3`; without ports. */
  readonly allowedHosts?: readonly string[]
  /** Where nodes are, this one among them. Who votes stands in the Raft log, once it says anything. */
  readonly members: readonly PeerAddress[]
  /** Ids of the voters that the cluster began with, the same for its whole life. A node that joined later is not among them. */
  readonly founders: readonly number[]
  /** 64 hex digits, shared by the nodes of one cluster. */
  readonly clusterSecret: string
  readonly clusterId: string
  /** Console origins that may send requests from a browser, e.g. `http://127.0.0.1:18848`. Empty: none. */
  readonly allowedOrigins: readonly string[]
  /** Where the console is, for the page at `/nacos`; null without one. */
  readonly consoleUrl: string | null
  /** The supervisor remembers, outside of `dir`, that this node has listened once: an empty `dir` then means loss, not a new node. */
  readonly hasRunBefore?: boolean
  /** Faults that were set before this life began; none if absent. */
  readonly faults?: NodeFaults
  /** Absent: SQLite mode. */
  readonly mysql?: MysqlStart
  /** Absent: nobody is asked. */
  readonly auth?: AuthStart
  /** Overrides of single options by name (see src-node/options.ts). */
  readonly overrides: Readonly<Record<string, number | boolean | string>>
}

/** Faults on the way of frames between this node and one peer, one direction. Sockets stay open: nobody is told. */
export interface LinkFault {
  readonly peer: number
  /** `out`: what this node sends to the peer; `in`: what it hears from it. */
  readonly direction: 'in' | 'out'
  readonly cut: boolean
  /** Each frame comes so much later, plus up to `jitterMs`; the order stays. */
  readonly delayMs: number
  readonly jitterMs: number
  /** Probability with which a frame is lost, 0..1. */
  readonly loss: number
}

/** Faults of one of the node's two disks. */
export interface DiskFault {
  /** Every write is answered so much later; the event loop goes on. */
  readonly slowMs: number
  /** Every write finds no room, and nothing is written. */
  readonly full: boolean
}

/** All switches of one node, to practise with: always the whole wanted set, so that saying it twice changes nothing. */
export interface NodeFaults {
  readonly links: readonly LinkFault[]
  readonly raftLog: DiskFault
  readonly stateStore: DiskFault
  /** Added to the node's wall clock, ms; its monotonic clock never jumps. */
  readonly clockOffsetMs: number
}

const soundDisk: DiskFault = { slowMs: 0, full: false }
export const noFaults: NodeFaults = { links: [], raftLog: soundDisk, stateStore: soundDisk, clockOffsetMs: 0 }

/** What a node takes at most; both sides refuse more. */
export const faultLimits = {
  delayMs: 5_000,
  slowMs: 5_000,
  /** Ten years, both ways. */
  clockOffsetMs: 10 * 366 * 24 * 3_600_000,
  /** Two directions to each peer of the largest cluster, with room. */
  links: 64,
} as const

/** A shared database to be looked at before anybody relies on it. */
export interface MysqlTestAsked {
  /** `mysql://user@host:port/database[,host2:port2]`. */
  readonly url: string
  /** Never log it; null: none, or the one in the URL. */
  readonly password: string | null
  /** Whose fence is no other cluster's. */
  readonly clusterId: string
}

export type MysqlTestStepName = 'name' | 'port' | 'login' | 'schema' | 'version' | 'writable' | 'rights' | 'tables' | 'durability'

/** What a person does about it; the console has a sentence for each. */
export type MysqlNextStep =
  | 'none'
  | 'correct-host-name'
  | 'start-server-or-correct-port'
  | 'check-network-and-firewall'
  | 'correct-user-or-password'
  | 'create-database'
  | 'grant-rights'
  | 'raise-max-connections'
  | 'name-the-primary'
  | 'upgrade-server'
  | 'choose-another-database'
  | 'adopt-or-choose-another'
  | 'convert-to-utf8mb4'
  | 'set-durable'
  | 'try-again'

export interface MysqlTestStep {
  readonly step: MysqlTestStepName
  /** `skipped`: a step before it failed. */
  readonly outcome: 'passed' | 'warned' | 'failed' | 'skipped'
  /** Cause; `ok` when passed. */
  readonly code: string
  readonly next: MysqlNextStep
  readonly parameters: Readonly<Record<string, string>>
  /** Null: it was skipped, or nobody looked at the clock. */
  readonly tookMs: number | null
}

/** While a test runs: `found` null says that this step runs now. A step may be told twice: a later one can show that it failed after all. */
export interface MysqlTestProgress {
  readonly address: string
  readonly step: MysqlTestStepName
  readonly found: MysqlTestStep | null
}

export interface MysqlAddressTest {
  /** `host:port`. */
  readonly address: string
  /** All of them, in the order of their names above. */
  readonly steps: readonly MysqlTestStep[]
}

export type MysqlTestAnswer =
  /** One for each address, in the order of the URL. */
  | { readonly kind: 'tested'; readonly addresses: readonly MysqlAddressTest[] }
  /** `part` is what was wrong with it; nothing that stands before its last `@`. */
  | { readonly kind: 'url-unreadable'; readonly problem: string; readonly part: string }
  | { readonly kind: 'failed'; readonly reason: string }

export type ParentToWorker =
  | { readonly kind: 'start'; readonly start: NodeStart }
  /** Finish writes, checkpoint, write the clean marker, say bye, exit 0. */
  | { readonly kind: 'stop' }
  /** A fault to practise with: the worker's event loop stands still for `ms` (bounded by the worker to 60 s). */
  | { readonly kind: 'block-loop'; readonly ms: number }
  | { readonly kind: 'console-url'; readonly url: string | null }
  /** Faults to practise with: this set and no other from now on. */
  | { readonly kind: 'faults'; readonly faults: NodeFaults }
  /** Where nodes are from now on: whom to dial, to let in and to show. */
  | { readonly kind: 'members'; readonly members: readonly PeerAddress[] }
  /** For this node to do with its own data; answered by `order-answer` with the same number, once, perhaps minutes later. */
  | { readonly kind: 'order'; readonly number: number; readonly order: NodeOrder }
  /** For the leader to do; answered by `wish-answer` with the same number, once and soon. */
  | { readonly kind: 'wish'; readonly number: number; readonly wish: LeaderWish }
  /** Of a worker that runs no node; answered by `mysql-tested`. */
  | { readonly kind: 'test-mysql'; readonly asked: MysqlTestAsked }

/**
 * `check`: a full look through both files. `backup`: a copy of the state into a folder, named from the root on. `look-at-store`: what the node
 * has beside what a shared database has; null: the one that it uses. As of `position`, what the node changed after the database's own position is
 * told apart, since it is still on its way; as of `now`, it is what the database lacks.
 */
export type NodeOrder =
  | { readonly kind: 'check' }
  | { readonly kind: 'backup'; readonly folder: string }
  | LookOrder
  /** Whether callers are asked who they are, from now on. */
  | { readonly kind: 'auth'; readonly on: boolean }
export interface LookOrder {
  readonly kind: 'look-at-store'
  readonly mysql: Pick<MysqlStart, 'url' | 'password'> | null
  readonly asOf: 'now' | 'position'
}

/** In words for people: what was found or done, or why not. */
export interface OrderAnswer {
  readonly ok: boolean
  readonly words: string
  /** Of `look-at-store`. */
  readonly look?: StoreLook
}

/** What a supervisor may want of the leader. Ids are those of nodes. */
export type LeaderWish =
  | { readonly kind: 'add-learner' | 'promote' | 'remove'; readonly id: number }
  /** Leadership to this voter. */
  | { readonly kind: 'transfer'; readonly id: number }

/** Codes are those of the Raft driver, and `unknown`: it may or may not come about. */
export type WishAnswer = { readonly ok: true } | { readonly ok: false; readonly code: string }

/** The shared database as this node knows it: the leader's word counts. */
export interface NodeStoreStatus {
  /** Everything up to here that belongs into the database is there. */
  readonly storedIndex: number
  /** Entries that it still lacks, as far as this node knows. */
  readonly queueLength: number
  readonly health: 'undecided' | 'available' | 'away'
  /** Wall time since which it has been so, ms. */
  readonly sinceMs: number
  readonly trouble: StoreTroubleTold | null
  /** What the database does not take of what was committed: how many rows, and the newest. Null: the leader knows it. */
  readonly refusedRows: { readonly count: number; readonly newest: readonly StoreRowRefused[] } | null
}

/** Why the shared database is not used: a code for the console's own sentence, what that names, and English words for the log. Never a password. */
export interface StoreTroubleTold {
  readonly code: string
  readonly words: string
  readonly facts: Readonly<Record<string, string>>
}

/** A row that the shared database did not take; the nodes have it. */
export interface StoreRowRefused {
  readonly table: string
  readonly column: string | null
  readonly rowId: number
  readonly namespace: string
  readonly group: string
  readonly dataId: string
  readonly sqlState: string
  readonly message: string
}

export interface PeerView {
  readonly id: number
  readonly connected: boolean
  readonly matchIndex: number | null
  readonly rttMs: number | null
}

/** One node's own view, sent when it changes (at most ten times a second) and at least once a second. */
export interface NodeStatus {
  readonly id: number
  readonly role: Role
  readonly term: number
  readonly leaderId: number | null
  readonly commitIndex: number
  readonly appliedIndex: number
  readonly lastIndex: number
  /** Listens, knows a leader, and has applied the commit index that this leader first told it. */
  readonly serving: boolean
  readonly diskFull: boolean
  readonly stateHash: string
  readonly configCount: number
  /** The configuration that this node goes by. */
  readonly voters: readonly number[]
  readonly learners: readonly number[]
  readonly peers: readonly PeerView[]
  readonly rssBytes: number
  /** Share of one core since the last status, 0..1 and above. */
  readonly cpuShare: number
  readonly uptimeMs: number
  /** Counters since start; rates are the reader's business. */
  readonly writes: number
  readonly reads: number
  readonly pushes: number
  readonly longPolls: number
  /** Mean of the synced log commits since the last status, in ms; null if there was none. */
  readonly fsyncMs: number | null
  /** Absent in SQLite mode. */
  readonly store?: NodeStoreStatus
}

/** Things worth a mark on a time line. `atMs` is wall time. */
export type NodeEvent =
  | {
      readonly type: 'role'
      readonly atMs: number
      readonly role: Role
      readonly term: number
      readonly leaderId: number | null
      readonly cause: string
    }
  | { readonly type: 'peer'; readonly atMs: number; readonly peer: number; readonly up: boolean }
  | { readonly type: 'disk-full'; readonly atMs: number; readonly on: boolean }
  | { readonly type: 'slow-turn'; readonly atMs: number; readonly ms: number; readonly during: string }
  /** As this node sees the shared database; `refused`: it is not ours to write to, and this node ends. */
  | { readonly type: 'store'; readonly atMs: number; readonly state: 'away' | 'back' | 'refused'; readonly trouble: StoreTroubleTold | null }

export type WorkerToParent =
  /** Loaded and waiting for `start`. */
  | { readonly kind: 'hello'; readonly pid: number }
  /** Ports are open, storage is open. */
  | { readonly kind: 'listening' }
  | { readonly kind: 'status'; readonly status: NodeStatus }
  | { readonly kind: 'events'; readonly events: readonly NodeEvent[] }
  | { readonly kind: 'wish-answer'; readonly number: number; readonly answer: WishAnswer }
  | { readonly kind: 'mysql-test-progress'; readonly progress: MysqlTestProgress }
  | { readonly kind: 'mysql-tested'; readonly answer: MysqlTestAnswer }
  | { readonly kind: 'order-answer'; readonly number: number; readonly answer: OrderAnswer }
  /** Last words before a wanted or own end; `exitCode` follows. */
  | { readonly kind: 'bye'; readonly exitCode: ExitCode; readonly reason: string }

/** What the built `alone.js` gives to whoever starts a node without a supervisor, in its own process. */
export interface AloneNode {
  /** Runs until a signal or a failure ends the process. `echo` hears every line of the log, with its newline. */
  runAlone(start: NodeStart, echo: (line: string) => void): void
}

/** Exit codes of a worker; the supervisor turns them into words and policy. */
export const exitCodes = {
  clean: 0,
  badOptions: 10,
  /** An address is taken; the reason names port and, where known, its holder. */
  portTaken: 11,
  /** A database file is damaged or of another cluster: not restarted by policy. */
  dataDamaged: 12,
  /** An I/O error or failed sync: nothing after it may be believed. */
  diskError: 13,
  /** A broken invariant: a bug of ours, logged before the end. */
  invariant: 14,
  /** The supervisor's channel closed. */
  parentGone: 15,
  /** The shared database belongs to another cluster, or is further than this one: not restarted by policy. */
  storeRefused: 16,
  /** A file or folder of the node may not be written to: not restarted by policy, since nothing changes by that. */
  dataReadOnly: 17,
  /** No room for what a start writes: started again once there is some. A node that runs stays, and goes on by itself. */
  diskFull: 18,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
