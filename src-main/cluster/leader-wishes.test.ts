import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LeaderWish, WishAnswer } from '../../src-node/observe/channel.ts'
import { createLeaderWishes } from './leader-wishes.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const add: LeaderWish = { kind: 'add-learner', id: 4 }

/** A leader that gives these answers in turn; null: it is silent. */
const setUp = (...answers: (WishAnswer | null)[]) => {
  const asked: number[] = []
  let leader: number | null = 1
  const wishes = createLeaderWishes({
    leader: () => leader,
    send: (id, { number }) => {
      asked.push(id)
      const answer = answers[asked.length - 1] ?? null
      if (answer !== null) queueMicrotask(() => wishes.heard({ kind: 'wish-answer', number, answer }))
      return true
    },
    monoMs: () => Date.now(),
  })
  const settle = (limitMs = 10_000) => wishes.settle(add, { already: ['already_member'], limitMs })
  return { settle, asked, lead: (id: number | null) => (leader = id) }
}
const no = (code: string): WishAnswer => ({ ok: false, code })
const later = async <T>(answer: Promise<T>, ms: number): Promise<T> => {
  await vi.advanceTimersByTimeAsync(ms)
  return answer
}

it('is answered by the leader', async () => {
  expect(await setUp({ ok: true }).settle()).toEqual({ ok: true })
})

it('is asked again where that may help, and no further', async () => {
  const { settle, asked } = setUp(no('not_leader'), no('change_in_progress'), { ok: true })
  expect(await later(settle(), 500)).toEqual({ ok: true })
  expect(asked).toHaveLength(3)
  const final = setUp(no('would_lose_quorum'), { ok: true })
  expect(await final.settle()).toEqual(no('would_lose_quorum'))
})

it('of unknown fate is asked again: what is so already is as good as done', async () => {
  const { settle } = setUp(null, no('already_member'))
  expect(await later(settle(), 6_000)).toEqual({ ok: true })
})

it('of unknown fate stays unknown when no leader can tell any more', async () => {
  const { settle } = setUp(null, ...Array<WishAnswer>(100).fill(no('change_in_progress')))
  expect(await later(settle(5_000), 12_000)).toEqual(no('unknown'))
})

it('is given up in time, with the last answer', async () => {
  const { settle, asked } = setUp(...Array<WishAnswer>(100).fill(no('not_caught_up')))
  expect(await later(settle(1_000), 3_000)).toEqual(no('not_caught_up'))
  expect(asked.length).toBeGreaterThan(5)
})

it('waits for a leader', async () => {
  const { settle, lead, asked } = setUp({ ok: true })
  lead(null)
  const answer = settle()
  await vi.advanceTimersByTimeAsync(300)
  expect(asked).toEqual([])
  lead(2)
  expect(await later(answer, 200)).toEqual({ ok: true })
  expect(asked).toEqual([2])
})
