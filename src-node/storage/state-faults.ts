/**
 * Faults of the state store's disk, to practise with. A full disk is the store's own answer. A slow one is waited for before a
 * run is applied, since a commit answers at once and must not hold the event loop. What the real store says is never changed.
 */

import type { DiskFault } from '../observe/channel.ts'
import { createSlowDisk } from '../observe/slow-disk.ts'
import type { Applier, DriverClock } from '../raft-driver/ports.ts'
import type { StateStore } from './types.ts'

export interface StateFaults {
  /** From the next run on; a run that waits for a slow disk goes on at once. */
  set(fault: DiskFault): void
  store(inner: StateStore): StateStore
  applier<R>(inner: Applier<R>): Applier<R>
}

export const createStateFaults = (clock: Pick<DriverClock, 'after'>): StateFaults => {
  let fault: DiskFault = { slowMs: 0, full: false }
  const slow = createSlowDisk(clock.after)
  return {
    set: (next) => {
      fault = next
      slow.goOn()
    },
    store: (inner) => ({
      ...inner,
      get sinkQueue() {
        return inner.sinkQueue
      },
      commit: (writes, meta) => (fault.full ? 'disk_full' : inner.commit(writes, meta)),
      close: () => {
        // Its driver has stopped: a run that still waits is applied in the next life.
        slow.drop()
        inner.close()
      },
    }),
    applier: (inner) => ({
      ...inner,
      apply: (run, done) => slow.wait(fault.slowMs, () => inner.apply(run, done)),
    }),
  }
}
