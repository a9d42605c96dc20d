/** Long work on the loop, cut into turns of a few milliseconds: whoever works asks between two steps whether its time is over. */

export interface Turns {
  over(): boolean
  /** Goes on once the inputs that wait already had their turn. */
  next(): Promise<void>
}

interface TurnsClock {
  monotonicMs(): number
  defer(task: () => void): void
}

/** A quarter of what a turn of the loop may take: others have theirs in it too. */
const usualTurnMs = 5

export const createTurns = ({ monotonicMs, defer }: TurnsClock, turnMs: number = usualTurnMs): Turns => {
  let untilMs = monotonicMs() + turnMs
  return {
    over: () => monotonicMs() >= untilMs,
    next: () =>
      new Promise((resolve) =>
        defer(() => {
          untilMs = monotonicMs() + turnMs
          resolve()
        }),
      ),
  }
}
