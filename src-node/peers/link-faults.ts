/**
 * Faults between nodes, to practise with: frames are dropped, kept back or lost on their way, per peer and direction, and no
 * socket is closed. It must never deliver a frame twice nor change the order of one direction. Without faults there is no
 * object of this file, and a frame costs nothing.
 */

import type { LinkFault } from '../observe/channel.ts'
import type { DriverClock } from '../raft-driver/ports.ts'

export interface LinkFaultsParts<Frame> {
  readonly clock: Pick<DriverClock, 'after' | 'monotonicMs'>
  /** Uniform in [0, 1): decides what is lost and how far delays jitter. */
  chance(): number
  /** What the frame holds, in bytes; bounds what waits. */
  bytesOf(frame: Frame): number
  /** The way that frames take without faults. */
  pass(direction: LinkFault['direction'], peer: number, frames: readonly Frame[]): void
}

export interface LinkFaults<Frame> {
  /** Passes on, now or later, what the faults of this direction leave of `frames`. */
  take(direction: LinkFault['direction'], peer: number, frames: readonly Frame[]): void
  /**
   * This set and no other. What waits under a delay that is gone comes at once, in order; what waits where a cut begins is lost.
   * With an empty set the object has done its work: nothing waits in it any more.
   */
  set(faults: readonly LinkFault[]): void
  /** Whatever still waits is lost. */
  close(): void
}

/** What may wait in one direction to one peer; what comes on top is lost, as on a line that is full. */
const waitingFramesMax = 8_192
const waitingBytesMax = 64 * 1024 * 1024

interface Waiting<Frame> {
  readonly dueMs: number
  readonly bytes: number
  readonly frame: Frame
}

interface Gate<Frame> {
  take(frames: readonly Frame[]): void
  change(fault: LinkFault | null): void
}

type GateParts<Frame> = Omit<LinkFaultsParts<Frame>, 'pass'> & { pass(frames: readonly Frame[]): void }

/** One direction of one line. */
const createGate = <Frame>({ clock, chance, bytesOf, pass }: GateParts<Frame>): Gate<Frame> => {
  let fault: LinkFault | null = null
  let waiting: Waiting<Frame>[] = []
  let waitingBytes = 0
  let timer: { cancel(): void } | null = null

  const release = (untilMs: number): void => {
    timer?.cancel()
    timer = null
    const still = waiting.findIndex(({ dueMs }) => dueMs > untilMs)
    const due = waiting.splice(0, still < 0 ? waiting.length : still)
    for (const { bytes } of due) waitingBytes -= bytes
    const next = waiting[0]
    if (next !== undefined) timer = clock.after(Math.max(1, next.dueMs - untilMs), () => release(clock.monotonicMs()))
    if (due.length > 0) pass(due.map(({ frame }) => frame))
  }
  const drop = (): void => {
    timer?.cancel()
    timer = null
    waiting = []
    waitingBytes = 0
  }
  const hold = (frames: readonly Frame[], { delayMs, jitterMs }: LinkFault): void => {
    const nowMs = clock.monotonicMs()
    for (const frame of frames) {
      const bytes = bytesOf(frame)
      if (waiting.length >= waitingFramesMax || waitingBytes + bytes > waitingBytesMax) continue
      // Never before the one in front.
      const dueMs = Math.max(waiting.at(-1)?.dueMs ?? 0, nowMs + delayMs + jitterMs * chance())
      waiting.push({ dueMs, bytes, frame })
      waitingBytes += bytes
    }
    if (timer === null) release(nowMs)
  }

  return {
    take: (frames) => {
      if (fault === null) pass(frames)
      else if (!fault.cut) {
        const { loss } = fault
        const left = loss === 0 ? frames : frames.filter(() => chance() >= loss)
        if (left.length === 0) return
        if (fault.delayMs === 0 && fault.jitterMs === 0) pass(left)
        else hold(left, fault)
      }
    },
    change: (next) => {
      fault = next
      if (next?.cut) drop()
      else if (next === null || (next.delayMs === 0 && next.jitterMs === 0)) release(Number.POSITIVE_INFINITY)
    },
  }
}

export const createLinkFaults = <Frame>(parts: LinkFaultsParts<Frame>): LinkFaults<Frame> => {
  const gates = new Map<string, Gate<Frame>>()
  const nameOf = (direction: LinkFault['direction'], peer: number): string => `${direction} ${peer}`
  const gateOf = ({ direction, peer }: LinkFault): Gate<Frame> => {
    const name = nameOf(direction, peer)
    const gate = gates.get(name) ?? createGate({ ...parts, pass: (frames) => parts.pass(direction, peer, frames) })
    gates.set(name, gate)
    return gate
  }
  const set = (faults: readonly LinkFault[]): void => {
    const wanted = new Map(faults.map((fault) => [nameOf(fault.direction, fault.peer), fault]))
    for (const [name, gate] of gates) {
      if (wanted.has(name)) continue
      gates.delete(name)
      gate.change(null)
    }
    for (const fault of wanted.values()) gateOf(fault).change(fault)
  }
  return {
    take: (direction, peer, frames) => {
      const gate = gates.get(nameOf(direction, peer))
      if (gate === undefined) parts.pass(direction, peer, frames)
      else gate.take(frames)
    },
    set,
    close: () => {
      for (const gate of gates.values()) gate.change({ peer: 0, direction: 'in', cut: true, delayMs: 0, jitterMs: 0, loss: 0 })
      gates.clear()
    },
  }
}
