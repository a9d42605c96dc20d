/**
 * The Raft log and hard state of one node in one SQLite file: a row holds the entries of one persist, and every row carries a checksum. A persist is
 * one synced transaction. It must never answer before the sync, and never return after a failure other than a full disk.
 */

import { type Entry, type HardState, type LogBase, type LogIndex, logIndex, nodeId, type StoredMembership, type Term, term } from '../raft/types.ts'
import type { RaftLogStore } from '../raft-driver/ports.ts'
import { type DatabaseFile, openDatabaseFile } from '../storage/sqlite/database-file.ts'
import { dataDamaged } from '../storage/storage-failure.ts'
import { kindNumberOf } from './entry-block.ts'
import { openEntryTable } from './entry-table.ts'
import { createBaseTable, storedBase } from './log-base.ts'
import { checkLog, type LogFindings } from './log-check.ts'
import { createOldEntryTable, packOldRows } from './old-entry-rows.ts'
import { checksumOf, noData } from './row-checksum.ts'
import { createTailCache } from './tail-cache.ts'

export interface RaftLogOptions {
  readonly path: string
  readonly clusterId: string
  readonly nodeId: number
  /** Told how long each synced commit took. */
  readonly syncTimer?: { monotonicMs(): number; onSync(ms: number): void } | undefined
  /** Recent entries are kept in memory up to so many bytes. */
  readonly cacheBytes?: number | undefined
  /** Fence for the file's size, in pages of 4 KiB. */
  readonly pagesMax?: number | undefined
  /** Runs a checkpoint in a turn of its own. */
  readonly defer?: ((task: () => void) => void) | undefined
}

export interface SqliteRaftLog extends RaftLogStore {
  /** See log-check.ts; one at a time. */
  check(done: (findings: LogFindings) => void): void
}

interface MembershipRow {
  readonly log_index: number
  readonly checksum: number
  readonly data: Uint8Array
}
interface HardStateRow {
  readonly term: number
  readonly vote: number | null
  readonly checksum: number
}

/** "NTRL" */
const applicationId = 0x4e54524c
/** The newest only: the core holds what it is about to send, and whoever is far behind is served from the file's pages. */
const cacheBytesDefault = 64 * 1024
const pageCacheKib = 2048
/**
 * Small commits write the table's last page again and again: many frames, few pages, and a checkpoint writes pages. At one writer that
 * makes a stop of 2 ms every three seconds out of one every second.
 */
const walFrames = 4096
/** What an entry costs beside its data. */
const entryBytes = 32
const configKind = kindNumberOf('config')

const hardStateSchema = `
  CREATE TABLE raft_hard_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    term INTEGER NOT NULL,
    vote INTEGER,
    checksum INTEGER NOT NULL
  ) STRICT;`

/** Configurations a second time, by themselves: a start finds them without reading the log, and they outlive its compaction. */
const membershipSchema = `
  CREATE TABLE raft_membership (
    log_index INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;`

const hardStateChecksum = (at: number, vote: number | null): number => checksumOf([at, vote ?? 0, -1], noData)

const statementsOf = (file: DatabaseFile) => {
  const { db } = file
  return {
    addMembership: db.prepare<[number, number, Uint8Array]>('INSERT INTO raft_membership VALUES (?, ?, ?)'),
    forgetMemberships: db.prepare<[number]>('DELETE FROM raft_membership WHERE log_index < ?'),
    cutMemberships: db.prepare<[number]>('DELETE FROM raft_membership WHERE log_index >= ?'),
    memberships: db.prepare<[], MembershipRow>('SELECT * FROM raft_membership ORDER BY log_index'),
    hardState: db.prepare<[], HardStateRow>('SELECT term, vote, checksum FROM raft_hard_state WHERE id = 1'),
    setHardState: db.prepare<[number, number | null, number]>('UPDATE raft_hard_state SET term = ?, vote = ?, checksum = ? WHERE id = 1'),
  }
}
type Statements = ReturnType<typeof statementsOf>

const loadHardState = (path: string, statements: Statements): HardState => {
  const row = statements.hardState.get()
  if (!row || hardStateChecksum(row.term, row.vote) !== row.checksum) throw dataDamaged(path, 'the hard state (term and vote) is damaged')
  return { term: term(row.term), vote: row.vote === null ? null : nodeId(row.vote) }
}

const membershipChecksum = (index: number, data: Uint8Array): number => checksumOf([0, index, configKind], data)

const loadMemberships = (path: string, statements: Statements): readonly StoredMembership[] =>
  statements.memberships.all().map(({ log_index: index, checksum, data }) => {
    if (membershipChecksum(index, data) !== checksum) throw dataDamaged(path, `the configuration of entry ${index} is damaged`)
    return { index: logIndex(index), data }
  })

/** Only what differs costs anything: a tail without configurations that cuts none leaves the list as it is. */
const membershipsAfter = (before: readonly StoredMembership[], entries: readonly Entry[]): readonly StoredMembership[] => {
  const from = entries[0]?.index ?? Number.POSITIVE_INFINITY
  const cuts = (before.at(-1)?.index ?? 0) >= from
  if (!cuts && !entries.some(({ kind }) => kind === 'config')) return before
  const kept = before.filter(({ index }) => index < from)
  return [...kept, ...entries.filter(({ kind }) => kind === 'config').map(({ index, data }) => ({ index, data }))]
}

/** What is needed of them once entries up to `base` are gone: the newest among those, and all later ones. */
const membershipsFrom = (all: readonly StoredMembership[], base: number): readonly StoredMembership[] => {
  const newest = all.findLastIndex(({ index }) => index <= base)
  return newest <= 0 ? all : all.slice(newest)
}

const assertAppendable = (entries: readonly Entry[], { base, last }: { base: number; last: number }): void => {
  const from = entries[0]?.index ?? last + 1
  if (from <= base) throw new Error(`raft log: entry ${from} lies before its begin ${base + 1}`)
  if (from > last + 1) throw new Error(`raft log: entries from ${from} leave a gap after ${last}`)
  for (let at = 0; at < entries.length; at++) {
    if (entries[at]?.index !== from + at) throw new Error(`raft log: entries from ${from} are not consecutive`)
  }
}

/**
 * Opens or makes the log. Reads are verified by checksum; recent entries never touch the disk.
 * @throws StorageFailure at open, at any read, and from `persist` for everything but a full disk.
 */
export const openSqliteRaftLog = (options: RaftLogOptions): SqliteRaftLog => {
  const { path, syncTimer, pagesMax, defer } = options
  const createTables = (db: DatabaseFile['db']): void => {
    createOldEntryTable(db)
    db.exec(hardStateSchema)
    db.prepare('INSERT INTO raft_hard_state VALUES (1, 0, NULL, ?)').run(hardStateChecksum(0, null))
  }
  const identity = { clusterId: options.clusterId, nodeId: options.nodeId, applicationId }
  const mode = { synchronous: 'full', exclusive: true, cacheKib: pageCacheKib, pagesMax, defer, walFrames } as const
  const migrations = [createTables, (db: DatabaseFile['db']) => db.exec(membershipSchema), createBaseTable, packOldRows(path)]
  const file = openDatabaseFile({ path, ...identity, ...mode, migrations })
  const cache = createTailCache(options.cacheBytes ?? cacheBytesDefault)
  const loaded = file.prepare(() => {
    const statements = statementsOf(file)
    const begin = storedBase(file.db, path)
    const base = begin.load()
    const table = openEntryTable(file.db, path)
    const { last, entries } = table.tail(base.index, cache.bytesMax)
    cache.replaceFrom(entries)
    return { statements, table, begin, base, last, hardState: loadHardState(path, statements), memberships: loadMemberships(path, statements) }
  })
  const { statements, table, begin } = loaded
  let { hardState, last, base, memberships } = loaded

  const writeRows = (next: HardState | null, entries: readonly Entry[]): void => {
    if (next) statements.setHardState.run(next.term, next.vote, hardStateChecksum(next.term, next.vote))
    const from = entries[0]?.index
    if (from !== undefined && from <= last) {
      table.cut(from, base.index)
      statements.cutMemberships.run(from)
    }
    table.append(entries)
    for (const { index, kind, data } of entries) if (kind === 'config') statements.addMembership.run(index, membershipChecksum(index, data), data)
  }

  const persist: RaftLogStore['persist'] = (next, entries, done) => {
    if (!next && entries.length === 0) return done(null)
    assertAppendable(entries, { base: base.index, last })
    const startMs = syncTimer?.monotonicMs() ?? 0
    if (file.write(() => writeRows(next, entries)) === 'disk_full') return done('disk_full')
    syncTimer?.onSync(syncTimer.monotonicMs() - startMs)
    hardState = next ?? hardState
    last = entries.at(-1)?.index ?? last
    memberships = membershipsAfter(memberships, entries)
    cache.replaceFrom(entries)
    done(null)
    // After the answer: whoever waited for the sync does not wait for this.
    const bytes = entries.reduce((sum, entry) => sum + entry.data.length + entryBytes, 0)
    file.checkpointAfter({ writtenBytes: bytes, contentBytes: bytes })
  }

  const compact: RaftLogStore['compact'] = (to, entriesMax) => {
    const upTo = Math.min(to, last, base.index + entriesMax)
    if (upTo <= base.index) return 'done'
    // As it was written: once this row is gone, the base is all that is known of its term.
    const [newest] = file.read(() => table.read({ from: upTo, to: upTo, bytesMax: 0 }))
    if (newest === undefined) throw dataDamaged(path, `entry ${upTo} is missing`)
    const next: LogBase = { index: newest.index, term: newest.term }
    const kept = membershipsFrom(memberships, upTo)
    const cut = () => {
      begin.save(next)
      table.forget(upTo)
      if (kept.length < memberships.length) statements.forgetMemberships.run(kept[0]?.index ?? 0)
    }
    if (file.write(cut) === 'disk_full') return 'disk_full'
    // Every page that the rows stood on is written once more, empty.
    file.checkpointAfter('unknown')
    base = next
    memberships = kept
    return upTo >= Math.min(to, last) ? 'done' : 'more'
  }

  const reset: RaftLogStore['reset'] = (next, withHardState, done) => {
    const replace = () => {
      begin.save(next)
      table.clear()
      statements.cutMemberships.run(0)
      if (next.membership)
        statements.addMembership.run(next.membership.index, membershipChecksum(next.membership.index, next.membership.data), next.membership.data)
      if (withHardState) writeRows(withHardState, [])
    }
    if (file.write(replace) === 'disk_full') return done('disk_full')
    hardState = withHardState ?? hardState
    base = { index: next.index, term: next.term }
    last = next.index
    memberships = next.membership ? [next.membership] : []
    cache.clear()
    done(null)
  }

  const entries = (from: LogIndex, to: LogIndex, bytesMax: number): readonly Entry[] => {
    const end = Math.min(to, last)
    if (from <= base.index || from > end) return []
    return cache.range({ from, to: end, bytesMax }) ?? file.read(() => table.read({ from, to: end, bytesMax }))
  }

  /** Known at the base too: with nothing compacted that is index 0 of term 0, a place that all logs share. */
  const termAt = (index: LogIndex): Term | null => {
    if (index <= base.index) return index === base.index ? base.term : null
    if (index > last) return null
    return cache.at(index)?.term ?? file.read(() => term(table.termOf(index)))
  }

  const check: SqliteRaftLog['check'] = (done) =>
    checkLog(
      {
        firstIndex: () => base.index + 1,
        lastIndex: () => last,
        verify: (from, to, bytesMax) => file.read(() => table.read({ from, to, bytesMax })).length,
        verifyRest: () => file.read(() => [loadHardState(path, statements), loadMemberships(path, statements)]),
        isOpen: () => file.db.open,
        defer: defer ?? ((task) => task()),
      },
      done,
    )

  return {
    check,
    hardState: () => hardState,
    base: () => base,
    firstIndex: () => logIndex(base.index + 1),
    lastIndex: () => logIndex(last),
    termAt,
    entries,
    memberships: () => memberships,
    persist,
    compact,
    reset,
    close: file.close,
  }
}
