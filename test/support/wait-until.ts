/** Waiting for a condition instead of a time: looks again and again until it holds, and says what it saw last if it never does. */

const lookEveryMs = 20

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * The first value of `look` that is neither null, undefined nor false. A throw counts as "not yet". After `limitMs` it fails with `what`
 * and the last thing seen.
 */
export const waitUntil = async <T>(what: string, look: () => T | Promise<T>, limitMs = 10_000): Promise<NonNullable<T>> => {
  const endMs = performance.now() + limitMs
  let last = 'nothing'
  for (;;) {
    try {
      const value = await look()
      if (value !== null && value !== undefined && value !== false) return value as NonNullable<T>
      last = String(value)
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain for ${what}; last: ${last}`)
    await pause(lookEveryMs)
  }
}
