/**
 * Who belongs to the cluster, as a value: voters, whose majority decides, and learners, who receive the log and count for nothing
 * (thesis 4.2.1). It owns the rule that a configuration changes by one voter at a time, and the bytes of a `config` entry, which
 * hold ids only. It knows neither log nor roles.
 */

import { broken } from './invariant.ts'
import { type NodeId, nodeId } from './types.ts'

export interface Membership {
  /** In ascending order, at least one. */
  readonly voters: readonly NodeId[]
  /** In ascending order, none of them a voter. */
  readonly learners: readonly NodeId[]
}

/** A new node always comes in as a learner; `remove` takes out a voter or a learner. */
export type MembershipChange =
  | { readonly kind: 'add-learner'; readonly id: NodeId }
  | { readonly kind: 'promote'; readonly id: NodeId }
  | { readonly kind: 'remove'; readonly id: NodeId }

/** Why a change makes no sense in a configuration, whoever asks. */
export type ChangeProblem = 'unknown_node' | 'already_member' | 'already_voter' | 'last_voter' | 'too_many_members'

/** Quorums of more are slower and no safer on one machine, and every frame to all costs one more. */
export const membersMax = 9

const ascending = (ids: Iterable<NodeId>): NodeId[] => [...ids].toSorted((a, b) => a - b)

export const membershipOf = (voters: readonly NodeId[], learners: readonly NodeId[] = []): Membership => ({
  voters: ascending(voters),
  learners: ascending(learners),
})

export const isMember = ({ voters, learners }: Membership, id: NodeId): boolean => voters.includes(id) || learners.includes(id)

/** The configuration after `change`, or why there is none. */
export function changedBy(before: Membership, { kind, id }: MembershipChange): Membership | ChangeProblem {
  const { voters, learners } = before
  const others = (ids: readonly NodeId[]) => ids.filter((each) => each !== id)
  switch (kind) {
    case 'add-learner':
      if (isMember(before, id)) return 'already_member'
      return voters.length + learners.length >= membersMax ? 'too_many_members' : membershipOf(voters, [...learners, id])
    case 'promote':
      if (voters.includes(id)) return 'already_voter'
      return learners.includes(id) ? membershipOf([...voters, id], others(learners)) : 'unknown_node'
    case 'remove':
      if (!isMember(before, id)) return 'unknown_node'
      return voters.length === 1 && voters[0] === id ? 'last_voter' : membershipOf(others(voters), others(learners))
  }
}

/** Voters that are in one of the two and not in the other; more than one would let two majorities miss each other (thesis 4.1). */
export function votersApart(a: Membership, b: Membership): number {
  return a.voters.filter((id) => !b.voters.includes(id)).length + b.voters.filter((id) => !a.voters.includes(id)).length
}

const version = 1
const headBytes = 3
const idBytes = 4

/** u8 version, u8 count of voters, u8 count of learners, then their ids as u32, little-endian. */
export function encodeMembership({ voters, learners }: Membership): Uint8Array {
  const ids = [...voters, ...learners]
  const bytes = new Uint8Array(headBytes + ids.length * idBytes)
  const view = new DataView(bytes.buffer)
  bytes.set([version, voters.length, learners.length])
  for (const [at, id] of ids.entries()) view.setUint32(headBytes + at * idBytes, id, true)
  return bytes
}

/** Reads what a leader of ours wrote; anything else ends the node: a configuration must not be guessed. */
export function decodeMembership(bytes: Uint8Array): Membership {
  const [written = 0, voterCount = 0, learnerCount = 0] = bytes
  const whole = bytes.length === headBytes + (voterCount + learnerCount) * idBytes
  if (written !== version || !whole || voterCount === 0)
    broken(`a configuration entry of version ${written} and ${bytes.length} bytes cannot be read`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const idsFrom = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => nodeId(view.getUint32(headBytes + (first + i) * idBytes, true)))
  return membershipOf(idsFrom(0, voterCount), idsFrom(voterCount, learnerCount))
}
