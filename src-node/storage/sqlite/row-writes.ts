/**
 * What the machine wants written, as statements on the tables of the state store, and what each costs there. Every one stands in the caller's
 * transaction. It decides nothing.
 */

import type { ConfigRow, RequestRow, RowWrite } from '../../state-machine/types.ts'
import { writeBesides } from './history-rows.ts'
import { bareCellsOf, cellsOf, changedCellsOf, historyRowsAtOnce, restoreCellsOf, type Statements, snapshotCellsOf } from './state-rows.ts'

/** What a row costs in the write-ahead log: a changed row rewrites its page, a history row is appended to one that is open. */
const putOverheadBytes = 4096
const historyOverheadBytes = 512
/** Appended at one end of its table, taken away at the other. */
const requestBytes = 192

type HistoryCopy = Extract<RowWrite, { kind: 'history-copy' }>
type HistoryCells = [number, number, number, string, string, string, number, number]

/** Row 0 in history stands for "did not exist before" (nacos-storage 2). */
const insertCellsOf = (nid: number, row: ConfigRow): HistoryCells => [nid, 0, row.modifiedMs, row.sourceUser, row.sourceIp, 'I', row.index, row.id]
const copyCellsOf = ({ nid, id, atMs, sourceUser, sourceIp, operation, index }: HistoryCopy): HistoryCells => [
  ...([nid, operation === 'I' ? 0 : id, atMs, sourceUser, sourceIp, operation, index] as const),
  id,
]

const writeCopies = (statements: Statements, copies: readonly HistoryCopy[]): void => {
  let copied = 0
  if (copies.length === historyRowsAtOnce) copied = statements.historyMany.run(...copies.flatMap(copyCellsOf)).changes
  else for (const copy of copies) copied += statements.history.run(...copyCellsOf(copy)).changes
  if (copied !== copies.length) throw new Error(`state store: no row ${copies.map(({ id }) => id).join(' or ')} to copy to history`)
}

const writeRequest = (statements: Statements, { index, requestId, commandHash, outcome, md5 }: RequestRow): void => {
  statements.putRequest.run(index, requestId, commandHash, outcome, md5)
}

/** A row whose tags stay is mostly there already; if it is not, nothing was changed and it is put whole. */
const writeConfig = (statements: Statements, row: ConfigRow, keepTags: boolean): void => {
  if (keepTags && changeConfig(statements, row) === 1) return
  statements.put.run(...cellsOf(row, keepTags))
}
const changeConfig = (statements: Statements, row: ConfigRow): number => {
  const bare = bareCellsOf(row)
  return (bare === null ? statements.update.run(...changedCellsOf(row)) : statements.updateBare.run(...bare)).changes
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
      if (statements.history.run(...insertCellsOf(write.nid, write.row)).changes !== 1)
        throw new Error(`state store: no row ${write.row.id} to write history of`)
      return
    case 'history-copy':
      writeCopies(statements, [write])
      return
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

/**
 * So many copies that stand among the next writes and may all be made first: the rows that they copy are changed by none of those before them.
 * `to`: where the run of writes ends in which they stand.
 */
const nextCopies = (writes: readonly RowWrite[], from: number): { readonly copies: readonly HistoryCopy[]; readonly to: number } => {
  const copies: HistoryCopy[] = []
  const changed = new Set<number>()
  let to = from
  for (; to < writes.length; to++) {
    const write = writes[to] as RowWrite
    if (write.kind === 'put-config') changed.add(write.row.id)
    else if (write.kind !== 'history-copy' || copies.length === historyRowsAtOnce || changed.has(write.id)) break
    else copies.push(write)
  }
  return { copies, to }
}

/** All of them, to the same end as one after the other. */
export const writeRows = (statements: Statements, writes: readonly RowWrite[]): void => {
  for (let at = 0; at < writes.length; ) {
    const { copies, to } = nextCopies(writes, at)
    writeCopies(statements, copies)
    for (; at < to; at++) {
      const write = writes[at] as RowWrite
      if (write.kind !== 'history-copy') writeRow(statements, write)
    }
    // What is no part of such a run.
    if (copies.length === 0 && at < writes.length) writeRow(statements, writes[at++] as RowWrite)
  }
}

export const contentBytesOf = (write: RowWrite): number => {
  if (write.kind === 'put-record') return write.value.length
  if (write.kind === 'history-besides') return write.content instanceof Uint8Array ? write.content.length : write.content.bytes
  return write.kind === 'put-config' || write.kind === 'history-insert' ? write.row.content.length : 0
}

/** Of contents that are copied to history. */
export const copiedBytesOf = (write: RowWrite): number => (write.kind === 'history-copy' ? write.contentBytes : 0)

export const overheadOf = (write: RowWrite): number => {
  if (write.kind === 'put-config' || write.kind === 'restore-config') return putOverheadBytes
  // Anywhere in its table, as a row is.
  if (write.kind === 'put-record' || write.kind === 'drop-record') return putOverheadBytes
  if (write.kind === 'prune-history') return write.nids.length * historyOverheadBytes
  return write.kind === 'put-request' || write.kind === 'drop-request' ? requestBytes : historyOverheadBytes
}
