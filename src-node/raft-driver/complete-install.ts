/**
 * What is left to do when a node died between the two halves of an install: its state is that of a snapshot, its log does not know yet.
 * Only the mark that the state carries allows it; a state ahead of its log without one is lost data, and stays so.
 */

import { logIndex, type SnapshotPlace, term } from '../raft/types.ts'
import { diskFullFailure } from '../storage/storage-failure.ts'
import type { StateStore } from '../storage/types.ts'
import type { RaftLogStore } from './ports.ts'

/**
 * Before anything is built on the two. Nothing can be promised before it is done.
 * @throws StorageFailure `diskFull` when the disk has no room for it.
 */
export const completeInstall = (store: Pick<StateStore, 'meta' | 'installed' | 'forgetInstall'>, log: RaftLogStore): void => {
  const { appliedIndex, appliedTerm } = store.meta()
  const mark = store.installed()
  if (mark === null) return
  const membership = mark.membership && { index: logIndex(mark.membership.index), data: mark.membership.data }
  const place: SnapshotPlace = { index: logIndex(appliedIndex), term: term(appliedTerm), membership }
  if (mark.index === appliedIndex && log.termAt(place.index) !== place.term) {
    const { term: known } = log.hardState()
    // The term came with the snapshot and was to be saved with the log; nobody was voted for in a term that was never on this disk.
    const hardState = known < place.term ? { term: place.term, vote: null } : null
    log.reset(place, hardState, (problem) => {
      if (problem !== null) throw diskFullFailure('raft.db, which is still to follow the state that was installed')
    })
  }
  store.forgetInstall()
}
