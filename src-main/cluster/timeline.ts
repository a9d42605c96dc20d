/** The newest 500 marks of the cluster's time line. Numbers rise by one and never repeat; what falls out is gone. */

import type { NodeEvent } from '../../src-node/observe/channel.ts'
import type { TimelineEvent } from '../contract/cluster.ts'

const eventsKept = 500

export type Mark = Omit<TimelineEvent, 'seq'>

export interface Timeline {
  readonly add: (mark: Mark) => void
  readonly all: () => readonly TimelineEvent[]
  /** Events with a number above `seq`, oldest first. */
  readonly after: (seq: number) => readonly TimelineEvent[]
  readonly lastSeq: () => number
}

export const createTimeline = (): Timeline => {
  let events: TimelineEvent[] = []
  let seq = 0
  return {
    add: (mark) => {
      seq += 1
      events.push({ seq, ...mark })
      // Cut in blocks: one copy for many events.
      if (events.length > eventsKept * 2) events = events.slice(-eventsKept)
    },
    all: () => events.slice(-eventsKept),
    after: (last) => events.slice(-eventsKept).filter((event) => event.seq > last),
    lastSeq: () => seq,
  }
}

/** A node's own event as a mark; null: it is none. What a follower says of the shared database its leader has said before. */
export const markOf = (node: number, event: NodeEvent): Mark | null => {
  const base = { atMs: event.atMs, node, role: null, term: null }
  switch (event.type) {
    case 'role':
      return { ...base, kind: 'role', role: event.role, term: event.term, detail: event.cause }
    case 'peer':
      return { ...base, kind: event.up ? 'peer-up' : 'peer-down', detail: `node ${event.peer}` }
    case 'disk-full':
      return { ...base, kind: 'disk-full', detail: event.on ? 'disk full: this node takes no writes' : 'space is back' }
    case 'slow-turn':
      return { ...base, kind: 'slow-turn', detail: `${Math.round(event.ms)} ms in ${event.during}` }
    case 'store':
      if (event.state === 'back') return { ...base, kind: 'store-back', detail: '' }
      return event.trouble === null ? null : { ...base, kind: 'store-away', detail: event.trouble.words }
  }
}
