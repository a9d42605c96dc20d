/** Rows of several entries, on a real file: what is cut, compacted, read in pieces and found damaged when its border is not a row's. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Entry, logIndex, nodeId, term } from '../raft/types.ts'
import { checksumOf } from './row-checksum.ts'
import { openSqliteRaftLog, type SqliteRaftLog } from './sqlite-raft-log.ts'

const entry = (index: number, at = 1, size = 20): Entry => ({
  ...{ index: logIndex(index), term: term(at), kind: index % 7 === 0 ? 'noop' : 'command' },
  data: new Uint8Array(size).fill(index + at),
})
const run = (from: number, to: number, at = 1, size = 20): Entry[] => Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, at, size))
const plain = (entries: readonly Entry[]) => entries.map((each) => ({ ...each, data: Buffer.from(each.data).toString('hex') }))

let dir = ''
let log: SqliteRaftLog
const path = () => join(dir, 'raft.db')
/** All but the newest entry is read from the file. */
const open = (cacheBytes = 1): SqliteRaftLog => openSqliteRaftLog({ path: path(), clusterId: 'c', nodeId: 1, cacheBytes })
const reopen = (cacheBytes?: number): void => {
  log.close()
  log = open(cacheBytes)
}
const persist = (entries: readonly Entry[]) =>
  log.persist({ term: term(entries[0]!.term), vote: nodeId(1) }, entries, (problem) => expect(problem).toBeNull())
const compact = (to: number, slice = 1e9): void => {
  while (log.compact(logIndex(to), slice) === 'more');
}
const read = (from: number, to: number, bytesMax = 1e9) => plain(log.entries(logIndex(from), logIndex(to), bytesMax))
const indices = (from: number, to: number, bytesMax = 1e9) => log.entries(logIndex(from), logIndex(to), bytesMax).map(({ index }) => Number(index))
/** What the log holds, also if all of it is read from the file again; `from` is where it begins. */
const expectLog = (from: number, entries: readonly Entry[]): void => {
  const last = from + entries.length - 1
  for (const cacheBytes of [1, 1e9]) {
    expect([Number(log.firstIndex()), Number(log.lastIndex())]).toEqual([from, last])
    expect(read(from, last)).toEqual(plain(entries))
    expect(entries.map(({ index }) => log.termAt(index))).toEqual(entries.map((each) => each.term))
    expect([log.termAt(logIndex(last + 1)), read(from - 1, last)]).toEqual([null, []])
    reopen(cacheBytes)
  }
}
const withFile = <T>(task: (db: Database.Database) => T): T => {
  log.close()
  const db = new Database(path())
  try {
    return task(db)
  } finally {
    db.close()
  }
}
/** First and last index of each row. */
const rows = (): unknown => {
  const found = withFile((db) => db.prepare('SELECT first_index, last_index FROM raft_block ORDER BY first_index').raw().all())
  log = open()
  return found
}
const damage = (sql: string): void => void withFile((db) => db.exec(sql))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entry-table-'))
  log = open()
})
afterEach(() => {
  log.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('rows of several entries', () => {
  it('are one for a persist, and read in any pieces', () => {
    persist(run(1, 24))
    persist(run(25, 25))
    persist(run(26, 60, 3))
    expect(rows()).toEqual([
      [1, 24],
      [25, 25],
      [26, 60],
    ])
    for (const [from, to] of [
      [1, 60],
      [5, 5],
      [24, 25],
      [10, 40],
      [25, 26],
      [60, 60],
    ] as const)
      expect(read(from, to)).toEqual(plain([...run(1, 25), ...run(26, 60, 3)].slice(from - 1, to)))
    expect(indices(23, 60, 60)).toEqual([23, 24, 25])
    expect(indices(24, 60, 0)).toEqual([24])
    expectLog(1, [...run(1, 25), ...run(26, 60, 3)])
  })

  it('are as many as the bytes need, and a large entry between small ones has its own', () => {
    const entries = [...run(1, 3), entry(4, 1, 300_000), ...run(5, 6), ...run(7, 30, 1, 10_000)]
    persist(entries)
    expect(rows()).toEqual([
      [1, 3],
      [4, 4],
      [5, 12],
      [13, 18],
      [19, 24],
      [25, 30],
    ])
    expectLog(1, entries)
    persist(run(4, 5, 2))
    expectLog(1, [...entries.slice(0, 3), ...run(4, 5, 2)])
  })

  it('are not kept alive in memory for the sake of one entry', () => {
    persist(run(1, 1000))
    reopen(1)
    expect(log.entries(logIndex(1000), logIndex(1000), 0)[0]?.data.buffer.byteLength).toBe(20)
  })
})

describe('a tail that is cut', () => {
  it('inside a row leaves the rest of the row, once and twice', () => {
    persist(run(1, 10))
    persist(run(11, 20))
    persist(run(15, 16, 2))
    expect(rows()).toEqual([
      [1, 10],
      [11, 14],
      [15, 16],
    ])
    expectLog(1, [...run(1, 14), ...run(15, 16, 2)])
    persist(run(13, 13, 3))
    persist(run(12, 12, 4))
    expect(rows()).toEqual([
      [1, 10],
      [11, 11],
      [12, 12],
    ])
    persist(run(4, 8, 5))
    expectLog(1, [...run(1, 3), ...run(4, 8, 5)])
  })

  it('at the edge of a row leaves the row before as it is', () => {
    persist(run(1, 10))
    persist(run(11, 20))
    persist(run(11, 12, 2))
    expect(rows()).toEqual([
      [1, 10],
      [11, 12],
    ])
    persist(run(10, 10, 3))
    expectLog(1, [...run(1, 9), ...run(10, 10, 3)])
    persist(run(1, 2, 4))
    expect(rows()).toEqual([[1, 2]])
    expectLog(1, run(1, 2, 4))
  })

  it('of a row that is damaged ends the log, and nothing was written', () => {
    persist(run(1, 10))
    persist(run(11, 20))
    persist(run(21, 30))
    damage("UPDATE raft_block SET data = CAST('x' || substr(data, 2) AS BLOB) WHERE first_index = 11")
    log = open()
    expect(() => persist(run(15, 15, 2))).toThrow('entry 11 is damaged')
    expect([log.lastIndex(), indices(21, 30)]).toEqual([30, run(21, 30).map(({ index }) => index)])
  })
})

describe('a tail that is cut where no page is free', () => {
  it('inside a row needs none', () => {
    persist(run(1, 100, 1, 640))
    const pages = withFile((db) => {
      db.exec('VACUUM')
      return db.pragma('page_count', { simple: true })
    })
    log = openSqliteRaftLog({ path: path(), clusterId: 'c', nodeId: 1, cacheBytes: 1, pagesMax: Number(pages) })
    persist([entry(100, 2, 10)])
    expectLog(1, [...run(1, 99, 1, 640), entry(100, 2, 10)])
  })
})

describe('terms', () => {
  const terms = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => log.termAt(logIndex(from + n)))

  it('are those that stand in the file, whatever was asked before', () => {
    persist([...run(1, 5, 1), ...run(6, 10, 2)])
    reopen()
    expect(terms(0, 11)).toEqual([0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, null])
    persist(run(4, 8, 3))
    persist(run(9, 9, 4))
    expect(terms(1, 10)).toEqual([1, 1, 1, 3, 3, 3, 3, 3, 4, null])
    compact(5)
    expect(terms(4, 9)).toEqual([null, 3, 3, 3, 3, 4])
    log.reset({ index: logIndex(20), term: term(7), membership: null }, null, (problem) => expect(problem).toBeNull())
    persist(run(21, 30, 8))
    persist(run(31, 31, 9))
    expect(terms(19, 31)).toEqual([null, 7, ...Array(10).fill(8), 9])
  })

  it('of a damaged row are never told', () => {
    persist(run(1, 10))
    persist(run(11, 11))
    damage("UPDATE raft_block SET data = CAST('x' || substr(data, 2) AS BLOB) WHERE first_index = 1")
    log = open()
    for (let asked = 0; asked < 2; asked++) expect(() => log.termAt(logIndex(5))).toThrow('entry 5 is damaged')
  })
})

describe('a compaction that ends inside a row', () => {
  it('leaves the row until all of it may go, over restarts', () => {
    persist(run(1, 10, 2))
    persist(run(11, 20, 3))
    compact(4)
    expect(rows()).toEqual([
      [1, 10],
      [11, 20],
    ])
    expectLog(5, [...run(5, 10, 2), ...run(11, 20, 3)])
    expect([log.termAt(logIndex(4)), log.termAt(logIndex(3)), indices(4, 20), indices(1, 3)]).toEqual([2, null, [], []])
    compact(9, 2)
    expectLog(10, [entry(10, 2), ...run(11, 20, 3)])
    compact(10)
    expect(rows()).toEqual([[11, 20]])
    compact(15)
    reopen()
    compact(19, 1)
    expectLog(20, [entry(20, 3)])
    compact(20)
    expect(rows()).toEqual([])
    persist(run(21, 22, 3))
    expectLog(21, run(21, 22, 3))
  })

  it('and a tail that is cut there leave what lies between, and no row that is all below', () => {
    persist(run(1, 10))
    compact(4)
    persist(run(8, 9, 2))
    expectLog(5, [...run(5, 7), ...run(8, 9, 2)])
    persist(run(5, 6, 3))
    expect(rows()).toEqual([[5, 6]])
    expectLog(5, run(5, 6, 3))
  })

  it('says what is damaged by the first entry that the log still holds', () => {
    persist(run(1, 10))
    compact(4)
    const whole = withFile((db) => db.prepare<[], Buffer>('SELECT data FROM raft_block').pluck().get()!)
    const bent = Buffer.from(whole)
    bent[0] = 2
    withFile((db) => db.prepare('UPDATE raft_block SET data = ?').run(bent))
    expect(() => open()).toThrow('entry 5 is damaged')
    withFile((db) => db.prepare('UPDATE raft_block SET data = ?').run(whole))
    log = open()
  })
})

describe('rows that somebody else changed', () => {
  const fill = (): void => {
    for (const from of [1, 11, 21, 31]) persist(run(from, from + 9))
  }

  it('are found missing, at the start or when they are read', () => {
    fill()
    damage('DELETE FROM raft_block WHERE first_index = 21')
    expect(() => open(1e6)).toThrow('entry 21 is missing')
    log = open()
    expect(() => log.entries(logIndex(15), logIndex(40), 1e9)).toThrow('entry 21 is missing')
    expect(() => log.entries(logIndex(22), logIndex(24), 1e9)).toThrow('entry 22 is missing')
    expect(() => log.termAt(logIndex(29))).toThrow('entry 29 is missing')
    expect(indices(15, 20)).toEqual([15, 16, 17, 18, 19, 20])
    damage('DELETE FROM raft_block WHERE first_index = 1')
    expect(() => open()).toThrow('the log begins at 11, not at 1')
    damage('DELETE FROM raft_block')
    log = open()
  })

  it.each([
    ['shifted', 'UPDATE raft_block SET first_index = 22, last_index = 31 WHERE first_index = 21'],
    ['longer', 'UPDATE raft_block SET last_index = 31 WHERE first_index = 21'],
    ['shorter', 'UPDATE raft_block SET last_index = 29 WHERE first_index = 21'],
    ['swapped', 'UPDATE raft_block SET data = (SELECT data FROM raft_block WHERE first_index = 1) WHERE first_index = 21'],
    ['without its checksum', 'UPDATE raft_block SET checksum = 0 WHERE first_index = 21'],
  ])('are damaged: %s', (_what, sql) => {
    fill()
    damage(sql)
    expect(() => open(1e6)).toThrow(/entry 2[12] is damaged/)
    log = open()
    expect(() => log.entries(logIndex(21), logIndex(30), 1e9)).toThrow(/entry 21 is (damaged|missing)/)
    expect(() => log.entries(logIndex(25), logIndex(25), 1e9)).toThrow('entry 25 is damaged')
  })

  it('are damaged if two of them hold the same entry, or one lies all below the base', () => {
    fill()
    const data = withFile((db) => {
      const old = db.prepare<[], Buffer>('SELECT data FROM raft_block WHERE first_index = 21').pluck().get()!
      db.prepare('INSERT INTO raft_block VALUES (25, 34, ?, ?)').run(checksumOf([25, 34, -3], old), old)
      return old
    })
    expect(() => open(1e6)).toThrow('entry 31 is damaged')
    log = open()
    expect(() => log.entries(logIndex(21), logIndex(40), 1e9)).toThrow('entry 25 is damaged')
    damage('DELETE FROM raft_block WHERE first_index = 25')
    log = open()
    compact(10)
    withFile((db) => db.prepare('INSERT INTO raft_block VALUES (1, 10, ?, ?)').run(checksumOf([1, 10, -3], data), data))
    expect(() => open()).toThrow('the log begins at 1, not at 11')
    damage('DELETE FROM raft_block WHERE first_index = 1')
    log = open()
  })
})

it('whatever is written, cut, compacted, reset and opened again, the log is the list of its entries', () => {
  const op = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }), size: fc.constantFrom(0, 40, 6_000) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), back: fc.nat(40), count: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('compact' as const), ahead: fc.nat(40), slice: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), cacheBytes: fc.constantFrom(1, 2_000, 1e6) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), ahead: fc.nat(50) }) },
  )
  fc.assert(
    fc.property(fc.array(op, { minLength: 5, maxLength: 25 }), (ops) => {
      log.close()
      rmSync(path(), { force: true })
      log = open()
      let base = 0
      let model: Entry[] = []
      for (const [at, step] of ops.entries()) {
        const last = base + model.length
        if (step.kind === 'append' || step.kind === 'cut') {
          const from = step.kind === 'cut' ? Math.max(base + 1, last - step.back) : last + 1
          const fresh = run(from, from + step.count - 1, at + 1, step.kind === 'cut' ? 10 : step.size)
          persist(fresh)
          model = [...model.slice(0, from - base - 1), ...fresh]
        } else if (step.kind === 'compact') {
          const to = Math.min(last, base + step.ahead)
          compact(to, step.slice)
          model = model.slice(to - base)
          base = to
        } else if (step.kind === 'open') reopen(step.cacheBytes)
        else {
          base += step.ahead
          model = []
          log.reset({ index: logIndex(base), term: term(at + 1), membership: null }, null, () => {})
        }
        expect([log.base().index, Number(log.lastIndex())]).toEqual([base, base + model.length])
        expect(read(base + 1, base + model.length)).toEqual(plain(model))
        const middle = base + Math.ceil(model.length / 2)
        const inPieces = model.slice(middle - base - 1, middle - base + 3)
        while (inPieces.length > 1 && inPieces.reduce((sum, { data }) => sum + data.length, 0) > 60) inPieces.pop()
        expect(read(middle, middle + 3, 60)).toEqual(middle === base ? [] : plain(inPieces))
      }
    }),
    { numRuns: 25 },
  )
})
