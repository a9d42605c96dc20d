/** Where the cards of one to seven nodes stand, and the lines between them. Pure geometry in CSS pixels. */

import type { ClusterView } from '../../../src-main/contract/index.ts'
import { nodeCondition } from '../../components/node-condition.ts'

export interface Size {
  readonly width: number
  readonly height: number
}
export interface Point {
  readonly x: number
  readonly y: number
}

const paddingPx = 20
/** Wide windows do not pull a triangle apart: the eye should take the cluster in at once. */
const widestSpread = 1.4
const tallestPx = 320

/** The card's size for so many nodes in so much room. */
export function cardSize(count: number, room: Size): Size {
  const narrow = room.width < 580 || count > 4
  return { width: narrow ? 212 : 240, height: 134 }
}

/**
 * Centres of the cards on a ring, node 1 at the bottom left and on clockwise, so that three nodes stand as a triangle with node 2 on top.
 * The ring is stretched to the room; no card leaves it as long as the room holds two cards side by side.
 */
export function ringLayout(count: number, room: Size, card: Size): readonly Point[] {
  if (count === 1) return [{ x: room.width / 2, y: room.height / 2 }]
  const angles = Array.from({ length: count }, (_, index) => Math.PI / 2 + Math.PI / count + (index * 2 * Math.PI) / count)
  const unit = angles.map((angle) => ({ x: Math.cos(angle), y: Math.sin(angle) }))
  const left = Math.min(...unit.map((point) => point.x))
  const right = Math.max(...unit.map((point) => point.x))
  const top = Math.min(...unit.map((point) => point.y))
  const bottom = Math.max(...unit.map((point) => point.y))
  const free = { width: Math.max(0, room.width - card.width - 2 * paddingPx), height: Math.max(0, room.height - card.height - 2 * paddingPx) }
  const tall = bottom - top > 0.01
  const height = tall ? Math.min(free.height, Math.ceil(count / 3) * tallestPx, 0.7 * Math.max(free.width, card.width)) : 0
  const width = Math.min(free.width, tall ? Math.max(height * widestSpread, card.width * 1.2 * Math.ceil(count / 3)) : card.width * 2)
  return unit.map((point) => ({
    x: room.width / 2 + ((point.x - left) / (right - left) - 0.5) * width,
    y: room.height / 2 + (tall ? (point.y - top) / (bottom - top) - 0.5 : 0) * height,
  }))
}

/** Where the line from `from` to `to` leaves the card around `from`, with a gap. */
export function edgeOf(from: Point, to: Point, card: Size, gapPx = 4): Point {
  const dx = to.x - from.x
  const dy = to.y - from.y
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (card.width / 2 + gapPx) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (card.height / 2 + gapPx) / Math.abs(dy),
  )
  return Number.isFinite(scale) ? { x: from.x + dx * scale, y: from.y + dy * scale } : from
}

export interface LinkView {
  readonly a: number
  readonly b: number
  /** Replication runs over it: drawn solid; between followers it is dotted. */
  readonly withLeader: boolean
  /** `none`: one end does not run; `broken`: both run and one says that the other cannot be reached. */
  readonly state: 'up' | 'broken' | 'none' | 'unknown'
  /** null also when one end does not answer: the other's last measure is old. */
  readonly rttMs: number | null
}

/** Each pair of nodes once, the leader first where it is one of them. */
export function linksOf(view: ClusterView): readonly LinkView[] {
  const answering = new Map(
    view.nodes.flatMap((node) => {
      const condition = nodeCondition(node, view.atMs)
      return condition.kind === 'role' ? [[node.id, condition.report] as const] : []
    }),
  )
  const ids = view.nodes.map((node) => node.id)
  const running = new Set(view.nodes.filter((node) => node.process === 'running').map((node) => node.id))
  const pairs = ids.flatMap((first, index) =>
    ids.slice(index + 1).map((second) => (second === view.leaderId ? [second, first] : [first, second]) as [number, number]),
  )
  return pairs.map(([a, b]) => {
    const there = answering.get(a)?.links.find((link) => link.to === b)
    const back = answering.get(b)?.links.find((link) => link.to === a)
    const words = [there, back].filter((link) => link !== undefined)
    const ends = running.has(a) && running.has(b)
    const state = !ends ? 'none' : words.some((link) => !link.connected) ? 'broken' : words.length > 0 ? 'up' : 'unknown'
    return {
      a,
      b,
      withLeader: a === view.leaderId,
      state,
      rttMs: answering.has(a) && answering.has(b) ? (there?.rttMs ?? back?.rttMs ?? null) : null,
    }
  })
}
