/**
 * The simulator's time, chance and order: a heap of events by (time, sequence) and one seeded generator. Nothing under
 * test/sim may use any other clock or source of chance: one seed decides a whole life of a cluster.
 */

import { createRandom, type Random } from '../../src-node/raft/random.ts'

export interface SimEvent {
  readonly at: number
  readonly sequence: number
  /** Node whose turn it is, 0 for the world itself. */
  readonly node: number
  /** The node's run that it belongs to; an event of an ended run is void. */
  readonly run: number
  readonly label: string
  readonly act: () => void
}

export interface Dice extends Random {
  chance(probability: number): boolean
  float(min: number, max: number): number
  pick<T>(items: readonly T[]): T
}

export function createDice(seed: number): Dice {
  const random = createRandom(seed)
  const unit = () => random.between(0, 0x3fffffff) / 0x40000000
  return {
    between: random.between,
    chance: (probability) => unit() < probability,
    float: (min, max) => min + unit() * (max - min),
    pick: (items) => items[random.between(0, items.length - 1)]!,
  }
}

/** A broken promise found by the simulator. */
export class SimFailure extends Error {
  override readonly name = 'SimFailure'
}

export interface World {
  readonly dice: Dice
  readonly seed: number
  now(): number
  events(): number
  /** Hash of everything that happened, in order. */
  hash(): number
  readonly marks: Map<string, number>
  mark(name: string): void
  schedule(event: Omit<SimEvent, 'at' | 'sequence'> & { readonly delayMs: number }): () => void
  /** What waited while its node stood still happens now; whoever may call it off still may. */
  resume(event: SimEvent): void
  next(): SimEvent | null
  /** An event that did something; what is void (of an ended run, or late) makes no life longer. */
  lived(): void
  /** Adds a line to the ring that is printed on failure. */
  trace(line: () => string): void
  readonly ring: readonly string[]
}

const ringMax = 10_000

export function createWorld(seed: number, traced: boolean): World {
  const heap: SimEvent[] = []
  const cancelled = new Set<number>()
  const ring: string[] = []
  const marks = new Map<string, number>()
  let now = 0
  let sequence = 0
  let events = 0
  let hash = 2166136261

  const before = (a: SimEvent, b: SimEvent) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
  const push = (event: SimEvent) => {
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(event, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = event
  }
  const pop = (): SimEvent | undefined => {
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
  const mix = (value: number) => {
    hash = Math.imul(hash ^ (value | 0), 16777619) >>> 0
  }

  return {
    dice: createDice(seed),
    seed,
    now: () => now,
    events: () => events,
    hash: () => hash,
    marks,
    mark: (name) => void marks.set(name, (marks.get(name) ?? 0) + 1),
    schedule({ delayMs, ...event }) {
      const own = ++sequence
      push({ ...event, at: now + delayMs, sequence: own })
      return () => void cancelled.add(own)
    },
    resume: (event) => push({ ...event, at: now }),
    next() {
      for (;;) {
        const event = pop()
        if (event === undefined) return null
        if (cancelled.delete(event.sequence)) continue
        now = event.at
        mix(event.sequence)
        mix(Math.round(now * 1000))
        mix(event.node)
        return event
      }
    },
    lived: () => void events++,
    trace(line) {
      const text = `${now.toFixed(3).padStart(10)} ${line()}`
      for (let i = 0; i < text.length; i += 7) mix(text.charCodeAt(i))
      if (!traced) return
      ring.push(text)
      if (ring.length > ringMax) ring.shift()
    },
    ring,
  }
}
