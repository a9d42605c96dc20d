/**
 * Those who asked this node for a membership change, each until exactly one answer: refused, done once its entry is applied here, lost when
 * another leader's entry stands in its place, or unknown when that is not settled in time. It decides nothing about configurations.
 */

import type { Membership, MembershipChange } from '../raft/membership.ts'
import type { ChangeRefusal } from '../raft/membership-change.ts'
import type { Raft } from '../raft/raft.ts'
import type { LogIndex, Term } from '../raft/types.ts'
import type { DriverOptions } from './options.ts'

export type MembershipOutcome =
  | { readonly kind: 'done'; readonly index: LogIndex; readonly membership: Membership }
  /** Certainly not in force, now or later. `lost`: a new leader did not have it. */
  | { readonly kind: 'refused'; readonly code: ChangeRefusal | 'lost' | 'overloaded' | 'disk_full' }
  /** Appended, and may come into force or not; whoever leads knows. */
  | { readonly kind: 'unknown' }

interface Asker {
  readonly change: MembershipChange
  readonly sinceMs: number
  readonly done: (outcome: MembershipOutcome) => void
}
interface Appended extends Asker {
  readonly index: LogIndex
  readonly term: Term
  readonly membership: Membership
}

export interface MembershipChanges {
  /** Waits for the next drain. */
  add(change: MembershipChange, nowMs: number, done: (outcome: MembershipOutcome) => void): void
  /** In a drain: hands the core what waits. */
  flush(): void
  /** More is applied: some of them may be settled. */
  applied(upTo: LogIndex): void
  expire(nowMs: number): void
  stop(): void
}

export interface MembershipChangesParts {
  readonly core: Pick<Raft, 'changeMembership' | 'membership' | 'termAt' | 'view'>
  readonly options: DriverOptions
}

export function createMembershipChanges({ core, options }: MembershipChangesParts): MembershipChanges {
  let queue: Asker[] = []
  let appended: Appended[] = []

  const hand = (asker: Asker) => {
    const index = core.changeMembership(asker.change)
    if (typeof index === 'string') asker.done({ kind: 'refused', code: index })
    else appended.push({ ...asker, index, term: core.view.term, membership: core.membership() })
  }
  /** Terms never fall along the log: what is applied at its index is its entry, or proves that it never will be. Under a snapshot nobody can tell. */
  const settle = ({ index, term, membership, done }: Appended) => {
    const applied = core.termAt(index)
    if (applied === null) done({ kind: 'unknown' })
    else if (applied === term) done({ kind: 'done', index, membership })
    else done({ kind: 'refused', code: 'lost' })
  }

  return {
    add(change, nowMs, done) {
      if (queue.length + appended.length >= options.changesMax) done({ kind: 'refused', code: 'overloaded' })
      else queue.push({ change, sinceMs: nowMs, done })
    },
    flush() {
      if (queue.length === 0) return
      const taken = queue
      queue = []
      taken.forEach(hand)
    },
    applied(upTo) {
      if (appended.length === 0) return
      const settled = appended.filter(({ index }) => index <= upTo)
      appended = appended.filter(({ index }) => index > upTo)
      settled.forEach(settle)
    },
    expire(nowMs) {
      if (queue.length + appended.length === 0) return
      const isDue = ({ sinceMs }: Asker) => nowMs - sinceMs >= options.changeTimeoutMs
      const late = queue.filter(isDue)
      const open = appended.filter(isDue)
      queue = queue.filter((asker) => !isDue(asker))
      appended = appended.filter((asker) => !isDue(asker))
      for (const { done } of late) done({ kind: 'refused', code: 'overloaded' })
      for (const { done } of open) done({ kind: 'unknown' })
    },
    stop() {
      const waiting = queue
      const open = appended
      queue = []
      appended = []
      for (const { done } of waiting) done({ kind: 'refused', code: 'not_leader' })
      for (const { done } of open) done({ kind: 'unknown' })
    },
  }
}
