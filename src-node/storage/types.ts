/** Where applied state lives. One implementation per store; rows are the state machine's. */

import type {
  AreaNumber,
  AreaRecord,
  ConfigIndexRow,
  ConfigKey,
  ConfigRow,
  HistoryHead,
  MachineMeta,
  NamedSnapshot,
  RequestRow,
  RowWrite,
  StoredRecords,
} from '../state-machine/types.ts'
import type { SinkBatch, SinkHistoryRow } from './sink.ts'

/** What a snapshot is: the state at one applied index, as a file of so many bytes with this SHA-256. */
export interface SnapshotInfo {
  readonly index: number
  readonly term: number
  readonly bytes: number
  readonly sha256: Uint8Array
}

/** The newest configuration of the cluster that a snapshot's index comes after; bytes that storage keeps and does not read. */
export interface KeptMembership {
  readonly index: number
  readonly data: Uint8Array
}

/** What stands in a state that was installed and whose log is still to follow. */
export interface InstallMark {
  readonly index: number
  readonly membership: KeptMembership | null
}

/** A finished copy of a store, on disk beside it. */
export interface SnapshotSource {
  readonly info: SnapshotInfo
  /** Fewer bytes only at the end. */
  read(offset: number, length: number): Uint8Array
  /** Removes it. */
  discard(): void
}

/** Whole, verified, synced and this node's own; the running store does not know of it yet. */
export interface ReceivedState {
  meta(): MachineMeta
  loadIndex(): IterableIterator<ConfigIndexRow>
  loadRequests(): IterableIterator<RequestRow>
  loadSnapshots(): readonly NamedSnapshot[]
  loadRecords(): IterableIterator<AreaRecord>
  /** Removes it; changes nothing once it was thrown away, replaced by the next one, or moved in. */
  discard(): void
}

/** A snapshot that is coming in. */
export interface SnapshotSink {
  write(bytes: Uint8Array): 'ok' | 'disk_full'
  /** `damaged`: short, not what was hashed, or not a state of this cluster; it is removed. Called once, later. */
  finish(done: (result: ReceivedState | 'damaged' | 'disk_full') => void): void
  discard(): void
}

export interface SinkPageLimits {
  readonly rows: number
  readonly bytes: number
}

export interface StoredHistoryRow extends SinkHistoryRow {
  /** Raft index of the entry that made it. */
  readonly index: number
}

/** A row of history as a list shows it. */
export type HistoryRowHead = Omit<SinkHistoryRow, 'content'>

/** Configurations by what no memory holds; all that is given must fit. */
export interface ConfigSearch {
  readonly namespace: string
  /** Null: any. */
  readonly appName: string | null
  /** One of them is enough; none: any. */
  readonly tags: readonly string[]
  /** All of it, `*` for any run of characters; null: any. */
  readonly content: string | null
}

/** The history of one configuration, newest first: what is to be skipped of it, and taken. */
export interface HistorySearch extends ConfigKey {
  readonly skip: number
  readonly take: number
}
export interface HistoryPage {
  readonly total: number
  readonly rows: readonly HistoryRowHead[]
}

/** The newest row of a configuration's number; or the next one after a row, of the same names and kind. */
export type HistoryNeighbour =
  | { readonly kind: 'previous'; readonly configId: number }
  | ({ readonly kind: 'next'; readonly nid: number; readonly publishType: string; readonly grayName: string } & ConfigKey)

/** What a lookup off the loop came to. `busy`: too many wait already. */
export type LookupAnswer<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'failed'; readonly words: string }
  | { readonly kind: 'busy' }

/** What stands in a configuration's row beside its content, and in no memory. */
export interface ConfigTexts {
  readonly appName: string
  readonly description: string
  readonly tags: readonly string[]
  readonly sourceIp: string
  readonly sourceUser: string
}

/** What people look for now and then: off the loop where it walks through rows. Each `done` is called once. */
export interface StoreLookups {
  /** Ids, ascending, of the state of a moment ago. */
  findConfigs(search: ConfigSearch, done: (answer: LookupAnswer<Float64Array>) => void): void
  listHistory(search: HistorySearch, done: (answer: LookupAnswer<HistoryPage>) => void): void
  /** Its number; null: there is none. */
  findHistory(which: HistoryNeighbour, done: (answer: LookupAnswer<number | null>) => void): void
  readHistory(nid: number): StoredHistoryRow | undefined
  /** A few microseconds, whatever it holds. */
  hasHistory(nid: number): boolean
  readTexts(id: number): ConfigTexts | undefined
}

/** Entries that changed configurations and that the shared database may still lack (MySQL mode). */
export interface SinkQueue {
  /** Raft index of the newest one, removed or not; 0: none was ever seen. */
  lastIndex(): number
  /** Every entry after it that changed a configuration and is applied stands in the queue. */
  completeAfter(): number
  length(): number
  /** Whether an entry after `after` changed this configuration, of those that still stand here. */
  holds(key: ConfigKey, after: number): boolean
  /** The same of a record of an area. */
  holdsRecord(area: AreaNumber, key: string, after: number): boolean
  /**
   * Whole entries from the first after `after` on, at least one, with their rows as they are now, in one read; null if there is none. Reaches up
   * to the applied index if the limits did not cut it.
   */
  read(after: number, limits: SinkPageLimits): SinkBatch | null
  /**
   * The queue becomes complete after `after`, which lies before `completeAfter`: from the rows and the history that are there, `rowsMax` of them a
   * call. To be called again after `more`.
   */
  refill(after: number, rowsMax: number): 'more' | 'done' | 'disk_full'
  /** Before a refill: the database has these records, and this node may have none of them any more. */
  queueRecords(records: readonly Pick<AreaRecord, 'area' | 'key'>[]): 'ok' | 'disk_full'
  /** The database has everything up to `to`: about `rowsMax` of the oldest entries go. */
  trim(to: number, rowsMax: number): 'ok' | 'disk_full'
}

/** What of the history is to go. */
export interface SweepOrder {
  /** Rows older than this, ms of log time, */
  readonly cutoffMs: number
  /** and with a lower number: a named snapshot needs the others; */
  readonly beforeNid: number
  /** but never one of so many newest of its configuration. */
  readonly keptNewest: number
  /** Rows of one batch at most, */
  readonly batchRowsMax: number
  /** about so many bytes of contents, beyond its first row, */
  readonly batchBytesMax: number
  /** and so many that stand apart from the one before: each of them costs a page of its own, read and written. */
  readonly batchApartMax: number
  /** Rows in all at most, the oldest first. */
  readonly rowsMax: number
}
/** Numbers of rows that may go, ascending, in batches. `more`: there are others, for the next sweep. */
export interface Sweep {
  readonly batches: readonly (readonly number[])[]
  readonly more: boolean
}

/** What a full look through a store has found: nothing, if all is well. */
export interface CheckFindings {
  readonly found: readonly string[]
  /** Configurations whose content was read, and rows of history. */
  readonly configs: number
  readonly history: number
  readonly bytes: number
}

/**
 * One transaction over many turns of the loop. Until it is committed everybody else reads what was before; nothing else is written to the store
 * meanwhile. `disk_full`, of any call: all of it is rolled back, and it is over.
 */
export interface LongTransaction {
  /** False once it is over, also because the store was closed. */
  isOpen(): boolean
  /** Heads of the history from this number on, ascending, `rowsMax` at most. */
  history(from: number, rowsMax: number): readonly HistoryHead[]
  /** Of the machine's areas. */
  readonly records: StoredRecords
  write(writes: readonly RowWrite[]): 'ok' | 'disk_full'
  commit(meta: MachineMeta): 'ok' | 'disk_full'
  rollback(): void
  /** What it has read is not what was written: rolls back and throws what ends the node. */
  damaged(words: string): never
}

export interface StateStore {
  /** Null in SQLite mode: nothing is queued. */
  readonly sinkQueue: SinkQueue | null
  meta(): MachineMeta
  /** What a power cut leaves at least: the applied index of the last checkpoint that carried everything over, synced. */
  durableIndex(): number
  /** Tries to move `durableIndex` up to the applied index; a reader in the way (a copy being made) may prevent it. */
  checkpoint(): void
  /** Copies the state as it is now, off the loop; one at a time. */
  copyOut(done: (result: SnapshotSource | 'failed' | 'disk_full') => void): void
  /** Throws away what came in before. */
  receive(info: SnapshotInfo, membership: KeptMembership | null): SnapshotSink
  /**
   * The received state takes the place of this one, durably, with the mark that the log is still to follow. Not while a copy is made.
   * @throws StorageFailure, with this state as it was, when it is not whole in its file: bring `durableIndex` up first.
   */
  replaceWith(received: ReceivedState): void
  /** Of an installed snapshot whose log was not reset yet as far as this store knows, else null. */
  installed(): InstallMark | null
  /** The log begins after it now. */
  forgetInstall(): void
  /** Every row without content, in the order of ids, for the machine's memory. */
  loadIndex(): IterableIterator<ConfigIndexRow>
  /** Every remembered reply, oldest first, for the machine's memory at start. */
  loadRequests(): IterableIterator<RequestRow>
  /** In the order of the log. */
  loadSnapshots(): readonly NamedSnapshot[]
  /** Every record of the machine's areas, with its value, by area and key. */
  loadRecords(): IterableIterator<AreaRecord>
  /** The value of one, which an area need not keep in memory. */
  readRecord(area: AreaNumber, key: string): Uint8Array | undefined
  /** One transaction: all writes in order, then the meta. `'disk_full'`: rolled back, nothing changed. */
  commit(writes: readonly RowWrite[], meta: MachineMeta): 'ok' | 'disk_full'
  /** Not while another one is open. */
  beginLong(): LongTransaction | 'disk_full'
  readContent(id: number): Uint8Array | undefined
  readConfig(key: ConfigKey): ConfigRow | undefined
  historyCount(): number
  /** Whole rows of history above this number, ascending; at least one, if there is one. */
  historyPage(after: number, limits: SinkPageLimits): readonly StoredHistoryRow[]
  /** Looks for old history, off the loop; one at a time. What it names stays free to go, whatever is written later. */
  sweepHistory(order: SweepOrder, done: (result: Sweep | 'failed') => void): void
  /** Every page and every content, off the loop. `failed`: it could not be read to its end. */
  check(done: (result: CheckFindings | 'failed') => void): void
  /** A whole copy of the state as it is now, in a file that must not exist yet; off the loop. */
  backupTo(path: string, done: (result: SnapshotInfo | 'failed' | 'disk_full') => void): void
  /** Somebody else reads the file, a copy or a look through it: it cannot be replaced meanwhile. */
  beingRead(): boolean
  close(): void
}
