/**
 * A transaction of the state store that takes many turns of the loop. Its own connection sees what it has written so far, so that everybody else
 * reads by another one meanwhile, on which the state is the one before until the commit. It must never be left open by a store that closes.
 */

import Database from 'better-sqlite3'
import type { MachineMeta, RowWrite } from '../../state-machine/types.ts'
import { dataDamaged } from '../storage-failure.ts'
import type { LongTransaction } from '../types.ts'
import { areaRecords } from './area-records.ts'
import type { DatabaseFile } from './database-file.ts'
import { ampleBytes, freeOn } from './disk-room.ts'
import { type ContentStatements, contentStatementsOf, type Statements } from './state-rows.ts'

export interface LongTransactionParts {
  readonly file: DatabaseFile
  readonly path: string
  readonly statements: Statements
  /** Inside the transaction. */
  readonly write: (writes: readonly RowWrite[]) => void
  readonly close: (meta: MachineMeta) => void
  /** It was kept, or not. */
  readonly settled: (kept: MachineMeta | null) => void
  /** What is left of the disk; absent: asks the system. */
  readonly freeBytes?: (() => number) | undefined
}

export interface SqliteLongTransaction extends LongTransaction {
  /** The state of before. */
  readonly before: ContentStatements
}

/** Of the reading connection: hot pages are in the system's cache anyway. */
const readerCacheKib = 1024

/**
 * A transaction that has written more gives up while there is no ample room left: it can wait, and the Raft log on the same disk, without which nobody
 * votes, cannot.
 */
const modestBytes = 4 * 1024 * 1024

const contentOf = (write: RowWrite): number => {
  if (write.kind === 'restore-config') return 2 * write.row.contentBytes
  return write.kind === 'put-record' ? write.value.length : 0
}

const bytesOf = (writes: readonly RowWrite[]): number => writes.reduce((sum, write) => sum + rowBytes + contentOf(write), 0)
/** In its pages, and in the history. */
const rowBytes = 512

/** @throws StorageFailure, and so does every method */
export const openLongTransaction = (parts: LongTransactionParts): SqliteLongTransaction | 'disk_full' => {
  const { file, path, statements, freeBytes = freeOn(path) } = parts
  let written = 0
  const reader = file.read(() => new Database(path, { fileMustExist: true, readonly: true }))
  const begun = file.begin()
  if (begun === 'disk_full') {
    reader.close()
    return begun
  }
  const before = file.read(() => {
    reader.pragma(`cache_size = ${-readerCacheKib}`)
    return contentStatementsOf(reader)
  })
  const end = (kept: MachineMeta | null): void => {
    reader.close()
    parts.settled(kept)
  }
  const orEnd = (outcome: 'ok' | 'disk_full'): 'ok' | 'disk_full' => {
    if (outcome === 'disk_full') {
      end(null)
      file.giveBack()
    }
    return outcome
  }
  const rollback = (): void => {
    begun.rollback()
    end(null)
  }
  return {
    before,
    isOpen: begun.isOpen,
    history: (from, rowsMax) => file.read(() => statements.historyHeads.all(from, rowsMax)),
    records: (area, key) => areaRecords(statements, file.read, [area, key]),
    write: (writes) => {
      written += bytesOf(writes)
      if (written <= modestBytes || freeBytes() >= ampleBytes) return orEnd(begun.run(() => parts.write(writes)))
      begun.rollback()
      return orEnd('disk_full')
    },
    commit: (meta) => {
      const outcome = orEnd(begun.run(() => parts.close(meta)))
      if (outcome === 'disk_full' || orEnd(begun.commit()) === 'disk_full') return 'disk_full'
      end(meta)
      return 'ok'
    },
    rollback,
    damaged: (words) => {
      rollback()
      throw dataDamaged(path, words)
    },
  }
}
