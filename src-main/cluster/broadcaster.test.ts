import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ClusterUpdate, ClusterView } from '../contract/cluster.ts'
import { createBroadcaster } from './broadcaster.ts'
import { createTimeline } from './timeline.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const view = {} as ClusterView
const mark = { atMs: 0, node: 1, kind: 'start', role: null, term: null, detail: '' } as const

const setUp = () => {
  const timeline = createTimeline()
  const broadcaster = createBroadcaster({ view: () => view, timeline, monoMs: () => Date.now() })
  const updates: ClusterUpdate[] = []
  const unsubscribe = broadcaster.subscribe((update) => updates.push(update))
  const seqs = () => updates.flatMap((update) => (update.kind === 'events' ? update.events.map(({ seq }) => seq) : []))
  const views = () => updates.filter(({ kind }) => kind === 'view').length
  return { timeline, broadcaster, updates, unsubscribe, seqs, views }
}

it('begins with the backlog of events, then a view', () => {
  const { updates } = setUp()
  expect(updates.map(({ kind }) => kind)).toEqual(['events', 'view'])
})

it('sends at most ten views a second and at least one', () => {
  const { broadcaster, views } = setUp()
  const before = views()
  for (let ms = 0; ms < 1_000; ms += 10) {
    broadcaster.changed()
    vi.advanceTimersByTime(10)
  }
  expect(views() - before).toBeGreaterThanOrEqual(9)
  expect(views() - before).toBeLessThanOrEqual(11)
  const quiet = views()
  vi.advanceTimersByTime(3_100)
  expect(views() - quiet).toBe(3)
})

it('gives each event once, to an early and to a late listener', () => {
  const { timeline, broadcaster, seqs } = setUp()
  timeline.add(mark)
  const late: number[] = []
  broadcaster.subscribe((update) => update.kind === 'events' && late.push(...update.events.map(({ seq }) => seq)))
  timeline.add(mark)
  broadcaster.changed()
  vi.advanceTimersByTime(200)
  expect(seqs()).toEqual([1, 2])
  expect(late).toEqual([1, 2])
})

it('is quiet after the end of a subscription, and drops a listener that throws', () => {
  const { broadcaster, updates, unsubscribe } = setUp()
  unsubscribe()
  const count = updates.length
  let calls = 0
  broadcaster.subscribe(() => {
    calls += 1
    if (calls > 2) throw new Error('a broken listener')
  })
  vi.advanceTimersByTime(5_000)
  expect(updates).toHaveLength(count)
  expect(calls).toBe(3)
})

it('keeps the newest 500 events', () => {
  const timeline = createTimeline()
  for (let count = 0; count < 1_600; count++) timeline.add(mark)
  expect(timeline.all()).toHaveLength(500)
  expect(timeline.all().at(-1)?.seq).toBe(1_600)
  expect(timeline.after(1_598).map(({ seq }) => seq)).toEqual([1_599, 1_600])
})
