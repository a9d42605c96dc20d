/** What the nodes of one cluster agree on, asked of each of them. */

import { type RaftState, raftState } from './nacos.ts'
import { waitUntil } from './wait-until.ts'

/** The leader that every one of `bases` names, in one term. */
export const agreedLeader = (bases: readonly string[], limitMs = 10_000): Promise<{ id: number; term: number }> =>
  waitUntil(
    'the nodes to name one leader',
    async () => {
      const states = await Promise.all(bases.map(raftState))
      const first = states[0]
      if (first === undefined || first.leaderId === null) return null
      return states.every(({ leaderId, term }) => leaderId === first.leaderId && term === first.term)
        ? { id: first.leaderId, term: first.term }
        : null
    },
    limitMs,
  )

/** One state for all: same applied index, same hash. Only meaningful once writers have stopped. */
export const agreedState = (bases: readonly string[], limitMs = 15_000): Promise<RaftState> =>
  waitUntil(
    'the nodes to hold the same state',
    async () => {
      const states = await Promise.all(bases.map(raftState))
      const first = states[0]
      if (first === undefined) return null
      if (!states.every(({ appliedIndex }) => appliedIndex === first.appliedIndex && appliedIndex === first.commitIndex)) return null
      if (states.every(({ stateHash }) => stateHash === first.stateHash)) return first
      throw new Error(`hashes differ at index ${first.appliedIndex}: ${states.map(({ stateHash }) => stateHash).join(', ')}`)
    },
    limitMs,
  )

/** MySQL mode: every node takes configuration writes. A cluster is ready before its database is: an empty one gets its tables first. */
export const databaseAvailable = (bases: readonly string[], limitMs = 30_000): Promise<boolean> =>
  waitUntil(
    'the shared database to be available to every node',
    async () => (await Promise.all(bases.map(raftState))).every(({ storage }) => storage.available === true),
    limitMs,
  )
