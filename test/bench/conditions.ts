/** What a figure needs beside it to mean something: the machine, the versions, the sync mode. */

import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { repository } from '../support/headless.ts'
import { median, rounded } from './stats.ts'

const syncs = 200
const block = Buffer.alloc(4096, 1)

const git = (...args: readonly string[]): string => {
  try {
    return execFileSync('git', args, { cwd: repository, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString('utf8')
      .trim()
  } catch {
    return ''
  }
}

/** Median time of one 4 KiB append with fdatasync on the disk that holds the data folders, in microseconds. */
const fdatasyncMicros = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'nacos-trio-bench-sync-'))
  const file = openSync(join(folder, 'probe'), 'w')
  try {
    const tookMs = Array.from({ length: syncs }, () => {
      const begunMs = performance.now()
      writeSync(file, block)
      fdatasyncSync(file)
      return performance.now() - begunMs
    })
    return rounded(median(tookMs) * 1000, 0)
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}

export const conditionsNow = (): Record<string, string | number> => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memory_mb: Math.round(totalmem() / 1024 / 1024),
  os: `${process.platform} ${release()}`,
  node: process.version,
  commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+changes'),
  sync_mode: 'Raft log: SQLite WAL, synchronous=FULL on all three nodes; state store: synchronous=NORMAL, behind the synced log',
  fdatasync_us_median: fdatasyncMicros(),
  load_average_before: rounded(loadavg()[0] ?? 0),
})
