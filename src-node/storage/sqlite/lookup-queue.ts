/**
 * Lookups in threads, a few at a time: each costs a thread and its share of the disk, and whoever asks waits for its turn. What is asked for while too
 * many wait is refused, never put off for ever.
 */

import type { LookupAnswer } from '../types.ts'
import type { ThreadAnswer } from './reader-thread.ts'

/** Of two cores one is left to the loop. */
const runningMax = 1
const waitingMax = 32

export interface LookupQueue {
  /** `done` is called once, at once only with `busy`. */
  add<T>(look: (done: (answer: ThreadAnswer<T>) => void) => void, done: (answer: LookupAnswer<T>) => void): void
}

export interface LookupQueueParts {
  /** Called before a thread opens the file, and after it has closed it. */
  began(): void
  ended(): void
}

export const createLookupQueue = ({ began, ended }: LookupQueueParts): LookupQueue => {
  const waiting: (() => void)[] = []
  let running = 0
  const next = (): void => {
    if (running >= runningMax) return
    const begin = waiting.shift()
    if (begin === undefined) return
    running++
    began()
    begin()
  }
  return {
    add: (look, done) => {
      if (waiting.length >= waitingMax) {
        done({ kind: 'busy' })
        return
      }
      waiting.push(() =>
        look((answer) => {
          running--
          ended()
          done(answer.ok ? { kind: 'found', value: answer.value } : { kind: 'failed', words: answer.message })
          next()
        }),
      )
      next()
    },
  }
}
