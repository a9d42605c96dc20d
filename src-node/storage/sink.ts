/**
 * The shared database of MySQL mode as the leader's driver sees it: an exactly-once sink, and a source when a database is attached.
 * Types only. One implementation, `mysql/`; it knows nothing of Raft, elections or who leads: the caller says which term it writes for.
 *
 * How it is used: `open` on every node (limits before propose), `claim` by a new leader, then `write` after `write`. After anything but
 * `written` the caller claims again, with a pause of its own, before its next `write`: a claim ends whatever an earlier connection left
 * under way and says what the database really has. That is why an unknown outcome needs no other handling.
 */

import type { AreaNumber, ConfigKey, ConfigRow, PublishConfig, SharedName, SharedRecord } from '../state-machine/types.ts'

/** A row that is gone; named by both, since another program may have given the key another id. */
export interface SinkDroppedRow extends ConfigKey {
  readonly id: number
}

export interface SinkHistoryRow extends ConfigKey {
  readonly nid: number
  /** Of the configuration; 0 for an insert (nacos-storage 1.4). */
  readonly id: number
  readonly operation: 'I' | 'U' | 'D'
  readonly content: Uint8Array
  readonly md5: string
  readonly appName: string
  readonly createdMs: number
  /** Time of the operation. */
  readonly modifiedMs: number
  readonly sourceIp: string
  readonly sourceUser: string
  readonly encryptedDataKey: string
  readonly publishType: string
  /** JSON as Nacos keeps it; not written where the table has no such column (before 2.5). */
  readonly extInfo: string
}

/**
 * What the leader's state store says has changed after `from` up to `to`; rows as they are at `to` or later, each key once.
 * Carried out in the order dropped, configs, history, forgotten, records. `to` may equal `from`: rows are repaired and the position stays.
 */
export interface SinkBatch {
  readonly from: number
  readonly to: number
  readonly configs: readonly ConfigRow[]
  readonly dropped: readonly SinkDroppedRow[]
  readonly history: readonly SinkHistoryRow[]
  /** Numbers (`nid`) of history that is over its retention; absent: none. */
  readonly forgotten?: readonly number[]
  /** Namespaces, users, roles, gray versions, capacities, each once, as they are by then; absent: none. */
  readonly records?: readonly SinkRecord[]
}

export interface SinkRecord {
  readonly area: AreaNumber
  readonly key: string
  /** Null: it is gone. */
  readonly value: Uint8Array | null
}

/** Nacos's tables for all that is no configuration. */
export type RecordTableName =
  | ('tenant_info' | 'users' | 'roles' | 'permissions' | 'group_capacity' | 'tenant_capacity')
  | ('config_info_gray' | 'config_info_beta' | 'config_info_tag')

/** What a record is in the words of Nacos's tables: the state machine's to say, so that storage need not know what a record means. */
export interface RecordWords {
  /** Null: it has no rows there. */
  recordOf(record: { readonly area: AreaNumber; readonly key: string; readonly value: Uint8Array }): SharedRecord | null
  nameOf(area: AreaNumber, key: string): SharedName | null
}

/**
 * A row that the database does not take (SQLSTATE 22 or 23, or a packet over its limit). The batch went on without it.
 * `table` and `column` are Nacos's names; `column` is null where the database does not name one.
 */
export interface SinkDataError extends ConfigKey {
  readonly table: 'config_info' | 'his_config_info' | 'config_tags_relation' | RecordTableName
  /** Row id, `nid` for history; of a record a number that its name gives (`refusedIdOf`). */
  readonly id: number
  readonly column: string | null
  readonly errno: number
  readonly sqlState: string
  /** In the database's own words; holds no content and no password. */
  readonly message: string
}

/**
 * What the database still refuses of all that was written, kept in the database: a row leaves it when it comes again and is taken, or is gone.
 */
export interface SinkRefusals {
  readonly count: number
  /** Newest first, a screenful at most. */
  readonly newest: readonly SinkDataError[]
}

export type SinkTroubleCode =
  /** No such host name. */
  | 'host-unknown'
  /** Nothing listens there. */
  | 'connection-refused'
  /** No answer within the time limit of connecting, or of a statement. */
  | 'no-answer'
  /** The connection ended in the middle. */
  | 'connection-lost'
  | 'access-denied'
  | 'database-missing'
  /** A right on a table or on the schema is missing; `detail` holds the database's sentence. */
  | 'right-missing'
  | 'too-many-connections'
  /** Each address that answers is read only. */
  | 'read-only'
  /** Another connection holds the rows: the fence, or a row that another program changes. */
  | 'rows-held'
  | 'disk-full'
  /** A table is not what Nacos has under this name; `detail` says which column lacks. */
  | 'schema-unknown'
  /** Migrated by a newer version of ours. */
  | 'schema-newer'
  /** What listens there is no MySQL, or a version or method of login that we cannot speak. */
  | 'not-understood'
  /** `close` was called, or a write came before a claim. */
  | 'not-open'
  | 'other'

/** Why the database could not be used; never holds a password. Goes to the console as code and parameters. */
export interface SinkTrouble {
  readonly code: SinkTroubleCode
  /** `host:port` that it was met at. */
  readonly address: string
  readonly user: string
  readonly database: string
  /** The database's or system's own words, for the log and for whoever looks closer. */
  readonly detail: string
}

export interface SinkUnavailable {
  readonly kind: 'unavailable'
  readonly trouble: SinkTrouble
}

/** The fence row, `nacos_trio_store`. */
export interface SinkPosition {
  readonly clusterId: string
  readonly term: number
  /** 0: attached, and nothing of ours written yet. */
  readonly appliedIndex: number
}

/** Of a publish, what columns have to hold. */
export type SinkCandidate = Pick<
  PublishConfig,
  'namespace' | 'group' | 'dataId' | 'content' | 'type' | 'appName' | 'description' | 'tags' | 'sourceIp' | 'sourceUser' | 'encryptedDataKey'
>

/**
 * What a column cannot hold. `limit` counts `unit`; with unit `charset` it is 0 and `charset` is the column's, which lacks a character. Unit `name`:
 * the column takes the name for another one; `charset` is its collation, and `taken` that other one.
 */
export interface SinkExcess {
  readonly column: string
  readonly limit: number
  readonly unit: 'characters' | 'bytes' | 'charset' | 'name'
  readonly charset: string
  /** `namespace/group/dataId`. */
  readonly taken?: string | undefined
}

/** How a database compares names of configurations, if it takes some for one that are not. */
export interface SinkNames {
  /** Equal for equal comparisons. */
  readonly kind: string
  /** One text for all names that it takes for one. */
  folded(key: ConfigKey): string
  /** Of two names that it takes for one: where they are not. */
  difference(a: ConfigKey, b: ConfigKey): { readonly column: string; readonly collation: string }
}

/** Read at open; columns change only under a migration, so it holds until the next open. */
export interface SinkLimits {
  /** Null: the tables take it. The dearest part is a walk over the content, and only where the charset is not utf8mb4. */
  tooBigFor(candidate: SinkCandidate): SinkExcess | null
  /** Absent: it tells all names apart. */
  readonly names?: SinkNames | undefined
  /** The same of what stands beside the configurations. */
  tooBigForRecord(record: SharedRecord): SinkExcess | null
}

export type OpenOutcome =
  | {
      readonly kind: 'opened'
      readonly limits: SinkLimits
      /** Null: the database was never attached to a cluster. */
      readonly position: SinkPosition | null
      /** `host:port` of the writable one. */
      readonly address: string
    }
  | SinkUnavailable

export interface SinkClaim {
  readonly term: number
  /** Last index of our own log: a database beyond it is not of this cluster's past. */
  readonly lastIndex: number
  /** The user asked for it: takes over another cluster's database, or one beyond our log. Its rows stay; its position becomes 0. */
  readonly adopt: boolean
}

export type ClaimOutcome =
  /**
   * Ours for this term. `appliedIndex` 0: attached just now, or attached and never written: read it all and propose what it holds, then
   * write. Lower than what was answered for before: the database is behind (a promoted replica, a restored backup): compare and repair.
   */
  | {
      readonly kind: 'claimed'
      readonly appliedIndex: number
      readonly limits: SinkLimits
      readonly refusals: SinkRefusals
      readonly address: string
    }
  /** A leader of a higher term has it. */
  | { readonly kind: 'outdated'; readonly position: SinkPosition }
  | { readonly kind: 'foreign'; readonly position: SinkPosition }
  | { readonly kind: 'ahead'; readonly position: SinkPosition }
  | SinkUnavailable

export type SinkOutcome =
  /** Committed: the database stands at `to`. `refusals`: they are others now. */
  | { readonly kind: 'written'; readonly dataErrors: readonly SinkDataError[]; readonly refusals?: SinkRefusals }
  /** Not at `from`, or not ours any more; nothing of the batch is written. Null: the row is gone. */
  | { readonly kind: 'fenced'; readonly position: SinkPosition | null }
  /** Nothing of the batch is written, nor will be. */
  | SinkUnavailable
  /** May be written or not, as a whole: its answer did not come. */
  | { readonly kind: 'unknown'; readonly trouble: SinkTrouble }

/** A row as the database has it: no Raft index, since Nacos's tables know none. `md5` is that of the content, whatever its column says. */
export interface SourceRow extends Omit<ConfigRow, 'index'> {}

/** Enough of a row to see whether it is ours. `md5` is that of the content that is there; `''`: it is larger than a packet, and cannot be read. */
export type SourceHead = Pick<
  SourceRow,
  | ('namespace' | 'group' | 'dataId' | 'id' | 'md5' | 'type' | 'encryptedDataKey' | 'modifiedMs' | 'contentBytes')
  | ('appName' | 'description' | 'tags')
>

/**
 * What another program has left in a row of config_info that a cluster cannot have just so. `left`: it becomes no configuration and stays as it
 * is; else it does, and is what `reason` says there until it is published again.
 * `name`: no client could ask for it. `id`: beyond what counts exactly. `size`: over `limit` bytes. `doubled`: another row has its key, with NULL
 * and the empty text being one, and that one counts. `md5`: not its content's. `time`: no time that can be counted from 1970.
 */
export interface SourceRemark extends ConfigKey {
  readonly left: boolean
  readonly reason: 'name' | 'id' | 'size' | 'doubled' | 'md5' | 'time'
  /** Nacos's name. */
  readonly column: string
  /** 0 where the reason has none. */
  readonly limit: number
  /** As the database shows it: it may be larger than a number. */
  readonly id: string
}

/** A row of history as the database has it; `md5` is that of the content. */
export interface SourceHistoryRow extends ConfigKey {
  readonly nid: number
  /** As it stands there. */
  readonly operation: string
  readonly md5: string
}

/** All of one moment: position and rows come from one transaction. */
export interface SourceSummary {
  readonly position: SinkPosition | null
  readonly configs: number
  readonly history: number
  readonly maxConfigId: number
  /** 0 without history. */
  readonly maxHistoryId: number
  /** Ids of ours that the tables refused, or tags of them: what stands under their keys is not what was committed. Null: too many to name. */
  readonly refused: ReadonlySet<number> | null
  /** Of Nacos's table, by its own names: what an older one lacks says nothing. */
  readonly columns: ReadonlySet<string>
  /** History of gray versions has a place of its own: before 2.5 it would be taken for that of configurations. */
  readonly keepsGrayHistory: boolean
  /** There is a table of tags; else no row has one. */
  readonly keepsTags: boolean
  /** Whether the tables refused this record of ours. Null: too many to name. */
  readonly refusedRecord: ((area: AreaNumber, key: string) => boolean) | null
  /** Whether the database has a table for such a record: a row cannot be gone where there is none. */
  holds(name: SharedName): boolean
}

/**
 * A row beside the configurations that can be no record of a cluster: it stays as it is. `name`: no client could ask for it. `rule`: of a kind that
 * we do not know, or under another name than its own. `action`: none of Nacos's. `size`: over `sourceContentBytesMax`.
 */
export interface RecordRemark {
  readonly table: RecordTableName
  readonly reason: 'name' | 'rule' | 'action' | 'size'
  /** Of the row, as it stands. */
  readonly row: string
  /** Null: no record of ours can stand under it. */
  readonly name: SharedName | null
}

export interface RecordReader {
  /** Asked of every record; the content of a gray version is still empty, its md5 is not. Absent: all are wanted. */
  wants?(record: SharedRecord): boolean
  /** In the order namespaces, users, roles, gray versions, capacities, some hundred at a time; the next ones are read when these are done with. */
  page(records: readonly SharedRecord[]): void | Promise<void>
  remarks?(remarks: readonly RecordRemark[]): void
}

export interface SourceReader {
  /** Once, before the first page. */
  begin(summary: SourceSummary): void
  /** Asked of every row that can be a configuration, in turn, before its content is read; absent: all are wanted. */
  wants?(head: SourceHead): boolean
  /** True: no configuration is asked for, and none is given. */
  readonly withoutConfigs?: boolean
  /** In the order of ids, at most 200 rows and about 8 MiB at a time; the next one is read when this one is done with. */
  page(rows: readonly SourceRow[]): void | Promise<void>
  /** In the order of ids, of some rows before any of them is asked for; a row that is `left` is never asked for. */
  remarks?(remarks: readonly SourceRemark[]): void
  /** After all pages, if it is there. */
  readonly records?: RecordReader
  /** After those, if it is there: history in the order of its numbers, at most 500 rows at a time. */
  history?(rows: readonly SourceHistoryRow[]): void | Promise<void>
  /** True: `content` of each row is empty; `md5` and `contentBytes` are those of what is there. */
  readonly withoutContents?: boolean
}

export type ReadOutcome = { readonly kind: 'read'; readonly summary: SourceSummary } | SinkUnavailable

export type MergeOutcome = { readonly kind: 'done' } | SinkUnavailable

/** What a database that holds rows of others needs before a cluster with numbers of its own moves in. Each may come twice. */
export interface RoomMaker {
  /** Rows and history of others get numbers that are no lower than these, which the cluster has not given yet, and than any of the database's. */
  liftAbove(configId: number, historyId: number): Promise<MergeOutcome>
  /** What these rows hold stands in the history as well, as if it had been replaced at that time; their tags go. */
  keepReplaced(ids: readonly number[], atMs: number): Promise<MergeOutcome>
}

/** Rows of history that were written before a moment, with numbers below one. */
export interface OldHistory {
  /** Wall clock. */
  readonly beforeMs: number
  readonly belowNid: number
  /** Nothing is taken away from a database that another term has. */
  readonly term: number
  /** Of some that are old enough, in the order of their numbers: those that may go; null: no more of them. */
  choose(nids: readonly number[]): Promise<readonly number[] | null>
}

export interface StoreSink {
  /** Connects, creates what an empty database lacks, reads the limits. Changes no row of Nacos's. */
  open(): Promise<OpenOutcome>
  /** One at a time, and not while a write runs. */
  claim(claim: SinkClaim): Promise<ClaimOutcome>
  /** One at a time. Idempotent by key and `nid`: the same rows may come again. */
  write(batch: SinkBatch): Promise<SinkOutcome>
  /** On a connection of its own, beside writes. What `reader` throws ends it and comes out. */
  read(reader: SourceReader): Promise<ReadOutcome>
  /** The same, in pieces that count each by itself. */
  forgetOld(order: OldHistory): Promise<{ readonly kind: 'forgot'; readonly removed: number } | SinkUnavailable>
  /** Ends every connection; what is under way is answered `unavailable` or `unknown`. */
  close(): Promise<void>
}
