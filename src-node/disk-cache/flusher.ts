/**
 * The files that are behind, and their writing: after the answer, in portions, each with the newest content of that moment. However often a key
 * changes between two portions, it is one file. What a disk does not take now is tried again until it does. Bounded: when more keys wait than
 * are kept, the flusher says so and leaves them to a full dump.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import { isFullCode } from '../storage/storage-failure.ts'
import { threadLost } from './cache-thread.ts'
import type { FilesWritten, FileWriter } from './file-writer.ts'
import { keyOfText, shownKey, textOfKey } from './key-text.ts'
import { type Pace, paceWindowMs, type Rests } from './pace.ts'
import type { CacheClock, DiskCacheParts } from './types.ts'

export interface Flusher {
  /** These files are behind from now on. */
  add(keys: readonly ConfigKey[]): void
  /** This file could not be written, with the system's code. */
  addFailed(key: string, code: string): void
  /** From now on keys are kept (again): a full dump begins, which sees what has changed before. */
  collect(): void
  isDirty(key: string): boolean
  size(): number
  problem(): string | null
  /** Resolves once the disk takes files, as far as is known; at once if it does. */
  untilWritable(): Promise<void>
  /** Resolves once nothing waits but what the disk does not take, after `waitMs` at the latest. */
  untilFlushed(waitMs: number): Promise<void>
  close(): void
}

export interface FlusherParts {
  readonly writer: FileWriter
  readonly pace: Pace
  readonly rests: Rests
  readonly clock: CacheClock
  readonly say: DiskCacheParts['say']
  /** More keys than are kept: from now on none is, until `collect`. */
  onOverflow(): void
  /** Nothing waits any more, and the disk takes files. */
  onFlushed(): void
  failed(cause: unknown): void
}

/** Twice the keys of a busy cluster; some 4 MB. */
const keysMax = 20_000
/** The first change after a quiet time waits so long for others: they share a portion. */
const flushAfterMs = paceWindowMs
const retryMs = 1_000

/** No file can be written at all: the next one need not be tried. */
const isOfDisk = (code: string): boolean => isFullCode(code) || code === 'EROFS' || code === 'EIO' || code === threadLost
/** Trying again helps nobody: a folder with files in the way, or a path beyond what the system takes. A full dump tries it once more, and tells. */
const isLasting = (code: string): boolean => /^(EISDIR|ENOTEMPTY|EEXIST|ENAMETOOLONG|EINVAL|EILSEQ)$/.test(code)

export const createFlusher = (parts: FlusherParts): Flusher => {
  const { writer, pace, rests, clock, say } = parts
  const dirty = new Set<string>()
  /** Tried, and not taken by the disk. */
  const late = new Set<string>()
  /** With the thread at this moment. */
  let flying = 0
  let collecting = false
  let closed = false
  let running = false
  let problem: { readonly code: string; readonly words: string } | null = null
  let timer: { cancel(): void } | null = null

  const size = (): number => dirty.size + late.size + flying
  const isStuck = (): boolean => problem !== null && isOfDisk(problem.code)

  const overflow = (): void => {
    collecting = false
    // With a problem, they are what is tried to see whether it is over.
    if (problem === null) {
      dirty.clear()
      // The old one would keep all that was cleared, 2.4 MB, until its next step.
      cursor = dirty.values()
    }
    parts.onOverflow()
  }
  /** Goes on where it stopped: the place of what was taken is searched by nobody again. */
  let cursor = dirty.values()
  const next = (): string | undefined => {
    let found = cursor.next()
    if (found.done === true) {
      cursor = dirty.values()
      found = cursor.next()
    }
    if (found.done === true) return undefined
    dirty.delete(found.value)
    flying++
    return found.value
  }
  const failedWith = (key: string, code: string): void => {
    const name = shownKey(keyOfText(key))
    if (isLasting(code)) {
      say('warn', `the file of ${name} cannot be written (${code}); it is tried again at its next change and by the next full dump`)
      return
    }
    if (late.size < keysMax) late.add(key)
    else if (collecting) overflow()
    if (problem !== null && (isOfDisk(problem.code) || !isOfDisk(code))) return
    problem = { code, words: `${code} at the file of ${name}` }
    say('warn', `files of the disk cache cannot be written: ${problem.words}; reads go on from the store, and the files follow by themselves`)
  }
  const solved = (): void => {
    if (problem === null) return
    problem = null
    say('info', 'files of the disk cache can be written again')
  }
  const settle = ({ written, removed, failures }: FilesWritten): void => {
    // What was tried again is taken: whatever it was, it is no longer the disk.
    if (failures.length === 0 && written + removed > 0 && isStuck()) solved()
    for (const { key, code } of failures) failedWith(key, code)
  }

  const flush = async (): Promise<void> => {
    while (!closed && dirty.size > 0) {
      const portion = pace.portion()
      const result = await writer.write(next, portion.files)
      flying = 0
      if (result === null) break
      settle(result)
      if (isStuck()) return
      await portion.rest()
    }
    if (late.size === 0) solved()
  }
  const run = (): void => {
    timer = null
    if (running || closed) return
    running = true
    flush().then(over, parts.failed)
  }
  const over = (): void => {
    running = false
    if (closed) return
    if (late.size > 0) timer ??= clock.after(retryMs, tryAgain)
    else if (dirty.size > 0) soon()
    else parts.onFlushed()
  }
  const tryAgain = (): void => {
    for (const key of late) dirty.add(key)
    late.clear()
    run()
  }
  const soon = (): void => {
    if (timer === null && !running && !closed) timer = clock.after(flushAfterMs, run)
  }

  return {
    add: (keys) => {
      pace.count(keys.length)
      if (!collecting) return
      for (const key of keys) dirty.add(textOfKey(key))
      if (size() > keysMax) overflow()
      else soon()
    },
    addFailed: (key, code) => {
      failedWith(key, code)
      if (late.size > 0 && !running && !closed) timer ??= clock.after(retryMs, tryAgain)
    },
    collect: () => {
      collecting = true
    },
    isDirty: (key) => dirty.has(key) || late.has(key),
    size,
    problem: () => problem?.words ?? null,
    untilWritable: async () => {
      while (isStuck() && !closed) await rests.rest(retryMs)
    },
    untilFlushed: async (waitMs) => {
      const untilMs = clock.monotonicMs() + waitMs
      while (dirty.size + flying > 0 && !closed && clock.monotonicMs() < untilMs) await rests.rest(flushAfterMs)
    },
    close: () => {
      closed = true
      timer?.cancel()
    },
  }
}
