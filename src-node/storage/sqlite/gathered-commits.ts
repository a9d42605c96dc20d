/**
 * Batches that write records alone (services and their instances, above all) gather in one open transaction of the state store: under load most of them change the
 * same few pages, and each commit writes its pages anew, which was a fifth of what a registration cost. Behind a synced Raft log nothing is
 * promised by these commits; what a crash takes comes back from there. Configurations do not gather: their rows share few pages, and contents kept for so long
 * cost the garbage collector what the pages save.
 * The store's own connection sees rows that gather; whoever opens the file by another one has them settled first. A batch that was taken is never
 * given up: what a full disk throws out is kept here, and written before anything else is taken.
 */

import type { AreaNumber, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import type { DatabaseFile, FileTransaction } from './database-file.ts'

export interface GatherLimits {
  /** For so long at most, and one retry of what a full disk threw out comes as late. */
  readonly ms: number
  readonly rows: number
  /** Of records. */
  readonly bytes: number
}

export interface GatheredBatch {
  readonly writes: readonly RowWrite[]
  readonly meta: MachineMeta
  readonly contentBytes: number
}

export interface GatheredCommits {
  /** `disk_full`: nothing of this batch was kept. */
  add(batch: GatheredBatch): 'ok' | 'disk_full'
  /** All that was taken is committed now; or, for want of room, still only kept here. */
  settle(): 'ok' | 'disk_full'
  /** The file is another one: what is kept here was of the one before. */
  forget(): void
  /** The newest of a record that is kept here for want of room, and so is not in the file; null: nothing of it is. */
  lacking(area: AreaNumber, key: string): { readonly value: Uint8Array | undefined } | null
}

/** Whether a batch may wait in an open transaction. */
export const gathers = (writes: readonly RowWrite[]): boolean => writes.every(({ kind }) => kind === 'put-record' || kind === 'drop-record')

const recordIn = (write: RowWrite, area: AreaNumber, key: string): { readonly value: Uint8Array | undefined } | null => {
  if (write.kind !== 'put-record' && write.kind !== 'drop-record') return null
  if (write.area !== area || write.key !== key) return null
  return { value: write.kind === 'put-record' ? write.value : undefined }
}

export interface GatheredCommitsParts {
  file(): DatabaseFile
  /** Inside the transaction. */
  write(writes: readonly RowWrite[]): void
  writeMeta(meta: MachineMeta): void
  /** These are committed. */
  settled(batches: readonly GatheredBatch[]): void
  /** Calls once, later. */
  after(ms: number, act: () => void): unknown
  readonly limits: GatherLimits
}

/** @throws StorageFailure, and so does every method, for anything but a full disk */
export const createGatheredCommits = (parts: GatheredCommitsParts): GatheredCommits => {
  const { write, writeMeta, settled, limits } = parts
  let open: FileTransaction | null = null
  let gathered: GatheredBatch[] = []
  let rows = 0
  let bytes = 0
  /** Taken, and thrown out by a full disk. */
  let behind: GatheredBatch[] = []
  let isArmed = false

  const arm = (): void => {
    if (isArmed) return
    isArmed = true
    parts.after(limits.ms, () => {
      isArmed = false
      if (parts.file().db.open && settle() === 'disk_full') arm()
    })
  }
  const begin = (): void => {
    gathered = []
    rows = 0
    bytes = 0
    open = null
  }
  /** The transaction is over, and came to nothing. */
  const throwOut = (): void => {
    behind = gathered
    begin()
    arm()
  }
  const writeBehind = (): 'ok' | 'disk_full' => {
    const [batches, last] = [behind, behind.at(-1)]
    if (last === undefined) return 'ok'
    const outcome = parts.file().write(() => {
      for (const batch of batches) write(batch.writes)
      writeMeta(last.meta)
    })
    if (outcome === 'disk_full') return outcome
    behind = []
    settled(batches)
    return 'ok'
  }
  const settle = (): 'ok' | 'disk_full' => {
    const last = gathered.at(-1)
    if (open === null || last === undefined) return writeBehind()
    if (open.run(() => writeMeta(last.meta)) === 'disk_full' || open.commit() === 'disk_full') {
      throwOut()
      return 'disk_full'
    }
    const batches = gathered
    begin()
    settled(batches)
    return 'ok'
  }
  const add = (batch: GatheredBatch): 'ok' | 'disk_full' => {
    if (writeBehind() === 'disk_full') return 'disk_full'
    if (open === null) {
      const begun = parts.file().begin()
      if (begun === 'disk_full') return begun
      open = begun
    }
    if (open.run(() => write(batch.writes)) === 'disk_full') {
      throwOut()
      writeBehind()
      return 'disk_full'
    }
    gathered.push(batch)
    rows += batch.writes.length
    bytes += batch.contentBytes
    if (rows < limits.rows && bytes < limits.bytes) arm()
    else settle()
    return 'ok'
  }
  return {
    add,
    settle,
    forget: () => {
      behind = []
    },
    lacking: (area, key) => {
      for (const { writes } of behind.toReversed())
        for (const write of writes.toReversed()) {
          const found = recordIn(write, area, key)
          if (found !== null) return found
        }
      return null
    },
  }
}
