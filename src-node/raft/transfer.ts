/**
 * Handing leadership over on purpose (thesis 3.10): the leader takes no more proposals, brings the target's log up to its own, and
 * tells it to campaign at once, past everybody's stickiness. Given up after one election timeout, and then it leads on.
 */

import { isVoter } from './configuration.ts'
import type { CoreState } from './core-state.ts'
import { mayCampaign, startCampaign } from './election.ts'
import type { NodeId, TimeoutNow } from './types.ts'

export interface Transfer {
  readonly target: NodeId
  ticks: number
  /** `timeout-now` has left: the target may be campaigning already. */
  told: boolean
}

/** False: not the leader, the target is no other voter, or another transfer is under way. */
export function startTransfer(s: CoreState, target: NodeId): boolean {
  if (s.role !== 'leader' || s.transfer !== null || target === s.options.id || !isVoter(s, target)) return false
  s.transfer = { target, ticks: 0, told: false }
  s.events.push({ type: 'transfer', term: s.term, target, phase: 'started' })
  return true
}

/** Once a drain: the target is told as soon as it holds everything. Nothing is appended meanwhile, so that moment comes. */
export function continueTransfer(s: CoreState): void {
  const { transfer } = s
  if (transfer === null || transfer.told || s.progress.get(transfer.target)?.match !== s.log.lastIndex()) return
  transfer.told = true
  s.messages.push({ type: 'timeout-now', from: s.options.id, to: transfer.target, term: s.term })
}

/** One tick of a leader. A target that was told and did not win in time has lost nothing: its late campaign is an election like any. */
export function tickTransfer(s: CoreState): void {
  const { transfer } = s
  if (transfer === null || ++transfer.ticks < s.options.electionTicksMin) return
  s.transfer = null
  s.events.push({ type: 'transfer', term: s.term, target: transfer.target, phase: 'given-up' })
}

/** The leader asks this node to take over. A late one, of a leader that is not followed any more, says nothing. */
export function onTimeoutNow(s: CoreState, m: TimeoutNow): void {
  if (s.role !== 'follower' || s.leaderId !== m.from || !mayCampaign(s)) return
  startCampaign(s, `node ${m.from} hands leadership over`, true)
}
