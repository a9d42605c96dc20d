/** The log looked through while it works: on a real file, whole, damaged, cut meanwhile, closed meanwhile. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { logIndex, term } from '../raft/types.ts'
import type { LogFindings } from './log-check.ts'
import { openSqliteRaftLog, type SqliteRaftLog } from './sqlite-raft-log.ts'

const entriesInAll = 1500
/** Each a persist: the first entries of the rows. */
const rowsBegin = [1, 513, 700, 1100]
let dir = ''
let log: SqliteRaftLog
let turns: (() => void)[] = []
const path = (): string => join(dir, 'raft.db')
const open = (): SqliteRaftLog =>
  openSqliteRaftLog({ path: path(), clusterId: 'c', nodeId: 1, cacheBytes: 1, defer: (task) => void turns.push(task) })

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'log-check-'))
  turns = []
  log = open()
  const entries = Array.from({ length: entriesInAll }, (_, at) => ({
    ...{ term: term(1), index: logIndex(at + 1), kind: 'command' as const, data: new Uint8Array([at & 255, at >> 8]) },
  }))
  for (const from of rowsBegin) {
    const next = rowsBegin.find((other) => other > from) ?? entriesInAll + 1
    log.persist({ term: term(1), vote: null }, entries.slice(from - 1, next - 1), () => {})
  }
})
afterEach(() => {
  log.close()
  rmSync(dir, { recursive: true, force: true })
})

const turn = (): void => {
  const due = turns
  turns = []
  for (const each of due) each()
}
/** Turns until it has answered. */
const check = (between: () => void = () => {}): { findings: LogFindings; slices: number } => {
  let findings: LogFindings | null = null
  log.check((found) => (findings = found))
  let slices = 0
  for (; findings === null && slices < 100; slices++) {
    turn()
    between()
  }
  return { findings: findings ?? expect.fail('no answer'), slices }
}

/** As somebody else would who has the file in hand. */
const damage = (sql: string): void => {
  log.close()
  const db = new Database(path())
  db.exec(sql)
  db.close()
  log = open()
}

it('a whole log is sound, in many turns', () => {
  const { findings, slices } = check()
  expect(findings).toEqual({ found: [], entries: entriesInAll })
  expect(slices).toBeGreaterThan(2)
})

it('an entry that is not what was written is found, also one that no start reads', () => {
  damage('UPDATE raft_block SET data = zeroblob(length(data)) WHERE first_index = 700')
  expect(check().findings).toMatchObject({ found: [expect.stringContaining('entry 700 is damaged')] })
})

it('a missing entry is found', () => {
  damage('DELETE FROM raft_block WHERE first_index = 513')
  expect(check().findings).toMatchObject({ found: [expect.stringMatching(/entry 513 is missing/)], entries: 512 })
})

it('a missing entry is found in the middle of a slice too', () => {
  damage('DELETE FROM raft_block WHERE first_index = 700')
  expect(check().findings).toMatchObject({ found: [expect.stringMatching(/entry 700 is missing/)], entries: 512 })
})

it('what is cut meanwhile is not missed', () => {
  const { findings } = check(() => log.compact(logIndex(entriesInAll - 10), 700))
  expect(findings.found).toEqual([])
  expect(findings.entries).toBeLessThan(entriesInAll)
})

it('a log that closes meanwhile is no sound one', () => {
  expect(check(() => log.close()).findings.found).toEqual(['the node stopped before the end'])
})
