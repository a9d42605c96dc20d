import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeCommand } from '../../state-machine/command-codec.ts'
import { hashOfRows } from '../../state-machine/state-hash.ts'
import { createStateMachine, emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, PublishConfig, RequestRow, RowWrite, StateMachine } from '../../state-machine/types.ts'
import type { StateStore } from '../types.ts'
import { openDatabaseFile } from './database-file.ts'
import { openSqliteStateStore, type StateStoreOptions } from './sqlite-state-store.ts'
import { stateMigrations } from './state-schema.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const row = (over: Partial<ConfigRow> = {}): ConfigRow => ({
  ...{ namespace: '', group: 'g', dataId: 'd', id: 1, md5: 'm1', type: 'yaml', encryptedDataKey: '', createdMs: 2 ** 41, modifiedMs: 2 ** 41 + 1 },
  ...{
    index: 7,
    contentBytes: 3,
    content: bytes('one'),
    appName: 'app',
    description: 'what',
    tags: ['a', 'b'],
    sourceIp: '10.0.0.1',
    sourceUser: 'u',
  },
  ...over,
})
const metaAt = (appliedIndex: number): MachineMeta => ({ ...emptyMeta(), appliedIndex, appliedTerm: 3 })

let dir = ''
let store: StateStore
const open = (over: Partial<StateStoreOptions> = {}): StateStore =>
  openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta(), ...over })

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-store-'))
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Looks at the tables as any SQLite tool would. */
const table = (sql: string): unknown[] => {
  const db = new Database(join(dir, 'state.db'), { readonly: true })
  const rows = db.prepare(sql).all()
  db.close()
  return rows
}

describe('rows', () => {
  it('come back as they were put, after a reopen too', () => {
    store.commit([{ kind: 'put-config', row: row() }], metaAt(7))
    store.close()
    store = open()
    expect(store.meta()).toEqual(metaAt(7))
    expect(store.readConfig(row())).toEqual({ ...row(), content: Buffer.from('one') })
    const { content, appName, description, tags, sourceIp, sourceUser, ...indexed } = row()
    expect([...store.loadIndex()]).toEqual([indexed])
  })

  it('keep any bytes as they are, as text in the table', () => {
    const contents = ['', '\0', 'a\0b', '\r\n\r\n', '\ufeffa: 1', '中文🙂', ' '].map(bytes)
    contents.push(Uint8Array.of(0xff, 0xfe, 0, 0xc3))
    for (const [at, content] of contents.entries()) {
      store.commit([{ kind: 'put-config', row: row({ id: at + 1, dataId: `d${at}`, content }) }], metaAt(at + 1))
      expect(new Uint8Array(store.readContent(at + 1)!)).toEqual(content)
    }
    expect(table('SELECT DISTINCT typeof(content) AS t FROM config_info')).toEqual([{ t: 'text' }])
  })

  it('are dropped, and nothing of them is found', () => {
    store.commit([{ kind: 'put-config', row: row() }], metaAt(1))
    store.commit([{ kind: 'drop-config', id: 1 }], metaAt(2))
    expect([store.readContent(1), store.readConfig(row()), [...store.loadIndex()]]).toEqual([undefined, undefined, []])
  })

  it('keep their tags when asked to', () => {
    store.commit([{ kind: 'put-config', row: row() }], metaAt(1))
    store.commit([{ kind: 'put-config', row: row({ tags: [], md5: 'm2' }), keepTags: true }], metaAt(2))
    expect(store.readConfig(row())).toMatchObject({ md5: 'm2', tags: ['a', 'b'] })
    store.commit([{ kind: 'put-config', row: row({ tags: [] }) }], metaAt(3))
    expect(store.readConfig(row())?.tags).toEqual([])
  })

  it('load in pages without a gap', () => {
    const writes = Array.from({ length: 2500 }, (_, at) => ({ kind: 'put-config' as const, row: row({ id: at + 1, dataId: `d${at}` }) }))
    store.commit(writes, metaAt(1))
    expect([...store.loadIndex()].map(({ id }) => id)).toEqual(writes.map((write) => write.row.id))
  })
})

describe('history', () => {
  it('holds the new content of an insert and the old one of an update and a delete', () => {
    const copy = { kind: 'history-copy', id: 1, sourceIp: '10.0.0.2', sourceUser: 'v', contentBytes: 1 } as const
    store.commit(
      [
        { kind: 'put-config', row: row() },
        { kind: 'history-insert', nid: 1, row: row() },
      ],
      metaAt(1),
    )
    const second = row({ content: bytes('two'), md5: 'm2' })
    store.commit(
      [
        { ...copy, nid: 2, operation: 'U', atMs: 50, index: 8 },
        { kind: 'put-config', row: second },
      ],
      metaAt(2),
    )
    store.commit(
      [
        { ...copy, nid: 3, operation: 'D', atMs: 60, index: 9 },
        { kind: 'drop-config', id: 1 },
      ],
      metaAt(3),
    )
    expect(store.historyCount()).toBe(3)
    expect(table('SELECT nid, id, op_type, content, md5, gmt_modified, src_user, src_ip, raft_index FROM his_config_info')).toEqual([
      { nid: 1, id: 0, op_type: 'I', content: 'one', md5: 'm1', gmt_modified: 2 ** 41 + 1, src_user: 'u', src_ip: '10.0.0.1', raft_index: 7 },
      { nid: 2, id: 1, op_type: 'U', content: 'one', md5: 'm1', gmt_modified: 50, src_user: 'v', src_ip: '10.0.0.2', raft_index: 8 },
      { nid: 3, id: 1, op_type: 'D', content: 'two', md5: 'm2', gmt_modified: 60, src_user: 'v', src_ip: '10.0.0.2', raft_index: 9 },
    ])
    expect(table('SELECT ext_info FROM his_config_info LIMIT 1')).toEqual([
      { ext_info: '{"type":"yaml","config_tags":"a,b","src_user":"u","c_desc":"what"}' },
    ])
  })

  it('names what has no column of its own, the same way for the usual row and for the rest', () => {
    const plain = { tags: [], sourceUser: '', description: '' }
    const rows = [row({ ...plain, id: 1 }), row({ ...plain, id: 2, type: 'unset' }), row({ ...plain, id: 3, tags: ['a"b'] }), row({ id: 4 })]
    for (const [at, each] of rows.entries()) {
      const named = { ...each, dataId: `d${at}` }
      store.commit(
        [
          { kind: 'put-config', row: named },
          { kind: 'history-insert', nid: at + 1, row: named },
        ],
        metaAt(at + 1),
      )
    }
    expect(table('SELECT ext_info FROM his_config_info ORDER BY nid')).toEqual(
      [
        '{"type":"yaml"}',
        '{"type":"unset"}',
        '{"type":"yaml","config_tags":"a\\"b"}',
        '{"type":"yaml","config_tags":"a,b","src_user":"u","c_desc":"what"}',
      ].map((ext_info) => ({ ext_info })),
    )
  })

  it('of a row that is not there is a bug, and nothing of the batch stays', () => {
    const copy = { kind: 'history-copy', nid: 1, id: 9, operation: 'D', atMs: 1, sourceIp: '', sourceUser: '', index: 1, contentBytes: 1 } as const
    expect(() => store.commit([{ kind: 'put-config', row: row() }, copy], metaAt(1))).toThrow('no row 9')
    expect([[...store.loadIndex()], store.meta()]).toEqual([[], emptyMeta()])
  })
})

describe('the write-ahead log', () => {
  it.each([
    { nodeId: 1, frames: 1728 },
    { nodeId: 2, frames: 1920 },
    { nodeId: 5, frames: 1536 },
  ])('of node $nodeId is carried over at $frames pages, however many rows share one', ({ nodeId, frames }) => {
    const path = join(dir, `of-${nodeId}.db`)
    const own = open({ path, nodeId })
    const batch = Array.from({ length: 20 }, (_, at) => ({ kind: 'put-config' as const, row: row({ id: at + 1, dataId: `d${at}` }) }))
    for (let index = 1; index <= 4000; index++) own.commit(batch, metaAt(index))
    const walFrames = statSync(`${path}-wal`).size / 4096
    expect(walFrames).toBeGreaterThan(frames)
    expect(walFrames).toBeLessThan(frames * 1.1)
    own.close()
  })

  it('is carried over earlier when contents fill its pages', () => {
    const path = join(dir, 'state.db-wal')
    const content = new Uint8Array(512 * 1024)
    for (let index = 1; index <= 40; index++)
      store.commit([{ kind: 'put-config', row: row({ id: index, dataId: `d${index}`, content }) }], metaAt(index))
    expect(statSync(path).size).toBeLessThan(6 << 20)
  })

  it('is carried over in a turn of its own, once, and not after the end', () => {
    store.close()
    const turns: (() => void)[] = []
    store = open({ defer: (task) => turns.push(task) })
    const inFile = (): number => statSync(join(dir, 'state.db')).size
    const big = (index: number) => store.commit([{ kind: 'put-config', row: row({ content: new Uint8Array(5 << 20) }) }], metaAt(index))
    const before = inFile()
    big(1)
    big(2)
    expect([turns.length, inFile()]).toEqual([1, before])
    turns.pop()?.()
    expect(inFile()).toBeGreaterThan(before + (5 << 20))
    big(3)
    store.close()
    expect(turns).toHaveLength(1)
    turns.pop()?.()
  })
})

describe('remembered replies', () => {
  const remember = (index: number, over: Partial<RequestRow> = {}): RowWrite => ({
    kind: 'put-request',
    row: { requestId: `request-id-${index}`, index, commandHash: -(2 ** 31), outcome: 'cas-conflict', md5: 'm', ...over },
  })

  it('come back oldest first, in pages without a gap, and are forgotten by the index of their entry', () => {
    const writes = Array.from({ length: 2500 }, (_, at) => remember(2500 - at))
    store.commit([...writes, { kind: 'drop-request', index: 1 }, { kind: 'drop-request', index: 2 }], metaAt(2500))
    store.close()
    store = open()
    const rows = [...store.loadRequests()]
    expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 2498 }, (_, at) => at + 3))
    expect(rows[0]).toEqual({ requestId: 'request-id-3', index: 3, commandHash: -(2 ** 31), outcome: 'cas-conflict', md5: 'm' })
  })

  it('that are not there cannot be forgotten, and nothing of the batch stays', () => {
    expect(() => store.commit([remember(1), { kind: 'drop-request', index: 9 }], metaAt(1))).toThrow('no request of entry 9')
    expect([...store.loadRequests()]).toEqual([])
  })

  it('find their table in a file that was made before there were any', () => {
    store.close()
    const path = join(dir, 'old.db')
    const format = { path, clusterId: 'c', nodeId: 1, applicationId: 0x4e545354, synchronous: 'normal', exclusive: false, cacheKib: 1024 } as const
    const old = openDatabaseFile({ ...format, migrations: stateMigrations(metaAt(5)).slice(0, 1) })
    expect(old.db.pragma('user_version', { simple: true })).toBe(1)
    old.close()
    store = open({ path })
    expect([store.meta(), [...store.loadRequests()]]).toEqual([metaAt(5), []])
    expect(store.commit([remember(6)], metaAt(6))).toBe('ok')
    expect([...store.loadRequests()]).toHaveLength(1)
  })
})

describe('a full disk', () => {
  it('changes nothing, and the same batch goes through when there is room again', () => {
    store.close()
    store = open({ pagesMax: 60 })
    const big = (id: number) => ({ kind: 'put-config' as const, row: row({ id, dataId: `d${id}`, content: new Uint8Array(40_000) }) })
    let last = 0
    while (store.commit([big(last + 1)], metaAt(last + 1)) === 'ok') last++
    expect(last).toBeGreaterThan(2)
    expect([store.meta().appliedIndex, [...store.loadIndex()].length]).toEqual([last, last])
    expect(store.commit([big(last + 1)], metaAt(last + 1))).toBe('disk_full')
    expect(
      store.commit(
        [
          { kind: 'drop-config', id: 1 },
          { kind: 'drop-config', id: 2 },
        ],
        metaAt(last),
      ),
    ).toBe('ok')
    expect(store.commit([big(last + 1)], metaAt(last + 1))).toBe('ok')
  })
})

describe('the machine over the store', () => {
  const publish = (dataId: string, content: string): PublishConfig => ({
    ...{ kind: 'publish-config', namespace: '', group: 'g', dataId, content: bytes(content), md5: content, type: 'text', expectedMd5: null },
    ...{ appName: '', description: '', tags: null, sourceIp: '', sourceUser: '', encryptedDataKey: '' },
  })
  const load = (): StateMachine =>
    createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })

  it('is the same after a restart, by hash', () => {
    const machine = load()
    for (let index = 1; index <= 60; index++) {
      machine.begin()
      const requestId = { requestId: `request-id-of-entry-${index}` }
      const payload = encodeCommand({ ...publish(`d${index % 7}`, `c${index}`), ...(index % 2 === 0 ? requestId : {}) })
      const { writes } = machine.apply({ index, term: 1, stampMs: index, payload })
      expect(store.commit(writes, machine.pendingMeta())).toBe('ok')
      machine.publish()
    }
    store.close()
    store = open()
    expect(load().meta()).toEqual(machine.meta())
    expect(store.meta().stateHash).toBe(hashOfRows(store.loadIndex(), store.meta(), store.loadRequests()))
    expect([store.historyCount(), load().size(), [...load().requests()].length]).toEqual([60, 7, 30])
    expect(Buffer.from(store.readContent(load().find({ namespace: '', group: 'g', dataId: 'd4' })!.id)!).toString()).toBe('c60')
  })
})
