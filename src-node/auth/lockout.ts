/**
 * Slows down who guesses passwords: after some failures in a row each further one doubles the time for which a name is not tried again from that
 * address. Counts unknown names like known ones, so that nothing tells them apart. Knows no user and no password.
 */

export interface Lockout {
  /** How long nothing may be tried yet, ms; 0: it may. */
  waitMs(who: string): number
  failed(who: string): void
  succeeded(who: string): void
}

export interface LockoutParts {
  monotonicMs(): number
}

/** A person mistypes; a program that goes on is not one. */
const freeTries = 5
const firstWaitMs = 1_000
/** Bounded, since whoever knows a name could otherwise keep its owner out for ever. */
const longestWaitMs = 60_000
/** Without a failure for so long all is forgotten. */
const forgottenAfterMs = 600_000
/** About 200 bytes each. Beyond it the oldest goes: an attack from many names at once is held back by the hash's own pace. */
const remembered = 4_096

interface Failures {
  count: number
  lastMs: number
  untilMs: number
}

export const createLockout = ({ monotonicMs }: LockoutParts): Lockout => {
  const table = new Map<string, Failures>()

  const found = (who: string): Failures | undefined => {
    const failures = table.get(who)
    if (failures === undefined || monotonicMs() - failures.lastMs < forgottenAfterMs) return failures
    table.delete(who)
    return undefined
  }

  return {
    waitMs: (who) => Math.max(0, (found(who)?.untilMs ?? 0) - monotonicMs()),
    failed: (who) => {
      const nowMs = monotonicMs()
      const count = (found(who)?.count ?? 0) + 1
      const over = count - freeTries
      const waitMs = over < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over, 16))
      table.delete(who)
      table.set(who, { count, lastMs: nowMs, untilMs: nowMs + waitMs })
      const [oldest] = table.keys()
      if (table.size > remembered && oldest !== undefined) table.delete(oldest)
    },
    succeeded: (who) => void table.delete(who),
  }
}
