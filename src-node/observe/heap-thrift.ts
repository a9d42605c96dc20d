/**
 * Whoever walks through all configurations leaves tens of kilobytes of garbage for each of them, and V8 lets the heap grow by as much as the collector
 * is behind: 50 MB more for an import of 100,000. While somebody does that, the heap grows in small steps instead, which costs processor time and is
 * worth it for seconds; an everyday write never pays for it. V8's flags are one for the whole process, and so is the count of who is at it.
 */

import { setFlagsFromString } from 'node:v8'

/** Of what is alive after a collection, in percent. */
const growingPercent = 15
/** V8 decides by itself. */
const growingByItself = 0

/** From now on, until what it gives is called; twice means once. */
export type SpareHeap = () => () => void

export const createHeapThrift = (setFlag: (flag: string) => void): SpareHeap => {
  let atIt = 0
  const growBy = (percent: number): void => setFlag(`--heap-growing-percent=${percent}`)
  return () => {
    let isOver = false
    if (atIt++ === 0) growBy(growingPercent)
    return () => {
      if (isOver) return
      isOver = true
      if (--atIt === 0) growBy(growingByItself)
    }
  }
}

export const spareHeap: SpareHeap = createHeapThrift(setFlagsFromString)
