/** The wires: delay, loss, doubles, overtaking, cuts in one or both directions, clogs, torn connections, and pre-votes that lie. */

import type { NodeId, Term } from '../../src-node/raft/types.ts'
import type { PeerFrame, WireFrame } from '../../src-node/raft-driver/ports.ts'
import type { Dials } from './dials.ts'
import type { World } from './world.ts'

export interface Network {
  send(from: NodeId, to: NodeId, frames: readonly WireFrame[]): void
  backlogBytes(from: NodeId, to: NodeId): number
  /** One direction. */
  cut(from: number, to: number): void
  healAll(): void
  /** Holds everything back until `untilMs`, then lets it through at once. */
  clog(from: number, to: number, untilMs: number): void
  /** Both directions: of what is on its way nothing arrives any more, half a frame is none, and nothing is taken until `untilMs`. */
  tear(a: number, b: number, untilMs: number): void
  setQuiet(): void
  /** Frames that nodes have sent so far, whatever became of them. */
  sent(): number
}

export interface NetworkHooks {
  /** `stands` says at the arrival whether the connection is still the one on which the frame left. */
  deliver(from: NodeId, to: NodeId, frame: WireFrame, way: { readonly delayMs: number; readonly stands: () => boolean }): void
}

/** A forward is stamped in place by the leader: what travels must be a copy, as over a socket. */
function travels(frame: WireFrame): WireFrame {
  return frame.type === 'forward' ? { ...frame, proposals: frame.proposals.map((bytes) => bytes.slice()) } : frame
}

export function createNetwork(world: World, dials: Dials, hooks: NetworkHooks): Network {
  const { dice } = world
  const cuts = new Set<number>()
  const clogs = new Map<number, number>()
  /** The last tear of a link; each is an object of its own. Until then there is no next connection. */
  const torn = new Map<number, { readonly untilMs: number }>()
  const lastArrival = new Map<number, number>()
  /** Term of the last pre-vote, by the link that its answer takes. */
  const askedTerm = new Map<number, Term>()
  let quiet = false
  let sent = 0
  const link = (from: number, to: number) => from * 100 + to

  /** Else PreVote would keep every candidate with a short log, and most that compete, from ever asking for real votes. */
  const asSaid = (from: NodeId, to: NodeId, frame: WireFrame): WireFrame => {
    if (frame.type === 'pre-vote') askedTerm.set(link(to, from), frame.term)
    if (frame.type !== 'pre-vote-reply' || frame.granted || quiet || !dice.chance(dials.preVoteLie)) return frame
    const term = askedTerm.get(link(from, to))
    if (term === undefined) return frame
    world.mark('net/pre-vote-lie')
    return { ...frame, granted: true, refusal: null, term }
  }

  /** As a leader with a smaller limit would have said it first: as much of the commit index, fewer entries, perhaps none. */
  const cutShort = (frame: WireFrame): PeerFrame | null => {
    if (frame.type !== 'append' || frame.entries.length === 0 || quiet || !dice.chance(dials.cutShort)) return null
    world.mark('net/append-cut-short')
    return { ...frame, entries: frame.entries.slice(0, dice.between(0, frame.entries.length - 1)) }
  }

  const delay = (key: number, raft: boolean) => {
    let at = world.now() + (quiet ? dials.delayMinMs : dice.float(dials.delayMinMs, dials.delayMaxMs))
    at = Math.max(at, clogs.get(key) ?? 0)
    if (!raft && !quiet && dice.chance(dials.forwardLate)) at += dice.float(0, 300)
    if (!dials.reorder || !raft || quiet) {
      at = Math.max(at, lastArrival.get(key) ?? 0)
      lastArrival.set(key, at)
    }
    return at - world.now()
  }

  return {
    send(from, to, frames) {
      const key = link(from, to)
      sent += frames.length
      for (const said of frames) {
        const frame = asSaid(from, to, said)
        if (cuts.has(key)) {
          world.mark('net/cut')
          continue
        }
        const connection = torn.get(key)
        if (connection !== undefined && connection.untilMs > world.now()) {
          world.mark('net/not-connected')
          continue
        }
        const stands = () => torn.get(key) === connection
        if (!quiet && dice.chance(dials.loss)) {
          world.mark('net/lost')
          continue
        }
        const raft = frame.type !== 'forward' && frame.type !== 'forward-refused'
        const first = cutShort(frame)
        if (first !== null) hooks.deliver(from, to, first, { delayMs: delay(key, raft), stands })
        hooks.deliver(from, to, travels(frame), { delayMs: delay(key, raft), stands })
        if (raft && !quiet && dice.chance(dials.duplicate)) {
          world.mark('net/doubled')
          hooks.deliver(from, to, frame, { delayMs: delay(key, raft) + dice.float(0, 20), stands })
        }
      }
    },
    backlogBytes(from, to) {
      return (clogs.get(link(from, to)) ?? 0) > world.now() ? 200 : 0
    },
    cut: (from, to) => void cuts.add(link(from, to)),
    healAll() {
      cuts.clear()
      clogs.clear()
    },
    clog: (from, to, untilMs) => void clogs.set(link(from, to), untilMs),
    tear(a, b, untilMs) {
      for (const key of [link(a, b), link(b, a)]) {
        torn.set(key, { untilMs })
        lastArrival.delete(key)
        clogs.delete(key)
      }
    },
    sent: () => sent,
    setQuiet() {
      quiet = true
    },
  }
}
