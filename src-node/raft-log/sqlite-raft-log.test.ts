import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Entry, logIndex, nodeId, term } from '../raft/types.ts'
import type { RaftLogStore } from '../raft-driver/ports.ts'
import { openSqliteRaftLog, type RaftLogOptions } from './sqlite-raft-log.ts'

const entry = (index: number, at = 1, size = 10): Entry => ({
  ...{ index: logIndex(index), term: term(at), kind: index % 5 === 1 ? 'noop' : 'command' },
  data: index % 5 === 1 ? new Uint8Array(0) : new Uint8Array(size).fill(index),
})
const run = (from: number, to: number, at = 1, size = 10): Entry[] => Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, at, size))
const plain = (entries: readonly Entry[]) => entries.map((each) => ({ ...each, data: [...each.data] }))

let dir = ''
let log: RaftLogStore
const open = (over: Partial<RaftLogOptions> = {}): RaftLogStore =>
  openSqliteRaftLog({ path: join(dir, 'raft.db'), clusterId: 'c', nodeId: 1, ...over })
const reopen = (over: Partial<RaftLogOptions> = {}): void => {
  log.close()
  log = open(over)
}
const persist = (entries: readonly Entry[], hardState: { term: number; vote: number | null } | null = null): string | null => {
  let answer: string | null | undefined
  const state = hardState && { term: term(hardState.term), vote: hardState.vote === null ? null : nodeId(hardState.vote) }
  log.persist(state, entries, (problem) => {
    expect(answer).toBeUndefined()
    answer = problem
  })
  expect(answer).not.toBeUndefined()
  return answer ?? null
}
/** Somebody else's hand in the file. */
const change = (sql: string): void => {
  log.close()
  const db = new Database(join(dir, 'raft.db'))
  db.exec(sql)
  db.close()
  log = open()
}
const read = (from: number, to: number, bytesMax = 1e9) => plain(log.entries(logIndex(from), logIndex(to), bytesMax))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'raft-log-'))
  log = open()
})
afterEach(() => {
  log.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('a new log', () => {
  it('is empty, in term 0, and knows the place before the first entry', () => {
    expect(log.hardState()).toEqual({ term: 0, vote: null })
    expect([log.firstIndex(), log.lastIndex(), log.termAt(logIndex(0)), log.termAt(logIndex(1))]).toEqual([1, 0, 0, null])
    expect(read(1, 5)).toEqual([])
  })
})

describe('persist', () => {
  it('keeps hard state and entries together over a reopen', () => {
    persist(run(1, 20), { term: 4, vote: 2 })
    persist([], { term: 2 ** 52 + 1, vote: null })
    reopen()
    expect(log.hardState()).toEqual({ term: 2 ** 52 + 1, vote: null })
    expect(read(1, 20)).toEqual(plain(run(1, 20)))
    expect([log.lastIndex(), log.termAt(logIndex(20)), log.termAt(logIndex(21))]).toEqual([20, 1, null])
  })

  it('replaces a conflicting tail, in memory and on disk', () => {
    persist(run(1, 20, 1))
    persist(run(11, 13, 2))
    const wanted = plain([...run(1, 10, 1), ...run(11, 13, 2)])
    expect(read(1, 20)).toEqual(wanted)
    expect([log.lastIndex(), log.termAt(logIndex(13)), log.termAt(logIndex(14))]).toEqual([13, 2, null])
    reopen()
    expect(read(1, 20)).toEqual(wanted)
    persist(run(1, 2, 3))
    expect(read(1, 20)).toEqual(plain(run(1, 2, 3)))
  })

  it('refuses a gap', () => {
    persist(run(1, 3))
    expect(() => persist(run(5, 6))).toThrow('gap')
    expect(() => persist([entry(4), entry(6)])).toThrow('not consecutive')
    expect(log.lastIndex()).toBe(3)
  })

  it('tells how long the sync took', () => {
    const took: number[] = []
    let now = 0
    reopen({ syncTimer: { monotonicMs: () => now++, onSync: (ms) => took.push(ms) } })
    persist(run(1, 1))
    expect(took).toEqual([1])
  })
})

describe('reads', () => {
  it('give the same from memory and from disk', () => {
    reopen({ cacheBytes: 2000 })
    for (let index = 1; index <= 100; index++) persist([entry(index, Math.ceil(index / 10), 50)])
    for (const from of [1, 50, 90, 95, 100]) {
      expect(read(from, 100)).toEqual(plain(run(from, 100, 1, 50).map((each) => ({ ...each, term: term(Math.ceil(each.index / 10)) }))))
      expect(log.termAt(logIndex(from))).toBe(Math.ceil(from / 10))
    }
  })

  it('give at least one entry, then stop by bytes', () => {
    persist(run(2 - 1, 10, 1, 100))
    for (const cacheBytes of [8e6, 1]) {
      reopen({ cacheBytes })
      expect(read(2, 10, 0).map(({ index }) => index)).toEqual([2])
      expect(read(2, 10, 250).map(({ index }) => index)).toEqual([2, 3])
      expect(read(9, 99).map(({ index }) => index)).toEqual([9, 10])
    }
  })
})

describe('a full disk', () => {
  it('is told, changes nothing, and passes', () => {
    reopen({ pagesMax: 60 })
    let last = 0
    while (persist(run(last + 1, last + 4, 1, 4000), { term: 1, vote: 1 }) === null) last += 4
    expect(last).toBeGreaterThan(4)
    expect(persist(run(last + 1, last + 8, 9, 4000), { term: 9, vote: 2 })).toBe('disk_full')
    expect([log.lastIndex(), log.hardState()]).toEqual([last, { term: 1, vote: 1 }])
    expect(read(1, last)).toEqual(plain(run(1, last, 1, 4000)))
    expect(persist(run(3, 4, 2, 100), { term: 2, vote: 3 })).toBeNull()
    reopen()
    expect([log.lastIndex(), log.hardState()]).toEqual([4, { term: 2, vote: 3 }])
  })
})

describe('open', () => {
  it('refuses the log of another cluster or node, and a second opener', () => {
    expect(() => open()).toThrow('in use by another process')
    log.close()
    expect(() => open({ clusterId: 'other' })).toThrow('another cluster')
    expect(() => open({ nodeId: 2 })).toThrow('belongs to node 1')
    log = open()
  })
})

describe('configurations', () => {
  const config = (index: number, ...data: number[]): Entry => ({ index: logIndex(index), term: term(1), kind: 'config', data: new Uint8Array(data) })
  const memberships = () => log.memberships().map(({ index, data }) => [index, ...data])

  it('are known at a start, without reading the log', () => {
    persist([...run(1, 4), config(5, 7, 8), ...run(6, 9), config(10, 9)])
    expect(memberships()).toEqual([
      [5, 7, 8],
      [10, 9],
    ])
    reopen()
    expect(memberships()).toEqual([
      [5, 7, 8],
      [10, 9],
    ])
    expect(read(5, 5)).toMatchObject([{ kind: 'config', data: [7, 8] }])
  })

  it('go with the tail that held them', () => {
    persist([...run(1, 4), config(5, 7), ...run(6, 9), config(10, 9)])
    persist([entry(8, 2), { ...config(9, 3), term: term(2) }])
    const left = [
      [5, 7],
      [9, 3],
    ]
    expect(memberships()).toEqual(left)
    reopen()
    expect(memberships()).toEqual(left)
  })

  it('that are damaged are refused', () => {
    persist([config(1, 4)])
    expect(() => change("UPDATE raft_membership SET data = x'05'")).toThrow(/configuration of entry 1 is damaged/)
  })
})
