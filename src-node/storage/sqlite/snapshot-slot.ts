/**
 * The two places beside a store where snapshots stand, one for the copy that goes out and one for the state that comes in, and the move of
 * the latter into the store's own place. The old file is whole and closed before the move, and its write-ahead log is gone, durably: else
 * SQLite would read pages of one state over those of another after a power cut.
 */

import { renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { dataDamaged, failureOf, isNoSpace } from '../storage-failure.ts'
import type { InstallMark, ReceivedState, SnapshotInfo, SnapshotSource, StateStore } from '../types.ts'
import { areaRecords } from './area-records.ts'
import { adoptDatabaseFile, type DatabaseFileOptions, syncFolder } from './database-file.ts'
import { copyState } from './snapshot-copy.ts'
import { incomingPath, openSink, openSource, outgoingPath, releaseLater, removeFile, removeLeftovers } from './snapshot-file.ts'
import { indexRows, metaOf, requestRows, setInstallMark, snapshotsOf, statementsOf } from './state-rows.ts'

export interface SnapshotSlot extends Pick<StateStore, 'copyOut' | 'receive'> {
  /** `closeOld` must leave no connection of this process to the store, and nothing in its write-ahead log; if it throws, nothing is moved. */
  moveIn(received: ReceivedState, closeOld: () => void): void
  copying(): boolean
  discardAll(): void
}

export const createSnapshotSlot = (store: DatabaseFileOptions): SnapshotSlot => {
  const { path } = store
  const incoming = incomingPath(path)
  let copying = false
  let outgoing: { discard(): void } | null = null
  let coming: { discard(): void } | null = null
  /** The connection of `coming`, once it is a whole state. */
  let open: Database.Database | null = null
  removeLeftovers(path)

  const guarded = <T>(task: () => T): T => {
    try {
      return task()
    } catch (error) {
      throw failureOf(path, error)
    }
  }

  const copyOut: SnapshotSlot['copyOut'] = (done) => {
    if (copying) throw new Error('state store: a copy is being made already')
    outgoing?.discard()
    outgoing = null
    const target = outgoingPath(path)
    removeFile(target)
    copying = true
    copyState(path, target, (result) => {
      copying = false
      if (typeof result === 'string') {
        removeFile(target)
        done(result)
        return
      }
      const source = opened(target, result)
      if (typeof source === 'string') removeFile(target)
      else outgoing = source
      done(source)
    })
  }

  /** The copy is not the store: what is wrong with it alone ends no node. */
  const opened = (target: string, info: SnapshotInfo): SnapshotSource | 'failed' | 'disk_full' => {
    try {
      return openSource(target, info)
    } catch (error) {
      return isNoSpace(error) ? 'disk_full' : 'failed'
    }
  }

  /** From here on it is this node's file: its own number stands in it, and the mark of the index that the log is to follow. */
  const adopt = (mark: InstallMark): ReceivedState => {
    const { index } = mark
    adoptDatabaseFile({ ...store, path: incoming }, (db) => {
      const stored = metaOf(incoming, statementsOf(db))
      if (stored.appliedIndex !== index) throw dataDamaged(incoming, `holds the state at ${stored.appliedIndex}, not at ${index}`)
      setInstallMark(statementsOf(db), mark)
    })
    const db = new Database(incoming, { fileMustExist: true, readonly: true })
    const statements = statementsOf(db)
    const received: ReceivedState = {
      meta: () => guarded(() => metaOf(incoming, statements)),
      loadIndex: () => indexRows(statements, guarded),
      loadRequests: () => requestRows(statements, guarded),
      loadSnapshots: () => guarded(() => snapshotsOf(statements)),
      loadRecords: () => areaRecords(statements, guarded),
      // Whoever waits with it may learn late that it is not wanted any more: by then the place may be that of the next one.
      discard: () => {
        if (coming !== received) return
        coming = null
        open = null
        db.close()
        removeFile(incoming)
      },
    }
    coming = received
    open = db
    return received
  }
  return {
    copyOut,
    copying: () => copying,
    receive: (info, membership) => {
      coming?.discard()
      const sink = openSink({ path: incoming, info, adopt: () => adopt({ index: info.index, membership }) })
      coming = sink
      return sink
    },
    moveIn: (received, closeOld) => {
      if (coming !== received || open === null) throw new Error('state store: this state was thrown away')
      if (copying) throw new Error('state store: a copy is being made of what would be replaced')
      closeOld()
      outgoing?.discard()
      outgoing = null
      open.close()
      open = null
      coming = null
      guarded(() => {
        for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
        // The two changes may reach the disk in any order: the new file must never stand beside the old log.
        syncFolder(path)
        releaseLater(path, () => renameSync(incoming, path))
        syncFolder(path)
      })
    },
    discardAll: () => {
      outgoing?.discard()
      coming?.discard()
    },
  }
}
