/**
 * A disk that has room for what is written, and none for one more piece of the index that SQLite keeps beside a long write-ahead log. The log grows
 * long when a copy that is being made keeps it from being carried over.
 */

import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { createStateMachine } from '../../src-node/state-machine/state-machine.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import { openState, statePath } from '../storage/stores.ts'
import { mayMount, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const mountable = mayMount()
if ('missing' in mountable) console.log(mountable.missing)

/** Frames of the log that the first piece of its index holds, and how many more are written to be sure. */
const firstPieceFrames = 4_062
const frameBytes = 4_096 + 24
const leftBytes = 6 * 4_096

let disk: SmallDisk
let store: StateStore
beforeEach(() => {
  disk = mountSmallDisk(32)
  store = openState(disk.path)
})
afterEach(() => {
  store.close()
  disk[Symbol.dispose]()
})

const publishOf = (contentBytes: number): Uint8Array => {
  const content = Buffer.alloc(contentBytes, 'x')
  const md5 = createHash('md5').update(content).digest('hex')
  const key = { namespace: '', group: 'g', dataId: `d${contentBytes}`, expectedMd5: null, sourceIp: '', sourceUser: '' }
  return encodeCommand({ kind: 'publish-config', ...key, content, md5, type: 'text', appName: '', description: '', tags: null, encryptedDataKey: '' })
}
const walFrames = (): number => Math.floor(statSync(`${statePath(disk.path)}-wal`).size / frameBytes)

const createWriter = () => {
  const machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
  return (contentBytes: number): 'ok' | 'disk_full' => {
    machine.begin()
    const index = machine.meta().appliedIndex + 1
    const { writes } = machine.apply({ index, term: 1, stampMs: index, payload: publishOf(contentBytes) })
    const outcome = store.commit(writes, machine.pendingMeta())
    if (outcome === 'ok') machine.publish()
    else machine.discard()
    return outcome
  }
}

describe.skipIf('missing' in mountable)('a full disk', () => {
  it('under the index of a long write-ahead log is a full disk, and nothing worse', () => {
    const write = createWriter()
    expect(write(100)).toBe('ok')
    const reader = new Database(join(disk.path, 'state.db'))
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM config_info').get()
    while (walFrames() < firstPieceFrames - 250) expect(write(200_000)).toBe('ok')
    let outcome: string = 'ok'
    for (let turn = 0; outcome === 'ok' && turn < 400; turn++) {
      disk.fill(leftBytes)
      outcome = write(100)
    }
    expect([outcome, Math.abs(walFrames() - firstPieceFrames) < 20]).toEqual(['disk_full', true])
    const applied = store.meta().appliedIndex
    disk.free()
    expect(write(100)).toBe('ok')
    reader.close()
    store.close()
    store = openState(disk.path)
    expect(store.meta().appliedIndex).toBe(applied + 1)
    expect(createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() }).meta()).toEqual(
      store.meta(),
    )
  })
})
