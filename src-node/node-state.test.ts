import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openState } from './node-state.ts'
import { exitCodes } from './observe/channel.ts'
import { logIndex, nodeId, term } from './raft/types.ts'
import { openSqliteRaftLog } from './raft-log/sqlite-raft-log.ts'
import type { ReceivedState, SnapshotSource } from './storage/types.ts'

let dir = ''
let lines: string[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'node-state-'))
  lines = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const open = (hasRunBefore?: boolean) =>
  openState({
    ...{ dir, clusterId: 'c', nodeId: 1, hasRunBefore: hasRunBefore ?? false, statePagesMax: 0, raftLogPagesMax: 0 },
    ...{ monotonicMs: () => 0, defer: (task) => task(), after: () => undefined, onSync: () => {}, warn: (line) => lines.push(line) },
  })
const close = ({ raftLog, store }: ReturnType<typeof open>) => {
  raftLog.close()
  store.close()
}
const remove = (name: string) => rmSync(join(dir, 'data', name))
const files = () => readdirSync(join(dir, 'data')).filter((name) => name.endsWith('.db'))
/** Fills the log up to `last`, and has the store applied up to `applied`. */
const fill = (last: number, applied: number, appliedTerm = 1) => {
  const state = open()
  const entries = Array.from({ length: last }, (_, at) => ({
    term: term(1),
    index: logIndex(at + 1),
    kind: 'noop' as const,
    data: new Uint8Array(0),
  }))
  state.raftLog.persist({ term: term(1), vote: nodeId(1) }, entries, () => {})
  state.machine.begin()
  if (applied > 0) state.machine.skip(applied, appliedTerm)
  state.store.commit([], state.machine.pendingMeta())
  close(state)
}
const damaged = (words: RegExp) => expect.objectContaining({ exitCode: exitCodes.dataDamaged, message: expect.stringMatching(words) })
const failure = (task: () => unknown): unknown => {
  try {
    task()
  } catch (error) {
    return error
  }
  return null
}

test('a new node makes both files and says nothing', () => {
  close(open())
  expect([files(), lines]).toEqual([['raft.db', 'state.db'], []])
})

test('a node that comes back finds both and says nothing', () => {
  fill(3, 3)
  close(open(true))
  expect(lines).toEqual([])
})

test('without its log beside its state a node does not start, and makes nothing', () => {
  fill(3, 3)
  remove('raft.db')
  expect(failure(open)).toEqual(damaged(/raft\.db.* is missing beside state\.db.*promised/))
  expect(files()).toEqual(['state.db'])
})

test('without its state a node says that it builds it again from the log', () => {
  fill(3, 3)
  remove('state.db')
  const state = open(true)
  expect([state.machine.meta().appliedIndex, state.raftLog.lastIndex()]).toEqual([0, 3])
  expect(lines).toEqual([expect.stringMatching(/state\.db is missing: .*built again from the log/)])
  close(state)
})

test('a state ahead of its log is damage, told with both numbers', () => {
  fill(3, 5)
  expect(failure(open)).toEqual(damaged(/applied up to 5, .*raft\.db ends at 3/))
})

test('a state of another history than its log is damage', () => {
  fill(3, 3, 2)
  expect(failure(open)).toEqual(damaged(/entry 3 of term 2, .*raft\.db has term 1/))
})

test('a node that ran before and finds nothing does not start empty', () => {
  fill(3, 3)
  remove('raft.db')
  remove('state.db')
  expect(failure(() => open(true))).toEqual(damaged(/data folder is gone.*rebuilt from the others, not started empty.*rebuild it from them/))
  // Bug 18: who comes back empty under its own number votes away what it had acknowledged.
  expect(failure(() => open(true))).not.toEqual(damaged(/cluster\.json|"started"/))
  expect(files()).toEqual([])
})

test('a node that died between the two halves of an install lets its log follow, and keeps what it promised', async () => {
  fill(20, 20)
  // Node 1 sends its state to a node whose log is at 3 and knows an older term only.
  const sender = open()
  const source = await new Promise<SnapshotSource>((resolve) => sender.store.copyOut((made) => typeof made !== 'string' && resolve(made)))
  const piece = source.read(0, source.info.bytes)
  close(sender)
  remove('raft.db')
  remove('state.db')
  fill(3, 3)
  const receiver = open()
  const sink = receiver.store.receive(source.info, { index: 9, data: new Uint8Array([1, 0]) })
  sink.write(piece)
  const state = await new Promise<ReceivedState>((resolve) => sink.finish((result) => typeof result !== 'string' && resolve(result)))
  receiver.store.replaceWith(state)
  close(receiver)

  for (let opened = 0; opened < 2; opened++) {
    const after = open(true)
    expect([after.raftLog.base(), after.raftLog.lastIndex()]).toEqual([{ index: 20, term: 1 }, 20])
    expect(after.raftLog.hardState()).toEqual({ term: 1, vote: 1 })
    expect(after.raftLog.memberships().map(({ index }) => index)).toEqual([9])
    expect([after.machine.meta().appliedIndex, after.store.installed()]).toEqual([20, null])
    close(after)
  }
})

test('the mark of an install means nothing once the state has gone on: a log that ends before it is lost data', () => {
  fill(20, 20)
  const db = new Database(join(dir, 'data', 'state.db'))
  db.exec('UPDATE nacos_trio_install SET installed_index = 15')
  db.close()
  remove('raft.db')
  const log = openSqliteRaftLog({ path: join(dir, 'data', 'raft.db'), clusterId: 'c', nodeId: 1 })
  log.close()
  expect(failure(() => open())).toEqual(damaged(/has applied up to 20, but the log in raft.db ends at 0/))
})

test.each([
  ['that is an old copy', 10, () => {}],
  ['that is gone', 0, () => remove('state.db')],
])('a state %s, older than the begin of the log, is refused', (_what, applied, lose) => {
  fill(20, 10)
  const state = open()
  state.raftLog.compact(logIndex(15), 100)
  close(state)
  lose()
  expect(failure(() => open())).toEqual(damaged(new RegExp(`has applied up to ${applied}, but the log in raft.db begins after 15`)))
})
