/**
 * The named snapshots of a batch, and what they keep. There are few, so that a list is enough; every change of it is a row for the store and a
 * part of the state's hash.
 */

import type { Batch } from './batch.ts'
import { addSnapshot, takeSnapshot } from './state-hash.ts'
import type { NamedSnapshot, RowWrite } from './types.ts'

/** Named ones, at a time. A format of the log: all nodes must refuse the same one. */
export const namedSnapshotsMax = 32

const drop = (batch: Batch, snapshot: NamedSnapshot): RowWrite => {
  batch.snapshots = batch.snapshots.filter((each) => each !== snapshot)
  takeSnapshot(batch.sum, snapshot)
  return { kind: 'drop-snapshot', index: snapshot.index }
}

const put = (batch: Batch, snapshot: NamedSnapshot): RowWrite => {
  batch.snapshots = [...batch.snapshots, snapshot].sort((a, b) => a.index - b.index)
  addSnapshot(batch.sum, snapshot)
  return { kind: 'put-snapshot', snapshot }
}

export const dropSnapshots = (batch: Batch, goes: (snapshot: NamedSnapshot) => boolean): RowWrite[] =>
  batch.snapshots.filter(goes).map((snapshot) => drop(batch, snapshot))

/** The one before the last restore goes when there is another one. */
export const putSnapshot = (batch: Batch, snapshot: NamedSnapshot): RowWrite[] => {
  const replaced = snapshot.kind === 'named' ? [] : dropSnapshots(batch, ({ kind }) => kind === 'before-restore')
  return [...replaced, put(batch, snapshot)]
}

/** A row came without history: what was before it cannot be found again. */
export const voidSnapshots = (batch: Batch): RowWrite[] =>
  batch.snapshots
    .filter(({ usable }) => usable)
    .flatMap((snapshot) => {
      drop(batch, snapshot)
      return [put(batch, { ...snapshot, usable: false })]
    })

/** Of the history, everything from this number on is needed; above all numbers, if nothing is. */
export const historyKeptFrom = (snapshots: readonly NamedSnapshot[]): number =>
  snapshots.reduce((from, { historyFrom, usable }) => (usable ? Math.min(from, historyFrom) : from), Number.MAX_SAFE_INTEGER)

/** The way back from a restore is as old as the history that goes. */
export const isExpired = ({ kind, takenMs }: NamedSnapshot, cutoffMs: number): boolean => kind === 'before-restore' && takenMs < cutoffMs
