/** What people look for in a store, on a real one: contents, tags and applications, and the history of a configuration. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import type { ConfigSearch, LookupAnswer } from '../types.ts'
import { openSqliteStateStore, type SqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
let store: SqliteStateStore
let meta: MachineMeta

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lookups-'))
  store = openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
  meta = emptyMeta()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const commit = (writes: readonly RowWrite[]): void => {
  meta = { ...meta, appliedIndex: meta.appliedIndex + 1, appliedTerm: 1 }
  expect(store.commit(writes, meta)).toBe('ok')
}
const rowOf = (id: number, content: string, over: Partial<ConfigRow> = {}): ConfigRow => {
  const bytes = Buffer.from(content)
  return {
    ...{ namespace: '', group: 'g', dataId: `d${id}`, id, md5: 'm', type: 'text', encryptedDataKey: '', createdMs: 1, modifiedMs: 2, index: 1 },
    ...{ contentBytes: bytes.length, content: bytes, appName: '', description: '', tags: [], sourceIp: '', sourceUser: '', ...over },
  }
}
const put = (...rows: ConfigRow[]): void => commit(rows.map((row) => ({ kind: 'put-config', row })))

const found = <T>(look: (done: (answer: LookupAnswer<T>) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => look((answer) => (answer.kind === 'found' ? resolve(answer.value) : reject(new Error(JSON.stringify(answer))))))
const search = async (over: Partial<ConfigSearch>) => [
  ...(await found<Float64Array>((done) => store.findConfigs({ namespace: '', appName: null, tags: [], content: null, ...over }, done))),
]

test('by application, by any of some tags, and only in one namespace', async () => {
  put(
    rowOf(1, 'x', { appName: 'shop', tags: ['red', 'blue'] }),
    rowOf(2, 'x', { tags: ['redder'] }),
    rowOf(3, 'x', { appName: 'shop', namespace: 'dev' }),
  )
  expect(await search({ appName: 'shop' })).toEqual([1])
  expect(await search({ tags: ['red', 'green'] })).toEqual([1])
  expect(await search({ namespace: 'dev', appName: 'shop' })).toEqual([3])
  expect(await search({})).toEqual([1, 2])
})

test.each([
  ['*needle*', [1, 2, 3]],
  ['needle*', [2]],
  ['*needle', [3]],
  ['a*needle*z', [1]],
  ['*%*', [4]],
  ['*needle*needle*', []],
  ['needle', []],
  ['**', [1, 2, 3, 4]],
  ['*配置*', [4]],
  ['a-needle-z', [1]],
])('contents like %s', async (content, ids) => {
  put(rowOf(1, 'a-needle-z'), rowOf(2, 'needle first'), rowOf(3, 'last needle'), rowOf(4, '100% 配置 NEEDLE'))
  expect(await search({ content })).toEqual(ids)
})

test('more rows than a page of the thread holds', async () => {
  put(...Array.from({ length: 5000 }, (_, at) => rowOf(at + 1, at % 1000 === 0 ? 'odd' : 'even')))
  expect(await search({ content: '*odd*' })).toEqual([1, 1001, 2001, 3001, 4001])
})

/** Four rows of d1, one of d2, between them. */
const history = (): void => {
  const [one, two] = [rowOf(1, 'first'), rowOf(2, 'other')]
  commit([
    { kind: 'put-config', row: one },
    { kind: 'history-insert', nid: 1, row: one },
  ])
  commit([
    { kind: 'put-config', row: two },
    { kind: 'history-insert', nid: 2, row: two },
  ])
  for (const nid of [3, 4, 5])
    commit([
      { kind: 'history-copy', nid, id: 1, operation: 'U', atMs: nid * 10, sourceIp: 'ip', sourceUser: '', index: nid, contentBytes: 1 },
      { kind: 'put-config', row: rowOf(1, `content ${nid}`, { index: nid }) },
    ])
}

test('the history of a configuration, newest first, a part of it, without contents', async () => {
  history()
  const list = (skip: number, take: number) =>
    found<{ total: number; rows: readonly object[] }>((done) => store.listHistory({ namespace: '', group: 'g', dataId: 'd1', skip, take }, done))
  const { total, rows } = await list(1, 2)
  expect([total, rows]).toMatchObject([4, [{ nid: 4, operation: 'U', modifiedMs: 40 }, { nid: 3 }]])
  expect(rows[0]).not.toHaveProperty('content')
  expect((await list(0, 9)).rows).toHaveLength(4)
})

test('a row by its number, the newest of a configuration, and the next of the same kind', async () => {
  history()
  expect(store.readHistory(4)).toMatchObject({ nid: 4, id: 1, index: 4, content: Buffer.from('content 3') })
  expect(store.readHistory(9)).toBe(undefined)
  expect([store.hasHistory(4), store.hasHistory(9)]).toEqual([true, false])
  const find = (which: Parameters<typeof store.findHistory>[0]) => found<number | null>((done) => store.findHistory(which, done))
  expect(await find({ kind: 'previous', configId: 1 })).toBe(5)
  expect(await find({ kind: 'previous', configId: 2 })).toBe(null)
  const next = { kind: 'next', namespace: '', group: 'g', dataId: 'd1', publishType: 'formal', grayName: '' } as const
  expect(await find({ ...next, nid: 1 })).toBe(3)
  expect(await find({ ...next, nid: 5 })).toBe(null)
  expect(await find({ ...next, nid: 1, publishType: 'gray', grayName: 'beta' })).toBe(null)
})

test('a gray version leaves rows of its own: their contents whole, told from those of configurations', async () => {
  const record = { area: 3, key: 'k', value: Buffer.from('head old 内容') } as const
  const besides = { namespace: '', group: 'g', dataId: 'd1', md5: 'm', appName: '', encryptedDataKey: 'key', sourceIp: 'ip', sourceUser: 'me' }
  const row = { kind: 'history-besides', atMs: 9, index: 1, extInfo: '{"gray_name":"beta"}', ...besides } as const
  commit([
    { ...row, nid: 1, operation: 'I', content: Buffer.from('新') },
    { kind: 'put-record', index: 1, ...record },
  ])
  const copied = { area: 3, key: 'k', bytes: Buffer.byteLength('old 内容') } as const
  commit([
    { ...row, nid: 2, operation: 'D', content: copied },
    { kind: 'drop-record', index: 1, area: 3, key: 'k' },
  ])
  expect(store.readHistory(1)).toMatchObject({ operation: 'I', publishType: 'gray', id: 0, content: Buffer.from('新'), modifiedMs: 9 })
  expect(store.readHistory(2)).toMatchObject({ operation: 'D', extInfo: '{"gray_name":"beta"}', content: Buffer.from('old 内容') })
  expect(store.historyPage(0, { rows: 9, bytes: 9 }).map(({ nid, publishType }) => [nid, publishType])).toEqual([
    [1, 'gray'],
    [2, 'gray'],
  ])
  expect(() => store.commit([{ ...row, nid: 3, operation: 'D', content: copied }], meta)).toThrow('no record k of area 3')
  const next = { kind: 'next', ...besides, nid: 1, publishType: 'gray', grayName: 'beta' } as const
  expect(await found<number | null>((done) => store.findHistory(next, done))).toBe(2)
})

test('texts beside a content, and while something is looked for the file keeps its place', async () => {
  put(rowOf(1, 'x', { appName: 'shop', description: 'why', tags: ['a', 'b'], sourceUser: 'me' }))
  expect(store.readTexts(1)).toEqual({ appName: 'shop', description: 'why', tags: ['a', 'b'], sourceIp: '', sourceUser: 'me' })
  expect(store.readTexts(2)).toBe(undefined)
  const looking = search({ content: '*x*' })
  expect(store.beingRead()).toBe(true)
  await looking
  expect(store.beingRead()).toBe(false)
})
