/**
 * When a worker that ended is started again. Pure: an exit and the history of failures in, a decision and the new history out.
 *
 * Only a failure before the node was healthy, and a non-zero exit of its own, use the budget. A death by a signal from outside (a user's
 * `kill -9`, the kernel's, our own kill fault) costs nothing, whatever the node was doing: it says nothing about the node. Nor does a full
 * disk: such a node waits for room.
 * Must never read a clock or end a process.
 */

import type { ExitKind } from './types.ts'

export const restartDelaysMs = [250, 500, 1_000, 2_000, 4_000, 8_000] as const
/** Before a node that found its disk full is tried again, room or not: what a start needs in one go it only knows itself. */
export const roomDelaysMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const
export const failureWindowMs = 60_000
export const failuresToCrash = 5

/** Signals that a process raises by its own fault; any other came from outside. */
const faultSignals: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS', 'SIGXCPU', 'SIGXFSZ'])

export interface FailureHistory {
  /** Monotonic times of the failures that still count, oldest first; never more than `failuresToCrash`. */
  readonly failedAtMs: readonly number[]
  /** Failures since the node was last healthy; chooses the delay. */
  readonly inARow: number
}

export const noFailures: FailureHistory = { failedAtMs: [], inARow: 0 }

export interface ExitFacts {
  readonly kind: ExitKind
  readonly code: number | null
  readonly signal: string | null
  /** The node had served in this life. */
  readonly wasHealthy: boolean
}

export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly history: FailureHistory }
  /** As `restart`, and not before there is room. */
  | { readonly kind: 'when-room'; readonly delayMs: number; readonly history: FailureHistory }
  /** Wait for the user: the budget is used up, or a restart cannot help. */
  | {
      readonly kind: 'crashed'
      readonly history: FailureHistory
      readonly why: 'budget' | 'data-damaged' | 'data-read-only' | 'bad-options' | 'store-refused'
    }

const usesBudget = (exit: ExitFacts): boolean => {
  if (exit.kind === 'killed-by-user') return false
  if (exit.signal !== null) return faultSignals.has(exit.signal) && !exit.wasHealthy
  return !exit.wasHealthy || exit.code !== 0
}

/** Forget failures in a row once a node serves; those of the last minute still count, so that flapping ends too. */
export const afterHealthy = (history: FailureHistory): FailureHistory => ({ ...history, inARow: 0 })

/** The last one for ever, once it is reached. */
const delayOf = (delaysMs: readonly [number, ...number[]], inARow: number): number => delaysMs[Math.min(inARow, delaysMs.length) - 1] ?? delaysMs[0]

/** Decides on an exit that nobody asked for. `nowMs` is monotonic. */
export const decideRestart = (exit: ExitFacts, history: FailureHistory, nowMs: number): RestartDecision => {
  if (exit.kind === 'data-damaged' || exit.kind === 'data-read-only' || exit.kind === 'bad-options' || exit.kind === 'store-refused')
    return { kind: 'crashed', history, why: exit.kind }
  if (exit.kind === 'disk-full') {
    const next = { ...history, inARow: history.inARow + 1 }
    return { kind: 'when-room', delayMs: delayOf(roomDelaysMs, next.inARow), history: next }
  }
  if (!usesBudget(exit)) return { kind: 'restart', delayMs: restartDelaysMs[0], history }
  const recent = history.failedAtMs.filter((failedAt) => nowMs - failedAt < failureWindowMs)
  const next: FailureHistory = { failedAtMs: [...recent, nowMs].slice(-failuresToCrash), inARow: history.inARow + 1 }
  if (next.failedAtMs.length >= failuresToCrash) return { kind: 'crashed', history: next, why: 'budget' }
  return { kind: 'restart', delayMs: delayOf(restartDelaysMs, next.inARow), history: next }
}
