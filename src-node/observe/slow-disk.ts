/**
 * What waits for a disk that is slow as a fault: one write at a time, since its driver waits for the answer. It never holds the event loop and
 * writes nothing itself.
 */

interface Timer {
  cancel(): void
}

export interface SlowDisk {
  /** Acts after `ms`, or when the fault is over; at once for 0. */
  wait(ms: number, act: () => void): void
  /** The fault has changed: what waits goes on at once. */
  goOn(): void
  /** What waits never comes: nobody hears its answer any more. */
  drop(): void
}

export const createSlowDisk = (after: (ms: number, task: () => void) => Timer): SlowDisk => {
  let waiting: { readonly timer: Timer; readonly act: () => void } | null = null
  const drop = (): void => {
    waiting?.timer.cancel()
    waiting = null
  }
  const goOn = (): void => {
    const due = waiting
    drop()
    due?.act()
  }
  return {
    wait: (ms, act) => {
      if (ms === 0) act()
      else waiting = { timer: after(ms, goOn), act }
    },
    goOn,
    drop,
  }
}
