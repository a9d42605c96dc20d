/** What reaches a disk (invariants 2, 3, 6, 7, 10, 11 of reliability 3): judged before it is written, and once it is there. */

import type { Entry, HardState } from '../../../src-node/raft/types.ts'
import { platterChain, platterLast, platterTerm } from '../raft-disk.ts'
import type { Facts } from './facts.ts'
import type { MembershipJudge } from './membership-judge.ts'

export interface DiskJudge {
  onPersist(node: number, hardState: HardState | null, entries: readonly Entry[]): void
  onWritten(node: number, entries: readonly Entry[]): void
}

export function createDiskJudge(facts: Facts, membership: MembershipJudge): DiskJudge {
  const { world, chains, leaders, ledgers, seen, platterOf, fail } = facts
  const chainOf = new Map<number, number>()
  /** What a leader appends belongs to its term's history from its own disk on, sent or not: a sole voter sends nothing for long. */
  const recordOwn = (term: number, index: number, chain: number) => {
    const ledger = ledgers.get(term)
    if (ledger === undefined || index > ledger.length + 1) return
    if (index <= ledger.length && ledger[index - 1] !== chain) fail(`2: the leader of term ${term} saves another entry ${index} than it sent`)
    ledger[index - 1] = chain
  }

  return {
    onPersist(node, hardState, entries) {
      const platter = platterOf(node)
      if (hardState !== null) {
        const before = platter.hardState
        if (hardState.term < before.term) fail(`6: node ${node} saves term ${hardState.term} after ${before.term}`)
        if (hardState.term === before.term && before.vote !== null && hardState.vote !== before.vote)
          fail(`7: node ${node} changes its vote in term ${before.term}`)
        membership.onVoted(node, hardState)
      }
      const first = entries[0]
      if (first === undefined) return
      const kept = Math.min(platterLast(platter), chains.length)
      if (first.index <= kept && platterChain(platter, first.index) === chains[first.index - 1])
        fail(`11: node ${node} cuts committed entry ${first.index}`)
      if (first.index <= platterLast(platter)) {
        if (seen[node - 1]!.role === 'leader') fail(`2: node ${node} leads, and overwrites its own log from ${first.index} on`)
        world.mark('log/tail-cut')
      }
      if (seen[node - 1]!.role === 'leader') for (const entry of entries) if (entry.kind === 'config') membership.onProposed(node, entry)
      let previous = platterTerm(platter, first.index - 1)
      let index = first.index - 1
      for (const entry of entries) {
        if (entry.index !== ++index) fail(`entries are not consecutive at ${entry.index}`)
        if (entry.term < previous) fail(`10: term falls at ${entry.index} of node ${node}`)
        previous = entry.term
      }
      if (previous > Math.max(hardState?.term ?? 0, platter.hardState.term)) fail(`node ${node} saves an entry of term ${previous} before the term`)
    },
    onWritten(node, entries) {
      for (const { index, term } of entries) {
        const key = term * 1e6 + index
        const chain = platterChain(platterOf(node), index)
        const known = chainOf.get(key)
        if (known === undefined) chainOf.set(key, chain)
        if (leaders.get(term) === node) recordOwn(term, index, chain)
        if (known !== undefined && known !== chain) fail(`3: entry ${index} of term ${term} on node ${node} follows another history`)
      }
    },
  }
}
