/**
 * A bounded line between a producer that never waits and one subscriber that may be slow: what does not fit is dropped from the old end and
 * counted. Ends with the subscriber's signal, so that nobody waits for ever.
 */

export interface SubscriberQueue<T> {
  push(items: readonly T[]): void
  /** Everything that waits, and how many were dropped since the last call; waits for at least one item. null once the signal has fired. */
  take(): Promise<{ readonly items: readonly T[]; readonly dropped: number } | null>
}

export function createSubscriberQueue<T>(limit: number, signal: AbortSignal | undefined): SubscriberQueue<T> {
  let waiting: T[] = []
  let dropped = 0
  let wake: (() => void) | null = null
  signal?.addEventListener('abort', () => wake?.(), { once: true })
  return {
    push(items) {
      waiting = waiting.length === 0 ? [...items] : waiting.concat(items)
      if (waiting.length > limit) {
        dropped += waiting.length - limit
        waiting = waiting.slice(-limit)
      }
      wake?.()
    },
    async take() {
      while (waiting.length === 0) {
        if (signal?.aborted) return null
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        wake = null
      }
      if (signal?.aborted) return null
      const taken = { items: waiting, dropped }
      waiting = []
      dropped = 0
      return taken
    },
  }
}
