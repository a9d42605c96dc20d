/**
 * Snapshots as files beside the store: one that goes out, one that comes in. What comes in is written, measured, hashed and synced
 * before anybody may believe it; anything short of that is removed. It must never touch the running store.
 */

import { createHash } from 'node:crypto'
import { close, closeSync, fdatasync, fsync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { exitCodes } from '../../observe/channel.ts'
import { failureOf, isNoSpace, isStorageFailure } from '../storage-failure.ts'
import type { ReceivedState, SnapshotInfo, SnapshotSink, SnapshotSource } from '../types.ts'

export const outgoingPath = (statePath: string): string => `${statePath}.snapshot`
export const incomingPath = (statePath: string): string => `${statePath}.incoming`

/**
 * `unlink` takes the file at `path` its name; its space goes back beside the loop, as long as nobody else has it open: the file system needs
 * some 30 ms for every hundred megabytes.
 */
export const releaseLater = (path: string, unlink: () => void): void => {
  const file = openIfPossible(path)
  try {
    unlink()
  } finally {
    if (file !== null) close(file, () => {})
  }
}

/** Without a descriptor it only takes longer. */
const openIfPossible = (path: string): number | null => {
  try {
    return openSync(path, 'r')
  } catch {
    return null
  }
}

/** With what SQLite may keep beside it. */
export const removeFile = (path: string): void =>
  releaseLater(path, () => {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  })

/** What a crash left; nobody may mistake it for whole. */
export const removeLeftovers = (statePath: string): void => {
  removeFile(outgoingPath(statePath))
  removeFile(incomingPath(statePath))
}

const openFile = (path: string, flags: 'r' | 'wx'): number => {
  try {
    return openSync(path, flags, 0o600)
  } catch (error) {
    throw failureOf(path, error)
  }
}

/** @throws StorageFailure, and so does `read`, for failed I/O. */
export const openSource = (path: string, info: SnapshotInfo): SnapshotSource => {
  const file = openFile(path, 'r')
  let open = true
  return {
    info,
    read: (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, info.bytes - offset)))
      try {
        const read = readSync(file, bytes, 0, bytes.length, offset)
        return read === bytes.length ? bytes : bytes.subarray(0, read)
      } catch (error) {
        throw failureOf(path, error)
      }
    },
    discard: () => {
      if (!open) return
      open = false
      closeSync(file)
      removeFile(path)
    },
  }
}

/** What may stand unsynced at most before a sync begins: one that must carry hundreds of megabytes lets every other sync of the disk wait. */
const unsyncedBytesMax = 2 * 1024 * 1024

interface SinkParts {
  readonly path: string
  readonly info: SnapshotInfo
  /** Makes the verified file this node's own. Throws a StorageFailure for one that is not of this cluster or version. */
  adopt(path: string): ReceivedState
}

const isDamage = (error: unknown): boolean => isStorageFailure(error) && error.exitCode === exitCodes.dataDamaged

/** Nothing can be kept: said when it is written to, as of a disk that fills up later. */
const sinkWithoutRoom: SnapshotSink = {
  write: () => 'disk_full',
  finish: (done) => queueMicrotask(() => done('disk_full')),
  discard: () => {},
}

/** @throws StorageFailure for failed I/O other than a full disk. */
export const openSink = (parts: SinkParts): SnapshotSink => {
  removeFile(parts.path)
  try {
    return sinkInto(openFile(parts.path, 'wx'), parts)
  } catch (error) {
    if (isNoSpace(error)) return sinkWithoutRoom
    throw error
  }
}

const sinkInto = (file: number, { path, info, adopt }: SinkParts): SnapshotSink => {
  const hash = createHash('sha256')
  let written = 0
  let unsynced = 0
  let syncing = false
  /** Of an early sync: the system tells it once, and the last sync may know nothing of it. */
  let failed: Error | null = null
  let state: 'open' | 'finishing' | 'over' = 'open'

  const discard = (): void => {
    if (state === 'over') return
    // A sync that is under way still needs the descriptor; what follows it sees `over`.
    if (state === 'open' && !syncing) closeSync(file)
    state = 'over'
    removeFile(path)
  }
  /** Early, beside the loop. */
  const syncSome = (): void => {
    if (syncing || unsynced < unsyncedBytesMax) return
    syncing = true
    unsynced = 0
    fdatasync(file, (error) => {
      syncing = false
      failed ??= error
      if (state === 'over') closeSync(file)
      else if (state === 'finishing') syncAll()
    })
  }
  let hear: Parameters<SnapshotSink['finish']>[0] = () => {}
  const syncAll = (): void =>
    fsync(file, (error) => {
      closeSync(file)
      if (state === 'over') return
      const problem = failed ?? error
      if (problem && !isNoSpace(problem)) throw failureOf(path, problem)
      const result = problem ? 'disk_full' : believed()
      // Whole, it belongs to whoever gets it now.
      state = 'over'
      if (typeof result === 'string') removeFile(path)
      hear(result)
    })
  const believed = (): ReceivedState | 'damaged' | 'disk_full' => {
    if (written !== info.bytes || Buffer.compare(hash.digest(), info.sha256) !== 0) return 'damaged'
    try {
      return adopt(path)
    } catch (error) {
      if (isNoSpace(error)) return 'disk_full'
      if (isDamage(error)) return 'damaged'
      throw error
    }
  }

  return {
    discard,
    write: (bytes) => {
      try {
        // A disk that fills up may take a part and say so only at the next call.
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at)
      } catch (error) {
        if (isNoSpace(error)) return 'disk_full'
        throw failureOf(path, error)
      }
      hash.update(bytes)
      written += bytes.length
      unsynced += bytes.length
      syncSome()
      return 'ok'
    },
    finish: (done) => {
      state = 'finishing'
      hear = done
      if (!syncing) syncAll()
    },
  }
}
