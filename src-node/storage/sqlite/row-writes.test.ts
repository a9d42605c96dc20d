/** Rows of one commit: whatever may be written several at once comes to the same as one after the other. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow, RowWrite } from '../../state-machine/types.ts'
import { openSqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'row-writes-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const texts = { appName: '', description: '', sourceUser: '', encryptedDataKey: '' }
const row = (id: number, index: number, over: Partial<ConfigRow> = {}): ConfigRow => ({
  ...{ namespace: '', group: 'g', dataId: `d${id}`, id, md5: `md5 of ${index}`, type: 'text', createdMs: 1, modifiedMs: index, index },
  ...{ contentBytes: 5, content: new TextEncoder().encode(`c${index}`.padEnd(5)), tags: [], sourceIp: '10.0.0.1', ...texts, ...over },
})
let nid = 0
const first = (id: number, index: number): RowWrite[] => [
  { kind: 'put-config', row: row(id, index) },
  { kind: 'history-insert', nid: ++nid, row: row(id, index) },
]
const again = (id: number, index: number, over: Partial<ConfigRow> = {}): RowWrite[] => [
  { kind: 'history-copy', nid: ++nid, id, atMs: index, sourceUser: '', sourceIp: '10.0.0.1', operation: 'U', index, contentBytes: 5 },
  { kind: 'put-config', row: row(id, index, over), keepTags: true },
]
const gone = (id: number, index: number): RowWrite[] => [
  { kind: 'history-copy', nid: ++nid, id, atMs: index, sourceUser: '', sourceIp: '', operation: 'D', index, contentBytes: 5 },
  { kind: 'drop-config', id },
]

/** All rows and all history after these commits. */
const tablesAfter = (commits: readonly (readonly RowWrite[])[]): unknown => {
  const path = join(dir, `state-${++nid}.db`)
  const store = openSqliteStateStore({ path, clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
  commits.forEach((writes, at) => void store.commit(writes, { ...emptyMeta(), appliedIndex: at + 1 }))
  store.close()
  const db = new Database(path, { readonly: true })
  const rows = ['config_info', 'his_config_info'].map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all())
  db.close()
  return rows
}
const expectAsOneByOne = (writes: readonly RowWrite[]): void => {
  const apart = tablesAfter(writes.map((write) => [write]))
  expect(tablesAfter([writes])).toEqual(apart)
}

const ids = Array.from({ length: 20 }, (_, at) => at + 1)
const born = ids.flatMap((id) => first(id, id))

it('twenty changes of twenty rows', () => expectAsOneByOne([...born, ...ids.flatMap((id) => again(id, 100 + id))]))

it('changes of one row again and again copy each what the one before it wrote', () =>
  expectAsOneByOne([...born, ...Array.from({ length: 20 }, (_, at) => again(1 + (at % 3), 100 + at)).flat()]))

it('a row that goes and comes back between others', () =>
  expectAsOneByOne([
    ...born,
    ...again(1, 101),
    ...gone(2, 102),
    ...again(3, 103),
    ...first(2, 104),
    ...again(2, 105),
    ...ids.slice(3).flatMap((id) => again(id, 200 + id)),
  ]))

it('a change that brings texts, and one that takes them away again', () => {
  const brought = { appName: 'app', description: 'said', sourceUser: 'u', encryptedDataKey: 'k' }
  const writes = [...first(1, 1), ...first(2, 2), ...again(1, 101, brought), ...again(1, 102), ...again(2, 103, { description: 'said' })]
  expectAsOneByOne(writes)
  const [rows] = tablesAfter([writes]) as readonly [unknown]
  expect(rows).toMatchObject([
    { id: 1, app_name: '', c_desc: '', src_user: '', encrypted_data_key: '' },
    { id: 2, c_desc: 'said' },
  ])
})

it('a change of a row that is not there puts it whole, and history of one that is not there is damage', () => {
  expectAsOneByOne([...born, { kind: 'put-config', row: row(99, 100), keepTags: true }])
  const missing = [...ids.slice(0, 7), 77].flatMap((id) => again(id, 100 + id))
  expect(() => tablesAfter([born, missing])).toThrow(/no row 1 or 2 or 3 or 4 or 5 or 6 or 7 or 77 to copy/)
})
