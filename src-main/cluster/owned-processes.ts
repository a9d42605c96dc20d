/**
 * The workers that we made, kept in `workers.json`, and the sweep of those that outlived an earlier supervisor (a stopped worker cannot
 * notice its parent's death and keeps ports and files).
 * Promises: a process is ended only if pid, start time and ownership mark all match. Must never end a process on a pid alone.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { readJson, replaceFileUnsynced } from './durable-file.ts'
import { hasEnvironmentMark, hasLetGo, isAlive, startTimeOf } from './process-identity.ts'
import { tokenVariable } from './worker-env.ts'

const goneWithinMs = 3_000
const lookEveryMs = 5

interface OwnedWorker {
  readonly id: number
  readonly pid: number
  readonly startTime: string | null
  readonly token: string
}

export interface OwnedProcesses {
  readonly add: (id: number, pid: number) => void
  readonly remove: (id: number, pid: number) => void
}

const parseWorkers = (value: unknown): OwnedWorker[] => {
  const rows = typeof value === 'object' && value !== null ? (value as { workers?: unknown }).workers : undefined
  if (!Array.isArray(rows)) return []
  return rows.filter((row: unknown): row is OwnedWorker => {
    if (typeof row !== 'object' || row === null) return false
    const { id, pid, startTime, token } = row as Record<string, unknown>
    return typeof id === 'number' && typeof pid === 'number' && pid > 1 && typeof startTime === 'string' && typeof token === 'string'
  })
}

/** Keeps `file` equal to the set of living workers. A file that cannot be written only costs the next sweep. */
export const createOwnedProcesses = (file: string, token: string): OwnedProcesses => {
  let workers: OwnedWorker[] = []
  const save = (): void => {
    try {
      replaceFileUnsynced(file, `${JSON.stringify({ version: 1, workers })}\n`)
    } catch {
      // A full disk must not stop the supervision; a machine that dies takes the workers with it, so nothing is synced.
    }
  }
  return {
    add: (id, pid) => {
      workers = [...workers.filter((worker) => worker.id !== id), { id, pid, startTime: startTimeOf(pid), token }]
      save()
    },
    remove: (id, pid) => {
      workers = workers.filter((worker) => worker.id !== id || worker.pid !== pid)
      save()
    },
  }
}

const isOurs = (worker: OwnedWorker): boolean =>
  worker.startTime !== null && isAlive(worker) && hasEnvironmentMark(worker.pid, `${tokenVariable}=${worker.token}`)

/**
 * Ends the workers that `file` names and that are still ours, and waits until they have let go of ports and files.
 * Returns the ended pids; rejects never. Call it with the folder's lock held and before the file is written anew.
 */
export const sweepOrphans = async (file: string): Promise<readonly number[]> => {
  let named: OwnedWorker[] = []
  try {
    named = parseWorkers(readJson(file))
  } catch {
    return []
  }
  const ended: number[] = []
  for (const worker of named.filter(isOurs)) {
    try {
      process.kill(worker.pid, 'SIGKILL')
      ended.push(worker.pid)
    } catch {
      // Ended by itself in between, or not ours to end.
    }
  }
  const deadline = performance.now() + goneWithinMs
  // Also those that were dying already: their ports are free only when the last thread is gone.
  while (!named.every(hasLetGo) && performance.now() < deadline) await sleep(lookEveryMs)
  return ended
}
