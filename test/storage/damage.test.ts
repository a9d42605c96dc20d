import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src-node/observe/channel.ts'
import { logIndex, nodeId, term } from '../../src-node/raft/types.ts'
import { createStateMachine } from '../../src-node/state-machine/state-machine.ts'
import { isStorageFailure } from '../../src-node/storage/storage-failure.ts'
import { commandOf, openLog, openState, raftPath, statePath } from './stores.ts'

const entries = 300
let dir = ''

const fillLog = (): void => {
  const log = openLog(dir)
  const all = Array.from({ length: entries }, (_, at) => ({
    index: logIndex(at + 1),
    term: term(1),
    kind: 'command' as const,
    data: commandOf(at + 1, 1),
  }))
  log.persist({ term: term(1), vote: nodeId(1) }, all, (problem) => expect(problem).toBeNull())
  log.close()
}
const fillState = (): void => {
  const store = openState(dir)
  const machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
  machine.begin()
  const applyAt = (index: number) => machine.apply({ index, term: 1, stampMs: index, payload: commandOf(index, 1) })
  const writes = Array.from({ length: entries }, (_, at) => applyAt(at + 1)).flatMap((result) => result.writes)
  expect(store.commit(writes, machine.pendingMeta())).toBe('ok')
  machine.publish()
  store.close()
}
/** As if the last stop had been a kill: only then is the whole file checked. */
const markUnclean = (path: string): void => {
  const db = new Database(path)
  db.exec('UPDATE nacos_trio_file SET clean = 0')
  db.close()
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'damage-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const overwrite = (path: string, at: number, bytes: Uint8Array): void => {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}
/** The exit code that the task ends with, null if it ends well. */
const exitCodeOf = (task: () => void): number | null => {
  try {
    task()
    return null
  } catch (error) {
    if (!isStorageFailure(error)) throw error
    return error.exitCode
  }
}

const files = [
  { name: 'the Raft log', path: raftPath, fill: fillLog, open: () => openLog(dir) },
  { name: 'the state store', path: statePath, fill: fillState, open: () => openState(dir) },
]

describe.each(files)('$name', ({ path, fill, open }) => {
  const reopen = (): number | null => exitCodeOf(() => open().close())
  beforeEach(fill)

  it('opens when it is whole', () => {
    expect(reopen()).toBeNull()
    markUnclean(path(dir))
    expect(reopen()).toBeNull()
  })

  it('with a zeroed header is damaged', () => {
    overwrite(path(dir), 0, new Uint8Array(100))
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('cut short is damaged', () => {
    markUnclean(path(dir))
    truncateSync(path(dir), Math.floor(statSync(path(dir)).size / 8192) * 4096)
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('emptied is damaged, not new', () => {
    truncateSync(path(dir), 0)
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('with a zeroed page inside is damaged', () => {
    markUnclean(path(dir))
    overwrite(path(dir), 4096 * 5, new Uint8Array(4096))
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('that is some other file is refused', () => {
    writeFileSync(path(dir), 'just some words, and many of them, '.repeat(500))
    expect(reopen()).toBe(exitCodes.dataDamaged)
    rmSync(path(dir))
    new Database(path(dir)).exec('CREATE TABLE t (a)').close()
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('that is gone while its write-ahead log is there is damaged, not new', () => {
    rmSync(path(dir))
    writeFileSync(`${path(dir)}-wal`, 'x')
    expect(reopen()).toBe(exitCodes.dataDamaged)
  })

  it('of a newer version is left alone', () => {
    const db = new Database(path(dir))
    db.pragma('user_version = 99')
    db.close()
    const before = readFileSync(path(dir))
    expect(reopen()).toBe(exitCodes.dataDamaged)
    expect(Buffer.compare(readFileSync(path(dir)), before)).toBe(0)
  })

  it('never crashes the process, whichever byte is flipped', () => {
    const whole = readFileSync(path(dir))
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const bent = Buffer.from(whole)
      bent[at] = (bent[at] ?? 0) ^ 0x41
      for (const suffix of ['-wal', '-shm']) rmSync(path(dir) + suffix, { force: true })
      writeFileSync(path(dir), bent)
      expect([null, exitCodes.dataDamaged]).toContain(reopen())
    }
  })
})

describe('an entry whose bytes changed', () => {
  it('is refused, whether memory is filled from it or it is read later', () => {
    fillLog()
    const db = new Database(raftPath(dir))
    db.prepare('UPDATE raft_block SET data = CAST(? AS BLOB) WHERE 200 BETWEEN first_index AND last_index').run('junk')
    db.close()
    expect(exitCodeOf(() => openLog(dir).close())).toBe(exitCodes.dataDamaged)
  })

  it('as a term or a vote is refused', () => {
    fillLog()
    const db = new Database(raftPath(dir))
    db.exec('UPDATE raft_hard_state SET vote = 3')
    db.close()
    expect(exitCodeOf(() => openLog(dir).close())).toBe(exitCodes.dataDamaged)
  })
})

describe('a row that changed behind our back', () => {
  it.each([
    ['a configuration', "UPDATE config_info SET md5 = 'other' WHERE id = 3"],
    ['a remembered reply', "UPDATE nacos_trio_request SET outcome = 'deleted' WHERE raft_index = 8"],
    ['a remembered reply, gone', 'DELETE FROM nacos_trio_request WHERE raft_index = 8'],
  ])('shows in the state hash: %s', (_what, sql) => {
    fillState()
    const db = new Database(statePath(dir))
    expect(db.prepare(sql).run().changes).toBe(1)
    db.close()
    const store = openState(dir)
    expect(
      createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() }).meta().stateHash,
    ).not.toBe(store.meta().stateHash)
    store.close()
  })
})
