/**
 * The state machine and its store behind one port: a run of committed entries becomes one store transaction, then memory is
 * published, then replies go out, then effects. It decodes nothing, and keeps nothing when the store's disk is full.
 */

import { logIndex } from '../raft/types.ts'
import { isPrune } from '../state-machine/prune-codec.ts'
import { isSnapshotCommand } from '../state-machine/snapshot-codec.ts'
import type { Effect, Reply, RowWrite } from '../state-machine/types.ts'
import { applyLong, type LongApplyParts } from './long-apply.ts'
import type { Applier } from './ports.ts'

export interface MachineApplierParts extends LongApplyParts {
  /** What listeners must hear, in log order, after the waiting callers have their replies. Never empty. */
  readonly onEffects: (effects: readonly Effect[]) => void
}

export function createMachineApplier(parts: MachineApplierParts): Applier<Reply> {
  const { machine, store, onEffects } = parts
  return {
    appliedIndex: () => logIndex(machine.meta().appliedIndex),
    fillsTurn: isPrune,
    standsAlone: isSnapshotCommand,
    apply(run, done) {
      const [first] = run
      if (first !== undefined && first.payload !== null && isSnapshotCommand(first.payload)) {
        applyLong(parts, { ...first, payload: first.payload }, done)
        return
      }
      const replies: (Reply | null)[] = []
      const writes: RowWrite[] = []
      const effects: Effect[] = []
      machine.begin()
      for (const { index, term, stampMs, payload } of run) {
        if (payload === null) {
          machine.skip(index, term)
          replies.push(null)
          continue
        }
        const result = machine.apply({ index, term, stampMs, payload })
        for (const write of result.writes) writes.push(write)
        for (const effect of result.effects) effects.push(effect)
        replies.push(result.reply)
      }
      if (store.commit(writes, machine.pendingMeta()) === 'disk_full') {
        machine.discard()
        done('disk_full')
        return
      }
      machine.publish()
      done({ replies, afterReplies: () => effects.length > 0 && onEffects(effects) })
    },
  }
}
