/**
 * Applied state in one SQLite file: rows, history and the applied index change in one transaction per batch. Not synced
 * per commit (the Raft log is): after a power cut it is older, never torn, and the log brings it forward.
 * It must never interpret a row or decode a content.
 */

import type { ConfigRow, MachineMeta, RequestRow, RowWrite } from '../../state-machine/types.ts'
import type { LongTransaction, ReceivedState, StateStore, StoreLookups } from '../types.ts'
import { areaRecords } from './area-records.ts'
import { checkpointApart } from './checkpoint-apart.ts'
import { searchContents } from './content-search.ts'
import { type DatabaseFile, type DatabaseFileOptions, openDatabaseFile } from './database-file.ts'
import { historyPage, historyRowOf, writeBesides } from './history-rows.ts'
import { findNeighbour, listHistory } from './history-search.ts'
import { sweepHistory } from './history-sweep.ts'
import { checkIntegrity } from './integrity-check.ts'
import { openLongTransaction, type SqliteLongTransaction } from './long-transaction.ts'
import { createLookupQueue, type LookupQueue } from './lookup-queue.ts'
import { type FileSinkQueue, openSinkQueue } from './sink-queue.ts'
import { copyState } from './snapshot-copy.ts'
import { createSnapshotSlot } from './snapshot-slot.ts'
import {
  cellsOf,
  changedCellsOf,
  configRowOf,
  indexRows,
  installMarkOf,
  metaOf,
  requestRows,
  restoreCellsOf,
  type Statements,
  setInstallMark,
  snapshotCellsOf,
  snapshotsOf,
  statementsOf,
  textsOf,
} from './state-rows.ts'
import { stateMigrations } from './state-schema.ts'

export interface StateStoreOptions {
  readonly path: string
  readonly clusterId: string
  readonly nodeId: number
  /** What `meta()` gives for a new file. */
  readonly initialMeta: MachineMeta
  /** Fence for the file's size, in pages of 4 KiB. */
  readonly pagesMax?: number | undefined
  /** MySQL mode: what the shared database is to get is queued. */
  readonly queuesForSink?: boolean | undefined
  /** What is left of the disk; absent: asks the system. */
  readonly freeBytes?: (() => number) | undefined
  /** Runs a checkpoint in a turn of its own. */
  readonly defer?: ((task: () => void) => void) | undefined
}

/** A node's own store: what people look for is looked for in it. */
export type SqliteStateStore = StateStore & StoreLookups

/** "NTST" */
const applicationId = 0x4e545354
const pageCacheKib = 8192
/** What a row costs in the write-ahead log: a changed row rewrites its page, a history row is appended to one that is open. */
const putOverheadBytes = 4096
const historyOverheadBytes = 512
/** Appended at one end of its table, taken away at the other. */
const requestBytes = 192

/** Row 0 in history stands for "did not exist before" (nacos-storage 2). */
const writeInsertHistory = (statements: Statements, nid: number, row: ConfigRow): number =>
  statements.history.run(nid, 0, row.modifiedMs, row.modifiedMs, row.sourceUser, row.sourceIp, 'I', row.index, row.id).changes

const writeRequest = (statements: Statements, { index, requestId, commandHash, outcome, md5 }: RequestRow): void => {
  statements.putRequest.run(index, requestId, commandHash, outcome, md5)
}

/** A row whose tags stay is mostly there already; if it is not, nothing was changed and it is put whole. */
const writeConfig = (statements: Statements, row: ConfigRow, keepTags: boolean): void => {
  if (keepTags && statements.update.run(...changedCellsOf(row)).changes === 1) return
  statements.put.run(...cellsOf(row, keepTags))
}

const writeRow = (statements: Statements, write: RowWrite): void => {
  switch (write.kind) {
    case 'put-config':
      writeConfig(statements, write.row, write.keepTags === true)
      return
    case 'drop-config':
      statements.drop.run(write.id)
      return
    case 'history-insert':
      if (writeInsertHistory(statements, write.nid, write.row) !== 1) throw new Error(`state store: no row ${write.row.id} to write history of`)
      return
    case 'history-copy': {
      const { nid, id, atMs, sourceUser, sourceIp, operation, index } = write
      const idBefore = operation === 'I' ? 0 : id
      const copied = statements.history.run(nid, idBefore, atMs, atMs, sourceUser, sourceIp, operation, index, id).changes
      if (copied !== 1) throw new Error(`state store: no row ${id} to copy to history`)
      return
    }
    case 'history-besides':
      writeBesides(statements, write)
      return
    case 'prune-history':
      for (const nid of write.nids) statements.pruneHistory.run(nid, write.cutoffMs)
      return
    case 'restore-config':
      if (statements.restore.run(...restoreCellsOf(write.row, write)).changes !== 1)
        throw new Error(`state store: no history ${write.fromNid} to restore a row from`)
      return
    case 'put-snapshot':
      statements.putSnapshot.run(...snapshotCellsOf(write.snapshot))
      return
    case 'drop-snapshot':
      statements.dropSnapshot.run(write.index)
      return
    case 'put-request':
      writeRequest(statements, write.row)
      return
    case 'drop-request':
      if (statements.dropRequest.run(write.index).changes !== 1) throw new Error(`state store: no request of entry ${write.index} to forget`)
      return
    case 'put-record':
      statements.putRecord.run(write.area, write.key, write.value)
      return
    case 'drop-record':
      if (statements.dropRecord.run(write.area, write.key).changes !== 1) throw new Error(`state store: no record of area ${write.area} to drop`)
      return
  }
}

const contentBytesOf = (write: RowWrite): number => {
  if (write.kind === 'put-record') return write.value.length
  if (write.kind === 'history-besides') return write.content instanceof Uint8Array ? write.content.length : write.content.bytes
  return write.kind === 'put-config' || write.kind === 'history-insert' ? write.row.content.length : 0
}

const overheadOf = (write: RowWrite): number => {
  if (write.kind === 'put-config' || write.kind === 'restore-config') return putOverheadBytes
  // Anywhere in its table, as a row is.
  if (write.kind === 'put-record' || write.kind === 'drop-record') return putOverheadBytes
  if (write.kind === 'prune-history') return write.nids.length * historyOverheadBytes
  return write.kind === 'put-request' || write.kind === 'drop-request' ? requestBytes : historyOverheadBytes
}

interface OpenedStore {
  readonly file: DatabaseFile
  readonly statements: Statements
  readonly meta: MachineMeta
}

const openStore = (options: DatabaseFileOptions): OpenedStore => {
  const file = openDatabaseFile(options)
  return file.prepare(() => {
    const statements = statementsOf(file.db)
    return { file, statements, meta: metaOf(options.path, statements) }
  })
}

const lookupsOf = (path: string, { add }: LookupQueue): Omit<StoreLookups, 'readHistory' | 'readTexts'> => ({
  findConfigs: (search, done) => add((found) => searchContents(path, search, found), done),
  listHistory: (search, done) => add((found) => listHistory(path, search, found), done),
  findHistory: (which, done) => add((found) => findNeighbour(path, which, found), done),
})

const fileOptionsOf = ({ path, clusterId, nodeId, pagesMax, defer, initialMeta }: StateStoreOptions): DatabaseFileOptions => ({
  ...{ path, clusterId, nodeId, applicationId, pagesMax, defer, migrations: stateMigrations(initialMeta) },
  ...{ synchronous: 'normal', exclusive: false, cacheKib: pageCacheKib },
})

/**
 * Opens or makes the store.
 * @throws StorageFailure at open and from every method for damage and failed I/O; a full disk is a value of `commit`.
 */
export const openSqliteStateStore = (options: StateStoreOptions): SqliteStateStore => {
  const fileOptions = fileOptionsOf(options)
  let { file, statements, meta } = openStore(fileOptions)
  /** What was found at the open may stand in a WAL that was never synced. */
  let durableIndex = 0
  const snapshots = createSnapshotSlot(fileOptions)
  const openQueue = (): FileSinkQueue | null => openSinkQueue({ file, path: options.path, meta: () => meta, wanted: options.queuesForSink === true })
  let queue = openQueue()
  /** Threads with a connection to the file; while there is one, the file must keep its place. */
  let readers = 0
  const lookups = createLookupQueue({ began: () => readers++, ended: () => readers-- })

  const writeRows = (writes: readonly RowWrite[]): void => {
    for (const write of writes) {
      writeRow(statements, write)
      queue?.note(write)
    }
  }
  const writeMeta = ({ appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash }: MachineMeta): void =>
    void statements.setMeta.run(appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash)

  /** Later, perhaps: by then it carries over what was committed since, too. */
  const carryOver = (written: Parameters<DatabaseFile['checkpointAfter']>[0] = 'unknown'): void => {
    if (file.db.open)
      file.checkpointAfter(written, () => {
        durableIndex = meta.appliedIndex
      })
  }

  const commit = (writes: readonly RowWrite[], next: MachineMeta): 'ok' | 'disk_full' => {
    const outcome = file.write(() => {
      writeRows(writes)
      writeMeta(next)
    })
    queue?.settle(outcome === 'ok')
    if (outcome === 'disk_full') return outcome
    meta = next
    const contentBytes = writes.reduce((sum, write) => sum + contentBytesOf(write), 0)
    const writtenBytes = writes.reduce((sum, write) => sum + overheadOf(write), contentBytes)
    carryOver({ writtenBytes, contentBytes })
    return 'ok'
  }

  let carriedApart = false
  /** While it is open, contents are read by its `before`. */
  let long: SqliteLongTransaction | null = null
  const beginLong = (): LongTransaction | 'disk_full' => {
    if (long !== null) throw new Error('state store: a long transaction is open already')
    const begun = openLongTransaction({
      ...{ file, path: options.path, statements, write: writeRows, close: writeMeta, freeBytes: options.freeBytes },
      settled: (next) => {
        long = null
        queue?.settle(next !== null)
        if (next === null) return
        meta = next
        if (!file.isVeryLong()) {
          carryOver()
          return
        }
        readers++
        carriedApart = true
        checkpointApart(options.path, () => {
          readers--
          carriedApart = false
          carryOver()
        })
      },
    })
    if (begun !== 'disk_full') long = begun
    return begun
  }
  const contents = () => long?.before ?? statements

  const replaceWith = (received: ReceivedState): void => {
    if (readers > 0) throw new Error('state store: what would be replaced is being read')
    snapshots.moveIn(received, () => file.closeEmptied())
    ;({ file, statements, meta } = openStore(fileOptions))
    durableIndex = meta.appliedIndex
    queue = openQueue()
  }

  return {
    // The queue is that of the file, which a snapshot replaces.
    get sinkQueue() {
      return queue
    },
    meta: () => meta,
    durableIndex: () => durableIndex,
    checkpoint: () => {
      if (!carriedApart && durableIndex < meta.appliedIndex && file.checkpoint()) durableIndex = meta.appliedIndex
    },
    copyOut: snapshots.copyOut,
    receive: snapshots.receive,
    replaceWith,
    installed: () => file.read(() => installMarkOf(statements)),
    // A full disk leaves the mark: it is read again at the next start, and means nothing by then.
    forgetInstall: () => void file.write(() => setInstallMark(statements, null)),
    loadIndex: () => indexRows(statements, file.read),
    loadRequests: () => requestRows(statements, file.read),
    loadSnapshots: () => file.read(() => snapshotsOf(statements)),
    loadRecords: () => areaRecords(statements, file.read),
    readRecord: (area, key) => file.read(() => contents().record.get(area, key)),
    commit,
    beginLong,
    readContent: (id) => file.read(() => contents().content.get(id)),
    readConfig: (key) => {
      const row = file.read(() => contents().byKey.get(key.namespace, key.group, key.dataId))
      return row && configRowOf(row)
    },
    ...lookupsOf(options.path, lookups),
    readHistory: (nid) => {
      const columns = file.read(() => statements.historyRow.get(nid))
      return columns && { ...historyRowOf(columns), index: columns.raft_index }
    },
    readTexts: (id) => {
      const columns = file.read(() => statements.texts.get(id))
      return columns && textsOf(columns)
    },
    beingRead: () => readers > 0 || snapshots.copying(),
    sweepHistory: (order, done) => {
      readers++
      sweepHistory(options.path, order, (answer) => {
        readers--
        done(answer.ok ? answer.value : 'failed')
      })
    },
    check: (done) => {
      readers++
      checkIntegrity(options.path, (answer) => {
        readers--
        done(answer.ok ? answer.value : 'failed')
      })
    },
    backupTo: (path, done) => {
      readers++
      copyState(options.path, path, (result) => {
        readers--
        done(result)
      })
    },
    historyPage: (after, limits) => file.read(() => historyPage(statements.historyPage, after, limits)),
    historyCount: () => file.read(() => statements.historyCount.get() ?? 0),
    close: () => {
      long?.rollback()
      snapshots.discardAll()
      file.close()
    },
  }
}
