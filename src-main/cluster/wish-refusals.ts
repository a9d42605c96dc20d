/** What a leader's "no" means for whoever asked: the code of the contract, a sentence, and whether a moment later may change it. Pure. */

import type { WishAnswer } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'
import { mostNodes } from './member-book.ts'

export type WishRefusal = Extract<WishAnswer, { ok: false }>

const reasons: Readonly<Record<string, string>> = {
  would_lose_quorum: 'too few of the remaining voters are alive to agree on anything: start them, or replace the dead ones first',
  last_voter: 'the last voter cannot go',
  too_many_members: `a cluster has ${mostNodes} nodes at most`,
  not_caught_up: 'it has not caught up yet',
  unknown_node: 'it is no member of the cluster',
  no_leader: 'nobody leads: a change needs a majority',
  no_quorum: 'nobody leads: a change needs a majority',
  not_leader: 'leadership went to another node in between: try again',
  change_in_progress: 'another change of the members is not finished yet: try again in a moment',
  busy: 'leadership is being handed over: try again in a moment',
  lost: 'a new leader came in between and does not have the change: try again',
  overloaded: 'the leader has more to do than it can take: try again in a moment',
  disk_full: 'the disk of the leader is full',
  unknown: 'the leader did not say in time whether it is so',
}

const codes: Readonly<Record<string, Refusal['code']>> = {
  no_leader: 'no_quorum',
  no_quorum: 'no_quorum',
  overloaded: 'overloaded',
  disk_full: 'disk_full',
  unknown: 'outcome_unknown',
}

export const reasonOf = ({ code }: WishRefusal): string => reasons[code] ?? code
export const refusalCodeOf = ({ code }: WishRefusal): Refusal['code'] => codes[code] ?? 'wrong_state'

/** Said by a leader whose configuration is committed: no earlier wish of the same kind can come true any more either. */
export const isFinal = ({ code }: WishRefusal): boolean => ['would_lose_quorum', 'last_voter', 'too_many_members', 'unknown_node'].includes(code)
