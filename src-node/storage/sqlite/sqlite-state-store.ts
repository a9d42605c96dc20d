/**
 * Applied state in one SQLite file: rows, history and the applied index of each batch change in one transaction, which may take in many batches. Not
 * synced per commit (the Raft log is): after a power cut, and by what gathered after a kill, it is older, never torn, and the log brings it forward.
 * It must never interpret a row or decode a content.
 */

import type { MachineMeta, RowWrite } from '../../state-machine/types.ts'
import type { LongTransaction, ReceivedState, StateStore, StoreLookups } from '../types.ts'
import { areaRecords } from './area-records.ts'
import { checkpointApart } from './checkpoint-apart.ts'
import { searchContents } from './content-search.ts'
import { apartByNode, type DatabaseFile, type DatabaseFileOptions, openDatabaseFile } from './database-file.ts'
import { ampleBytes, freeOn } from './disk-room.ts'
import { createGatheredCommits, type GatherLimits } from './gathered-commits.ts'
import { historyPage, historyRowOf } from './history-rows.ts'
import { findNeighbour, listHistory } from './history-search.ts'
import { sweepHistory } from './history-sweep.ts'
import { checkIntegrity } from './integrity-check.ts'
import { openLongTransaction, type SqliteLongTransaction } from './long-transaction.ts'
import { createLookupQueue, type LookupQueue } from './lookup-queue.ts'
import { contentBytesOf, copiedBytesOf, overheadOf, writeRow, writeRows } from './row-writes.ts'
import { type FileSinkQueue, openSinkQueue } from './sink-queue.ts'
import { copyState } from './snapshot-copy.ts'
import { createSnapshotSlot } from './snapshot-slot.ts'
import {
  configRowOf,
  indexRows,
  installMarkOf,
  metaOf,
  requestRows,
  type Statements,
  setInstallMark,
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
  /** Commits gather for so long where the disk has ample room. Absent: each is a transaction of its own, as it always is in MySQL mode. */
  readonly gather?: (GatherLimits & { after(ms: number, act: () => void): unknown }) | undefined
}

/** A node's own store: what people look for is looked for in it. */
export type SqliteStateStore = StateStore & StoreLookups

/** "NTST" */
const applicationId = 0x4e545354
const pageCacheKib = 8192
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

const lookupsOf = (path: string, { add }: LookupQueue): Omit<StoreLookups, 'readHistory' | 'hasHistory' | 'readTexts'> => ({
  findConfigs: (search, done) => add((found) => searchContents(path, search, found), done),
  listHistory: (search, done) => add((found) => listHistory(path, search, found), done),
  findHistory: (which, done) => add((found) => findNeighbour(path, which, found), done),
})

const fileOptionsOf = ({ path, clusterId, nodeId, pagesMax, defer, initialMeta }: StateStoreOptions): DatabaseFileOptions => ({
  ...{ path, clusterId, nodeId, applicationId, pagesMax, defer, migrations: stateMigrations(initialMeta) },
  ...{ synchronous: 'normal', exclusive: false, cacheKib: pageCacheKib },
})

const bytesOf = (writes: readonly RowWrite[], each: (write: RowWrite) => number): number => writes.reduce((sum, write) => sum + each(write), 0)
const limitsOf = (gather: GatherLimits | undefined, nodeId: number): GatherLimits =>
  gather === undefined ? { ms: 0, rows: 0, bytes: 0 } : { ...gather, ms: apartByNode(gather.ms, nodeId), rows: apartByNode(gather.rows, nodeId) }

/**
 * Opens or makes the store.
 * @throws StorageFailure at open and from every method for damage and failed I/O, and for a disk that filled up under what gathered; a full disk is a value of
 * `commit` otherwise.
 */
export const openSqliteStateStore = (options: StateStoreOptions): SqliteStateStore => {
  const { defer = (task) => task() } = options
  // By the time of a checkpoint the next rows may have begun to gather, and nothing is carried over beside an open transaction.
  const fileOptions = fileOptionsOf({
    ...options,
    defer: (task) =>
      defer(() => {
        settle()
        task()
      }),
  })
  let { file, statements, meta } = openStore(fileOptions)
  /** Of what stands in the file, committed; `meta` is what was taken. */
  let committedIndex = meta.appliedIndex
  /** What was found at the open may stand in a WAL that was never synced. */
  let durableIndex = 0
  const snapshots = createSnapshotSlot(fileOptions)
  const openQueue = (): FileSinkQueue | null => openSinkQueue({ file, path: options.path, meta: () => meta, wanted: options.queuesForSink === true })
  let queue = openQueue()
  /** Threads with a connection to the file; while there is one, the file must keep its place. */
  let readers = 0
  const beginReading = (): void => {
    settle()
    readers++
  }
  const lookups = createLookupQueue({ began: beginReading, ended: () => readers-- })

  const write = (writes: readonly RowWrite[]): void => {
    if (queue === null) writeRows(statements, writes)
    // It takes the names from the row as it stands just then.
    else
      for (const each of writes) {
        writeRow(statements, each)
        queue.note(each)
      }
  }
  const writeMeta = ({ appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash }: MachineMeta): void =>
    void statements.setMeta.run(appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash)

  /** Later, perhaps: by then it carries over what was committed since, too. */
  const carryOver = (written: Parameters<DatabaseFile['checkpointAfter']>[0] = 'unknown'): void => {
    if (file.db.open)
      file.checkpointAfter(written, () => {
        durableIndex = committedIndex
      })
  }

  const { gather, freeBytes = freeOn(options.path) } = options
  const commits = createGatheredCommits({
    ...{ file: () => file, write, writeMeta },
    settled: (newest, contentBytes) => {
      committedIndex = newest.appliedIndex
      carryOver({ writtenBytes: 'unknown', contentBytes })
    },
    hasAmpleRoom: () => freeBytes() >= ampleBytes,
    after: gather?.after ?? ((_ms, act) => act()),
    limits: limitsOf(gather, options.nodeId),
  })
  const { settle } = commits
  /** Nobody can foresee what room a fence leaves, and what the shared database is to get is queued with its rows. */
  const mayGather = (): boolean => gather !== undefined && queue === null && options.pagesMax === undefined

  const commitAlone = (writes: readonly RowWrite[], next: MachineMeta, contentBytes: number): 'ok' | 'disk_full' => {
    settle()
    const outcome = file.write(() => {
      write(writes)
      writeMeta(next)
    })
    queue?.settle(outcome === 'ok')
    if (outcome === 'disk_full') return outcome
    committedIndex = next.appliedIndex
    carryOver({ writtenBytes: contentBytes + bytesOf(writes, overheadOf), contentBytes })
    return 'ok'
  }
  const commit = (writes: readonly RowWrite[], next: MachineMeta): 'ok' | 'disk_full' => {
    const contentBytes = bytesOf(writes, contentBytesOf)
    const batch = { writes, meta: next, contentBytes: contentBytes + bytesOf(writes, copiedBytesOf) }
    const outcome = mayGather() && commits.takes(batch) ? commits.add(batch) : commitAlone(writes, next, contentBytes)
    if (outcome === 'ok') meta = next
    return outcome
  }

  let carriedApart = false
  /** While it is open, contents are read by its `before`. */
  let long: SqliteLongTransaction | null = null
  const beginLong = (): LongTransaction | 'disk_full' => {
    if (long !== null) throw new Error('state store: a long transaction is open already')
    settle()
    const begun = openLongTransaction({
      ...{ file, path: options.path, statements, write, close: writeMeta, freeBytes: options.freeBytes },
      settled: (next) => {
        long = null
        queue?.settle(next !== null)
        if (next === null) return
        meta = next
        committedIndex = next.appliedIndex
        if (!file.isVeryLong()) {
          carryOver()
          return
        }
        readers++
        carriedApart = true
        checkpointApart(options.path, () => {
          readers--
          carriedApart = false
          if (long !== null) return
          settle()
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
    settle()
    snapshots.moveIn(received, () => file.closeEmptied())
    ;({ file, statements, meta } = openStore(fileOptions))
    committedIndex = meta.appliedIndex
    durableIndex = committedIndex
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
      if (carriedApart || durableIndex >= meta.appliedIndex) return
      settle()
      if (file.checkpoint()) durableIndex = committedIndex
    },
    copyOut: (done) => {
      settle()
      snapshots.copyOut(done)
    },
    receive: snapshots.receive,
    replaceWith,
    installed: () => file.read(() => installMarkOf(statements)),
    // A full disk leaves the mark: it is read again at the next start, and means nothing by then.
    forgetInstall: () => {
      settle()
      file.write(() => setInstallMark(statements, null))
    },
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
    hasHistory: (nid) => file.read(() => statements.hasHistory.get(nid)) !== undefined,
    readTexts: (id) => {
      const columns = file.read(() => statements.texts.get(id))
      return columns && textsOf(columns)
    },
    beingRead: () => readers > 0 || snapshots.copying(),
    sweepHistory: (order, done) => {
      beginReading()
      sweepHistory(options.path, order, (answer) => {
        readers--
        done(answer.ok ? answer.value : 'failed')
      })
    },
    check: (done) => {
      beginReading()
      checkIntegrity(options.path, (answer) => {
        readers--
        done(answer.ok ? answer.value : 'failed')
      })
    },
    backupTo: (path, done) => {
      beginReading()
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
      if (file.db.open) settle()
      file.close()
    },
  }
}
