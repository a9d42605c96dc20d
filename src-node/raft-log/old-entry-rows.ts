/**
 * The log of versions 1 to 3 had a row for each entry. This file owns that table: how it was made, what its checksums were over, and how its rows
 * become those of entry-table.ts. It must never carry over an entry that is not what was written, or let one be missing.
 */

import type Database from 'better-sqlite3'
import { type Entry, logIndex, term } from '../raft/types.ts'
import { dataDamaged } from '../storage/storage-failure.ts'
import { kindOf } from './entry-block.ts'
import { createEntryTable, openEntryTable } from './entry-table.ts'
import { storedBase } from './log-base.ts'
import { checksumOf } from './row-checksum.ts'

interface OldRow {
  readonly log_index: number
  readonly term: number
  readonly kind: number
  readonly checksum: number
  readonly data: Buffer
}

/** So much of the log is in memory at a time: some blocks, of which only the last one is not full. */
const sliceBytes = 1024 * 1024
/** An entry's objects beside its data, about: small entries must not be many. */
const entryOverheadBytes = 160

/** Migration, of the first version. */
export const createOldEntryTable = (db: Database.Database): void =>
  void db.exec(`
    CREATE TABLE raft_entry (
      log_index INTEGER PRIMARY KEY,
      term INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT`)

const entryOf = (path: string, row: OldRow): Entry => {
  const kind = kindOf(row.kind)
  if (!kind || checksumOf([row.term, row.log_index, row.kind], row.data) !== row.checksum)
    throw dataDamaged(path, `entry ${row.log_index} is damaged`)
  return { term: term(row.term), index: logIndex(row.log_index), kind, data: row.data }
}

const sliceOf = (path: string, rows: Iterable<OldRow>, from: number): Entry[] => {
  const slice: Entry[] = []
  let bytes = 0
  for (const row of rows) {
    if (row.log_index !== from + slice.length) throw dataDamaged(path, `entry ${from + slice.length} is missing`)
    slice.push(entryOf(path, row))
    bytes += row.data.length + entryOverheadBytes
    if (bytes > sliceBytes) break
  }
  return slice
}

/**
 * Migration: every entry goes over, verified. Rows go as soon as they are over, so that the file uses their pages again and hardly grows.
 * @throws StorageFailure `dataDamaged` for an entry that is damaged or missing
 */
export const packOldRows =
  (path: string) =>
  (db: Database.Database): void => {
    createEntryTable(db)
    const table = openEntryTable(db, path)
    const rows = db.prepare<[], OldRow>('SELECT * FROM raft_entry ORDER BY log_index')
    const forget = db.prepare<[number]>('DELETE FROM raft_entry WHERE log_index <= ?')
    const first = db.prepare<[], number | null>('SELECT min(log_index) FROM raft_entry').pluck().get() ?? null
    const begin = storedBase(db, path).load().index + 1
    if (first !== null && first !== begin) throw dataDamaged(path, `the log begins at ${first}, not at ${begin}`)
    for (let next = begin; ; ) {
      const slice = sliceOf(path, rows.iterate(), next)
      if (slice.length === 0) break
      next += slice.length
      table.append(slice)
      forget.run(next - 1)
    }
    db.exec('DROP TABLE raft_entry')
  }
