import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Entry, logIndex, nodeId, term } from '../raft/types.ts'
import type { RaftLogStore } from '../raft-driver/ports.ts'
import { openSqliteRaftLog } from './sqlite-raft-log.ts'

const entry = (index: number, at = 1): Entry => ({ index: logIndex(index), term: term(at), kind: 'command', data: new Uint8Array(20).fill(index) })
const run = (from: number, to: number, at = 1): Entry[] => Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, at))

let dir = ''
let log: RaftLogStore
const path = () => join(dir, 'raft.db')
const open = (cacheBytes = 8e6): RaftLogStore => openSqliteRaftLog({ path: path(), clusterId: 'c', nodeId: 1, cacheBytes })
const reopen = (cacheBytes?: number): void => {
  log.close()
  log = open(cacheBytes)
}
const persist = (entries: readonly Entry[], inTerm = 1) =>
  log.persist({ term: term(inTerm), vote: nodeId(2) }, entries, (problem) => expect(problem).toBeNull())
const compactAll = (to: number, slice = 1000) => {
  let turns = 1
  while (log.compact(logIndex(to), slice) === 'more') turns++
  return turns
}
const bounds = () => [log.base().index, log.base().term, log.firstIndex(), log.lastIndex()]
const termAt = (index: number) => log.termAt(logIndex(index))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'compaction-'))
  log = open()
})
afterEach(() => {
  log.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('a compacted log', () => {
  it('begins after its base, knows the term there and nothing before, also after a reopen', () => {
    persist([...run(1, 6, 1), ...run(7, 20, 3)], 3)
    expect(compactAll(8)).toBe(1)
    for (const cacheBytes of [8e6, 1]) {
      expect(bounds()).toEqual([8, 3, 9, 20])
      expect([termAt(0), termAt(7), termAt(8), termAt(9), termAt(21)]).toEqual([null, null, 3, 3, null])
      expect(log.entries(logIndex(8), logIndex(9), 1e9)).toEqual([])
      expect(log.entries(logIndex(9), logIndex(20), 1e9).map(({ index }) => index)).toEqual(run(9, 20).map(({ index }) => index))
      reopen(cacheBytes)
    }
  })

  it('is cut in slices, each of which is whole by itself', () => {
    persist(run(1, 100))
    expect(log.compact(logIndex(50), 20)).toBe('more')
    reopen()
    expect(bounds()).toEqual([20, 1, 21, 100])
    expect(compactAll(50, 20)).toBe(2)
    expect(bounds()).toEqual([50, 1, 51, 100])
    expect(log.compact(logIndex(50), 20)).toBe('done')
    expect(log.compact(logIndex(10), 20)).toBe('done')
    expect(bounds()).toEqual([50, 1, 51, 100])
  })

  it('has its write-ahead log carried over as it is cut, not all of it at the end', () => {
    const data = new Uint8Array(200)
    for (let from = 1; from < 100_000; from += 10_000) persist(run(from, from + 9_999).map((one) => ({ ...one, data })))
    reopen()
    const atMost = { frames: 0 }
    while (log.compact(logIndex(100_000), 1_000) === 'more') atMost.frames = Math.max(atMost.frames, Math.ceil(statSync(`${path()}-wal`).size / 4096))
    expect(atMost.frames).toBeGreaterThan(500)
    expect(atMost.frames).toBeLessThan(2_500)
  })

  it('goes on where it ended, though every entry of it is gone', () => {
    persist(run(1, 5, 2), 2)
    compactAll(99)
    reopen()
    expect(bounds()).toEqual([5, 2, 6, 5])
    persist(run(6, 7, 2), 2)
    expect(() => persist(run(5, 7, 2))).toThrow('lies before its begin')
    expect(() => persist(run(9, 9, 2))).toThrow('gap')
    reopen()
    expect(bounds()).toEqual([5, 2, 6, 7])
  })

  it('keeps the newest configuration of what it forgot, and all later ones', () => {
    const config = (index: number): Entry => ({ ...entry(index), kind: 'config' })
    persist([config(1), ...run(2, 4), config(5), ...run(6, 9), config(10), ...run(11, 12)])
    const known = () => log.memberships().map(({ index }) => Number(index))
    compactAll(4)
    expect(known()).toEqual([1, 5, 10])
    compactAll(7)
    for (let opened = 0; opened < 2; opened++) {
      expect(known()).toEqual([5, 10])
      reopen()
    }
    compactAll(12)
    expect(known()).toEqual([10])
  })

  it('with a changed base, or entries that do not follow it, is damaged', () => {
    for (const rows of [run(1, 4), run(5, 5), run(6, 10)]) persist(rows)
    compactAll(4)
    log.close()
    const tamper = (sql: string) => new Database(path()).exec(sql).close()
    tamper('UPDATE raft_base SET log_index = 3')
    expect(() => open()).toThrow('the place where the log begins is damaged')
    tamper('UPDATE raft_base SET log_index = 4; DELETE FROM raft_block WHERE first_index = 5')
    expect(() => open()).toThrow('the log begins at 6, not at 5')
    tamper('DELETE FROM raft_block')
    log = open()
  })
})

it('the term of an entry that is damaged never becomes the term of the base', () => {
  persist(run(1, 5))
  persist(run(6, 10))
  log.close()
  const db = new Database(path())
  const data = db.prepare<[], Buffer>('SELECT data FROM raft_block WHERE first_index = 1').pluck().get()!
  // Each entry has 13 bytes before its 20, and the last 8 of those are its term.
  const termOfFour = 3 * 33 + 5
  expect(data.readDoubleLE(termOfFour)).toBe(1)
  data.writeDoubleLE(9, termOfFour)
  db.prepare('UPDATE raft_block SET data = ? WHERE first_index = 1').run(data)
  db.close()
  log = open(1)
  expect(() => log.compact(logIndex(4), 1000)).toThrow('entry 4 is damaged')
  expect(bounds()).toEqual([0, 0, 1, 10])
})

describe('a log reset to a snapshot', () => {
  it('holds nothing but its base and the hard state that came with it', () => {
    persist(run(1, 30))
    log.reset(
      { index: logIndex(500), term: term(7), membership: { index: logIndex(40), data: new Uint8Array([1, 2]) } },
      { term: term(8), vote: null },
      (problem) => expect(problem).toBeNull(),
    )
    for (let opened = 0; opened < 2; opened++) {
      expect(bounds()).toEqual([500, 7, 501, 500])
      expect([termAt(30), termAt(500)]).toEqual([null, 7])
      expect(log.hardState()).toEqual({ term: 8, vote: null })
      expect(log.memberships().map(({ index, data }) => [index, ...data])).toEqual([[40, 1, 2]])
      reopen()
    }
    persist(run(501, 502, 8), 8)
    expect(log.entries(logIndex(501), logIndex(502), 1e9)).toHaveLength(2)
  })

  it('keeps the hard state when none came', () => {
    persist(run(1, 3), 4)
    log.reset({ index: logIndex(9), term: term(4), membership: null }, null, () => {})
    reopen()
    expect(log.hardState()).toEqual({ term: 4, vote: 2 })
  })
})
