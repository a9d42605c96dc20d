/**
 * The state machine and its store behind one port: a run of committed entries becomes one store transaction, then memory is
 * published, then replies go out, then effects. It decodes nothing, and keeps nothing when the store's disk is full.
 */

import { logIndex } from '../raft/types.ts'
import { isPrune } from '../state-machine/prune-codec.ts'
import type { Effect, Reply, RowWrite, StateMachine } from '../state-machine/types.ts'
import type { StateStore } from '../storage/types.ts'
import type { Applier } from './ports.ts'

export interface MachineApplierParts {
  readonly machine: StateMachine
  readonly store: StateStore
  /** What listeners must hear, in log order, after the waiting callers have their replies. Never empty. */
  readonly onEffects: (effects: readonly Effect[]) => void
}

export function createMachineApplier({ machine, store, onEffects }: MachineApplierParts): Applier<Reply> {
  return {
    appliedIndex: () => logIndex(machine.meta().appliedIndex),
    fillsTurn: isPrune,
    apply(run, done) {
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
