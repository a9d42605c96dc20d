/** How much room the disk under a file has, how much is ample for what is written in one go, and how little is none. It asks and decides nothing else. */

import { statfsSync } from 'node:fs'

/** A transaction that may only come to nothing at its end, or not at all, begins where so much is free. */
export const ampleBytes = 64 * 1024 * 1024

/** Free bytes for this user on the disk that the file `path` is on, perhaps by a link; where the system does not tell, more than any. */
export const freeOn =
  (path: string): (() => number) =>
  () => {
    try {
      const { bavail, bsize } = statfsSync(path)
      return bavail * bsize
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }

/** Some pages of a database: whoever has no more cannot write what a leader sends. */
const noRoomBytes = 64 * 1024

export const isFullOn = (path: string): (() => boolean) => {
  const freeBytes = freeOn(path)
  return () => freeBytes() < noRoomBytes
}
