/**
 * Snapshots and the log's begin (invariants 11 and 14 of reliability 3, bug 20): what is cut is durable elsewhere, what is sent and installed is
 * the committed past and nothing else, and no install takes anything back.
 */

import type { Entry, HardState, SnapshotPlace } from '../../../src-node/raft/types.ts'
import type { SnapshotInfo } from '../../../src-node/storage/types.ts'
import { platterChain, platterLast } from '../raft-disk.ts'
import type { Facts } from './facts.ts'

export interface SnapshotJudge {
  /** `durable`: what no power cut can take back from the node's state store. */
  onCompact(node: number, to: number, durable: number): void
  onReset(node: number, base: SnapshotPlace, hardState: HardState | null, installed: number): void
  onSnapshotSent(node: number, info: SnapshotInfo): void
  committedEntries(): readonly Entry[]
}

export function createSnapshotJudge(facts: Facts): SnapshotJudge {
  const { world, chains, committedEntries, seen, platterOf, fail } = facts
  const isCommitted = ({ index, term }: { readonly index: number; readonly term: number }) =>
    index === 0 ? term === 0 : committedEntries[index - 1]?.term === term
  return {
    onCompact(node, to, durable) {
      if (to > durable) fail(`node ${node} cuts its log up to ${to}, its state is durable up to ${durable} only`)
      if (to > seen[node - 1]!.applied) fail(`14: node ${node} cuts its log up to ${to}, beyond what it has applied`)
      if (platterChain(platterOf(node), to) !== chains[to - 1]) fail(`14: node ${node} forgets ${to}, which is not what was committed`)
      world.mark('snapshot/log-cut')
    },
    onReset(node, base, hardState, installed) {
      const platter = platterOf(node)
      if (!isCommitted(base)) fail(`14: node ${node} begins its log after ${base.index} of term ${base.term}, which is not committed`)
      if (installed !== base.index) fail(`19: node ${node} resets its log to ${base.index}, its state was installed at ${installed}`)
      if (base.index < platter.base.index) fail(`20: node ${node} goes back from ${platter.base.index} to a snapshot of ${base.index}`)
      if (base.index < platterLast(platter) && platterChain(platter, base.index + 1) === chains[base.index])
        fail(`11: node ${node} drops committed entry ${base.index + 1} for a snapshot`)
      const newest = committedEntries.slice(0, base.index).findLast(({ kind }) => kind === 'config')
      if ((newest?.index ?? 0) !== (base.membership?.index ?? 0))
        fail(`17: node ${node} takes configuration ${base.membership?.index ?? 0} from a snapshot at ${base.index}, it is ${newest?.index ?? 0}`)
      const term = hardState?.term ?? platter.hardState.term
      if (term < platter.hardState.term || term < base.term) fail(`6: node ${node} is in term ${term} with a log that begins in ${base.term}`)
      world.mark('snapshot/log-reset')
    },
    onSnapshotSent(node, info) {
      if (!isCommitted(info)) fail(`14: node ${node} sends a snapshot of ${info.index} in term ${info.term}, which is not committed`)
      if (info.index > seen[node - 1]!.applied) fail(`14: node ${node} sends a snapshot of ${info.index}, beyond what it has applied`)
    },
    committedEntries: () => committedEntries,
  }
}
