import { expect, test } from 'vitest'
import { createFakeClock } from '../../../notify/fake-clock.testing.ts'
import type { FuzzyResource } from '../../../notify/fuzzy-telling.ts'
import { createBytesInFlight } from '../bytes-in-flight.ts'
import type { Connection, PushOutcome } from '../connection.ts'
import { configDialect } from './dialects.ts'
import { batchKeys, changesMax, createFuzzyNotifier, type SyncPlan } from './fuzzy-notifier.ts'

const pattern = 'public>>G>>*'
const all = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `n${from + at}`)

interface Sent {
  readonly type: string
  readonly body: {
    readonly syncType?: string
    readonly contexts?: readonly { readonly groupKey: string; readonly changedType: string }[]
    readonly totalBatch?: number
    readonly currentBatch?: number
    readonly groupKey?: string
    readonly changeType?: string
  }
  end(outcome: PushOutcome): void
}

/** A client whose acknowledgements are up to the test. */
const scene = (roomCharacters = 1_000) => {
  const { clock, advance, timers } = createFakeClock()
  const sent: Sent[] = []
  const there = new Set<string>()
  let givenUp = 0
  const connection = {
    push: (type: string, members: string, _timeoutMs: number, done: (outcome: PushOutcome) => void) =>
      void sent.push({ type, body: JSON.parse(`{${members}}`), end: done }),
  } as unknown as Connection
  const notifier = createFuzzyNotifier({
    ...{ connection, dialect: configDialect, room: createBytesInFlight(roomCharacters), after: clock.after },
    isThere: ({ key }) => there.has(key),
    giveUp: () => void givenUp++,
  })
  const change = (key: string) => notifier.changed({ namespace: 'public', group: 'G', name: key, key } satisfies FuzzyResource)
  const sync = (found: ReadonlySet<string>, plan: Partial<SyncPlan> = {}) =>
    notifier.sync({ pattern, found, received: new Set(), isInitializing: true, tellsGone: true, ...plan })
  /** Takes all that comes, and says what came: sync types and changes. */
  const takeAll = () => {
    const said: string[] = []
    for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
      said.push(next.body.syncType ?? `${next.body.changeType} ${next.body.groupKey}`)
      next.end('taken')
    }
    return said
  }
  return { notifier, sent, there, change, sync, takeAll, advance, timers, givenUp: () => givenUp }
}

const keysIn = (sent: Sent | undefined): readonly string[] =>
  sent?.body.contexts?.map(({ groupKey, changedType }) => `${changedType} ${groupKey}`) ?? []

test('at first a client is told all, so many at a time, and then that this was all', () => {
  const { sync, sent } = scene()
  sync(new Set(all(batchKeys * 2 + 5)))
  const batches: (readonly (number | undefined)[])[] = []
  while (sent[0]?.body.syncType === 'FUZZY_WATCH_INIT_NOTIFY') {
    expect(sent).toHaveLength(1)
    batches.push([sent[0].body.contexts?.length, sent[0].body.currentBatch, sent[0].body.totalBatch])
    sent.shift()?.end('taken')
  }
  expect(batches).toEqual([
    [10, 1, 3],
    [10, 2, 3],
    [5, 3, 3],
  ])
  expect(sent.map(({ type, body }) => [type, body])).toEqual([
    [
      'ConfigFuzzyWatchSyncRequest',
      {
        ...{ groupKeyPattern: pattern, contexts: [], syncType: 'FINISH_FUZZY_WATCH_INIT_NOTIFY', totalBatch: 0, currentBatch: 0 },
        module: 'config',
      },
    ],
  ])
  sent.shift()?.end('taken')
  expect(sent).toEqual([])
})

test('a client that comes back is told the difference, and nothing if there is none', () => {
  const { sync, sent } = scene()
  sync(new Set(['a', 'b']), { received: new Set(['b', 'c']), isInitializing: false })
  expect(sent[0]?.body.syncType).toBe('FUZZY_WATCH_DIFF_SYNC_NOTIFY')
  expect(keysIn(sent[0])).toEqual(['ADD_CONFIG a', 'DELETE_CONFIG c'])
  sent.shift()?.end('taken')
  sync(new Set(['a', 'b']), { received: new Set(['a', 'b']), isInitializing: false })
  expect(sent).toEqual([])
})

test('nothing is told as gone where not all was found', () => {
  const { sync, sent } = scene()
  sync(new Set(['a']), { received: new Set(['c']), isInitializing: false, tellsGone: false })
  expect(keysIn(sent[0])).toEqual(['ADD_CONFIG a'])
})

test('a batch that is not acknowledged comes again, without what has changed since', () => {
  const { sync, sent, advance } = scene()
  const found = new Set(['a', 'b'])
  sync(found)
  sent.shift()?.end('timed-out')
  found.delete('a')
  expect(sent).toEqual([])
  advance(2_000)
  expect(keysIn(sent[0])).toEqual(['ADD_CONFIG b'])
  sent.shift()?.end('refused')
  found.delete('b')
  advance(4_000)
  expect(sent[0]?.body.syncType).toBe('FINISH_FUZZY_WATCH_INIT_NOTIFY')
})

test('another request for the same pattern takes the place of the one under way', () => {
  const { sync, sent } = scene()
  sync(new Set(all(20)))
  sync(new Set(all(20)), { received: new Set(all(10)), isInitializing: false })
  sent.shift()?.end('taken')
  expect(sent.map((each) => [each.body.syncType, keysIn(each)[0]])).toEqual([['FUZZY_WATCH_DIFF_SYNC_NOTIFY', 'ADD_CONFIG n10']])
  sent.shift()?.end('taken')
  expect(sent).toEqual([])
})

test('what comes late of a request that was replaced does not hold up the next', () => {
  const { sync, sent, advance } = scene()
  sync(new Set(['a']))
  sync(new Set(['a']))
  const [old, next] = sent.splice(0)
  next?.end('refused')
  old?.end('timed-out')
  advance(2_000)
  expect(sent.map(keysIn)).toEqual([['ADD_CONFIG a']])
  sent.shift()?.end('taken')
  expect(sent.map(({ body }) => body.syncType)).toEqual(['FINISH_FUZZY_WATCH_INIT_NOTIFY'])
})

test('what is cancelled is not told any more, nor sent again', () => {
  const { notifier, sync, sent, advance } = scene()
  sync(new Set(all(20)))
  notifier.cancel(pattern)
  notifier.cancel('never')
  sent.shift()?.end('timed-out')
  advance(100_000)
  expect(sent).toEqual([])
})

test('a change is told as it is when it is sent', () => {
  const { change, there, sent, takeAll, advance } = scene()
  there.add('a')
  change('a')
  expect(sent[0]).toMatchObject({
    type: 'ConfigFuzzyWatchChangeNotifyRequest',
    body: { groupKey: 'a', changeType: 'CONFIG_CHANGED', module: 'config' },
  })
  sent.shift()?.end('timed-out')
  there.delete('a')
  advance(2_000)
  expect(takeAll()).toEqual(['DELETE_CONFIG a'])
})

test('a client that is told too much at a time is ended, and comes back', () => {
  const { change, sent, givenUp } = scene()
  for (const key of all(changesMax + 64)) change(key)
  expect([sent.length, givenUp()]).toEqual([64, 0])
  change('n100')
  expect(givenUp()).toBe(0)
  change('one more')
  expect(givenUp()).toBe(1)
})

test('who cannot be told all that has changed is ended too', () => {
  const { notifier, givenUp } = scene()
  notifier.lost()
  expect(givenUp()).toBe(1)
})

test('names that are gone have a bound for all clients, and make room once they are told', () => {
  const { sync, sent } = scene(10)
  const gone = (...keys: readonly string[]) => sync(new Set(), { received: new Set(keys), isInitializing: false })
  expect(gone('a'.repeat(11))).toBe(false)
  expect(gone('a'.repeat(10))).toBe(true)
  // Its own place is taken by the next one.
  expect(gone('b'.repeat(10))).toBe(true)
  sent.splice(0).at(-1)?.end('taken')
  expect(gone('c'.repeat(10))).toBe(true)
})

test('after its end nothing is sent, and nothing waits', () => {
  const { notifier, sync, change, sent, timers } = scene()
  sync(new Set(all(20)))
  sent.shift()?.end('timed-out')
  notifier.stop()
  change('a')
  expect([sent.length, timers()]).toEqual([0, 0])
})
