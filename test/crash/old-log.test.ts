/** The first start on a log of an earlier version rewrites all of it: what if the disk is too small for that, or the node is killed meanwhile? */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src-node/raft/types.ts'
import { makeOldLog, run, withFile } from '../../src-node/raft-log/old-log.testing.ts'
import { openSqliteRaftLog } from '../../src-node/raft-log/sqlite-raft-log.ts'
import { mayMount, mountSmallDisk } from './small-disk.ts'

const mountable = mayMount()
if ('missing' in mountable) console.log(mountable.missing)

/** Taking them over takes some half a second. */
const entries = run(1, 60_000)
const digestOf = (of: readonly Entry[]): string => {
  const hash = createHash('sha256')
  for (const { index, term, kind, data } of of) hash.update(`${index} ${term} ${kind} ${data.length} `).update(data)
  return hash.digest('hex')
}
const open = (path: string) => openSqliteRaftLog({ path, clusterId: 'c', nodeId: 1 })
const versionOf = (path: string): unknown => {
  let version: unknown
  withFile(path, (db) => {
    version = db.pragma('user_version', { simple: true })
  })
  return version
}
const expectWhole = (path: string): void => {
  const log = open(path)
  try {
    expect(log.hardState()).toEqual({ term: 9, vote: 2 })
    expect(log.lastIndex()).toBe(entries.length)
    expect(digestOf(log.entries(log.firstIndex(), log.lastIndex(), Number.MAX_SAFE_INTEGER))).toBe(digestOf(entries))
  } finally {
    log.close()
  }
}

describe.skipIf('missing' in mountable)('an old log on a disk without room for its new form', () => {
  it('stays as it was, says so, and is taken over once there is room', () => {
    using disk = mountSmallDisk(96)
    const path = join(disk.path, 'raft.db')
    makeOldLog(path, entries)
    disk.fill(2 * 1024 * 1024)
    for (let start = 0; start < 2; start++) expect(() => open(path)).toThrow(/disk is full|no space/i)
    expect(versionOf(path)).toBe(3)
    disk.free()
    expectWhole(path)
    expect(versionOf(path)).toBe(4)
  })
})

const opener = `
  import { openSqliteRaftLog } from ${JSON.stringify(join(import.meta.dirname, '../../src-node/raft-log/sqlite-raft-log.ts'))}
  openSqliteRaftLog({ path: process.argv[1], clusterId: 'c', nodeId: 1 })`
/** Looks without a pause: the moment is short. */
const untilLongerThan = (path: string, bytes: number): void => {
  const endMs = performance.now() + 20_000
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < bytes) if (performance.now() > endMs) throw new Error(`${path} stays short`)
}

it.each([64 * 1024, 1024 * 1024, 4 * 1024 * 1024])(
  'a node that is killed while it takes over an old log, %d bytes into it, does so at its next start',
  async (bytes) => {
    const dir = mkdtempSync(join(tmpdir(), 'nacos-trio-old-log-'))
    try {
      const path = join(dir, 'raft.db')
      makeOldLog(path, entries)
      const child = spawn(process.execPath, ['--input-type=module', '-e', opener, path], { stdio: 'inherit' })
      const ended = once(child, 'exit')
      untilLongerThan(`${path}-wal`, bytes)
      child.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      expect(versionOf(path)).toBe(3)
      expectWhole(path)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
)
