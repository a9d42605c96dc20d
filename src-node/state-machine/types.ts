/**
 * The words of the pure Nacos state machine: commands in, row writes + reply + effects out.
 * The row types are owned here; `storage` writes them as they are. Contents are UTF-8 bytes, never decoded on this path.
 */

import type { AreaEffect, AreaReply } from './areas/area-words.ts'
import type { Areas } from './areas/areas.ts'

/** Rows that storage keeps in Nacos's own tables. */
export type { SharedName, SharedRecord } from './areas/shared-words.ts'

/** Namespace is `''` for the default one (`public`, `null` and blank are normalised at the API, nacos-http 3.1). */
export interface ConfigKey {
  readonly namespace: string
  readonly group: string
  readonly dataId: string
}

/** Values as Nacos knows them; anything else is stored as `text` (nacos-http 3.3). */
export type ConfigType = 'text' | 'json' | 'xml' | 'yaml' | 'html' | 'properties' | 'toml' | 'unset'

/** What both commands may carry. */
interface Repeatable {
  /** Chosen by the client, one per write: a repeat gets the first reply. Absent: every entry is a write of its own. */
  readonly requestId?: string
}

export interface PublishConfig extends ConfigKey, Repeatable {
  readonly kind: 'publish-config'
  readonly content: Uint8Array
  /** Lower-case hex md5 of `content`, computed by the node that took the request. */
  readonly md5: string
  readonly type: ConfigType
  /** Compare-and-set: publish only if the current md5 is this; `''` demands absence; null = no condition. */
  readonly expectedMd5: string | null
  readonly appName: string
  readonly description: string
  /** null = not given: those of the row stay as they are, as in Nacos (nacos-storage 2); `[]` clears them. */
  readonly tags: readonly string[] | null
  readonly sourceIp: string
  readonly sourceUser: string
  readonly encryptedDataKey: string
}
export interface DeleteConfig extends ConfigKey, Repeatable {
  readonly kind: 'delete-config'
  /** As in publish; null = no condition. */
  readonly expectedMd5: string | null
  readonly sourceIp: string
  readonly sourceUser: string
}
export type Command = PublishConfig | DeleteConfig

/**
 * A row of a database that is being attached becomes this cluster's, with its times and, where it is free, its id. Without history of its own:
 * that is in the database. Proposed by the leader, never by a client.
 */
export interface AdoptConfig {
  readonly kind: 'adopt-config'
  /** In the database. */
  readonly id: number
  readonly createdMs: number
  readonly modifiedMs: number
  /** What is published, and the md5 that it replaces. */
  readonly row: PublishConfig
}
/** Ids and history ids to come are above these, those of a database that is being attached. */
export interface RaiseIds {
  readonly kind: 'raise-ids'
  readonly configId: number
  readonly historyId: number
}
/**
 * What another program did to a row of the shared database becomes this cluster's, with its times, unless the key has changed here since; what it
 * replaces stands in history. Proposed by the leader, never by a client.
 */
export interface AdoptChange {
  readonly kind: 'adopt-change'
  /** Applied index at which the database was read: a key that was changed here after it is newer than that row. */
  readonly asOf: number
  /** In the database; 0 of a row that is gone. */
  readonly id: number
  readonly createdMs: number
  readonly modifiedMs: number
  /** What stands there now, or that nothing does; and the md5 that it replaces. */
  readonly row: PublishConfig | DeleteConfig
}
export type AttachCommand = AdoptConfig | AdoptChange | RaiseIds
/** Rows of history go, as the leader's clock and its history demand: proposed by a node, never by a client. */
export interface PruneHistory {
  readonly kind: 'prune-history'
  /** Only rows older than this go, ms of log time. Never above the log time itself. */
  readonly cutoffMs: number
  /** Numbers of the rows, ascending; a number that has no row any more means nothing. */
  readonly nids: readonly number[]
}

/** A snapshot of the cluster is to be there under a name: proposed by a person. */
export interface TakeSnapshot {
  readonly kind: 'take-snapshot'
  readonly name: string
}
export interface DropSnapshot {
  readonly kind: 'drop-snapshot'
  readonly index: number
}
/** The cluster becomes what a snapshot holds, which is named by what it is, so that none that came later under its name is meant. */
export interface RestoreSnapshot {
  readonly kind: 'restore-snapshot'
  readonly index: number
  readonly contentHash: string
  /** Users, roles and permissions too. Without, they stay as they are: who was shut out since must not come back unasked. */
  readonly accounts: boolean
  readonly sourceIp: string
  readonly sourceUser: string
}
export type SnapshotCommand = TakeSnapshot | DropSnapshot | RestoreSnapshot

/**
 * A point of the log to which the cluster can be brought back. It holds no rows of configurations: whatever was changed since stands in the history, of
 * which nothing goes from there on. What there is besides them is copied (area 8).
 */
export interface NamedSnapshot {
  /** Raft index of the entry that made it: what commands mean it by, since a name may come again. */
  readonly index: number
  /** `before-restore`: made by a restore, of what it replaced. There is one at most, under the name of what was restored. */
  readonly kind: 'named' | 'before-restore'
  readonly name: string
  /** Log time, ms since 1970. */
  readonly takenMs: number
  /** The number that the first row of history after it got, or will get. */
  readonly historyFrom: number
  readonly configs: number
  readonly contentBytes: number
  /** 16 hex digits over its configurations: equal for equal names and contents, whenever they were written. */
  readonly contentHash: string
  /** False: rows came without history since then, from a database that was attached, and there is no way back. */
  readonly usable: boolean
}

/** What the machine keeps in memory for each configuration; the content stays in the store. */
export interface ConfigIndexRow extends ConfigKey {
  /** Row id, a counter of the state machine: equal on all nodes. */
  readonly id: number
  readonly md5: string
  readonly type: ConfigType
  readonly encryptedDataKey: string
  readonly createdMs: number
  readonly modifiedMs: number
  /** Raft index of the last change: the only meaning of "newer". */
  readonly index: number
  readonly contentBytes: number
}

export interface ConfigRow extends ConfigIndexRow {
  readonly content: Uint8Array
  readonly appName: string
  readonly description: string
  readonly tags: readonly string[]
  readonly sourceIp: string
  readonly sourceUser: string
}

/** A row of history without its content: what the machine has to know of it to undo it. */
export interface HistoryHead extends ConfigKey {
  readonly nid: number
  /** `I`: the configuration was not there before. Otherwise the row is what it was. */
  readonly operation: 'I' | 'U' | 'D'
  readonly md5: string
  readonly type: ConfigType
  readonly encryptedDataKey: string
  readonly contentBytes: number
}

/**
 * The first reply to a write that carried a request id, flat and small: up to `requestIdsMax` of them stay in memory. `md5` is the
 * published one, or the current one of a conflict, else `''`.
 */
export interface RequestRow {
  readonly requestId: string
  /** Raft index of the entry that was carried out: names the row, and says which one is the oldest. */
  readonly index: number
  /** 32 bits over the command, to tell a repeat from another write under a used id. */
  readonly commandHash: number
  readonly outcome: RequestOutcome
  readonly md5: string
}
export type RequestOutcome = 'created' | 'updated' | 'deleted' | 'nothing-deleted' | 'cas-conflict'

/** 1 services, 2 instances, 3 gray, 4 namespaces, 5 users, roles and permissions, 6 switches, 7 capacities, 8 what named snapshots keep: format of the store. */
export type AreaNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** A row of an area, whose meaning only the area knows. */
export interface AreaRecord {
  readonly area: AreaNumber
  /** Unique within its area; no lone surrogates. */
  readonly key: string
  /** Of any length up to that of a content. */
  readonly value: Uint8Array
}

/** A row of history of what an area keeps beside a configuration. */
export interface BesidesHistory extends ConfigKey {
  readonly operation: 'I' | 'U' | 'D'
  readonly md5: string
  readonly appName: string
  readonly encryptedDataKey: string
  readonly sourceIp: string
  readonly sourceUser: string
  /** JSON as Nacos keeps it. */
  readonly extInfo: string
  /** Itself, or so many bytes at the end of a record's value, as it stands before this entry. */
  readonly content: Uint8Array | { readonly area: AreaNumber; readonly key: string; readonly bytes: number }
}

/** In the order they are to be carried out, inside the batch's one transaction. */
export type RowWrite =
  /** `keepTags`: an existing row's tags stay, `row.tags` counts for a new row only. */
  | { readonly kind: 'put-config'; readonly row: ConfigRow; readonly keepTags?: true }
  | { readonly kind: 'drop-config'; readonly id: number }
  /** History of an insert: the new content; row id 0 (nacos-storage 2). Content is that of `row`. */
  | { readonly kind: 'history-insert'; readonly nid: number; readonly row: ConfigRow }
  /**
   * History of an update or delete: the store copies the current row `id` (its old content) before it changes, with
   * the operation's time, source and index; `contentBytes` is that content's length. `I`: of a row that a restore has just put, as if it had been inserted. `apart`: the shared database
   * has the change itself already, and lacks this row alone.
   */
  | {
      readonly kind: 'history-copy'
      readonly nid: number
      readonly id: number
      readonly operation: 'I' | 'U' | 'D'
      readonly atMs: number
      readonly sourceIp: string
      readonly sourceUser: string
      readonly index: number
      readonly contentBytes: number
      readonly apart?: true
    }
  /** History of a gray version: names no row of a configuration, and no snapshot needs it. */
  | ({ readonly kind: 'history-besides'; readonly nid: number; readonly atMs: number; readonly index: number } & BesidesHistory)
  /** The rows of these numbers go, if they are there and older than `cutoffMs`: by nothing but what all nodes store alike. */
  | { readonly kind: 'prune-history'; readonly nids: readonly number[]; readonly cutoffMs: number; readonly index: number }
  /** The row is put, with the content, application, description and tags of the history's row `fromNid`. */
  | {
      readonly kind: 'restore-config'
      readonly row: ConfigIndexRow
      readonly fromNid: number
      readonly sourceIp: string
      readonly sourceUser: string
    }
  | { readonly kind: 'put-snapshot'; readonly snapshot: NamedSnapshot }
  | { readonly kind: 'drop-snapshot'; readonly index: number }
  | { readonly kind: 'put-request'; readonly row: RequestRow }
  /** The oldest one goes, named by the index of its entry. */
  | { readonly kind: 'drop-request'; readonly index: number }
  /** `apart` as above. */
  | ({ readonly kind: 'put-record'; readonly index: number; readonly apart?: true } & AreaRecord)
  /** It is there. */
  | { readonly kind: 'drop-record'; readonly index: number; readonly area: AreaNumber; readonly key: string; readonly apart?: true }

/** Counters and time of the machine; saved with every batch, part of every snapshot. */
export interface MachineMeta {
  readonly appliedIndex: number
  readonly appliedTerm: number
  readonly nextConfigId: number
  readonly nextHistoryId: number
  /** Log time: max of all stamps so far, ms since 1970. Never falls. */
  readonly lastTimeMs: number
  /** 16 hex digits, kept incrementally; equal on nodes of equal applied index. */
  readonly stateHash: string
}

/** What became of a command that was carried out. */
export type WriteReply =
  | { readonly kind: 'published'; readonly md5: string; readonly index: number; readonly created: boolean }
  /** `existed` false: nothing to delete, which Nacos answers with success too. */
  | { readonly kind: 'deleted'; readonly existed: boolean; readonly index: number }
  | { readonly kind: 'cas-conflict'; readonly currentMd5: string }
export type Reply =
  | WriteReply
  | AreaReply
  /** The request id was used for another command before: changed nothing. `index` is that of the first. */
  | { readonly kind: 'request-id-taken'; readonly index: number }
  | { readonly kind: 'ids-raised'; readonly index: number }
  | { readonly kind: 'history-pruned'; readonly index: number }
  | { readonly kind: 'snapshot-taken'; readonly snapshot: NamedSnapshot }
  | { readonly kind: 'snapshot-dropped'; readonly index: number }
  /** How many configurations were replaced, came back, and went. */
  | {
      readonly kind: 'snapshot-restored'
      readonly index: number
      readonly updated: number
      readonly created: number
      readonly removed: number
      readonly besides: BesidesRestored
    }
  /** Changed nothing. */
  | { readonly kind: 'snapshot-refused'; readonly why: SnapshotRefusal }
  /** Bytes no version of ours can read: recorded, changed nothing (reliability 4.31). */
  | { readonly kind: 'invalid-command' }

/** What a restore did to services, instances, gray versions, namespaces, capacities and accounts, in records. */
export interface BesidesRestored {
  /** Changed or brought back. */
  readonly brought: number
  readonly removed: number
  /** Persistent services and instances that stayed away, where an ephemeral service has their name now. */
  readonly left: number
}

export type SnapshotRefusal = 'name-taken' | 'too-many' | 'unknown' | 'not-usable'

/** Told after the batch is in the store, in order: what listeners must hear. `md5` is `''` after a delete. */
export interface ConfigChanged extends ConfigKey {
  readonly kind: 'config-changed'
  readonly md5: string
  readonly index: number
}
export type Effect = ConfigChanged | AreaEffect

export interface ApplyResult {
  readonly writes: readonly RowWrite[]
  readonly reply: Reply
  readonly effects: readonly Effect[]
}

export interface AppliedEntry {
  readonly index: number
  readonly term: number
  readonly stampMs: number
  readonly payload: Uint8Array
}

/** What one step of a long command may take. */
export interface StepLimits {
  /** Rows looked at, */
  readonly walked: number
  /** rows changed, */
  readonly changed: number
  /** and bytes of their contents, beyond the first row. */
  readonly bytes: number
}

/** Records as the store has them, with all that the running command has written so far, by area and key: those after this one. */
export type StoredRecords = (area: number, key: string) => Iterator<AreaRecord>

/** A command that looks at all configurations, a step at a time. Its batch holds it and nothing else. */
export interface LongRun {
  /** Heads of the history from this number on are to be fed, ascending, before the first step. Null: none. */
  readonly historyFrom: number | null
  feed(head: HistoryHead): void
  /** What the store is to write next, which may be nothing; null: that was all. */
  step(limits: StepLimits): readonly RowWrite[] | null
  /**
   * After the last step. `broken`: what comes of this node's history is not what was taken, so that it is not what it was; nothing may be kept of
   * it, and this node must not go on.
   */
  outcome(): { readonly kind: 'done'; readonly reply: Reply } | { readonly kind: 'broken'; readonly words: string }
  /** Once it is published, at any pace: what listeners must hear, a configuration or record a step, as it is by then; null: nothing. */
  told(): IterableIterator<Effect | null>
}

export interface MachineLoad {
  add(row: ConfigIndexRow): void
  /** Oldest first. */
  addRequest(row: RequestRow): void
  addSnapshot(snapshot: NamedSnapshot): void
  addRecord(record: AreaRecord): void
  /** What the rows so far and these counters hash to. */
  stateHash(meta: MachineMeta): string
  /**
   * What was loaded becomes the machine's memory at once; no batch may be running. Walks through both memories afterwards, a row a step,
   * at any pace: each step gives what listeners must hear of that row as it is by then, or null.
   */
  takeOver(meta: MachineMeta): IterableIterator<Effect | null>
}

/**
 * Changes made since `begin` are seen by later `apply` calls of the same batch, by readers only after `publish`;
 * `discard` forgets them (the store could not take the batch).
 */
export interface StateMachine {
  begin(): void
  apply(entry: AppliedEntry): ApplyResult
  /** For the commands of snapshot-codec.ts, of which `apply` makes nothing; between `begin` and `publish` or `discard`, alone. */
  applyLong(entry: AppliedEntry, records: StoredRecords): LongRun
  /** Counts an entry without a command (no-op). */
  skip(index: number, term: number): void
  /** The meta as it will be once the running batch is published. */
  pendingMeta(): MachineMeta
  publish(): void
  discard(): void

  /** Fills a second memory beside this one, at any pace; nobody sees it before it takes over. */
  load(): MachineLoad

  meta(): MachineMeta
  find(key: ConfigKey): ConfigIndexRow | undefined
  all(): IterableIterator<ConfigIndexRow>
  size(): number
  /** Remembered replies, oldest first. */
  requests(): IterableIterator<RequestRow>
  /** In the order of the log. */
  snapshots(): readonly NamedSnapshot[]
  /** As they are now: to be asked for each time, since others take their place with a snapshot. */
  areas(): Areas
}
