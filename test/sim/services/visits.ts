/** How a client of services reaches a node: by a way there and a way back, each a moment long; a node that dies, or is lost on the way, answers nothing. */

import type { Naming } from '../../../src-node/naming/naming.ts'
import { isMember } from '../../../src-node/raft/membership.ts'
import type { Cluster } from '../cluster.ts'
import type { SimNode } from '../node.ts'

/** One run of one node: what a connection ends with. */
export interface Place {
  readonly node: SimNode
  readonly run: number
}

export interface Visits {
  /** Some member that runs; null: there is none. */
  pick(): Place | null
  stands(place: Place): boolean
  /** At the node, if that run of it lasts. */
  there(place: Place, act: (naming: Naming) => void): void
  /** Back at the client. */
  back(act: () => void): void
  /** Of virtual time. */
  later(ms: number, act: () => void): () => void
  /** A time of naming in virtual ms. */
  ms(namingMs: number): number
}

/** Of one place, as over a socket: what leaves later arrives later. */
export function createVisits({ world, dials, judge, nodes, serviceDice: dice }: Cluster): Visits {
  const wayMs = () => dice.float(0.05, 1)
  const arrivals = new WeakMap<Place, number>()
  const isThere = ({ node, run }: Place) => node.run === run && node.naming !== null && isMember(judge.membership(), node.id)
  return {
    pick() {
      const up = nodes.filter((node) => isThere({ node, run: node.run }))
      if (up.length === 0) return null
      const node = dice.pick(up)
      return { node, run: node.run }
    },
    stands: isThere,
    there(place, act) {
      const { node, run } = place
      const atMs = Math.max(world.now() + wayMs(), arrivals.get(place) ?? 0)
      arrivals.set(place, atMs)
      const visit = () => node.naming !== null && act(node.naming)
      world.schedule({ label: 'visit', delayMs: atMs - world.now(), node: node.id, run, act: visit })
    },
    back: (act) => void world.schedule({ label: 'answer', delayMs: wayMs(), node: 0, run: 0, act }),
    later: (delayMs, act) => world.schedule({ label: 'tenant', delayMs, node: 0, run: 0, act }),
    ms: (namingMs) => namingMs / dials.namingSpeed,
  }
}
