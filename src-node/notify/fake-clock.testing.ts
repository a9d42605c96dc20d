/** For tests: time that passes only when the test says so; timers fire in their order. */

export const createFakeClock = () => {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly task: () => void }[] = []

  const after = (ms: number, task: () => void) => {
    const timer = { atMs: nowMs + ms, task }
    timers.push(timer)
    return {
      cancel: () => {
        timers = timers.filter((each) => each !== timer)
      },
    }
  }

  const advance = (ms: number): void => {
    const endMs = nowMs + ms
    for (;;) {
      const next = timers.filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      timers = timers.filter((each) => each !== next)
      nowMs = next.atMs
      next.task()
    }
    nowMs = endMs
  }

  return { clock: { monotonicMs: () => nowMs, after }, advance, timers: () => timers.length }
}
