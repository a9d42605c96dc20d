/** Old history: what a sweep names, and what goes of it, on a real store. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import type { StateStore, Sweep, SweepOrder } from '../types.ts'
import { openSqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
let store: StateStore
let meta: MachineMeta
let nid = 0

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'history-'))
  store = openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
  meta = emptyMeta()
  nid = 0
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const commit = (...writes: RowWrite[]): void => {
  meta = { ...meta, appliedIndex: meta.appliedIndex + 1, appliedTerm: 1 }
  expect(store.commit(writes, meta)).toBe('ok')
}

const rowOf = (dataId: string, contentBytes: number, atMs: number): ConfigRow => ({
  ...{ namespace: '', group: 'g', dataId, id: dataId.charCodeAt(0), md5: 'm', type: 'text', encryptedDataKey: '', createdMs: atMs, modifiedMs: atMs },
  ...{ index: 1, contentBytes, content: new Uint8Array(contentBytes).fill(97), appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' },
})

/** One row of history a letter, each 10 ms after the one before, of the configuration that the letter names. */
const write = (letters: string, contentBytes = 1): void => {
  for (const dataId of letters) {
    const row = rowOf(dataId, contentBytes, ++nid * 10)
    commit({ kind: 'put-config', row }, { kind: 'history-insert', nid, row })
  }
}

const standard: SweepOrder = {
  ...{ cutoffMs: 1_000_000, beforeNid: Number.MAX_SAFE_INTEGER, keptNewest: 2 },
  ...{ batchRowsMax: 1000, batchBytesMax: 1_000_000, batchApartMax: 100, rowsMax: 100 },
}
const sweep = async (order: Partial<SweepOrder> = {}): Promise<Sweep> => {
  const found = await new Promise<Sweep | 'failed'>((resolve) => store.sweepHistory({ ...standard, ...order }, resolve))
  if (found === 'failed') throw new Error('the sweep failed')
  return found
}

it('leaves the newest of each configuration, whatever their age', async () => {
  write('aaaabbc')
  expect(await sweep()).toEqual({ batches: [[1, 2]], more: false })
})

it('leaves what is younger than the cutoff, however much there is', async () => {
  write('aaaaaa')
  expect(await sweep({ cutoffMs: 30 })).toEqual({ batches: [[1, 2]], more: false })
  expect(await sweep({ cutoffMs: 10 })).toEqual({ batches: [], more: false })
})

it('leaves what a snapshot needs, however old it is', async () => {
  write('aaaaaa')
  expect(await sweep({ beforeNid: 3 })).toEqual({ batches: [[1, 2]], more: false })
})

it('counts rows beyond one page of reading', async () => {
  write('b')
  const rows = Array.from({ length: 5000 }, (): RowWrite[] => {
    const row = rowOf('a', 1, ++nid * 10)
    return [
      { kind: 'put-config', row },
      { kind: 'history-insert', nid, row },
    ]
  })
  commit(...rows.flat())
  const { batches } = await sweep({ keptNewest: 4998, rowsMax: 5000 })
  expect(batches).toEqual([[2, 3]])
})

it('makes batches of so many rows and so many bytes, and says when there is more', async () => {
  write('aaaaaaaa', 100)
  expect(await sweep({ batchRowsMax: 4 })).toEqual({
    batches: [
      [1, 2, 3, 4],
      [5, 6],
    ],
    more: false,
  })
  expect(await sweep({ batchBytesMax: 250 })).toMatchObject({
    batches: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  })
  expect(await sweep({ batchBytesMax: 1, rowsMax: 2 })).toEqual({ batches: [[1], [2]], more: true })
})

/** So many configurations with one row each: none of them ever goes. */
const lonely = (count: number, from: number): string => Array.from({ length: count }, (_, at) => String.fromCharCode(0x4e00 + from + at)).join('')

it('makes smaller batches where rows lie far from each other', async () => {
  write(`a${lonely(20, 0)}a${lonely(20, 20)}aa${lonely(20, 40)}aaa`)
  expect(await sweep({ batchApartMax: 2 })).toEqual({
    batches: [
      [1, 22],
      [43, 44, 65],
    ],
    more: false,
  })
})

it('takes away what a command names, if it is there and old enough', async () => {
  write('aaaaa')
  commit({ kind: 'prune-history', nids: [1, 2, 3, 77], cutoffMs: 30, index: 9 })
  expect(store.historyCount()).toBe(3)
  commit({ kind: 'prune-history', nids: [1, 2, 3], cutoffMs: 31, index: 10 })
  expect(store.historyCount()).toBe(2)
  expect(await sweep()).toEqual({ batches: [], more: false })
})

it('is being read while it is swept, and no longer', async () => {
  write('aaa')
  const sweeping = sweep()
  expect(store.beingRead()).toBe(true)
  await sweeping
  expect(store.beingRead()).toBe(false)
})
