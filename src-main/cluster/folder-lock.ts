/**
 * One supervising process per data folder: `lock.json` names its pid, start time and a random token.
 * A lock whose process is gone is taken over; one whose process lives is respected, whoever it belongs to. Appears whole (linked into place), so
 * no reader sees half a lock. Must never end the process that holds it.
 */

import { randomBytes } from 'node:crypto'
import { linkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, writeSynced } from './durable-file.ts'
import { isAlive, type ProcessIdentity, startTimeOf } from './process-identity.ts'

const takeovers = 5

interface LockContent extends ProcessIdentity {
  readonly version: 1
  readonly token: string
  readonly sinceMs: number
}

export interface FolderLock {
  readonly token: string
  /** The folder had been left without a clean end. */
  readonly wasUnclean: boolean
  /** Removes the lock if it is still ours. */
  readonly release: () => void
}

export type LockResult =
  | { readonly kind: 'ok'; readonly lock: FolderLock }
  | { readonly kind: 'in-use'; readonly pid: number; readonly sinceMs: number }

const parseLock = (value: unknown): LockContent | null => {
  if (typeof value !== 'object' || value === null) return null
  const { pid, startTime, token, sinceMs } = value as Record<string, unknown>
  if (typeof pid !== 'number' || typeof token !== 'string') return null
  return { version: 1, pid, startTime: typeof startTime === 'string' ? startTime : null, token, sinceMs: typeof sinceMs === 'number' ? sinceMs : 0 }
}

/** True when `file` was not there and now is ours. */
const linkIfAbsent = (from: string, file: string): boolean => {
  try {
    linkSync(from, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead lock aside. If another start was faster and what we moved is a fresh lock, it is put back. */
const setAside = (file: string, dead: LockContent | null): void => {
  const aside = `${file}.${process.pid}.old`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = parseLock(readJson(aside))
  if (moved !== null && moved.token !== dead?.token) linkIfAbsent(aside, file)
  rmSync(aside, { force: true })
}

const acquire = (file: string, beside: string, token: string): LockResult => {
  let wasUnclean = false
  for (let tries = 0; tries < takeovers; tries++) {
    if (linkIfAbsent(beside, file)) {
      const release = (): void => {
        if (parseLock(readJson(file))?.token === token) rmSync(file, { force: true })
      }
      return { kind: 'ok', lock: { token, wasUnclean, release } }
    }
    const found = readJson(file)
    const holder = parseLock(found)
    if (holder !== null && isAlive(holder)) return { kind: 'in-use', pid: holder.pid, sinceMs: holder.sinceMs }
    if (found === undefined) continue
    wasUnclean = true
    setAside(file, holder)
  }
  return { kind: 'in-use', pid: 0, sinceMs: 0 }
}

/** Takes the lock of `dataDir`. Throws the system's error when the folder cannot be written. */
export const lockFolder = (dataDir: string): LockResult => {
  const file = join(dataDir, 'lock.json')
  const beside = `${file}.${process.pid}.new`
  const token = randomBytes(16).toString('hex')
  const content: LockContent = { version: 1, pid: process.pid, startTime: startTimeOf(process.pid), token, sinceMs: Date.now() }
  try {
    writeSynced(beside, `${JSON.stringify(content)}\n`)
    return acquire(file, beside, token)
  } finally {
    rmSync(beside, { force: true })
  }
}
