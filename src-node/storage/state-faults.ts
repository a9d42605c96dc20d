/**
 * Faults of the state store's disk, to practise with. A full disk is the store's own answer. A slow one is waited for before a
 * run is applied, since a commit answers at once and must not hold the event loop. What the real store says is never changed.
 */

import type { DiskFault } from '../observe/channel.ts'
import { createSlowDisk } from '../observe/slow-disk.ts'
import type { Applier, DriverClock } from '../raft-driver/ports.ts'
import type { LongTransaction, StateStore } from './types.ts'

export interface StateFaults {
  /** From the next run on; a run that waits for a slow disk goes on at once. */
  set(fault: DiskFault): void
  store(inner: StateStore): StateStore
  applier<R>(inner: Applier<R>): Applier<R>
}

export const createStateFaults = (clock: Pick<DriverClock, 'after'>): StateFaults => {
  let fault: DiskFault = { slowMs: 0, full: false }
  const slow = createSlowDisk(clock.after)
  /** As the store itself: what meets a full disk is over. */
  const longWithFaults = (inner: LongTransaction): LongTransaction => {
    const orFull = (act: () => 'ok' | 'disk_full'): 'ok' | 'disk_full' => {
      if (!fault.full) return act()
      inner.rollback()
      return 'disk_full'
    }
    return { ...inner, write: (writes) => orFull(() => inner.write(writes)), commit: (meta) => orFull(() => inner.commit(meta)) }
  }
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
      beginLong: () => {
        const begun = fault.full ? 'disk_full' : inner.beginLong()
        return begun === 'disk_full' ? begun : longWithFaults(begun)
      },
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
