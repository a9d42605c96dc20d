/** What one drain of the core wants on disk, in the order of `Ready`. */

import type { Ready } from '../raft/types.ts'
import type { RaftLogStore } from './ports.ts'

/** Everything of one drain that must be on disk; may be done again as a whole after a full disk. */
export const saveReady = (log: RaftLogStore, { snapshot, hardState, entries }: Ready, done: (problem: 'disk_full' | null) => void): void => {
  if (snapshot === null) log.persist(hardState, entries, done)
  else {
    log.reset(snapshot, hardState, (problem) => {
      if (problem !== null || entries.length === 0) done(problem)
      else log.persist(null, entries, done)
    })
  }
}
