/**
 * A Raft log whose disk can be made slow or full, to practise with, around a real one. A slow disk answers later and never
 * holds the event loop; a full one writes nothing, as the real error does. It must never answer before the real log did.
 */

import type { DiskFault } from '../observe/channel.ts'
import type { DriverClock, RaftLogStore } from '../raft-driver/ports.ts'

export interface FaultyRaftLog extends RaftLogStore {
  /** From the next write on; a write that waits for a slow disk goes on at once. */
  setFault(fault: DiskFault): void
}

export const createFaultyRaftLog = (log: RaftLogStore, clock: Pick<DriverClock, 'after'>): FaultyRaftLog => {
  let fault: DiskFault = { slowMs: 0, full: false }
  /** One persist at a time is under way: the driver waits for its answer. */
  let waiting: { readonly timer: { cancel(): void }; readonly act: () => void } | null = null

  const write: RaftLogStore['persist'] = (hardState, entries, done) => {
    if (fault.full) done('disk_full')
    else log.persist(hardState, entries, done)
  }
  const goOn = (): void => {
    const due = waiting
    waiting = null
    due?.timer.cancel()
    due?.act()
  }
  return {
    ...log,
    persist: (hardState, entries, done) => {
      if (fault.slowMs === 0) write(hardState, entries, done)
      else waiting = { timer: clock.after(fault.slowMs, goOn), act: () => write(hardState, entries, done) }
    },
    compact: (to, entriesMax) => (fault.full ? 'disk_full' : log.compact(to, entriesMax)),
    reset: (place, hardState, done) => {
      if (fault.full) done('disk_full')
      else log.reset(place, hardState, done)
    },
    close: () => {
      // Nobody waits for its answer any more, and nothing of it was promised.
      waiting?.timer.cancel()
      waiting = null
      log.close()
    },
    setFault: (next) => {
      fault = next
      goOn()
    },
  }
}
