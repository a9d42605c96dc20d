/** A disk of a few MiB, mounted in memory for one test, that can be filled to its last page and freed again. Needs root on Linux; unmounted in the end. */

import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tool } from '../runner/tools.ts'

export interface SmallDisk extends Disposable {
  readonly path: string
  /** Until not one more byte finds room, or so many are left: it is never fuller than that meanwhile. */
  readonly fill: (leftBytes?: number) => void
  readonly free: () => void
}

const toolLimitMs = 10_000
const chunkBytes = 64 * 1024
const run = (command: string, ...args: readonly string[]): void => {
  execFileSync(command, args, { stdio: 'pipe', timeout: toolLimitMs })
}

const writeUntilFull = (file: number, chunk: Buffer): void => {
  try {
    for (;;) writeSync(file, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

const writeUntilLeft = (file: number, path: string, leftBytes: number): void => {
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  }
  const chunk = Buffer.alloc(chunkBytes)
  let more = freeBytes() - leftBytes
  if (more < 0) ftruncateSync(file, Math.max(0, fstatSync(file).size + more))
  for (; more > 0; more = freeBytes() - leftBytes) writeSync(file, chunk, 0, Math.min(more, chunkBytes))
}

/**
 * @param at an empty folder to mount it on; absent: one of its own
 * @throws where it may not be mounted; `mayMount` tells beforehand.
 */
export const mountSmallDisk = (mebibytes: number, at?: string): SmallDisk => {
  const path = at ?? mkdtempSync(join(tmpdir(), 'nacos-trio-small-disk-'))
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'nacos-trio-small-disk', path)
  } catch (error) {
    if (at === undefined) rmdirSync(path)
    throw error
  }
  const ballast = join(path, 'ballast')
  return {
    path,
    fill: (leftBytes = 0) => {
      const file = openSync(ballast, 'a')
      try {
        if (leftBytes > 0) writeUntilLeft(file, path, leftBytes)
        else for (const bytes of [chunkBytes, 1]) writeUntilFull(file, Buffer.alloc(bytes))
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]: () => {
      // A process that is just ending may still stand on it: the system then takes it away as soon as that is gone.
      run('umount', '--lazy', path)
      if (at === undefined) rmdirSync(path)
    },
  }
}

export const mayMount = (): Tool => {
  if (process.platform !== 'linux') return { missing: `no small disk: it needs Linux, this is ${process.platform}` }
  try {
    mountSmallDisk(1)[Symbol.dispose]()
    return { found: 'tmpfs' }
  } catch (error) {
    return { missing: `no small disk can be mounted (it needs root): ${String(error).slice(0, 200)}` }
  }
}
