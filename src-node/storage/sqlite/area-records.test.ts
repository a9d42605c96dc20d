import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { AreaNumber, AreaRecord, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import type { StateStore } from '../types.ts'
import { openSqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
let store: StateStore
const open = (): StateStore => openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
const metaAt = (appliedIndex: number): MachineMeta => ({ ...emptyMeta(), appliedIndex })
const put = (area: AreaNumber, key: string, value: Uint8Array): RowWrite => ({ kind: 'put-record', index: 1, area, key, value })
const drop = (area: AreaNumber, key: string): RowWrite => ({ kind: 'drop-record', index: 1, area, key })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const plain = ({ area, key, value }: AreaRecord): string => `${area} ${key} ${new TextDecoder().decode(value)}`
const all = (): readonly string[] => [...store.loadRecords()].map(plain)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'area-records-'))
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

it('come back by area and key as they were put last, after a reopen too', () => {
  store.commit([put(2, 'b', bytes('1')), put(1, 'z', bytes('2')), put(2, 'a\0\u{1F642}', bytes('3')), put(2, 'b', bytes('4'))], metaAt(1))
  store.close()
  store = open()
  expect(all()).toEqual(['1 z 2', '2 a\0\u{1F642} 3', '2 b 4'])
  expect([store.readRecord(2, 'b'), store.readRecord(3, 'b')].map((value) => value && String.fromCharCode(...value))).toEqual(['4', undefined])
})

it('go when they are dropped; one that is not there cannot be', () => {
  store.commit([put(1, 'a', bytes('1')), put(1, 'b', bytes('2'))], metaAt(1))
  store.commit([drop(1, 'a')], metaAt(2))
  expect(all()).toEqual(['1 b 2'])
  expect(() => store.commit([drop(1, 'a')], metaAt(3))).toThrow(/no record of area 1/)
})

it('are read in pages, the long values among them too', () => {
  const long = new Uint8Array(300_000).fill(7)
  const many = Array.from({ length: 1500 }, (_, at) => put(5, String(at).padStart(4, '0'), at === 1000 ? long : bytes(`${at}`)))
  store.commit(many, metaAt(1))
  const records = [...store.loadRecords()]
  expect(records.map(({ key }) => Number(key))).toEqual(Array.from({ length: 1500 }, (_, at) => at))
  expect(records[1000]?.value.length).toBe(long.length)
  expect(records[1499] && plain(records[1499])).toBe('5 1499 1499')
})

describe('that gather', () => {
  const timers: (() => void)[] = []
  const gather = { ms: 250, rows: 100, bytes: 10_000, after: (_ms: number, act: () => void) => timers.push(act) }
  const openGathering = (): StateStore =>
    openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta(), gather })
  const inTheFile = (): readonly string[] => {
    const other = new Database(join(dir, 'state.db'), { readonly: true })
    const keys = other.prepare<[], string>('SELECT key FROM nacos_trio_record ORDER BY key').pluck().all()
    other.close()
    return keys
  }
  beforeEach(() => {
    store.close()
    timers.length = 0
    store = openGathering()
  })

  it('are read at once by the store, and by others once their time is over', () => {
    store.commit([put(1, 'a', bytes('1'))], metaAt(1))
    expect([store.readRecord(1, 'a')?.length, store.meta().appliedIndex, inTheFile()]).toEqual([1, 1, []])
    while (timers.length > 0) for (const act of timers.splice(0)) act()
    expect(inTheFile()).toEqual(['a'])
  })

  it('are there before what stands alone', () => {
    store.commit([put(1, 'a', bytes('1'))], metaAt(1))
    store.commit([{ kind: 'prune-history', nids: [], cutoffMs: 0, index: 2 }], metaAt(2))
    expect(inTheFile()).toEqual(['a'])
  })

  it('outlive a close, and a look through the file sees them', async () => {
    store.commit([put(1, 'a', bytes('1'))], metaAt(1))
    await new Promise((done) => store.check(done))
    expect(inTheFile()).toEqual(['a'])
    store.commit([put(1, 'b', bytes('1'))], metaAt(2))
    store.close()
    expect(inTheFile()).toEqual(['a', 'b'])
    store = openGathering()
    expect(store.meta().appliedIndex).toBe(2)
  })

  it('count as durable once a checkpoint has them', () => {
    store.commit([put(1, 'a', bytes('1'))], metaAt(1))
    expect(store.durableIndex()).toBe(0)
    store.checkpoint()
    expect([store.durableIndex(), inTheFile()]).toEqual([1, ['a']])
  })
})
