import { describe, expect, test } from 'vitest'
import { sampleNode, sampleReport, sampleView } from '../../components/sample-view.testing.ts'
import { cardSize, edgeOf, linksOf, ringLayout } from './topology-layout.ts'

const rooms = [
  { width: 700, height: 500 },
  { width: 560, height: 410 },
  { width: 860, height: 590 },
]

describe('ring', () => {
  test('three nodes stand as a triangle, node 2 on top, 1 left, 3 right', () => {
    const [one, two, three] = ringLayout(3, { width: 700, height: 500 }, { width: 240, height: 134 })
    expect(two!.y).toBeLessThan(one!.y)
    expect(one!.y).toBeCloseTo(three!.y)
    expect(one!.x).toBeLessThan(two!.x)
    expect(two!.x).toBeLessThan(three!.x)
    expect(two!.x).toBeCloseTo(350)
  })

  test.each([1, 2, 3, 4, 5, 6, 7].flatMap((count) => rooms.map((room) => ({ count, room }))))(
    '$count cards stay in $room.width x $room.height',
    ({ count, room }) => {
      const card = cardSize(count, room)
      for (const { x, y } of ringLayout(count, room, card)) {
        expect(x - card.width / 2).toBeGreaterThanOrEqual(0)
        expect(x + card.width / 2).toBeLessThanOrEqual(room.width)
        expect(y - card.height / 2).toBeGreaterThanOrEqual(0)
        expect(y + card.height / 2).toBeLessThanOrEqual(room.height)
      }
    },
  )

  test.each(rooms)('two and three cards do not touch in $width x $height', (room) => {
    for (const count of [2, 3]) {
      const card = cardSize(count, room)
      const centres = ringLayout(count, room, card)
      for (const a of centres)
        for (const b of centres) if (a !== b) expect(Math.abs(a.x - b.x) >= card.width || Math.abs(a.y - b.y) >= card.height).toBe(true)
    }
  })

  test('a line leaves a card at its border', () => {
    expect(edgeOf({ x: 0, y: 0 }, { x: 500, y: 0 }, { width: 100, height: 50 }, 0)).toEqual({ x: 50, y: 0 })
    expect(edgeOf({ x: 0, y: 0 }, { x: 0, y: 500 }, { width: 100, height: 50 }, 4)).toEqual({ x: 0, y: 29 })
    expect(edgeOf({ x: 3, y: 3 }, { x: 3, y: 3 }, { width: 100, height: 50 })).toEqual({ x: 3, y: 3 })
  })
})

describe('links', () => {
  test('each pair once, the leader first, with the leader’s round trip', () => {
    const links = linksOf(sampleView())
    expect(links.map(({ a, b, withLeader, state }) => [a, b, withLeader, state])).toEqual([
      [2, 1, true, 'up'],
      [1, 3, false, 'up'],
      [2, 3, true, 'up'],
    ])
    expect(links[0]?.rttMs).toBe(0.4)
  })

  test('one end says that the other cannot be reached: broken', () => {
    const cut = sampleReport(1, { links: [{ to: 2, connected: false, matchIndex: null, rttMs: null }] })
    expect(linksOf(sampleView({ nodes: [sampleNode(1, { report: cut }), sampleNode(2)] }))[0]?.state).toBe('broken')
  })

  test('one end does not run: no line to speak of', () => {
    expect(linksOf(sampleView({ nodes: [sampleNode(1, { process: 'waiting', report: null }), sampleNode(2)] }))[0]?.state).toBe('none')
  })

  test('one end does not answer: the round trip that the other measured last is old, so none is told', () => {
    const view = sampleView()
    const silent = sampleReport(1, { atMs: view.atMs - 60_000 })
    expect(linksOf(sampleView({ nodes: [sampleNode(1, { report: silent }), sampleNode(2)] }))[0]?.rttMs).toBeNull()
  })

  test('both run and neither answers: unknown', () => {
    const silent = (id: number) => sampleNode(id, { report: null })
    expect(linksOf(sampleView({ nodes: [silent(1), silent(2)] }))[0]?.state).toBe('unknown')
  })
})
