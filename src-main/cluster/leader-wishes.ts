/**
 * What the supervisor wants of whoever leads, over the parent channel: asks the leader, waits a bounded time, asks again where that can help.
 * A wish whose fate is unknown is asked again: the second answer tells whether the first came true. If that tells nothing either, it stays unknown.
 */

import type { LeaderWish, WishAnswer, WorkerToParent } from '../../src-node/observe/channel.ts'

export interface LeaderWishes {
  /** Until it is so or certainly will not be: `already` are codes that mean that it is so. Always answered, by `limitMs` and little more. */
  readonly settle: (wish: LeaderWish, options: { readonly already: readonly string[]; readonly limitMs: number }) => Promise<WishAnswer>
  readonly heard: (message: Extract<WorkerToParent, { kind: 'wish-answer' }>) => void
}

export interface WishParts {
  readonly leader: () => number | null
  /** False: nobody listens. */
  readonly send: (id: number, message: { readonly kind: 'wish'; readonly number: number; readonly wish: LeaderWish }) => boolean
  readonly monoMs: () => number
}

/** A leader answers within three seconds; one that is gone never does. */
const answerMs = 4_000
const againMs = 100
/** What may be different a moment later. */
const passing = ['not_leader', 'no_leader', 'no_quorum', 'change_in_progress', 'not_caught_up', 'unknown', 'lost', 'overloaded', 'disk_full', 'busy']

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

export const createLeaderWishes = ({ leader, send, monoMs }: WishParts): LeaderWishes => {
  const open = new Map<number, (answer: WishAnswer) => void>()
  let last = 0

  const ask = (wish: LeaderWish): Promise<WishAnswer> => {
    const id = leader()
    if (id === null) return Promise.resolve({ ok: false, code: 'no_leader' })
    const number = ++last
    return new Promise((resolve) => {
      const limit = setTimeout(() => answered({ ok: false, code: 'unknown' }), answerMs).unref()
      const answered = (answer: WishAnswer): void => {
        clearTimeout(limit)
        open.delete(number)
        resolve(answer)
      }
      open.set(number, answered)
      if (!send(id, { kind: 'wish', number, wish })) answered({ ok: false, code: 'no_leader' })
    })
  }
  return {
    settle: async (wish, { already, limitMs }) => {
      const untilMs = monoMs() + limitMs
      let isOpen = false
      for (;;) {
        const answer = await ask(wish)
        if (answer.ok || already.includes(answer.code)) return { ok: true }
        if (!passing.includes(answer.code)) return answer
        isOpen ||= answer.code === 'unknown'
        if (monoMs() >= untilMs) return isOpen ? { ok: false, code: 'unknown' } : answer
        await wait(againMs)
      }
    },
    heard: ({ number, answer }) => open.get(number)?.(answer),
  }
}
