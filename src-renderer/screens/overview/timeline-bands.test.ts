import { expect, test } from 'vitest'
import type { TimelineEvent } from '../../../src-main/contract/index.ts'
import { sampleNode, sampleView } from '../../components/sample-view.testing.ts'
import { stripAt, timelineStrip } from './timeline-bands.ts'

let seq = 0
const event = (atMs: number, node: number, kind: TimelineEvent['kind'], part: Partial<TimelineEvent> = {}): TimelineEvent => {
  seq += 1
  return { seq, atMs, node, kind, role: null, term: null, detail: '', ...part }
}
const role = (atMs: number, node: number, name: NonNullable<TimelineEvent['role']>, term: number) => event(atMs, node, 'role', { role: name, term })
const one = sampleView({ nodes: [sampleNode(1)] })
const window = { toMs: 1000, spanMs: 600 }
const bandsOf = (events: readonly TimelineEvent[]) =>
  timelineStrip(one, events, window).rows[0]!.bands.map((band) => [band.fromMs, band.toMs, band.state, band.term])

test('what happened before the left edge decides the state there', () => {
  expect(bandsOf([role(100, 1, 'leader', 6)])).toEqual([[400, 1000, 'leader', 6]])
})

test('killed, started, follows: bands with no holes', () => {
  expect(
    bandsOf([
      role(100, 1, 'leader', 6),
      event(500, 1, 'exit'),
      event(600, 1, 'start'),
      event(650, 1, 'serving', { term: 7 }),
      role(660, 1, 'follower', 7),
    ]),
  ).toEqual([
    [400, 500, 'leader', 6],
    [500, 600, 'down', null],
    [600, 650, 'starting', null],
    [650, 1000, 'follower', 7],
  ])
})

test('the same state said twice is one band; events may come in any order', () => {
  expect(bandsOf([role(800, 1, 'follower', 7), role(500, 1, 'follower', 7), role(100, 1, 'leader', 6)])).toEqual([
    [400, 500, 'leader', 6],
    [500, 1000, 'follower', 7],
  ])
})

test('before the first event of a node nothing is known', () => {
  expect(bandsOf([role(700, 1, 'leader', 6)])).toEqual([
    [400, 700, 'unknown', null],
    [700, 1000, 'leader', 6],
  ])
})

test('before its first start a node did not run, which is not the same as unknown', () => {
  expect(bandsOf([event(700, 1, 'start'), role(720, 1, 'follower', 7)])).toEqual([
    [400, 700, 'off', null],
    [700, 720, 'starting', null],
    [720, 1000, 'follower', 7],
  ])
})

test('a node without any event is what it is now', () => {
  expect(bandsOf([])).toEqual([[400, 1000, 'follower', 7]])
  const down = sampleView({ nodes: [sampleNode(1, { process: 'crashed', report: null })] })
  expect(timelineStrip(down, [], window).rows[0]?.bands[0]?.state).toBe('down')
})

test('events of the future are left for later', () => {
  expect(bandsOf([role(100, 1, 'leader', 6), event(1200, 1, 'exit')])).toEqual([[400, 1000, 'leader', 6]])
})

test('marks: elections won and ends within the window, not roles that follow', () => {
  const { marks } = timelineStrip(
    one,
    [role(100, 1, 'leader', 5), event(500, 1, 'exit'), role(700, 1, 'leader', 7), role(800, 1, 'follower', 8)],
    window,
  )
  expect(marks.map((mark) => [mark.kind, mark.atMs])).toEqual([
    ['exit', 500],
    ['elected', 700],
  ])
})

test('under the pointer: the nearest mark of that node, and its band', () => {
  const strip = timelineStrip(one, [role(100, 1, 'leader', 6), event(500, 1, 'exit'), event(520, 1, 'slow-turn')], window)
  expect(stripAt(strip, 1, { ms: 505, nearMs: 30 })).toMatchObject({ mark: { kind: 'exit' }, band: { state: 'down' } })
  expect(stripAt(strip, 1, { ms: 900, nearMs: 30 }).mark).toBeNull()
  expect(stripAt(strip, 9, { ms: 505, nearMs: 30 })).toEqual({ mark: null, band: null })
})
