/** A node's own view after each of its turns (invariants 1, 3, 4, 6, 7, 8, 9, 13, 15 of reliability 3); it also learns here what is committed. */

import type { RaftStatus } from '../../../src-node/raft-driver/ports.ts'
import { platterChain, platterTerm } from '../raft-disk.ts'
import { type Facts, majorityOf } from './facts.ts'
import type { MembershipJudge } from './membership-judge.ts'

export interface ViewJudge {
  onStatus(node: number, run: number, status: RaftStatus): void
}

export function createViewJudge(facts: Facts, membership: MembershipJudge): ViewJudge {
  const { world, platters, leaders, ledgers, chains, committedEntries, commitTerms, commitVoters, seen, platterOf, fail } = facts
  /** 13, 7, 16: an index counts as committed only if a quorum of the voters' disks holds it, in the leader's own term. */
  const commitBy = (status: RaftStatus) => {
    const from = chains.length
    const to = status.commitIndex
    const { voters } = status
    const holders = voters.map(platterOf).filter((platter) => platterTerm(platter, to) === status.term)
    if (holders.length < majorityOf(voters))
      fail(`13: node ${status.id} commits ${to} in term ${status.term}, held by ${holders.length} disks of ${voters.join(', ')} only`)
    for (let i = from + 1; i <= to; i++) {
      chains.push(platterChain(holders[0]!, i))
      committedEntries.push(holders[0]!.entries[i - 1]!)
      commitTerms.push(status.term)
      commitVoters.push(voters)
      const entry = holders[0]!.entries[i - 1]!
      if (entry.kind === 'config') membership.onCommitted(entry)
    }
    for (const platter of platters)
      if (platterTerm(platter, to) === status.term && platterChain(platter, to) !== chains[to - 1]) fail(`3: disks disagree about ${to}`)
  }

  /** 15: what a leader counts for a follower is on that follower's disk, as this leader sent it. A follower that went on to another term may have cut it. */
  const checkMatches = (status: RaftStatus) => {
    const ledger = ledgers.get(status.term)!
    for (const { id, matchIndex } of status.peers) {
      const platter = platterOf(id)
      if (matchIndex === null || matchIndex === 0 || platter.hardState.term > status.term) continue
      if (platterChain(platter, matchIndex) !== ledger[matchIndex - 1])
        fail(`15: node ${status.id} counts node ${id} up to ${matchIndex} in term ${status.term}, whose disk holds something else`)
    }
  }

  const checkLeader = (status: RaftStatus) => {
    const known = leaders.get(status.term)
    if (known !== undefined && known !== status.id) fail(`1: nodes ${known} and ${status.id} lead term ${status.term}`)
    leaders.set(status.term, status.id)
    if (known === undefined) {
      membership.onElected(status)
      ledgers.set(status.term, platterOf(status.id).chains.slice())
      // A node that wakes up late may win a term after a later leader has committed more.
      const last = commitTerms.findLastIndex((committedIn) => committedIn < status.term) + 1
      if (last > 0 && platterChain(platterOf(status.id), last) !== chains[last - 1])
        fail(`4: node ${status.id} leads term ${status.term} without committed entry ${last}`)
    }
    if (status.commitIndex > chains.length) commitBy(status)
    checkMatches(status)
  }

  return {
    onStatus(node, run, status) {
      const before = seen[node - 1]!
      if (before.run === run) {
        if (status.term < before.term) fail(`6: term of node ${node} falls from ${before.term} to ${status.term}`)
        if (status.term === before.term && before.vote !== null && status.vote !== before.vote)
          fail(`7: node ${node} changes its vote in term ${status.term}`)
        if (status.commitIndex < before.commit) fail(`8: commit of node ${node} falls from ${before.commit} to ${status.commitIndex}`)
        if (status.appliedIndex < before.applied) fail(`applied of node ${node} falls from ${before.applied} to ${status.appliedIndex}`)
      }
      if (status.appliedIndex > status.commitIndex || status.commitIndex > status.lastIndex)
        fail(`9: node ${node} applied ${status.appliedIndex}, commit ${status.commitIndex}, last ${status.lastIndex}`)
      if (status.role === 'leader') checkLeader(status)
      else if (status.commitIndex > chains.length && before.run === run && before.role === 'leader' && before.term === status.term) {
        // What it committed last was its own removal.
        commitBy(status)
        world.mark('membership/leader-left')
      } else if (status.commitIndex > chains.length)
        fail(`node ${node} follows a commit index ${status.commitIndex} that no leader reached (${chains.length})`)
      if (before.role === 'leader' && status.role !== 'leader' && before.run === run) world.mark('role/leader-lost')
      before.run = run
      before.term = status.term
      before.vote = status.vote
      before.commit = status.commitIndex
      before.applied = status.appliedIndex
      before.role = status.role
    },
  }
}
