/**
 * Where the log begins: the place just before its first entry. What lies up to there is known by the state store alone, so this
 * row and the rows of entries change in one transaction, and it never moves back.
 */

import type Database from 'better-sqlite3'
import { type LogBase, logIndex, term } from '../raft/types.ts'
import { dataDamaged } from '../storage/storage-failure.ts'
import { checksumOf, noData } from './row-checksum.ts'

interface BaseRow {
  readonly log_index: number
  readonly term: number
  readonly checksum: number
}

export interface StoredBase {
  load(): LogBase
  /** Inside the caller's transaction. */
  save(base: LogBase): void
}

/** No entry has this kind, so that no entry's checksum can pass for a base's. */
const baseMark = -2
const baseChecksum = (index: number, atTerm: number): number => checksumOf([atTerm, index, baseMark], noData)

/** Migration: a log of the first version begins at entry 1. */
export const createBaseTable = (db: Database.Database): void => {
  db.exec(`
    CREATE TABLE raft_base (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      log_index INTEGER NOT NULL,
      term INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT`)
  db.prepare('INSERT INTO raft_base VALUES (1, 0, 0, ?)').run(baseChecksum(0, 0))
}

/** @throws StorageFailure from `load` for a row that is not what was written. */
export const storedBase = (db: Database.Database, path: string): StoredBase => {
  const read = db.prepare<[], BaseRow>('SELECT log_index, term, checksum FROM raft_base WHERE id = 1')
  const write = db.prepare<[number, number, number]>('UPDATE raft_base SET log_index = ?, term = ?, checksum = ? WHERE id = 1')
  return {
    load: () => {
      const row = read.get()
      if (!row || baseChecksum(row.log_index, row.term) !== row.checksum) throw dataDamaged(path, 'the place where the log begins is damaged')
      return { index: logIndex(row.log_index), term: term(row.term) }
    },
    save: ({ index, term: at }) => void write.run(index, at, baseChecksum(index, at)),
  }
}
