/** The strip of the last minutes, computed from events: one row of bands a node, and marks for what stands out. Pure. */

import type { ClusterView, RoleName, TimelineEvent } from '../../../src-main/contract/index.ts'

/** `off`: before its first start by this app. */
export type BandState = RoleName | 'starting' | 'down' | 'unknown' | 'off'

export interface Band {
  readonly fromMs: number
  readonly toMs: number
  readonly state: BandState
  readonly term: number | null
}
export interface BandRow {
  readonly node: number
  readonly bands: readonly Band[]
}
export type MarkKind = 'elected' | 'exit' | 'disk-full' | 'slow-turn' | 'store-away' | 'store-back'
export interface TimelineMark {
  readonly seq: number
  readonly atMs: number
  readonly node: number
  readonly kind: MarkKind
  readonly term: number | null
  readonly detail: string
}
export interface Strip {
  readonly fromMs: number
  readonly toMs: number
  readonly rows: readonly BandRow[]
  readonly marks: readonly TimelineMark[]
}

type State = Pick<Band, 'state' | 'term'>

/** The state that an event begins; null if it changes none. */
function stateAfter(event: TimelineEvent, before: State): State | null {
  switch (event.kind) {
    case 'role':
      return { state: event.role ?? 'unknown', term: event.term }
    case 'exit':
      return { state: 'down', term: null }
    case 'start':
      return { state: 'starting', term: null }
    case 'serving':
      // Serving says nothing of the role; it only ends "starting" for a node whose role was not told yet.
      return before.state === 'starting' ? { state: 'follower', term: event.term } : null
    default:
      return null
  }
}

function stateNow(view: ClusterView, node: number): State {
  const found = view.nodes.find((other) => other.id === node)
  if (found === undefined) return { state: 'unknown', term: null }
  if (found.process === 'running') return { state: found.report?.role ?? 'unknown', term: found.report?.term ?? null }
  return { state: found.process === 'starting' ? 'starting' : 'down', term: null }
}

/** No event at all: as far back as events reach, it has been what it is now. A start means that it did not run before; of anything else nothing is known. */
function stateAtFirst(events: readonly TimelineEvent[], now: State): State {
  const first = events[0]
  if (first === undefined) return now
  return { state: first.kind === 'start' ? 'off' : 'unknown', term: null }
}

function rowOf(node: number, events: readonly TimelineEvent[], now: State, [fromMs, toMs]: readonly [number, number]): BandRow {
  const bands: Band[] = []
  let state: State = stateAtFirst(events, now)
  let sinceMs = fromMs
  const close = (untilMs: number) => {
    const end = Math.min(untilMs, toMs)
    const last = bands.at(-1)
    if (end <= sinceMs) return
    if (last !== undefined && last.state === state.state && last.term === state.term) bands[bands.length - 1] = { ...last, toMs: end }
    else bands.push({ fromMs: sinceMs, toMs: end, ...state })
    sinceMs = end
  }
  for (const event of events) {
    const next = stateAfter(event, state)
    if (next === null) continue
    close(event.atMs)
    state = next
  }
  close(toMs)
  return { node, bands }
}

function markOf(event: TimelineEvent): TimelineMark | null {
  const kind: MarkKind | null =
    event.kind === 'role' && event.role === 'leader'
      ? 'elected'
      : event.kind === 'exit' ||
          event.kind === 'disk-full' ||
          event.kind === 'slow-turn' ||
          event.kind === 'store-away' ||
          event.kind === 'store-back'
        ? event.kind
        : null
  return kind === null ? null : { seq: event.seq, atMs: event.atMs, node: event.node, kind, term: event.term, detail: event.detail }
}

/** Bands and marks of `[toMs - spanMs, toMs]`; `events` in any order, older ones decide the state at the left edge. */
export function timelineStrip(view: ClusterView, events: readonly TimelineEvent[], { toMs, spanMs }: { toMs: number; spanMs: number }): Strip {
  const ordered = events.filter((event) => event.atMs <= toMs).sort((a, b) => a.atMs - b.atMs || a.seq - b.seq)
  const fromMs = toMs - spanMs
  const rows = view.nodes.map((node) =>
    rowOf(
      node.id,
      ordered.filter((event) => event.node === node.id),
      stateNow(view, node.id),
      [fromMs, toMs],
    ),
  )
  const marks = ordered.flatMap((event) => (event.atMs < fromMs ? [] : (markOf(event) ?? [])))
  return { fromMs, toMs, rows, marks }
}

/** What stands under the pointer: the mark of this node that is near enough, or the band. */
export function stripAt(
  strip: Strip,
  node: number,
  at: { readonly ms: number; readonly nearMs: number },
): { mark: TimelineMark | null; band: Band | null } {
  const near = strip.marks.filter((mark) => mark.node === node && Math.abs(mark.atMs - at.ms) <= at.nearMs)
  const mark = near.sort((a, b) => Math.abs(a.atMs - at.ms) - Math.abs(b.atMs - at.ms))[0] ?? null
  const band = strip.rows.find((row) => row.node === node)?.bands.find((other) => other.fromMs <= at.ms && at.ms <= other.toMs) ?? null
  return { mark, band }
}
