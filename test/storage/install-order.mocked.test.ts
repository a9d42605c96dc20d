/** What reaches the folder of a store, in which order, when a received state takes its place: a power cut may come between any two. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it, vi } from 'vitest'
import { createStateMachine, emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import { openSqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import type { ReceivedState, SnapshotSource, StateStore } from '../../src-node/storage/types.ts'

const { calls } = vi.hoisted(() => ({ calls: [] as string[] }))
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const nameOf = (path: unknown) => String(path).slice(String(path).lastIndexOf('/') + 1)
  return {
    ...real,
    rmSync: (path: string, how?: object) => {
      calls.push(`rm ${nameOf(path)}`)
      real.rmSync(path, how)
    },
    renameSync: (from: string, to: string) => {
      calls.push(`rename ${nameOf(from)}`)
      real.renameSync(from, to)
    },
    fsyncSync: (file: number) => {
      calls.push('sync')
      real.fsyncSync(file)
    },
  }
})

const inFolder = async (scenario: (open: (node: number) => StateStore, pathOf: (node: number) => string) => Promise<void>) => {
  const root = mkdtempSync(join(tmpdir(), 'install-order-'))
  const pathOf = (node: number) => join(root, `${node}`, 'state.db')
  const stores: StateStore[] = []
  const open = (nodeId: number) => {
    const store = openSqliteStateStore({ path: pathOf(nodeId), clusterId: 'c', nodeId, initialMeta: emptyMeta() })
    stores.push(store)
    return store
  }
  try {
    await scenario(open, pathOf)
  } finally {
    for (const store of stores) store.close()
    rmSync(root, { recursive: true, force: true })
  }
}
const skipTo = (store: StateStore, index: number) => {
  const machine = createStateMachine([], store.meta())
  machine.begin()
  machine.skip(index, 1)
  expect(store.commit([], machine.pendingMeta())).toBe('ok')
}
const receivedAt = async (from: StateStore, to: StateStore): Promise<ReceivedState> => {
  const source = await new Promise<SnapshotSource | string>((resolve) => from.copyOut(resolve))
  if (typeof source === 'string') throw new Error(source)
  const sink = to.receive(source.info, null)
  sink.write(source.read(0, source.info.bytes))
  const state = await new Promise<ReceivedState | string>((resolve) => sink.finish(resolve))
  if (typeof state === 'string') throw new Error(state)
  return state
}

it('the old write-ahead log is gone for good before the new file is there', () =>
  inFolder(async (open) => {
    const [from, to] = [open(1), open(2)]
    skipTo(from, 9)
    const state = await receivedAt(from, to)
    calls.length = 0
    to.replaceWith(state)
    expect(calls.filter((call) => !call.includes('.snapshot'))).toEqual([
      ...['rm state.db-wal', 'rm state.db-shm', 'sync', 'rename state.db.incoming', 'sync'],
    ])
  }))

it('a state whose write-ahead log cannot be carried over is not replaced, and is whole after a start', () =>
  inFolder(async (open, pathOf) => {
    const [from, to] = [open(1), open(2)]
    skipTo(from, 9)
    skipTo(to, 5)
    const state = await receivedAt(from, to)
    const reader = new Database(pathOf(2))
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM config_info').get()
    skipTo(to, 6)
    calls.length = 0
    expect(() => to.replaceWith(state)).toThrow('cannot be carried over')
    reader.close()
    expect(calls).toEqual([])
    expect(open(2).meta().appliedIndex).toBe(6)
  }))
