/**
 * Applied state in one SQLite file: rows, history and the applied index change in one transaction per batch. Not synced
 * per commit (the Raft log is): after a power cut it is older, never torn, and the log brings it forward.
 * It must never interpret a row or decode a content.
 */

import type { ConfigRow, MachineMeta, RequestRow, RowWrite } from '../../state-machine/types.ts'
import { dataDamaged } from '../storage-failure.ts'
import type { StateStore } from '../types.ts'
import { openDatabaseFile } from './database-file.ts'
import { cellsOf, changedCellsOf, configRowOf, indexRowOf, requestRowOf, type Statements, statementsOf } from './state-rows.ts'
import { stateMigrations } from './state-schema.ts'

export interface StateStoreOptions {
  readonly path: string
  readonly clusterId: string
  readonly nodeId: number
  /** What `meta()` gives for a new file. */
  readonly initialMeta: MachineMeta
  /** Fence for the file's size, in pages of 4 KiB. */
  readonly pagesMax?: number | undefined
  /** Runs a checkpoint in a turn of its own. */
  readonly defer?: ((task: () => void) => void) | undefined
}

/** "NTST" */
const applicationId = 0x4e545354
const pageCacheKib = 8192
/** What a row costs in the write-ahead log: a changed row rewrites its page, a history row is appended to one that is open. */
const putOverheadBytes = 4096
const historyOverheadBytes = 512
/** Appended at one end of its table, taken away at the other. */
const requestBytes = 192
const pageRows = 1000

const metaOf = (path: string, statements: Statements): MachineMeta => {
  const row = statements.meta.get()
  if (!row) throw dataDamaged(path, 'the applied index is missing')
  return {
    appliedIndex: row.applied_index,
    appliedTerm: row.applied_term,
    nextConfigId: row.next_config_id,
    nextHistoryId: row.next_history_id,
    lastTimeMs: row.last_time_ms,
    stateHash: row.state_hash,
  }
}

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
      const copied = statements.history.run(nid, id, atMs, atMs, sourceUser, sourceIp, operation, index, id).changes
      if (copied !== 1) throw new Error(`state store: no row ${id} to copy to history`)
      return
    }
    case 'put-request':
      writeRequest(statements, write.row)
      return
    case 'drop-request':
      if (statements.dropRequest.run(write.index).changes !== 1) throw new Error(`state store: no request of entry ${write.index} to forget`)
      return
  }
}

const sizeOf = (write: RowWrite): number => {
  if (write.kind === 'put-config') return putOverheadBytes + write.row.content.length
  if (write.kind === 'put-request' || write.kind === 'drop-request') return requestBytes
  return write.kind === 'history-insert' ? historyOverheadBytes + write.row.content.length : historyOverheadBytes
}

/**
 * Opens or makes the store.
 * @throws StorageFailure at open and from every method for damage and failed I/O; a full disk is a value of `commit`.
 */
export const openSqliteStateStore = (options: StateStoreOptions): StateStore => {
  const { path, clusterId, nodeId, pagesMax, defer } = options
  const mode = { synchronous: 'normal', exclusive: false, cacheKib: pageCacheKib, pagesMax, defer } as const
  const file = openDatabaseFile({ path, clusterId, nodeId, applicationId, ...mode, migrations: stateMigrations(options.initialMeta) })
  const loaded = file.prepare(() => {
    const statements = statementsOf(file.db)
    return { statements, meta: metaOf(path, statements) }
  })
  const { statements } = loaded
  let { meta } = loaded

  const commit = (writes: readonly RowWrite[], next: MachineMeta): 'ok' | 'disk_full' => {
    const outcome = file.write(() => {
      for (const write of writes) writeRow(statements, write)
      const { appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash } = next
      statements.setMeta.run(appliedIndex, appliedTerm, nextConfigId, nextHistoryId, lastTimeMs, stateHash)
    })
    if (outcome === 'disk_full') return outcome
    meta = next
    file.checkpointAfter(writes.reduce((sum, write) => sum + sizeOf(write), 0))
    return 'ok'
  }

  /** In pages, so that no open cursor keeps the connection busy between two rows. */
  function* inPages<C, R>(pages: { all(after: number, rows: number): C[] }, keyOf: (columns: C) => number, rowOf: (columns: C) => R) {
    for (let after = 0, full = true; full; ) {
      const page = file.read(() => pages.all(after, pageRows))
      full = page.length === pageRows
      for (const columns of page) {
        after = keyOf(columns)
        yield rowOf(columns)
      }
    }
  }

  return {
    meta: () => meta,
    loadIndex: () => inPages(statements.index, ({ id }) => id, indexRowOf),
    loadRequests: () => inPages(statements.requests, ({ raft_index }) => raft_index, requestRowOf),
    commit,
    readContent: (id) => file.read(() => statements.content.get(id)),
    readConfig: (key) => {
      const row = file.read(() => statements.byKey.get(key.namespace, key.group, key.dataId))
      return row && configRowOf(row)
    },
    historyCount: () => file.read(() => statements.historyCount.get() ?? 0),
    close: file.close,
  }
}
