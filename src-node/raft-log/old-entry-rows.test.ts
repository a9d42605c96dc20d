/** Logs of versions 1 to 3, made by SQL as those versions made them, and opened by this one. */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Entry, logIndex } from '../raft/types.ts'
import { all, entry, makeOldLog, plain, run, withFile } from './old-log.testing.ts'
import { openSqliteRaftLog, type SqliteRaftLog } from './sqlite-raft-log.ts'

let dir = ''
const path = () => join(dir, 'raft.db')
const open = (cacheBytes = 1): SqliteRaftLog => openSqliteRaftLog({ path: path(), clusterId: 'c', nodeId: 1, cacheBytes })

const make = (...[entries, options]: [readonly Entry[], Parameters<typeof makeOldLog>[2]?]): void => makeOldLog(path(), entries, options)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'old-entry-rows-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a log with a row for each entry', () => {
  it('is taken over as it is, into rows of many, and the old ones are gone', () => {
    const entries = [...run(1, 600), { ...entry(601), data: new Uint8Array(200_000).fill(3) }, ...run(602, 6_000)]
    make(entries)
    for (let opened = 0; opened < 2; opened++) {
      const log = open()
      expect([log.base(), log.hardState(), Number(log.lastIndex())]).toEqual([{ index: 0, term: 0 }, { term: 9, vote: 2 }, 6_000])
      expect(all(log)).toEqual(plain(entries))
      expect(log.memberships().map(({ index }) => Number(index))).toEqual(entries.filter(({ kind }) => kind === 'config').map(({ index }) => index))
      log.close()
    }
    withFile(path(), (db) => {
      const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'raft%' ORDER BY name").pluck().all()
      expect(tables).toEqual(['raft_base', 'raft_block', 'raft_hard_state', 'raft_membership'])
      const rows = db.prepare<[], number>('SELECT length(data) FROM raft_block').pluck().all()
      expect(rows.length).toBeLessThan(40)
      expect(Math.max(...rows.filter((bytes) => bytes < 200_000))).toBeLessThanOrEqual(64 * 1024)
    })
  })

  it('is carried over within the start: what writes later has no long log to carry', () => {
    make(run(1, 6_000))
    const log = open()
    expect(statSync(`${path()}-wal`).size).toBeLessThan(64 * 1024)
    log.close()
  })

  it('goes on where it was compacted to, also with nothing left in it', () => {
    make(run(101, 300), { base: [100, 3] })
    let log = open()
    expect([log.base(), Number(log.firstIndex())]).toEqual([{ index: 100, term: 3 }, 101])
    expect(all(log)).toEqual(plain(run(101, 300)))
    log.compact(logIndex(150), 1_000)
    log.persist(null, [entry(301)], (problem) => expect(problem).toBeNull())
    log.close()
    log = open()
    expect(all(log)).toEqual(plain(run(151, 301)))
    log.close()
    rmSync(path())
    make([], { base: [100, 3] })
    log = open()
    expect([Number(log.lastIndex()), log.termAt(logIndex(100))]).toEqual([100, 3])
    log.persist(null, run(101, 102), (problem) => expect(problem).toBeNull())
    expect(all(log)).toEqual(plain(run(101, 102)))
    log.close()
  })

  it('of the first version has no configurations and no base', () => {
    make(run(1, 100), { version: 1 })
    let log = open()
    expect([log.memberships(), log.base().index]).toEqual([[], 0])
    expect(all(log)).toEqual(plain(run(1, 100)))
    log.persist(null, [{ ...entry(101), kind: 'config', data: new Uint8Array([4]) }], (problem) => expect(problem).toBeNull())
    log.close()
    log = open()
    expect([log.memberships().map(({ index, data }) => [index, ...data]), log.lastIndex()]).toEqual([[[101, 4]], 101])
    log.close()
  })

  it.each([
    ['entry 150 is damaged', 'UPDATE raft_entry SET data = zeroblob(300) WHERE log_index = 150'],
    ['entry 151 is damaged', 'UPDATE raft_entry SET term = 9 WHERE log_index = 151'],
    ['entry 152 is damaged', 'UPDATE raft_entry SET kind = 0 WHERE log_index = 152'],
    ['entry 153 is damaged', 'UPDATE raft_entry SET kind = 7 WHERE log_index = 153'],
    ['entry 160 is missing', 'DELETE FROM raft_entry WHERE log_index BETWEEN 160 AND 170'],
    ['the log begins at 102, not at 101', 'DELETE FROM raft_entry WHERE log_index = 101'],
    ['the log begins at 100, not at 101', "INSERT INTO raft_entry VALUES (100, 3, 1, 0, x'00')"],
    ['the place where the log begins is damaged', 'UPDATE raft_base SET log_index = 99'],
  ])('is refused and left as it is: %s', (words, sql) => {
    make(run(101, 300), { base: [100, 3] })
    withFile(path(), (db) => db.exec(sql))
    const look = (): unknown[] => {
      const found: unknown[] = []
      withFile(path(), (db) => found.push(db.pragma('user_version', { simple: true }), db.prepare('SELECT * FROM raft_entry').raw().all()))
      return found
    }
    const before = look()
    for (let opened = 0; opened < 2; opened++) expect(() => open()).toThrow(words)
    expect(look()).toEqual(before)
  })
})
