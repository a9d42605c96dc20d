/**
 * A Raft log whose disk can be made slow or full, to practise with, around a real one. A slow disk answers later and never
 * holds the event loop; a full one writes nothing, as the real error does. It must never answer before the real log did.
 */

import type { DiskFault } from '../observe/channel.ts'
import { createSlowDisk } from '../observe/slow-disk.ts'
import type { DriverClock, RaftLogStore } from '../raft-driver/ports.ts'

export interface FaultyRaftLog extends RaftLogStore {
  /** From the next write on; a write that waits for a slow disk goes on at once. */
  setFault(fault: DiskFault): void
}

export const createFaultyRaftLog = (log: RaftLogStore, clock: Pick<DriverClock, 'after'>): FaultyRaftLog => {
  let fault: DiskFault = { slowMs: 0, full: false }
  const slow = createSlowDisk(clock.after)

  const write: RaftLogStore['persist'] = (hardState, entries, done) => {
    if (fault.full) done('disk_full')
    else log.persist(hardState, entries, done)
  }
  return {
    ...log,
    persist: (hardState, entries, done) => slow.wait(fault.slowMs, () => write(hardState, entries, done)),
    compact: (to, entriesMax) => (fault.full ? 'disk_full' : log.compact(to, entriesMax)),
    reset: (place, hardState, done) => {
      if (fault.full) done('disk_full')
      else log.reset(place, hardState, done)
    },
    close: () => {
      // Nobody waits for its answer any more, and nothing of it was promised.
      slow.drop()
      log.close()
    },
    setFault: (next) => {
      fault = next
      slow.goOn()
    },
  }
}
