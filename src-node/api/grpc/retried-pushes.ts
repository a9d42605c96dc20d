/**
 * What one client is to be told until it says that it knows: each thing waits once under its name, however often it is told, and its words are made when
 * they are sent. So many pushes are under way at a time; one that failed is sent again later. Knows nothing of what a push says.
 */

import type { Connection, PushOutcome } from './connection.ts'

export interface PushWords {
  readonly type: string
  /** JSON text of its members, without braces. */
  readonly members: string
}

export interface RetriedPushes<Item> {
  /** Anew, whatever became of it before. */
  tell(name: string, item: Item): void
  /** Names that wait, none of which is under way. */
  waiting(): number
  isWaiting(name: string): boolean
  /** The connection is gone. */
  stop(): void
}

export interface PushLimits {
  readonly ackMs: number
  readonly triesMax: number
  readonly underWayMax: number
  /** How long one rests that has failed so often. */
  restMs(failures: number): number
}

export interface RetriedPushesParts<Item> {
  readonly connection: Connection
  readonly limits: PushLimits
  after(ms: number, task: () => void): { cancel(): void }
  /** Null: there is nothing to say of it any more. */
  words(item: Item): PushWords | null
  /** The client has it. */
  taken(item: Item): void
  /** The client did not acknowledge for so long that it is given up. */
  giveUp(): void
}

/** A client that takes nothing just now is tried again after so long. */
const busyMs = 500

interface Entry<Item> {
  readonly item: Item
  readonly failures: number
}

export const createRetriedPushes = <Item>(parts: RetriedPushesParts<Item>): RetriedPushes<Item> => {
  const { connection, limits, after } = parts
  /** In the order in which they were told. */
  const due = new Map<string, Entry<Item>>()
  /** Failed, and to be sent again later, if it is not told once more until then. */
  const resting = new Map<string, { cancel(): void }>()
  let underWay = 0
  let waits: { cancel(): void } | null = null
  let stopped = false

  const rest = (name: string, entry: Entry<Item>): void => {
    if (due.has(name)) return
    resting.get(name)?.cancel()
    const timer = after(limits.restMs(entry.failures), () => {
      resting.delete(name)
      due.set(name, entry)
      pump()
    })
    resting.set(name, timer)
  }

  const waitAndPump = (): void => {
    waits ??= after(busyMs, () => {
      waits = null
      pump()
    })
  }

  const ended = (name: string, entry: Entry<Item>, outcome: PushOutcome): void => {
    underWay--
    if (stopped || outcome === 'closed') return
    const failures = entry.failures + 1
    if (outcome === 'taken') parts.taken(entry.item)
    else if (outcome === 'busy') {
      if (!due.has(name)) due.set(name, entry)
      waitAndPump()
      return
    } else if (failures >= limits.triesMax) {
      parts.giveUp()
      return
    } else rest(name, { ...entry, failures })
    pump()
  }

  const send = (name: string, entry: Entry<Item>): void => {
    const words = parts.words(entry.item)
    if (words === null) return
    underWay++
    connection.push(words.type, words.members, limits.ackMs, (outcome) => ended(name, entry, outcome))
  }

  const pump = (): void => {
    while (!stopped && waits === null && underWay < limits.underWayMax) {
      const [next] = due
      if (next === undefined) return
      due.delete(next[0])
      send(...next)
    }
  }

  return {
    tell: (name, item) => {
      if (stopped) return
      resting.get(name)?.cancel()
      resting.delete(name)
      due.set(name, { item, failures: 0 })
      pump()
    },
    waiting: () => due.size + resting.size,
    isWaiting: (name) => due.has(name) || resting.has(name),
    stop: () => {
      stopped = true
      waits?.cancel()
      for (const timer of resting.values()) timer.cancel()
      due.clear()
    },
  }
}
