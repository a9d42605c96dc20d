/**
 * How many pushes to one client are under way at a time, and which services wait for a place: each once, and it is sent what is true by then. A place that
 * frees is taken at once. A client that takes nothing just now is tried again when it has answered something, or after a while. It knows nothing of what a
 * push says.
 */

import { namingBounds, namingTimes } from './naming-limits.ts'

export interface PushPlaces {
  /** Now, or as soon as there is a place. */
  want(service: string): void
  /** One is under way. */
  begun(): void
  /** The client had it, or did not answer. */
  ended(): void
  /** Nothing was sent: the client takes nothing just now. */
  refused(service: string): void
  /** Nobody wants to hear of it any more. */
  forget(service: string): void
}

export interface PushPlacesParts {
  readonly clock: { monotonicMs(): number; defer(task: () => void): void; after(ms: number, task: () => void): { cancel(): void } }
  /** May find that there is nothing to send. */
  push(service: string): void
}

export const createPushPlaces = ({ clock, push }: PushPlacesParts): PushPlaces => {
  const waiting = new Set<string>()
  let underWay = 0
  /** Until it answers, or the rest is over. */
  let isRefusing = false
  let isDue = false

  const hasPlace = (): boolean => !isRefusing && underWay < namingBounds.pushesUnderWay
  const goOn = (): void => {
    isDue = false
    const untilMs = clock.monotonicMs() + namingTimes.pushTurn
    for (const service of waiting) {
      if (!hasPlace()) return
      waiting.delete(service)
      push(service)
      if (clock.monotonicMs() >= untilMs) break
    }
    goOnSoon()
  }
  /** In a turn of its own: an answer may come within the push. */
  const goOnSoon = (): void => {
    if (isDue || waiting.size === 0 || !hasPlace()) return
    isDue = true
    clock.defer(goOn)
  }
  const takesAgain = (): void => {
    isRefusing = false
    goOnSoon()
  }

  return {
    want: (service) => {
      if (waiting.size === 0 && hasPlace()) push(service)
      else waiting.add(service)
    },
    begun: () => {
      underWay++
    },
    ended: () => {
      underWay--
      takesAgain()
    },
    refused: (service) => {
      underWay--
      waiting.add(service)
      isRefusing = true
      // Else what is under way ends, and it goes on then.
      if (underWay === 0) clock.after(namingTimes.pushRetry, takesAgain)
    },
    forget: (service) => void waiting.delete(service),
  }
}
