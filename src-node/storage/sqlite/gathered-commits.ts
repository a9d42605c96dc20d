/**
 * Batches gather in one open transaction of the state store: under load many of them change the same pages, and each commit writes its pages anew, which was half
 * of what rows cost. Behind a synced Raft log nothing is promised by these commits; what a crash takes comes back from there.
 * The store's own connection sees rows that gather; whoever opens the file by another one has them settled first. They stand nowhere else in this process:
 * kept as objects for so long they would cost the garbage collector what the pages save. So they gather where the disk has ample room, and are
 * committed as soon as it has not; should it fill up within that moment all the same, nothing is taken any more: the process ends, and the log brings them back.
 */

import type { MachineMeta, RowWrite } from '../../state-machine/types.ts'
import { diskFilledUp } from '../storage-failure.ts'
import type { DatabaseFile, FileTransaction } from './database-file.ts'

export interface GatherLimits {
  /** For so long at most, somewhat more by node. */
  readonly ms: number
  readonly rows: number
  /** Of contents. */
  readonly bytes: number
}

export interface GatheredBatch {
  readonly writes: readonly RowWrite[]
  readonly meta: MachineMeta
  /** With those that are copied to history. */
  readonly contentBytes: number
}

export interface GatheredCommits {
  /** Whether such a batch may wait in an open transaction now; one that alone is as much as all that gathers may not. */
  takes(batch: GatheredBatch): boolean
  /** `disk_full`: nothing was taken. */
  add(batch: GatheredBatch): 'ok' | 'disk_full'
  /** All that was taken is committed now. */
  settle(): void
}

/** What publishing, removing and services write; everything else is rare, or large. */
const kindsThatGather: ReadonlySet<RowWrite['kind']> = new Set<RowWrite['kind']>([
  'put-record',
  'drop-record',
  'put-config',
  'drop-config',
  'history-insert',
  'history-copy',
  'put-request',
  'drop-request',
])

export interface GatheredCommitsParts {
  file(): DatabaseFile
  /** Inside the transaction. */
  write(writes: readonly RowWrite[]): void
  writeMeta(meta: MachineMeta): void
  /** Up to this all is committed, with so many bytes of contents. */
  settled(meta: MachineMeta, contentBytes: number): void
  hasAmpleRoom(): boolean
  /** Calls once, later. */
  after(ms: number, act: () => void): unknown
  readonly limits: GatherLimits
}

/** Between two looks at the room left: a disk would have to take the whole of what is ample in less. */
const lookMs = 50

/** @throws StorageFailure, and so does every method from then on: later rows must not be written without those that were thrown out. */
export const createGatheredCommits = (parts: GatheredCommitsParts): GatheredCommits => {
  const { write, writeMeta, settled, limits } = parts
  let open: { readonly transaction: FileTransaction; newest: MachineMeta | null; rows: number; bytes: number; looksLeft: number } | null = null
  let isArmed = false
  let over: { readonly cause: unknown } | null = null

  const orEnd = <T>(act: () => T): T => {
    if (over !== null) throw over.cause
    try {
      return act()
    } catch (cause) {
      over = { cause }
      throw cause
    }
  }
  const orThrow = (outcome: 'ok' | 'disk_full'): void => {
    if (outcome === 'disk_full') throw diskFilledUp(parts.file().db.name)
  }
  const settle = (): void => {
    if (open === null) return
    const { transaction, newest, bytes } = open
    open = null
    // Begun for a batch that found no room.
    if (newest === null) {
      transaction.rollback()
      return
    }
    orThrow(transaction.run(() => writeMeta(newest)))
    orThrow(transaction.commit())
    settled(newest, bytes)
  }
  const look = (): void => {
    isArmed = false
    if (open === null || !parts.file().db.open) return
    open.looksLeft--
    if (open.looksLeft > 0 && parts.hasAmpleRoom()) arm()
    else orEnd(settle)
  }
  const arm = (): void => {
    if (isArmed) return
    isArmed = true
    parts.after(Math.min(lookMs, limits.ms), look)
  }
  const begin = (): NonNullable<typeof open> | null => {
    const transaction = parts.file().begin()
    if (transaction === 'disk_full') return null
    arm()
    return { transaction, newest: null, rows: 0, bytes: 0, looksLeft: Math.ceil(limits.ms / lookMs) }
  }
  const add = ({ writes, meta, contentBytes }: GatheredBatch): 'ok' | 'disk_full' => {
    open ??= begin()
    if (open === null) return 'disk_full'
    if (open.transaction.run(() => write(writes)) === 'disk_full') {
      const tookAny = open.newest !== null
      open = null
      orThrow(tookAny ? 'disk_full' : 'ok')
      return 'disk_full'
    }
    open.newest = meta
    open.rows += writes.length
    open.bytes += contentBytes
    if (open.rows >= limits.rows || open.bytes >= limits.bytes) settle()
    return 'ok'
  }
  return {
    takes: ({ writes, contentBytes }) =>
      contentBytes < limits.bytes && writes.every(({ kind }) => kindsThatGather.has(kind)) && (open !== null || parts.hasAmpleRoom()),
    add: (batch) => orEnd(() => add(batch)),
    settle: () => orEnd(settle),
  }
}
