/** The leader's side, with time and transport in the test's hand. */

import { expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.testing.ts'
import { type Follower, retryAfterMs } from './follower-notices.ts'
import type { Notice, NoticeOutcome } from './notice.ts'
import { createNotifier } from './notifier.ts'
import { type NotifyOptions, notifyDefaults } from './notify-options.ts'

interface Sent {
  readonly to: number
  readonly port: number
  readonly names: readonly string[] | 'everything'
  readonly index: number
  readonly notice: Notice
  readonly answer: (outcome: NoticeOutcome) => void
}

const pauseMs = notifyDefaults.pauseMs
const change = (dataId: string, index: number) => ({ kind: 'config-changed' as const, namespace: '', group: 'G', dataId, md5: 'm', index })
const followerAt = (id: number, httpPort = 8847 + id): Follower => ({ id, host: '127.0.0.1', httpPort })
const isTaken: NoticeOutcome = { kind: 'taken' }
const isAway: NoticeOutcome = { kind: 'failed', why: 'ECONNREFUSED' }

const setUp = (overrides: Partial<NotifyOptions> = {}) => {
  const options = { ...notifyDefaults, ...overrides }
  const { clock, advance, timers } = createFakeClock()
  const sent: Sent[] = []
  const lines: string[] = []
  let followers: readonly Follower[] = [followerAt(2), followerAt(3)]
  let answered = Number.MAX_SAFE_INTEGER
  const notifier = createNotifier({
    ...{ options, clock },
    followers: () => followers,
    answeredIndex: () => answered,
    send: (to: Follower, notice: Notice, answer) => {
      const names = notice.keys?.map(({ dataId }) => dataId) ?? 'everything'
      sent.push({ to: to.id, port: to.httpPort, names, index: notice.index, notice, answer })
    },
    said: (level, line) => void lines.push(`${level} ${line}`),
  })
  notifier.refresh()
  let index = 0
  return {
    ...{ notifier, advance, timers, sent, lines, options },
    write: (...names: string[]) => notifier.changed(names.map((name) => change(name, ++index))),
    follow: (next: readonly Follower[]) => {
      followers = next
      notifier.refresh()
    },
    answeredUpTo: (upTo: number) => {
      answered = upTo
    },
    /** What was sent since the last look. */
    heard: () => sent.splice(0),
    view: (id: number) => notifier.view().followers.find((each) => each.id === id)!,
  }
}

test('one pause after the first change every follower hears of all of them in one notice', () => {
  const { write, advance, heard } = setUp()
  write('a', 'b')
  advance(pauseMs - 1)
  write('c')
  expect(heard()).toEqual([])
  advance(1)
  expect(heard()).toMatchObject([
    { to: 2, names: ['a', 'b', 'c'], index: 3 },
    { to: 3, names: ['a', 'b', 'c'], index: 3 },
  ])
})

test('a thousand changes of one key are one key, with its newest index', () => {
  const { write, advance, heard } = setUp()
  for (let change = 0; change < 1000; change++) write('hot')
  advance(pauseMs)
  expect(heard()).toMatchObject([
    { to: 2, names: ['hot'], index: 1000 },
    { to: 3, names: ['hot'], index: 1000 },
  ])
})

test('ten thousand writes in a second are at most 20 notices to each follower', () => {
  const { write, advance, sent } = setUp()
  for (let ms = 0; ms < 1000; ms++) {
    write(...Array.from({ length: 10 }, (_, at) => `key-${ms}-${at}`))
    advance(1)
    for (const { answer } of sent) answer(isTaken)
  }
  expect(sent.filter(({ to }) => to === 2).length).toBeLessThanOrEqual(20)
  advance(pauseMs)
  expect(sent.filter(({ to }) => to === 2).flatMap(({ names }) => names)).toHaveLength(10_000)
})

test('without followers nothing is collected and no timer runs', () => {
  const { write, follow, timers, advance, heard } = setUp()
  follow([])
  write('a')
  expect(timers()).toBe(0)
  advance(pauseMs * 10)
  follow([followerAt(2)])
  advance(pauseMs * 10)
  expect(heard()).toEqual([])
})

test('while a notice is on its way the next one gathers', () => {
  const { write, advance, heard } = setUp()
  write('a')
  advance(pauseMs)
  const [to2] = heard()
  write('b')
  advance(pauseMs)
  write('c')
  advance(pauseMs)
  expect(heard()).toEqual([])
  to2!.answer(isTaken)
  advance(pauseMs)
  expect(heard()).toMatchObject([{ to: 2, names: ['b', 'c'], index: 3 }])
})

test('a follower that is away is tried again as Nacos does it, the other goes on', () => {
  const { write, advance, heard, options, notifier } = setUp()
  write('a')
  advance(pauseMs)
  let [to2, to3] = heard()
  to3!.answer(isTaken)
  for (const [failure, waitMs] of [500, 1_500, 4_500, 9_500, 16_500, 25_500, 36_500, 49_500, 49_500].entries()) {
    expect(retryAfterMs(options, failure)).toBe(waitMs)
    to2!.answer(isAway)
    advance(waitMs - 1)
    expect(heard()).toEqual([])
    advance(1)
    ;[to2] = heard()
    expect(to2).toMatchObject({ to: 2, names: ['a'] })
  }
  write('b')
  advance(pauseMs)
  ;[to3] = heard()
  expect(to3).toMatchObject({ to: 3, names: ['b'] })
  expect(notifier.view().sent).toMatchObject({ notices: 1, failures: 9, retries: 9 })
})

test('an outage is told once, and its end', () => {
  const { write, advance, heard, lines } = setUp()
  write('a')
  advance(pauseMs)
  heard()[0]!.answer(isAway)
  advance(500)
  heard()[0]!.answer(isAway)
  advance(1_500)
  heard()[0]!.answer(isTaken)
  write('b')
  advance(pauseMs)
  expect(lines).toEqual([
    'warn node-2 does not take notices of changes: ECONNREFUSED; it is tried again, and told to look through all its files if more than 8192 keys wait',
    'info node-2 takes notices of changes again, after 2.0 s',
  ])
})

test('what failed and what came meanwhile are told together, each key with its newest index', () => {
  const { write, advance, heard } = setUp()
  write('a', 'b')
  advance(pauseMs)
  const [to2] = heard()
  write('b', 'c')
  advance(pauseMs)
  to2!.answer(isAway)
  advance(500)
  const [again] = heard()
  expect(again!.names.toString().split(',').toSorted()).toEqual(['a', 'b', 'c'])
  expect(again).toMatchObject({ to: 2, index: 4 })
})

test('a follower that connects again is told at once, whatever pause was left', () => {
  const { write, advance, heard, notifier } = setUp()
  write('a')
  advance(pauseMs)
  heard()[0]!.answer(isAway)
  advance(1)
  notifier.seenAlive(2)
  expect(heard()).toMatchObject([{ to: 2, names: ['a'] }])
})

test('above the limit names are forgotten, and the follower looks through everything, once a minute at most', () => {
  const { write, advance, heard, view, options } = setUp({ keysMax: 3 })
  const overflow = () => {
    write('a')
    advance(pauseMs)
    const [to2] = heard()
    write('b', 'c', 'd')
    advance(pauseMs)
    to2!.answer(isAway)
    expect(view(2)).toMatchObject({ waitingKeys: 0, everythingDue: true })
    advance(500)
  }
  overflow()
  const [everything] = heard()
  expect(everything).toMatchObject({ to: 2, names: 'everything', index: 4 })
  everything!.answer(isTaken)
  expect(view(2)).toMatchObject({ everythingDue: false, lagMs: 0, toldIndex: 4 })
  overflow()
  expect(heard().filter(({ to }) => to === 2)).toEqual([])
  advance(options.everythingMs)
  expect(heard()).toMatchObject([{ to: 2, names: 'everything' }])
})

test('a look through everything that failed is still due', () => {
  const { write, advance, heard } = setUp({ keysMax: 1 })
  write('a', 'b')
  advance(pauseMs)
  const [to2] = heard()
  expect(to2!.names).toBe('everything')
  to2!.answer(isAway)
  advance(500)
  expect(heard()).toMatchObject([{ to: 2, names: 'everything' }])
})

test('once the node does not lead any more, all is forgotten; leading again begins with nothing', () => {
  const { write, advance, heard, follow, timers, notifier } = setUp()
  write('a')
  advance(pauseMs)
  const [to2, to3] = heard()
  write('b')
  to2!.answer(isAway)
  follow([])
  expect(timers()).toBe(0)
  to3!.answer(isAway)
  write('c')
  advance(60_000)
  expect([heard(), timers()]).toEqual([[], 0])
  follow([followerAt(2), followerAt(3)])
  advance(60_000)
  expect(heard()).toEqual([])
  expect(notifier.view().followers).toMatchObject([{ waitingKeys: 0 }, { waitingKeys: 0 }])
})

test('a member that left is forgotten, one that moved is told where it is now', () => {
  const { write, advance, heard, follow } = setUp()
  write('a')
  advance(pauseMs)
  for (const { answer } of heard()) answer(isAway)
  follow([followerAt(3, 9_999)])
  advance(500)
  expect(heard()).toMatchObject([{ to: 3, port: 9_999, names: ['a'] }])
})

test('nobody is told before the change is answered, and newer changes do not hold it back', () => {
  const { write, advance, heard, answeredUpTo } = setUp()
  answeredUpTo(0)
  write('a')
  advance(pauseMs)
  write('a', 'b')
  advance(pauseMs * 5)
  expect(heard()).toEqual([])
  answeredUpTo(1)
  advance(pauseMs)
  expect(heard()).toMatchObject([
    { to: 2, names: ['a'], index: 1 },
    { to: 3, names: ['a'], index: 1 },
  ])
})

test('the age of the oldest change that is not taken is the lag', () => {
  const { write, advance, heard, view } = setUp()
  write('a')
  advance(pauseMs)
  const [to2, to3] = heard()
  advance(100)
  write('b')
  advance(pauseMs)
  to3!.answer(isTaken)
  expect(view(2)).toMatchObject({ lagMs: 100 + pauseMs, waitingKeys: 2, reachable: true })
  expect(view(3)).toMatchObject({ lagMs: 0, waitingKeys: 1 })
  to2!.answer(isAway)
  expect(view(2)).toMatchObject({ lagMs: 100 + pauseMs, waitingKeys: 2, reachable: false, failuresInARow: 1 })
})

test('a closed notifier sends nothing and holds no timer, also when its node leads anew while it stops', () => {
  const { write, advance, heard, timers, notifier } = setUp()
  write('a')
  advance(pauseMs)
  heard()[0]!.answer(isAway)
  write('b')
  notifier.close()
  notifier.refresh()
  write('c')
  expect(timers()).toBe(0)
  advance(60_000)
  expect(heard()).toEqual([])
})

test('followers that have everything share one notice; who lags gets its own', () => {
  const { write, advance, sent } = setUp()
  const notices = () => sent.splice(0)
  write('a')
  advance(pauseMs)
  const [to2, to3] = notices()
  expect(to2!.notice).toBe(to3!.notice)
  to2!.answer(isTaken)
  write('b')
  advance(pauseMs)
  write('c')
  to3!.answer(isTaken)
  advance(pauseMs)
  const told = notices()
  expect(told.map(({ to, names }) => [to, names])).toEqual([
    [2, ['b']],
    [3, ['b', 'c']],
  ])
})
