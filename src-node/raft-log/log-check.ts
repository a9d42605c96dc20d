/**
 * A full look through the Raft log while it works. Its file admits one connection alone, so that connection reads it, in slices between the
 * inputs: every entry's checksum, that none is missing, and the configurations. What it finds is what a read of the log would end the node for.
 */

import { isStorageFailure } from '../storage/storage-failure.ts'

export interface LogCheckParts {
  /** Where it begins and ends at this moment: entries come and go meanwhile. */
  firstIndex(): number
  lastIndex(): number
  /** Reads and verifies entries from `from` on, up to `to` and about `bytesMax`; how many. Throws a StorageFailure for damage. */
  verify(from: number, to: number, bytesMax: number): number
  /** Term, vote and configurations. */
  verifyRest(): void
  isOpen(): boolean
  defer(task: () => void): void
}

export interface LogFindings {
  readonly found: readonly string[]
  readonly entries: number
}

/** Some 3 ms of reading, whatever the sizes. */
const sliceEntries = 512
const sliceBytes = 1024 * 1024

/** @param done called once, later. It goes on where the log has been cut meanwhile. */
export const checkLog = (parts: LogCheckParts, done: (findings: LogFindings) => void): void => {
  const last = parts.lastIndex()
  let next = parts.firstIndex()
  let entries = 0
  const slice = (): void => {
    if (!parts.isOpen()) {
      done({ found: ['the node stopped before the end'], entries })
      return
    }
    try {
      next = Math.max(next, parts.firstIndex())
      const to = Math.min(last, parts.lastIndex(), next + sliceEntries - 1)
      if (next > to) {
        parts.verifyRest()
        done({ found: [], entries })
        return
      }
      const read = parts.verify(next, to, sliceBytes)
      if (read === 0) {
        done({ found: [`entry ${next} is missing`], entries })
        return
      }
      entries += read
      next += read
      parts.defer(slice)
    } catch (error) {
      if (!isStorageFailure(error)) throw error
      done({ found: [error.message], entries })
    }
  }
  parts.defer(slice)
}
