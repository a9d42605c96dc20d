/** A disk that really fills up under rows that gather in the state store, faster than anybody looks: the node ends, and what is on the disk is whole. */

import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodes } from '../../src-node/observe/channel.ts'
import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type { ConfigRow, RowWrite } from '../../src-node/state-machine/types.ts'
import { ampleBytes } from '../../src-node/storage/sqlite/disk-room.ts'
import { openSqliteStateStore, type SqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import { mayMount, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const mountable = mayMount()
if ('missing' in mountable) console.log(mountable.missing)

/** A row of it fills a page, so that more than the page cache holds are soon changed. */
const contentBytes = 3_000
const rows = 3_000
const changed = 2_300

let disk: SmallDisk
let store: SqliteStateStore
/** Nobody looks in time: it always says that there is ample room, and no time is ever over. */
const open = (): SqliteStateStore =>
  openSqliteStateStore({
    ...{ path: join(disk.path, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta(), freeBytes: () => ampleBytes },
    gather: { ms: 1_000, rows: 1_000_000, bytes: 1_000_000_000, after: () => undefined },
  })
const put = (id: number, version: number): RowWrite => {
  const content = Buffer.alloc(contentBytes, `${version} `)
  const texts = { appName: '', description: '', tags: [], sourceIp: '', sourceUser: '', encryptedDataKey: '' }
  const row: ConfigRow = {
    ...{ namespace: '', group: 'g', dataId: `d${id}`, id, md5: `${version}`, type: 'text', createdMs: 1, modifiedMs: version },
    ...{ index: version, contentBytes, content, ...texts },
  }
  return { kind: 'put-config', row, keepTags: true }
}
const commit = (version: number, from: number, to: number): void => {
  const writes = Array.from({ length: to - from + 1 }, (_, at) => put(from + at, version))
  expect(store.commit(writes, { ...emptyMeta(), appliedIndex: version })).toBe('ok')
}
const versions = (): readonly string[] => [...new Set([...store.loadIndex()].map(({ md5 }) => md5))]
const exitCodeOf = (act: () => void): unknown => {
  try {
    act()
  } catch (error) {
    return (error as { exitCode?: unknown }).exitCode
  }
  return 'nothing was thrown'
}
/** As the process left it. */
const comeBack = (): void => {
  expect(() => store.close()).toThrow()
  disk.free()
  store = open()
}

describe.skipIf('missing' in mountable)('a disk that fills up in one blow', () => {
  beforeEach(() => {
    disk = mountSmallDisk(64)
    store = open()
    for (let from = 1; from <= rows; from += 500) commit(1, from, from + 499)
    store.close()
    store = open()
    commit(2, 1, changed)
    disk.fill()
  })
  afterEach(() => {
    store.close()
    disk[Symbol.dispose]()
  })

  it('under a commit ends the node, and the state is the one before all that gathered', () => {
    expect(exitCodeOf(() => store.checkpoint())).toBe(exitCodes.diskFull)
    comeBack()
    expect([store.meta().appliedIndex, versions()]).toEqual([1, ['1']])
  })

  it('under a read, for which pages must make way, ends it as well, and nothing more is written without them', () => {
    const readAll = (): void => {
      for (let id = changed + 1; id <= rows; id++) store.readContent(id)
    }
    expect(exitCodeOf(readAll)).toBe(exitCodes.diskFull)
    disk.free()
    expect(exitCodeOf(() => commit(3, 1, 1))).toBe(exitCodes.diskError)
    comeBack()
    expect([store.meta().appliedIndex, versions()]).toEqual([1, ['1']])
  })
})
