/**
 * The entries of the log as rows, each of which holds consecutive ones: a persist is one row, or as many as its bytes need. The first row may begin
 * at or below the log's base, since a compaction takes whole rows only; whoever reads asks for nothing that lies there. It opens no transaction,
 * and it must never hand out what it has not verified.
 */

import type Database from 'better-sqlite3'
import type { Entry } from '../raft/types.ts'
import { dataDamaged } from '../storage/storage-failure.ts'
import { createBlockPacker, cutBlock, type EntryBlock, unpackBlock } from './entry-block.ts'

export interface EntryTable {
  /** They follow what is there. */
  append(entries: readonly Entry[]): void
  /** Everything from `from` on goes; a row that holds it and something above `base` too is written again without it. */
  cut(from: number, base: number): void
  /** Every row that lies at or below `upTo` as a whole goes. */
  forget(upTo: number): void
  clear(): void
  /** Of an entry that it holds. The core asks for one after the other: those of the row that was read last are known. */
  termOf(index: number): number
  /** At least one entry, then up to `bytesMax` of data. */
  read(range: { readonly from: number; readonly to: number; readonly bytesMax: number }): Entry[]
  /** The last index, and the newest entries, of about `bytesMax`; their memory is their own. */
  tail(base: number, bytesMax: number): { readonly last: number; readonly entries: readonly Entry[] }
}

/** Migration. */
export const createEntryTable = (db: Database.Database): void =>
  void db.exec(`
    CREATE TABLE raft_block (
      first_index INTEGER PRIMARY KEY,
      last_index INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT`)

const blocks = 'SELECT first_index AS first, last_index AS last, checksum, data FROM raft_block'

const statementsOf = (db: Database.Database) => ({
  insert: db.prepare<[number, number, number, Buffer]>('INSERT INTO raft_block VALUES (?, ?, ?, ?)'),
  cut: db.prepare<[number]>('DELETE FROM raft_block WHERE first_index >= ?'),
  before: db.prepare<[number], EntryBlock>(`${blocks} WHERE first_index < ? ORDER BY first_index DESC LIMIT 1`),
  forget: db.prepare<[number, number]>('DELETE FROM raft_block WHERE first_index <= ? AND last_index <= ?'),
  clear: db.prepare('DELETE FROM raft_block'),
  range: db.prepare<[number, number], EntryBlock>(
    `${blocks} WHERE first_index BETWEEN (SELECT max(first_index) FROM raft_block WHERE first_index <= ?) AND ? ORDER BY first_index`,
  ),
  backward: db.prepare<[], EntryBlock>(`${blocks} ORDER BY first_index DESC`),
  oldest: db.prepare<[], { first: number; last: number }>(
    'SELECT first_index AS first, last_index AS last FROM raft_block ORDER BY first_index LIMIT 1',
  ),
})
type Statements = ReturnType<typeof statementsOf>

/** What is damaged or missing is named by the first entry that is concerned. */
const damaged = (path: string, index: number): Error => dataDamaged(path, `entry ${index} is damaged`)
const missing = (path: string, index: number): Error => dataDamaged(path, `entry ${index} is missing`)

const unpackOrThrow = (path: string, block: EntryBlock, range: { from: number; to: number }, take: (entry: Entry) => boolean): void => {
  if (!unpackBlock(block, range, take)) throw damaged(path, Math.max(block.first, range.from))
}

const readRange = (path: string, statements: Statements, { from, to, bytesMax }: { from: number; to: number; bytesMax: number }): Entry[] => {
  const found: Entry[] = []
  let bytes = 0
  let isFull = false
  const take = (entry: Entry): boolean => {
    bytes += entry.data.length
    isFull = found.length > 0 && bytes > bytesMax
    if (!isFull) found.push(entry)
    return !isFull
  }
  let next = from
  for (const block of statements.range.iterate(from, to)) {
    if (block.first > next) throw missing(path, next)
    // The first row may begin earlier; two rows that hold the same entry were never written.
    if (block.first < next && found.length > 0) throw damaged(path, block.first)
    unpackOrThrow(path, block, { from: next, to }, take)
    if (isFull) return found
    next = Math.max(next, block.last + 1)
  }
  if (next <= to) throw missing(path, next)
  return found
}

/** From the end: every row that it reads is verified. */
const readTail = (path: string, statements: Statements, base: number, bytesMax: number): ReturnType<EntryTable['tail']> => {
  const oldest = statements.oldest.get()
  if (!oldest) return { last: base, entries: [] }
  if (oldest.first > base + 1 || oldest.last <= base) throw dataDamaged(path, `the log begins at ${oldest.first}, not at ${base + 1}`)
  const found: Entry[][] = []
  let after: number | null = null
  let bytes = 0
  for (const block of statements.backward.iterate()) {
    const entries: Entry[] = []
    const isShared = block.first !== block.last
    unpackOrThrow(path, block, { from: base + 1, to: block.last }, (entry) => {
      entries.push(isShared ? { ...entry, data: new Uint8Array(entry.data) } : entry)
      return true
    })
    if (after !== null && block.last !== after - 1) throw block.last < after ? missing(path, block.last + 1) : damaged(path, after)
    found.push(entries)
    after = block.first
    bytes += block.data.length
    if (bytes > bytesMax) break
  }
  const entries = found.reverse().flat()
  return { last: entries.at(-1)?.index ?? base, entries }
}

const cutTail = (path: string, statements: Statements, from: number, base: number): void => {
  const block = statements.before.get(from)
  if (block === undefined || block.last < from) {
    statements.cut.run(from)
    return
  }
  // The row goes first, and what is kept of it finds room where it stood.
  statements.cut.run(block.first)
  // With the base just before, what is left of that row would lie at or below the base alone, and such a row is none of this log.
  if (from === base + 1) return
  const kept = cutBlock(block, from)
  if (kept === null) throw damaged(path, Math.max(block.first, base + 1))
  statements.insert.run(kept.first, kept.last, kept.checksum, kept.data)
}

/** Terms by index, one row of them at a time. To read one takes as long as to read its row, and a log that differs from another is walked by its terms. */
const createTermReader = (path: string, statements: Statements) => {
  let seen: { readonly first: number; readonly terms: Float64Array } | null = null
  const termsOf = (block: EntryBlock, asked: number): Float64Array => {
    const terms = new Float64Array(block.last - block.first + 1)
    const isSound = unpackBlock(block, { from: block.first, to: block.last }, (entry) => {
      terms[entry.index - block.first] = entry.term
      return true
    })
    if (!isSound) throw damaged(path, asked)
    return terms
  }
  const termOf = (index: number): number => {
    if (seen === null || index < seen.first || index >= seen.first + seen.terms.length) {
      const block = statements.before.get(index + 1)
      if (block === undefined || block.last < index) throw missing(path, index)
      seen = { first: block.first, terms: termsOf(block, index) }
    }
    return seen.terms[index - seen.first] as number
  }
  /** Rows go, or change. */
  const forget = (): void => {
    seen = null
  }
  return { termOf, forget }
}

export const openEntryTable = (db: Database.Database, path: string): EntryTable => {
  const statements = statementsOf(db)
  const terms = createTermReader(path, statements)
  const pack = createBlockPacker()
  // SQLite has a copy of the data when it returns (better-sqlite3 binds SQLITE_TRANSIENT), so that the packer may use its memory again.
  const insert = (first: number, last: number, checksum: number, data: Buffer): void => void statements.insert.run(first, last, checksum, data)
  return {
    append: (entries) => pack(entries, insert),
    cut: (from, base) => {
      terms.forget()
      cutTail(path, statements, from, base)
    },
    forget: (upTo) => {
      terms.forget()
      statements.forget.run(upTo, upTo)
    },
    clear: () => {
      terms.forget()
      statements.clear.run()
    },
    termOf: terms.termOf,
    read: (range) => readRange(path, statements, range),
    tail: (base, bytesMax) => readTail(path, statements, base, bytesMax),
  }
}
