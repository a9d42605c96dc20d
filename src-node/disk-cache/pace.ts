/**
 * How fast files may be written and compared. A file costs some 100 us of processor time on each node, half of what a whole write costs on all three, and
 * every rename is a write of the disk that the Raft log is synced to: as long as configurations change, the cache takes a small share of the time, and
 * makes good for it when they do not. The share is measured in time and not in files: on a machine that has too much to do, a file takes
 * many times as long, and a rate that was small becomes all there is.
 */

import type { CacheClock } from './types.ts'

export interface Pace {
  /** So many keys have changed. */
  count(changes: number): void
  /** As much as may be done now; its time runs from here to its `rest`. */
  portion(): Portion
}

export interface Portion {
  readonly files: number
  readonly compared: number
  /** Over sooner when nothing changes any more; at once when nothing did. */
  rest(): Promise<void>
}

/** Changes are counted over so long. */
export const paceWindowMs = 100

interface Gear {
  readonly files: number
  readonly compared: number
  readonly restMsMin: number
  /** Of the time that the portion took. */
  readonly restTimes: number
}

/** Two changes in a window: somebody edits by hand, or nobody does. */
const quietPerSecond = 20
/** Some 10 ms of the thread, and about one of the loop. */
const quiet: Gear = { files: 128, compared: 512, restMsMin: 0, restTimes: 0 }
/** A twentieth of the time: what 500 files a second need, as long as a file takes what it should. */
const some: Gear = { files: 32, compared: 128, restMsMin: 0, restTimes: 20 }
/** Above it the node has better things to do. */
const busyPerSecond = 500
/**
 * 50 files a second, half a percent of a core: each of 10,000 hot keys gets its turn within four minutes. Comparing costs a seventh of writing.
 * A file system that takes many times as long for a file (ext4 without a journal passes over each inode that was freed within the last
 * minutes) costs a percent of a core all the same, and the turns come later.
 */
const busy: Gear = { files: 5, compared: 50, restMsMin: 100, restTimes: 100 }

const gearOf = (perSecond: number): Gear => (perSecond <= quietPerSecond ? quiet : perSecond <= busyPerSecond ? some : busy)

export interface Rests {
  /** Over at once when the cache is closed. */
  rest(ms: number): Promise<void>
  ended(): boolean
  end(): void
}

export const createRests = (after: CacheClock['after']): Rests => {
  const open = new Map<() => void, { cancel(): void }>()
  let ended = false
  return {
    rest: (ms) =>
      new Promise((resolve) => {
        const over = (): void => {
          open.delete(over)
          resolve()
        }
        if (ended) resolve()
        else open.set(over, after(ms, over))
      }),
    ended: () => ended,
    end: () => {
      ended = true
      for (const [over, timer] of open) {
        timer.cancel()
        over()
      }
    },
  }
}

export const createPace = (monotonicMs: () => number, rests: Rests): Pace => {
  let sinceMs = monotonicMs()
  let changes = 0
  let gear = quiet
  const roll = (): void => {
    const nowMs = monotonicMs()
    const elapsedMs = nowMs - sinceMs
    if (elapsedMs < paceWindowMs) return
    gear = gearOf((changes * 1000) / elapsedMs)
    sinceMs = nowMs
    changes = 0
  }
  /** In windows: what has become quiet meanwhile need not rest on. */
  const restUntil = async (untilMs: number): Promise<void> => {
    for (let leftMs = untilMs - monotonicMs(); leftMs > 0 && gear !== quiet && !rests.ended(); leftMs = untilMs - monotonicMs()) {
      await rests.rest(Math.min(leftMs, paceWindowMs))
      roll()
    }
  }
  return {
    count: (more) => {
      roll()
      changes += more
    },
    portion: () => {
      roll()
      const beganMs = monotonicMs()
      const { files, compared, restMsMin, restTimes } = gear
      return {
        ...{ files, compared },
        rest: () => {
          const nowMs = monotonicMs()
          return restUntil(nowMs + Math.max(restMsMin, (nowMs - beganMs) * restTimes))
        },
      }
    },
  }
}
