/**
 * The follower's side: takes a notice once this node has applied what it speaks of, and has the files of its keys looked at soon after. It pulls and
 * repairs files, and that is all: listeners are told by apply, and by nothing else. What waits, for how long, and how many files are looked at in a
 * second is bounded: apply has told the disk cache of every change before, so this is a second look, which must not cost what the first one does.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import { createChangedKeys } from './changed-keys.ts'
import type { Notice } from './notice.ts'
import type { NotifyOptions } from './notify-options.ts'

interface Found {
  readonly count: number
}

/** Files that were not what they had to be, and were put right as far as the disk allows. */
export interface FileDifferences {
  readonly missing: Found
  readonly different: Found
  readonly extra: Found
}

/** The files of configurations at this node, as the receiver sees them. */
export interface NoticedFiles {
  /** Makes the files of these keys those of the applied state, which an absent configuration has none of. */
  rewrite(keys: readonly ConfigKey[]): Promise<FileDifferences>
  /** The same for everything. */
  fullDump(reason: 'overflow'): Promise<FileDifferences>
}

export type NoticeTaken =
  | { readonly kind: 'taken'; readonly appliedIndex: number }
  /** This node has not applied so far in time. */
  | { readonly kind: 'behind'; readonly appliedIndex: number }
  | { readonly kind: 'overloaded' }

/** Of one node, since its start. */
export interface ReceivedCounters {
  notices: number
  keys: number
  everything: number
  /** Not applied in time, or too many at once. */
  putOff: number
  /** Asked by `GET dataChange`. */
  asked: number
  /** Files that were handed on to be looked at. */
  looked: number
  /** Named while too many waited: left to the periodic dump. */
  leftOut: number
  /** Files that were different, and looks that failed. */
  different: number
  failures: number
}

export interface NoticeReceiver {
  /** `done` is called once, at once or later. */
  take(notice: Notice, done: (result: NoticeTaken) => void): void
  /** Has one file looked at soon; false: too many wait. */
  check(key: ConfigKey): boolean
  /** This node has applied more. Costs nothing if nobody waits. */
  applied(): void
  view(): Readonly<ReceivedCounters> & { readonly waitingFiles: number }
  /** Answers everybody who waits. */
  close(): void
}

export interface NoticeReceiverParts {
  readonly options: NotifyOptions
  readonly files: NoticedFiles
  appliedIndex(): number
  after(ms: number, task: () => void): { cancel(): void }
  failed(what: string, cause: unknown): void
}

interface Waiter {
  readonly index: number
  /** Has applied so far, or gives up. */
  settle(): void
}

const sumOf = ({ missing, different, extra }: FileDifferences): number => missing.count + different.count + extra.count

export const createNoticeReceiver = (parts: NoticeReceiverParts): NoticeReceiver => {
  const { options, files } = parts
  const counters: ReceivedCounters = {
    ...{ notices: 0, keys: 0, everything: 0, putOff: 0, asked: 0 },
    ...{ looked: 0, leftOut: 0, different: 0, failures: 0 },
  }
  const waiters = new Set<Waiter>()
  const toLookAt = createChangedKeys(options.lookKeysMax)
  let everythingDue = false
  /** A pause or a look; the next one begins when it ends. */
  let busy = false
  let pause: { cancel(): void } | null = null
  let closed = false

  const lookOnce = async (): Promise<void> => {
    try {
      if (everythingDue) {
        everythingDue = false
        // All of them are among everything.
        toLookAt.clear()
        counters.different += sumOf(await files.fullDump('overflow'))
      } else {
        const keys = toLookAt.take(options.lookFilesMax).keys ?? []
        counters.looked += keys.length
        counters.different += sumOf(await files.rewrite(keys))
      }
    } catch (cause) {
      counters.failures++
      parts.failed('looking at files after a notice', cause)
    }
  }

  const look = (): void => {
    pause = null
    void lookOnce().then(() => {
      busy = false
      lookSoon()
    })
  }

  const lookSoon = (): void => {
    if (busy || closed || (toLookAt.isEmpty() && !everythingDue)) return
    busy = true
    pause = parts.after(options.lookPauseMs, look)
  }

  const act = (notice: Notice, done: (result: NoticeTaken) => void): void => {
    counters.notices++
    if (notice.keys === null) {
      counters.everything++
      everythingDue = true
    } else {
      counters.keys += notice.keys.length
      for (const key of notice.keys) {
        if (toLookAt.size() < options.lookKeysMax) toLookAt.add(key)
        else counters.leftOut++
      }
    }
    lookSoon()
    done({ kind: 'taken', appliedIndex: parts.appliedIndex() })
  }

  const putOff = (done: (result: NoticeTaken) => void, result: NoticeTaken): void => {
    counters.putOff++
    done(result)
  }

  const wait = (notice: Notice, done: (result: NoticeTaken) => void): void => {
    const waiter: Waiter = {
      index: notice.index,
      settle: () => {
        if (!waiters.delete(waiter)) return
        limit.cancel()
        const appliedIndex = parts.appliedIndex()
        if (appliedIndex < notice.index) putOff(done, { kind: 'behind', appliedIndex })
        else act(notice, done)
      },
    }
    const limit = parts.after(options.appliedWaitMs, waiter.settle)
    waiters.add(waiter)
  }

  return {
    take: (notice, done) => {
      if (closed || waiters.size >= options.waitingMax) putOff(done, { kind: 'overloaded' })
      else if (parts.appliedIndex() < notice.index) wait(notice, done)
      else act(notice, done)
    },
    check: (key) => {
      if (closed || toLookAt.size() >= options.lookKeysMax) return false
      counters.asked++
      toLookAt.add({ ...key, index: parts.appliedIndex() })
      lookSoon()
      return true
    },
    applied: () => {
      if (waiters.size === 0) return
      const appliedIndex = parts.appliedIndex()
      for (const waiter of [...waiters]) if (waiter.index <= appliedIndex) waiter.settle()
    },
    view: () => ({ ...counters, waitingFiles: toLookAt.size() }),
    close: () => {
      closed = true
      pause?.cancel()
      toLookAt.clear()
      for (const waiter of [...waiters]) waiter.settle()
    },
  }
}
