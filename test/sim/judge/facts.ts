/** What the judges of a life know together: the platters, who led which term with which log, and what is committed. */

import { type Membership, membershipOf } from '../../../src-node/raft/membership.ts'
import type { Entry, NodeId } from '../../../src-node/raft/types.ts'
import type { RaftStatus } from '../../../src-node/raft-driver/ports.ts'
import type { Platter } from '../raft-disk.ts'
import { SimFailure, type World } from '../world.ts'

/** A node's own view after its last turn. */
export interface Seen {
  run: number
  term: number
  vote: number | null
  commit: number
  applied: number
  role: RaftStatus['role']
}

export interface Facts {
  readonly world: World
  readonly platters: readonly Platter[]
  /** The configuration before any in the log. */
  readonly founders: Membership
  readonly seen: readonly Seen[]
  /** Leader by term. */
  readonly leaders: Map<number, number>
  /** Chain hashes of what each term's leader has, as far as it was on its disk when it won, or was sent since. */
  readonly ledgers: Map<number, number[]>
  /** Chain hash of each committed index; its length is the highest one. */
  readonly chains: number[]
  /** What they are. */
  readonly committedEntries: Entry[]
  /** Term of the leader that committed it, which may be later than the entry's own. */
  readonly commitTerms: number[]
  /** Voters of whom a majority held it then. */
  readonly commitVoters: (readonly NodeId[])[]
  platterOf(node: number): Platter
  fail(what: string): never
}

/** Enough of them to decide. */
export const majorityOf = (voters: readonly NodeId[]): number => Math.floor(voters.length / 2) + 1

export const createFacts = (world: World, platters: readonly Platter[], founders: readonly NodeId[]): Facts => ({
  world,
  platters,
  founders: membershipOf(founders),
  seen: platters.map(() => ({ run: -1, term: 0, vote: null, commit: 0, applied: 0, role: 'follower' })),
  leaders: new Map(),
  ledgers: new Map(),
  chains: [],
  committedEntries: [],
  commitTerms: [],
  commitVoters: [],
  platterOf: (node) => platters[node - 1]!,
  fail(what) {
    throw new SimFailure(what)
  },
})

export const textOf = (payload: Uint8Array): string => Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('latin1')
