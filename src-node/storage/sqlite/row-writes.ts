/**
 * What the machine wants written, as statements on the tables of the state store, and what each costs there. Every one stands in the caller's
 * transaction. It decides nothing.
 */

import type { ConfigRow, RequestRow, RowWrite } from '../../state-machine/types.ts'
import { writeBesides } from './history-rows.ts'
import { cellsOf, changedCellsOf, restoreCellsOf, type Statements, snapshotCellsOf } from './state-rows.ts'

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

export const writeRow = (statements: Statements, write: RowWrite): void => {
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

export const contentBytesOf = (write: RowWrite): number => {
  if (write.kind === 'put-record') return write.value.length
  if (write.kind === 'history-besides') return write.content instanceof Uint8Array ? write.content.length : write.content.bytes
  return write.kind === 'put-config' || write.kind === 'history-insert' ? write.row.content.length : 0
}

export const overheadOf = (write: RowWrite): number => {
  if (write.kind === 'put-config' || write.kind === 'restore-config') return putOverheadBytes
  // Anywhere in its table, as a row is.
  if (write.kind === 'put-record' || write.kind === 'drop-record') return putOverheadBytes
  if (write.kind === 'prune-history') return write.nids.length * historyOverheadBytes
  return write.kind === 'put-request' || write.kind === 'drop-request' ? requestBytes : historyOverheadBytes
}
