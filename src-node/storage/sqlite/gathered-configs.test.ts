/** Configurations that gather: read at once by their store, committed a moment later, and never where room is short. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import { ampleBytes } from './disk-room.ts'
import { openSqliteStateStore, type SqliteStateStore, type StateStoreOptions } from './sqlite-state-store.ts'

let dir = ''
let store: SqliteStateStore
let free = ampleBytes
let asked = 0
const timers: (() => void)[] = []
/** Until nothing waits for its time any more. */
const passTime = (): void => {
  while (timers.length > 0) for (const act of timers.splice(0)) act()
}

const open = (over: Partial<StateStoreOptions> = {}): SqliteStateStore =>
  openSqliteStateStore({
    ...{ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() },
    gather: { ms: 250, rows: 100, bytes: 10_000, after: (_ms, act) => timers.push(act) },
    freeBytes: () => {
      asked++
      return free
    },
    ...over,
  })
const reopen = (over: Partial<StateStoreOptions> = {}) => {
  store.close()
  timers.length = 0
  store = open(over)
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gathered-configs-'))
  ;[free, asked] = [ampleBytes, 0]
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const metaAt = (appliedIndex: number): MachineMeta => ({ ...emptyMeta(), appliedIndex })
const row = (id: number, text: string): ConfigRow => ({
  ...{ namespace: '', group: 'g', dataId: `d${id}`, id, md5: text, type: 'text', encryptedDataKey: '', createdMs: 1, modifiedMs: 2, index: id },
  ...{ contentBytes: text.length, content: new TextEncoder().encode(text), appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' },
})
const publish = (id: number, text: string): readonly RowWrite[] => [
  { kind: 'put-config', row: row(id, text) },
  { kind: 'history-insert', nid: id, row: row(id, text) },
]
const read = (id: number): string | undefined => store.readConfig(row(id, ''))?.md5
/** By a connection of its own. */
const inTheFile = (): readonly string[] => {
  const other = new Database(join(dir, 'state.db'), { readonly: true })
  const found = other.prepare<[], string>('SELECT data_id FROM config_info ORDER BY id').pluck().all()
  other.close()
  return found
}

it('are read at once by the store, and by others once their time is over', () => {
  store.commit(publish(1, 'one'), metaAt(1))
  store.commit(publish(2, 'two'), metaAt(2))
  expect([read(1), read(2), store.hasHistory(2), store.meta().appliedIndex, inTheFile()]).toEqual(['one', 'two', true, 2, []])
  passTime()
  expect(inTheFile()).toEqual(['d1', 'd2'])
})

it('are there before what stands alone, and for whoever looks through the file', async () => {
  store.commit(publish(1, 'one'), metaAt(1))
  store.commit([{ kind: 'prune-history', nids: [], cutoffMs: 0, index: 2 }], metaAt(2))
  expect(inTheFile()).toEqual(['d1'])
  store.commit(publish(2, 'two'), metaAt(3))
  await new Promise((done) => store.check(done))
  expect(inTheFile()).toEqual(['d1', 'd2'])
})

it('gather nowhere without ample room, which nobody asks for write by write while some gather', () => {
  for (const id of [1, 2, 3]) store.commit(publish(id, 'x'), metaAt(id))
  expect([asked, inTheFile()]).toEqual([1, []])
  passTime()
  free = ampleBytes - 1
  store.commit(publish(4, 'x'), metaAt(4))
  expect(inTheFile()).toEqual(['d1', 'd2', 'd3', 'd4'])
})

it('are in the file as soon as the disk loses its room', () => {
  store.commit(publish(1, 'one'), metaAt(1))
  free = ampleBytes - 1
  for (const act of timers.splice(0)) act()
  expect([inTheFile(), timers.length]).toEqual([['d1'], 0])
})

it('do not gather behind a fence', () => {
  reopen({ pagesMax: 500 })
  store.commit(publish(1, 'one'), metaAt(1))
  expect([asked, inTheFile()]).toEqual([0, ['d1']])
})

it('do not gather while a shared database is to get them', () => {
  reopen({ queuesForSink: true })
  store.commit(publish(1, 'one'), metaAt(1))
  expect(inTheFile()).toEqual(['d1'])
})

it('go on while what a long transaction wrote is carried over in a thread', async () => {
  const long = store.beginLong()
  if (long === 'disk_full') throw new Error(long)
  const value = new Uint8Array(4_000)
  for (let at = 0; at < 60; at++) {
    const records = Array.from({ length: 100 }, (_, n): RowWrite => ({ kind: 'put-record', index: 1, area: 1, key: `${at} ${n}`, value }))
    expect(long.write(records)).toBe('ok')
  }
  expect(long.commit(metaAt(1))).toBe('ok')
  store.commit(publish(1, 'one'), metaAt(2))
  expect([store.beingRead(), inTheFile()]).toEqual([true, []])
  await waitUntil('the thread to be gone', () => !store.beingRead(), 10_000)
  expect([inTheFile(), store.durableIndex()]).toEqual([['d1'], 2])
})

it('outlive a close', () => {
  store.commit(publish(1, 'one'), metaAt(1))
  reopen()
  expect([read(1), store.meta().appliedIndex]).toEqual(['one', 1])
})
