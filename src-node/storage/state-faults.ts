/**
 * Faults of the state store's disk, to practise with. A full disk is the store's own answer. A slow one is waited for before a
 * run is applied, since a commit answers at once and must not hold the event loop. What the real store says is never changed.
 */

import type { DiskFault } from '../observe/channel.ts'
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
  /** One run at a time is under way: the driver waits for its answer. */
  let waiting: { readonly timer: { cancel(): void }; readonly act: () => void } | null = null
  const goOn = (): void => {
    const due = waiting
    waiting = null
    due?.timer.cancel()
    due?.act()
  }
  return {
    set: (next) => {
      fault = next
      goOn()
    },
    store: (inner) => ({
      ...inner,
      commit: (writes, meta) => (fault.full ? 'disk_full' : inner.commit(writes, meta)),
      close: () => {
        // Its driver has stopped: a run that still waits is applied in the next life.
        waiting?.timer.cancel()
        waiting = null
        inner.close()
      },
    }),
    applier: (inner) => ({
      ...inner,
      apply: (run, done) => {
        if (fault.slowMs === 0) inner.apply(run, done)
        else waiting = { timer: clock.after(fault.slowMs, goOn), act: () => inner.apply(run, done) }
      },
    }),
  }
}
