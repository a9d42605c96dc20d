/** Raft logs as versions 1 to 3 made them, by SQL, for tests. */

import Database from 'better-sqlite3'
import { type Entry, logIndex, term } from '../raft/types.ts'
import { checksumOf, noData } from './row-checksum.ts'
import type { SqliteRaftLog } from './sqlite-raft-log.ts'

const kinds = ['noop', 'command', 'config'] as const
const schema = `
  CREATE TABLE nacos_trio_file (id INTEGER PRIMARY KEY CHECK (id = 1), cluster_id TEXT NOT NULL, node_id INTEGER NOT NULL,
    clean INTEGER NOT NULL, opens INTEGER NOT NULL) STRICT;
  INSERT INTO nacos_trio_file VALUES (1, 'c', 1, 1, 0);
  CREATE TABLE raft_entry (log_index INTEGER PRIMARY KEY, term INTEGER NOT NULL, kind INTEGER NOT NULL, checksum INTEGER NOT NULL,
    data BLOB NOT NULL) STRICT;
  CREATE TABLE raft_hard_state (id INTEGER PRIMARY KEY CHECK (id = 1), term INTEGER NOT NULL, vote INTEGER, checksum INTEGER NOT NULL) STRICT;
  PRAGMA application_id = ${0x4e54524c};
  PRAGMA journal_mode = WAL;`
const schemaOf3 = `
  CREATE TABLE raft_membership (log_index INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TABLE raft_base (id INTEGER PRIMARY KEY CHECK (id = 1), log_index INTEGER NOT NULL, term INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;`

export const entry = (index: number, size = 300): Entry => ({
  ...{ index: logIndex(index), term: term(1 + Math.floor(index / 50)), kind: index % 40 === 0 ? 'config' : index % 11 === 0 ? 'noop' : 'command' },
  data: new Uint8Array(index % 11 === 0 ? 0 : size).fill(index),
})
export const run = (from: number, to: number): Entry[] => Array.from({ length: to - from + 1 }, (_, n) => entry(from + n))
export const plain = (entries: readonly Entry[]) => entries.map((each) => ({ ...each, data: Buffer.from(each.data).toString('hex') }))
export const all = (log: SqliteRaftLog) => plain(log.entries(log.firstIndex(), log.lastIndex(), 1e9))

export const withFile = (path: string, task: (db: Database.Database) => void): void => {
  const db = new Database(path)
  task(db)
  db.close()
}
/** The checksums by the rule of that time: over term, index, kind (vote, -1 of the hard state; index, -2 of the base) and the data. */
export const makeOldLog = (
  path: string,
  entries: readonly Entry[],
  { version = 3, base = [0, 0] }: { version?: number; base?: [number, number] } = {},
): void =>
  withFile(path, (db) => {
    db.exec(schema)
    db.prepare('INSERT INTO raft_hard_state VALUES (1, 9, 2, ?)').run(checksumOf([9, 2, -1], noData))
    const add = db.prepare('INSERT INTO raft_entry VALUES (?, ?, ?, ?, ?)')
    db.transaction(() => {
      for (const { index, term: at, kind, data } of entries) {
        const kindNumber = kinds.indexOf(kind)
        add.run(index, at, kindNumber, checksumOf([at, index, kindNumber], data), data)
      }
    })()
    if (version === 3) {
      db.exec(schemaOf3)
      db.prepare('INSERT INTO raft_base VALUES (1, ?, ?, ?)').run(...base, checksumOf([base[1], base[0], -2], noData))
      const member = db.prepare('INSERT INTO raft_membership VALUES (?, ?, ?)')
      for (const { index, kind, data } of entries) if (kind === 'config') member.run(index, checksumOf([0, index, 2], data), data)
    }
    db.pragma(`user_version = ${version}`)
  })
