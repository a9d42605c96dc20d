/** What may move a node to a newer term (invariants 19, 20 of reliability 3): never a pre-vote, and no vote while a leader is heard. */

import { raftDefaults } from '../../../src-node/raft/options.ts'
import { driverDefaults } from '../../../src-node/raft-driver/options.ts'
import type { PeerFrame, RaftStatus } from '../../../src-node/raft-driver/ports.ts'
import type { Dials } from '../dials.ts'
import type { Facts } from './facts.ts'

export interface TermJudge {
  /** A frame reaches a running node. */
  onHeard(node: number, run: number, from: number, frame: PeerFrame): void
  /** A node learns that a connection closed. */
  onGone(node: number, peer: number): void
  /** A node says something to another. */
  onSaid(node: number, rate: number, frame: PeerFrame): void
  /** A node's view after a turn, or in the middle of one. */
  onTerm(status: RaftStatus, run: number, rate: number): void
}

interface Ears {
  run: number
  /** Highest term that a frame may have moved this node to, and the highest of those that were no request for votes, but of a transfer. */
  termHeard: number
  termHeardInPeace: number
  /** The node's last answer to its leader: it had heard it by then. */
  contact: { readonly term: number; readonly leader: number; readonly atMs: number } | null
  /** Whose appends came that are not answered yet: the same answer is given for a snapshot, some time after the leader was heard. */
  readonly appended: Set<number>
  /** When the first pre-vote of each peer came that is not answered yet. */
  readonly asked: Map<number, number>
  /** Peers whose connection closed, which the core may not know yet: an answer that waited for the disk says nothing about them. */
  readonly gone: Set<number>
  term: number
}

const deaf = (): Ears => ({
  run: -1,
  termHeard: 0,
  termHeardInPeace: 0,
  contact: null,
  appended: new Set(),
  asked: new Map(),
  gone: new Set(),
  term: 0,
})

export function createTermJudge({ world, platters, platterOf, fail }: Facts, { tuning, options }: Dials): TermJudge {
  const ears = platters.map(deaf)
  const tickMs = options.tickMs ?? driverDefaults.tickMs
  const electionTicksMin = tuning.electionTicksMin ?? raftDefaults.electionTicksMin
  const earsOf = (node: number) => ears[node - 1]!

  /** A node's ticker fires once per `tickMs` at most. One tick came with what was heard, one waited for the disk, one is about to come. */
  const inContact = ({ contact }: Ears, rate: number): boolean =>
    contact !== null && 3 + ((world.now() - contact.atMs) * rate) / tickMs < electionTicksMin

  const fresh = (node: number, run: number): Ears => {
    const own = earsOf(node)
    if (own.run === run) return own
    const born = { ...deaf(), run, term: platterOf(node).hardState.term }
    ears[node - 1] = born
    return born
  }

  return {
    onHeard(node, run, from, frame) {
      const own = fresh(node, run)
      if (frame.type === 'forward' || frame.type === 'forward-refused') return
      if (frame.type === 'pre-vote') {
        if (!own.asked.has(from)) own.asked.set(from, world.now())
        return
      }
      if (frame.type === 'pre-vote-reply' && frame.granted) return
      if (frame.type === 'append') own.appended.add(from)
      own.termHeard = Math.max(own.termHeard, frame.term)
      if (frame.type === 'vote' && !frame.transfer) return
      own.termHeardInPeace = Math.max(own.termHeardInPeace, frame.term)
      // A newer term without a vote against the leader, a transfer for one: nobody leads it yet, and any vote may be followed from there.
      if (own.contact !== null && own.contact.term < frame.term) own.contact = null
      // Told to take over, it campaigns, and may follow another candidate in the same turn.
      if (frame.type === 'timeout-now' && own.contact?.term === frame.term) own.contact = null
    },
    onGone(node, peer) {
      const own = earsOf(node)
      own.gone.add(peer)
      if (own.contact?.leader === peer) own.contact = null
    },
    onSaid(node, rate, frame) {
      const own = earsOf(node)
      const answers = frame.type === 'heartbeat-reply' || (frame.type === 'append-reply' && frame.index > 0 && own.appended.delete(frame.to))
      // What waits behind a slow disk may hold that, too.
      if (answers && own.termHeardInPeace <= frame.term && !own.gone.has(frame.to))
        own.contact = { term: frame.term, leader: frame.to, atMs: world.now() }
      if (frame.type !== 'pre-vote-reply') return
      const askedMs = own.asked.get(frame.to)
      own.asked.delete(frame.to)
      if (!frame.granted || askedMs === undefined || own.contact === null || own.contact.atMs >= askedMs) return
      if (inContact(own, rate)) fail(`20: node ${node} hears node ${own.contact.leader} lead, and would vote for node ${frame.to}`)
    },
    onTerm(status, run, rate) {
      const { id, term } = status
      const own = fresh(id, run)
      if (term > own.term) {
        const campaigns = status.vote === id
        if (!campaigns && own.termHeard < term) fail(`19: node ${id} goes from term ${own.term} to ${term}, which nobody told it`)
        if (!campaigns && own.termHeardInPeace < term && inContact(own, rate))
          fail(`20: node ${id} hears node ${own.contact?.leader} lead, and follows a request for votes to term ${term}`)
        if (!campaigns && own.termHeardInPeace < term) world.mark('term/raised-by-a-vote')
      }
      own.term = term
      for (const peer of own.gone) if (status.leaderId !== peer) own.gone.delete(peer)
      if (own.contact !== null && (own.contact.term !== term || status.leaderId !== own.contact.leader)) own.contact = null
    },
  }
}
