/**
 * What the HTTP API needs of the node, as narrow interfaces: the tests hand in small fakes, node.ts the real parts.
 * Callbacks may be called at once or later, never twice.
 */

import type { Authorizer } from '../../auth/authorizer.ts'
import type { DiskCache } from '../../disk-cache/types.ts'
import type { NamingPort } from '../../naming/naming-port.ts'
import type { GrayReader } from '../../notify/chosen-version.ts'
import type { ListenerView } from '../../notify/listener-view.ts'
import type { NoticeEndpoint } from '../../notify/notices.ts'
import type { PollTable } from '../../notify/poll-table.ts'
import type { Counters } from '../../observe/counters.ts'
import type { RaftDriver, RaftStatus, SnapshotNowResult, WriteOutcome } from '../../raft-driver/ports.ts'
import type { SharedStoreStatus } from '../../raft-driver/shared-store.ts'
import type { AccountCommand, PermissionRow, UserRow } from '../../state-machine/areas/account-words.ts'
import type { CapacityRow, CapacityScope, PutCapacity } from '../../state-machine/areas/capacity-words.ts'
import type { GrayCommand, GrayRow } from '../../state-machine/areas/gray-words.ts'
import type { KeptHead } from '../../state-machine/areas/kept-codec.ts'
import type { NamespaceCommand, NamespaceRow } from '../../state-machine/areas/namespace-words.ts'
import type { SharedRecord } from '../../state-machine/areas/shared-words.ts'
import type { Command, ConfigIndexRow, ConfigKey, ConfigRow, MachineMeta, NamedSnapshot, Reply, SnapshotCommand } from '../../state-machine/types.ts'
import type { SinkCandidate, SinkExcess } from '../../storage/sink.ts'
import type { StorageFailure } from '../../storage/storage-failure.ts'
import type { StoreLookups } from '../../storage/types.ts'
import type { UdpPush } from '../udp-push.ts'
import type { PeerQuestions } from './peer-questions.ts'

/** Own applied state. `find` is the machine's memory; contents come from the store. */
export interface ConfigReader {
  find(key: ConfigKey): ConfigIndexRow | undefined
  all(): IterableIterator<ConfigIndexRow>
  readContent(id: number): Uint8Array | undefined
  readConfig(key: ConfigKey): ConfigRow | undefined
}

export interface MemberAddress {
  readonly id: number
  readonly host: string
  readonly httpPort: number
  readonly raftPort: number
}

/** The parts of options.ts that stand in answers or bound the HTTP server. */
export interface HttpSettings {
  readonly httpBodyBytesMax: number
  readonly httpBodiesInFlightBytesMax: number
  readonly httpAnswersInFlightBytesMax: number
  readonly httpConnectionsMax: number
  readonly httpZipBytesMax: number
  readonly httpHeaderBytesMax: number
  readonly contentCacheBytes: number
  readonly historyRetentionMs: number
  readonly electionTimeoutMs: number
  readonly heartbeatMs: number
}

/** The shared database of MySQL mode. */
export interface SharedStoreView {
  status(): SharedStoreStatus
  /** Told once: whether `tooBigFor` can be believed by now. */
  columnsKnown(done: (known: boolean) => void): void
  /** What a column of it cannot hold; null: it takes this publish. */
  tooBigFor(candidate: SinkCandidate): SinkExcess | null
  /** The same of a namespace, a user, a role, a gray version, a capacity. */
  tooBigForRecord(record: SharedRecord): SinkExcess | null
}

/** Named snapshots: as this node has applied them, and what is to be done with them. */
export interface SnapshotPort {
  list(): readonly NamedSnapshot[]
  /** What the snapshot of this index keeps besides configurations; undefined: nothing. */
  kept(index: number): KeptHead | undefined
  propose(command: SnapshotCommand, done: (outcome: WriteOutcome<Reply>) => void): void
}

/** Services and instances, and how 1.x clients hear of them. */
export interface NamingParts {
  readonly port: NamingPort
  readonly udpPush: Pick<UdpPush, 'send'>
}

/** Namespaces: as this node has applied them, and what is to be done with them. */
export interface NamespacePort {
  find(id: string): NamespaceRow | undefined
  /** In no order that means anything. */
  all(): IterableIterator<NamespaceRow>
  propose(command: NamespaceCommand, done: (outcome: WriteOutcome<Reply>) => void): void
}

/** Users, roles and permissions, and who may what. */
export interface AuthPort extends Authorizer {
  user(name: string): UserRow | undefined
  users(): IterableIterator<UserRow>
  /** Of each role that has some. */
  permissions(): IterableIterator<readonly PermissionRow[]>
  hasAdministrator(): boolean
  /** Undefined: too many wait already. */
  hash(password: string, done: (hash: string | undefined) => void): void
  /** A password for somebody who named none. */
  newPassword(): string
  propose(command: AccountCommand, done: (outcome: WriteOutcome<Reply>) => void): void
}

/** A client that is registered over gRPC. */
export interface ConnectionView {
  readonly connectionId: string
  /** As the transport has them. */
  readonly ip: string
  readonly port: number
  /** What the client says its address is. */
  readonly clientIp: string
  readonly version: string
  readonly tenant: string
  readonly appName: string
  readonly labels: Readonly<Record<string, string>>
  /** ms since 1970. */
  readonly createdMs: number
  readonly lastActiveMs: number
  readonly pendingPushes: number
}

/** A node as clients reckon from it: gRPC stands 1000 above. */
export interface Place {
  readonly host: string
  readonly httpPort: number
}

/** The clients of this node's gRPC port. */
export interface ConnectionTable {
  size(): number
  views(): readonly ConnectionView[]
  /** Asks a client to move; null: where it wants. False: there is none with this id. */
  reset(connectionId: string, place: Place | null): boolean
  /**
   * What the clients that call themselves by this address say of their configurations, and of one of them if it is named (`dataId+group[+tenant]`).
   * Once, at once or within a second. False: too many ask.
   */
  configMetrics(clientIp: string, groupKey: string | null, done: (metrics: ReadonlyMap<string, unknown>) => void): boolean
}

/** Versions of configurations for some of their clients. Contents come from the store. */
export interface GrayPort extends GrayReader {
  readContent(row: GrayRow): Uint8Array | undefined
  propose(command: GrayCommand, done: (outcome: WriteOutcome<Reply>) => void): void
}

/** What operators have set for groups and namespaces. */
export interface CapacityPort {
  find(scope: CapacityScope, name: string): CapacityRow | undefined
  propose(command: PutCapacity, done: (outcome: WriteOutcome<Reply>) => void): void
}

export interface HttpParts {
  readonly nodeId: number
  readonly version: string
  readonly members: readonly MemberAddress[]
  readonly allowedOrigins: readonly string[]
  /** Names by which callers may call this node, besides those of loopback (guard.ts). */
  readonly allowedHosts: readonly string[]
  readonly settings: HttpSettings
  /** Where uploaded files lie while they are read: a folder of the server's own, emptied when it starts. */
  readonly uploadDir: string
  readonly configs: ConfigReader
  readonly cache: Pick<DiskCache, 'fullDump' | 'status'>
  /** Null in SQLite mode. */
  readonly sharedStore: SharedStoreView | null
  readonly polls: PollTable
  /** What people look for in the store, and its history. */
  readonly lookups: StoreLookups
  /** Everybody who listens at this node, one view for each way of listening. */
  readonly listenerViews: readonly ListenerView[]
  readonly peers: PeerQuestions
  /** What nodes tell each other has changed. */
  readonly notices: NoticeEndpoint
  readonly naming: NamingParts
  readonly connections: ConnectionTable
  readonly counters: Counters
  readonly snapshots: SnapshotPort
  readonly namespaces: NamespacePort
  readonly auth: AuthPort
  readonly grays: GrayPort
  readonly capacities: CapacityPort
  write(command: Command, done: (outcome: WriteOutcome<Reply>) => void): void
  /** Before a linearizable read (design 5): `safe` means that this node's own state may answer now. */
  readonly readIndex: RaftDriver<Reply>['readIndex']
  readonly transfer: RaftDriver<Reply>['transfer']
  readonly changeMembership: RaftDriver<Reply>['changeMembership']
  snapshotNow(done: (result: SnapshotNowResult) => void): void
  status(): RaftStatus
  meta(): MachineMeta
  /** A full look through both files of this node, in words; one at a time. */
  checkData(done: (answer: { readonly ok: boolean; readonly words: string }) => void): void
  /** Whether old history goes; `suspended`: this node's wall clock cannot be believed. */
  historyRetention(): 'off' | 'on' | 'suspended'
  consoleUrl(): string | null
  /** One line for the log: what people had this node do. It may hold their words, at a bounded length. */
  noted(line: string): void
  /** An answer had to be made up because something broke; the cause goes into the log, never to the client. */
  failed(what: string, cause: unknown): void
  /** The store may not be believed any more: ends the node, once the answers of this turn have left. May be called more than once. */
  storeBroken(failure: StorageFailure): void
  readonly clock: {
    wallMs(): number
    monotonicMs(): number
    /** Runs the task after the inputs that wait already. */
    defer(task: () => void): void
    after(ms: number, task: () => void): { cancel(): void }
  }
}
