/**
 * The notices to one follower: what it is still to be told, one request on its way at a time, tries again after failures. What waits is bounded,
 * however long the follower is away; it must never make anybody wait.
 */

import { createChangedKeys } from './changed-keys.ts'
import type { Notice, NoticeOutcome } from './notice.ts'
import type { NotifyOptions } from './notify-options.ts'

export interface Follower {
  readonly id: number
  readonly host: string
  readonly httpPort: number
}

/** Of one node, since its start. */
export interface SentCounters {
  notices: number
  keys: number
  /** Notices that named nothing and meant everything. */
  everything: number
  failures: number
  retries: number
}

export interface FollowerView {
  readonly id: number
  readonly reachable: boolean
  readonly failuresInARow: number
  /** By name, on its way or not yet. */
  readonly waitingKeys: number
  readonly everythingDue: boolean
  /** Age of the oldest change that it has not taken yet, ms; 0: it has all. */
  readonly lagMs: number
  /** Highest Raft index that it was told and took. */
  readonly toldIndex: number
}

export interface FollowerNotices {
  /** Sends it, unless something waits, is on its way, or a pause after a failure runs: then it waits with that. */
  tell(notice: Notice): void
  /** It was just seen alive: a pause after a failure ends now. */
  seenAlive(): void
  /** Where it is from now on. */
  moved(to: Follower): void
  view(): FollowerView
  /** What waits is forgotten; an answer that still comes means nothing. */
  stop(): void
}

export interface FollowerNoticesParts {
  readonly options: NotifyOptions
  readonly clock: { monotonicMs(): number; after(ms: number, task: () => void): { cancel(): void } }
  readonly counters: SentCounters
  send(to: Follower, notice: Notice, done: (outcome: NoticeOutcome) => void): void
  /** One line for the log. */
  said(level: 'info' | 'warn', line: string): void
}

export const retryAfterMs = ({ retryBaseMs, retryStepMs, retryCountMax }: NotifyOptions, failuresBefore: number): number =>
  retryBaseMs + Math.min(failuresBefore, retryCountMax) ** 2 * retryStepMs

const sizeOf = ({ keys }: Notice): number => keys?.length ?? 0
const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

export const createFollowerNotices = (first: Follower, parts: FollowerNoticesParts): FollowerNotices => {
  const { options, clock, counters } = parts
  const waiting = createChangedKeys(options.keysMax)
  let follower = first
  let sending: Notice | null = null
  /** When the oldest of what waits, or is on its way, came. */
  let waitingSinceMs = 0
  let sendingSinceMs = 0
  let failures = 0
  let awaySinceMs = 0
  let toldIndex = 0
  let everythingAfterMs = Number.NEGATIVE_INFINITY
  let timer: { cancel(): void } | null = null
  let stopped = false

  const flushAfter = (ms: number): void => {
    timer = clock.after(ms, () => {
      timer = null
      flush()
    })
  }

  const taken = (notice: Notice): void => {
    counters.notices++
    counters.keys += sizeOf(notice)
    if (notice.keys === null) {
      counters.everything++
      everythingAfterMs = clock.monotonicMs() + options.everythingMs
    }
    toldIndex = Math.max(toldIndex, notice.index)
    if (failures > 0) parts.said('info', `node-${follower.id} takes notices of changes again, after ${inSeconds(clock.monotonicMs() - awaySinceMs)}`)
    failures = 0
    if (!waiting.isEmpty()) flushAfter(options.pauseMs)
  }

  const failed = (notice: Notice, why: string): void => {
    if (waiting.isEmpty() || sendingSinceMs < waitingSinceMs) waitingSinceMs = sendingSinceMs
    waiting.addNotice(notice)
    counters.failures++
    if (failures === 0) {
      awaySinceMs = clock.monotonicMs()
      const then = `it is tried again, and told to look through all its files if more than ${options.keysMax} keys wait`
      parts.said('warn', `node-${follower.id} does not take notices of changes: ${why}; ${then}`)
    }
    flushAfter(retryAfterMs(options, failures))
    failures++
  }

  const flush = (): void => {
    if (stopped || sending !== null || timer !== null || waiting.isEmpty()) return
    const nowMs = clock.monotonicMs()
    if (waiting.isEverything() && nowMs < everythingAfterMs) flushAfter(everythingAfterMs - nowMs)
    else send(waiting.take(), waitingSinceMs)
  }

  const send = (notice: Notice, sinceMs: number): void => {
    sending = notice
    sendingSinceMs = sinceMs
    if (failures > 0) counters.retries++
    parts.send(follower, notice, (outcome) => {
      if (stopped) return
      sending = null
      if (outcome.kind === 'taken') taken(notice)
      else failed(notice, outcome.why)
    })
  }

  const lagMs = (): number => {
    if (sending !== null) return clock.monotonicMs() - sendingSinceMs
    return waiting.isEmpty() ? 0 : clock.monotonicMs() - waitingSinceMs
  }

  return {
    tell: (notice) => {
      const nothingWaits = waiting.isEmpty()
      // The usual case: nothing is kept of it, and all followers share it.
      if (nothingWaits && sending === null && timer === null && notice.keys !== null) {
        send(notice, clock.monotonicMs())
        return
      }
      if (nothingWaits) waitingSinceMs = clock.monotonicMs()
      waiting.addNotice(notice)
      flush()
    },
    seenAlive: () => {
      if (failures === 0 || timer === null) return
      timer.cancel()
      timer = null
      flush()
    },
    moved: (to) => {
      follower = to
    },
    view: () => ({
      ...{ id: follower.id, reachable: failures === 0, failuresInARow: failures },
      waitingKeys: waiting.size() + (sending === null ? 0 : sizeOf(sending)),
      everythingDue: waiting.isEverything() || sending?.keys === null,
      ...{ lagMs: lagMs(), toldIndex },
    }),
    stop: () => {
      stopped = true
      timer?.cancel()
      timer = null
      waiting.clear()
    },
  }
}
