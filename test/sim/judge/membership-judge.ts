/**
 * Who decides (invariants 16, 17 of reliability 3): only voters' votes make a leader, only voters' disks commit, configurations follow each other
 * by one voter, and each node goes by the latest one on its disk.
 */

import { decodeMembership, type Membership, votersApart } from '../../../src-node/raft/membership.ts'
import type { Entry, HardState } from '../../../src-node/raft/types.ts'
import type { MembershipOutcome } from '../../../src-node/raft-driver/membership-changes.ts'
import type { RaftStatus } from '../../../src-node/raft-driver/ports.ts'
import { type Platter, platterTerm } from '../raft-disk.ts'
import { type Facts, majorityOf } from './facts.ts'

export interface MembershipJudge {
  /** Before it is on disk. */
  onVoted(node: number, hardState: HardState): void
  /** The node's log is on its disk to the end: it must go by what stands there. */
  onSettled(node: number, status: RaftStatus): void
  onElected(status: RaftStatus): void
  /** A leader is about to save a configuration of its own. */
  onProposed(node: number, entry: Entry): void
  onCommitted(entry: Entry): void
  onChanged(outcome: MembershipOutcome): void
  /** The newest committed configuration. */
  membership(): Membership
}

const textOf = ({ voters, learners }: Membership) => `${voters.join(',')} + ${learners.join(',')}`

export function createMembershipJudge(facts: Facts): MembershipJudge {
  const { world, founders, seen, platterOf, fail } = facts
  /** Who saved a vote for whom, by term. */
  const votes = new Map<number, Map<number, number>>()
  const committed = [{ index: 0, membership: founders }]
  const newest = () => committed.at(-1)!

  const onDisk = (platter: Platter): Membership => {
    const entry = platter.configs.at(-1)
    return entry === undefined ? founders : decodeMembership(entry.data)
  }

  return {
    onVoted(node, { term, vote }) {
      if (vote === null) return
      if (!votes.has(term)) votes.set(term, new Map())
      votes.get(term)!.set(node, vote)
    },
    onSettled(node, status) {
      const stored = onDisk(platterOf(node))
      if (textOf(stored) !== textOf(status)) fail(`17: node ${node} goes by ${textOf(status)}, its disk says ${textOf(stored)}`)
    },
    onElected({ id, term, voters }) {
      const granted = voters.filter((voter) => votes.get(term)?.get(voter) === id)
      if (granted.length < majorityOf(voters)) fail(`16: node ${id} leads term ${term} with ${granted.length} votes of ${voters.join(', ')}`)
      if (voters.some((voter) => voter > founders.voters.length)) world.mark('membership/elected-with-newcomers')
      if (!voters.includes(id)) world.mark('membership/led-by-one-who-leaves')
    },
    onProposed(node, entry) {
      const { commit, term } = seen[node - 1]!
      if (entry.term !== term) return
      if (platterTerm(platterOf(node), commit) !== term) fail(`17: node ${node} changes the configuration in term ${term} before it committed in it`)
      const before = platterOf(node).configs.findLast(({ index }) => index < entry.index)
      if (before !== undefined && before.index > commit) fail(`17: node ${node} changes configuration ${before.index}, which is not committed`)
      const former = before === undefined ? founders : decodeMembership(before.data)
      const news = decodeMembership(entry.data).voters.find((id) => !former.voters.includes(id))
      if (news !== undefined && platterTerm(platterOf(news), before?.index ?? 0) !== (before?.term ?? 0))
        fail(`17: node ${node} makes node ${news} a voter, which does not even hold the entry that made it a learner`)
    },
    onCommitted(entry) {
      const membership = decodeMembership(entry.data)
      const before = newest().membership
      if (votersApart(before, membership) > 1) fail(`17: from ${textOf(before)} to ${textOf(membership)} at once`)
      const news = membership.voters.find((id) => !before.voters.includes(id))
      if (news !== undefined && !before.learners.includes(news)) fail(`17: node ${news} votes at ${entry.index} and was no learner`)
      if (news !== undefined) world.mark('membership/promoted')
      const gone = before.voters.find((id) => !membership.voters.includes(id))
      if (gone !== undefined) world.mark('membership/removed')
      if (gone !== undefined && facts.leaders.get(entry.term) === gone) world.mark('membership/leader-removed-itself')
      committed.push({ index: entry.index, membership })
    },
    onChanged(outcome) {
      world.mark(`change/${outcome.kind === 'refused' ? `refused: ${outcome.code}` : outcome.kind}`)
      if (outcome.kind !== 'done') return
      const stands = committed.find(({ index }) => index === outcome.index)
      if (stands === undefined || textOf(stands.membership) !== textOf(outcome.membership))
        fail(`17: a change is answered as done at ${outcome.index}, it is not`)
    },
    membership: () => newest().membership,
  }
}
