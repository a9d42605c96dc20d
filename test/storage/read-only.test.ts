/** Files and folders that may not be written to: refused at start with a code and words of their own, and left as they are. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openState as openNode } from '../../src-node/node-state.ts'
import { exitCodes } from '../../src-node/observe/channel.ts'
import { failureOf, type StorageFailure } from '../../src-node/storage/storage-failure.ts'
import { readOnly } from '../support/read-only.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'read-only-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const open = () =>
  openNode({
    ...{ dir, clusterId: 'c', nodeId: 2, hasRunBefore: true, statePagesMax: 0, raftLogPagesMax: 0, monotonicMs: () => 0 },
    ...{ defer: (task) => task(), after: () => undefined, onSync: () => {}, warn: () => {} },
  })

/** A node that has run once and ended cleanly. */
const run = (): void => {
  mkdirSync(join(dir, 'data'))
  const { store, raftLog } = openNode({
    ...{ dir, clusterId: 'c', nodeId: 2, hasRunBefore: false, statePagesMax: 0, raftLogPagesMax: 0, monotonicMs: () => 0 },
    ...{ defer: (task) => task(), after: () => undefined, onSync: () => {}, warn: () => {} },
  })
  raftLog.close()
  store.close()
}

const refusal = (): StorageFailure => {
  try {
    open()
  } catch (error) {
    return error as StorageFailure
  }
  throw new Error('it was opened')
}

describe.each(['raft.db', 'state.db'])('%s, read-only', (name) => {
  it('is refused, named, and not changed', () => {
    run()
    const path = join(dir, 'data', name)
    const before = readFileSync(path)
    using _ = readOnly(path)
    const { exitCode, message } = refusal()
    expect(exitCode).toBe(exitCodes.dataReadOnly)
    expect(message).toContain(path)
    expect(message).toContain('may not be written to')
    expect(message).toContain('make it writable for this user, then start the node again')
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})

it('a folder in which nothing may be made is refused, and the files in it are not opened', () => {
  run()
  using _ = readOnly(join(dir, 'data'))
  expect(refusal().exitCode).toBe(exitCodes.dataReadOnly)
  expect(existsSync(join(dir, 'data', 'raft.db-wal'))).toBe(false)
})

it('a node whose data folder cannot be made is refused alike', () => {
  using _ = readOnly(dir)
  try {
    openNode({
      ...{ dir, clusterId: 'c', nodeId: 2, hasRunBefore: false, statePagesMax: 0, raftLogPagesMax: 0, monotonicMs: () => 0 },
      ...{ defer: (task) => task(), after: () => undefined, onSync: () => {}, warn: () => {} },
    })
    expect.fail('it was opened')
  } catch (error) {
    expect((error as StorageFailure).exitCode).toBe(exitCodes.dataReadOnly)
  }
})

it('and it opens again once it may be written to', () => {
  run()
  {
    // The first of the two to be opened: the refusal leaves nothing open.
    using _ = readOnly(join(dir, 'data', 'raft.db'))
    refusal()
  }
  const { store, raftLog } = open()
  raftLog.close()
  store.close()
})

it.each(['SQLITE_READONLY', 'SQLITE_READONLY_DBMOVED', 'SQLITE_PERM', 'EROFS', 'EACCES', 'EPERM'])(
  '%s, said later by the system, means the same',
  (code) => {
    expect((failureOf('state.db', Object.assign(new Error('no'), { code })) as StorageFailure).exitCode).toBe(exitCodes.dataReadOnly)
  },
)
