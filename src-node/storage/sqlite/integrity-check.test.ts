/** A full look through a state store that works: sound, with a torn page, with a content that changed behind its md5. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { ConfigRow } from '../../state-machine/types.ts'
import type { CheckFindings, SnapshotInfo, StateStore } from '../types.ts'
import { openSqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
let store: StateStore
const path = (): string => join(dir, 'state.db')
const open = (): StateStore => openSqliteStateStore({ path: path(), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })

const rowOf = (id: number): ConfigRow => {
  const content = Buffer.from(`content ${id} `.repeat(400))
  return {
    ...{ namespace: '', group: 'g', dataId: `d${id}`, id, md5: createHash('md5').update(content).digest('hex'), type: 'text', encryptedDataKey: '' },
    ...{ createdMs: 1, modifiedMs: 1, index: id, contentBytes: content.length, content, appName: '', description: '', tags: [], sourceIp: '' },
    sourceUser: '',
  }
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'integrity-'))
  store = open()
  const writes = Array.from({ length: 150 }, (_, at) => ({ kind: 'put-config' as const, row: rowOf(at + 1) }))
  store.commit(writes, { ...emptyMeta(), appliedIndex: 150, appliedTerm: 1 })
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const check = (): Promise<CheckFindings | 'failed'> => new Promise((resolve) => store.check(resolve))

/** Changes the file behind a clean end, so that no start looks for it. */
const change = (edit: (bytes: Buffer) => void): void => {
  store.close()
  const bytes = readFileSync(path())
  edit(bytes)
  writeFileSync(path(), bytes)
  store = open()
}

it('a store that works is sound, and is being read meanwhile', async () => {
  const checking = check()
  expect(store.beingRead()).toBe(true)
  expect(store.commit([{ kind: 'drop-config', id: 1 }], { ...emptyMeta(), appliedIndex: 151, appliedTerm: 1 })).toBe('ok')
  expect(await checking).toMatchObject({ found: [] })
  expect(store.beingRead()).toBe(false)
})

it('a content of other bytes is found on a sound page', async () => {
  change((bytes) => bytes.write('CONTENT 77', bytes.indexOf('content 77')))
  expect(await check()).toMatchObject({ found: [expect.stringContaining('the content of d77 in group g of namespace public')], configs: 150 })
})

it('a page that is none is found', async () => {
  change((bytes) => bytes.fill(0xff, bytes.length - 4096, bytes.length - 2048))
  const result = await check()
  expect(result === 'failed' || result.found.length > 0).toBe(true)
})

it('a copy for keeping holds the state, is one file, and does not disturb the store', async () => {
  const to = join(dir, 'copy.db')
  const result = await new Promise<SnapshotInfo | string>((resolve) => store.backupTo(to, resolve))
  if (typeof result === 'string') throw new Error(result)
  expect(result).toMatchObject({ index: 150, bytes: readFileSync(to).length })
  expect(createHash('sha256').update(readFileSync(to)).digest().equals(result.sha256)).toBe(true)
  const copy = openSqliteStateStore({ path: to, clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
  expect([copy.meta().appliedIndex, copy.readContent(150)?.length]).toEqual([150, rowOf(150).contentBytes])
  copy.close()
})

it('a copy that cannot be made is no copy', async () => {
  expect(await new Promise((resolve) => store.backupTo(join(dir, 'nowhere', 'copy.db'), resolve))).toBe('failed')
})
