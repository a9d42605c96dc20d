/** A disk that has no room for a snapshot's file, or no quota: an expected answer, never the end of the node. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import { openSqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import type { SnapshotSource, StateStore } from '../../src-node/storage/types.ts'

const { disk } = vi.hoisted(() => ({ disk: { fails: null as string | null } }))
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const refuse = () => {
    if (disk.fails !== null) throw Object.assign(new Error(`${disk.fails}: the disk says no`), { code: disk.fails })
  }
  return {
    ...real,
    openSync: (...how: Parameters<typeof real.openSync>) => {
      if (/\.(incoming|snapshot)$/.test(String(how[0]))) refuse()
      return real.openSync(...how)
    },
    writeSync: (file: number, bytes: Uint8Array, at: number, length: number) => {
      refuse()
      return real.writeSync(file, bytes, at, length)
    },
  }
})

let root = ''
let store: StateStore
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'full-folder-'))
  store = openSqliteStateStore({ path: join(root, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta() })
})
afterEach(() => {
  disk.fails = null
  store.close()
  rmSync(root, { recursive: true, force: true })
})
const copied = () => new Promise<SnapshotSource | string>((resolve) => store.copyOut(resolve))
const info = { index: 1, term: 1, bytes: 4, sha256: new Uint8Array(32) }
const bytes = new Uint8Array(4)

it.each(['ENOSPC', 'EDQUOT'])('a snapshot comes in where %s lets no file be made, or be written', async (code) => {
  disk.fails = code
  const sink = store.receive(info, null)
  expect(sink.write(bytes)).toBe('disk_full')
  sink.discard()
  disk.fails = null
  const next = store.receive(info, null)
  disk.fails = code
  expect(next.write(bytes)).toBe('disk_full')
})

it('a snapshot that no file was made for is short, whatever is asked of it', async () => {
  disk.fails = 'ENOSPC'
  const sink = store.receive(info, null)
  expect(await new Promise((resolve) => sink.finish(resolve))).toBe('disk_full')
})

it('any other failure of the disk ends the node with the disk’s own exit code', () => {
  disk.fails = 'EIO'
  expect(() => store.receive(info, null)).toThrow(expect.objectContaining({ name: 'StorageFailure', exitCode: 13 }))
})

it.each([
  ['EDQUOT', 'disk_full'],
  ['EMFILE', 'failed'],
])('a copy whose file cannot be opened for %s is %s, and the next one may be made', async (code, outcome) => {
  disk.fails = code
  expect(await copied()).toBe(outcome)
  disk.fails = null
  expect(await copied()).toBeTypeOf('object')
})
