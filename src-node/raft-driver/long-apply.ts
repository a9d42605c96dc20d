/**
 * A command that looks at all configurations, applied over many turns of the loop in one transaction of the store: heads of the history, and records, to the
 * machine, its writes to the store, then all of it at once for everybody. A crash or a full disk in between leaves what was before. It decides nothing.
 */

import type { Effect, LongRun, Reply, StateMachine, StepLimits } from '../state-machine/types.ts'
import type { LongTransaction, StateStore } from '../storage/types.ts'
import type { Applied, CommittedCommand, DriverClock } from './ports.ts'
import { tellInSlices } from './slices.ts'

export interface LongApplyParts {
  readonly machine: StateMachine
  readonly store: StateStore
  readonly clock: Pick<DriverClock, 'defer'>
  /** What listeners must hear, each configuration as it is by then, after later entries perhaps. Never empty. */
  readonly onLateEffects: (effects: readonly Effect[]) => void
  /** Only a simulation, whose states are small, sets them. */
  readonly limits?: LongLimits
}

/** Of one turn. */
export interface LongLimits extends StepLimits {
  /** Rows of history. */
  readonly heads: number
}

/** A few milliseconds each. */
const longLimits: LongLimits = { heads: 1000, walked: 4000, changed: 100, bytes: 1024 * 1024 }

type Done = (result: Applied<Reply> | 'disk_full') => void

/** Throws what ends the process, from any of its turns, if this node's history is not what it was. */
export function applyLong(parts: LongApplyParts, entry: CommittedCommand & { readonly payload: Uint8Array }, done: Done): void {
  const { machine, store, clock, limits = longLimits } = parts
  machine.begin()
  const transaction = store.beginLong()
  if (transaction === 'disk_full') {
    giveUp(parts, done)
    return
  }
  const run = machine.applyLong(entry, transaction.records)
  if (run.historyFrom === null) carryOut(parts, { run, transaction, done })
  else feed(parts, { run, transaction, done }, run.historyFrom)

  function inTurns(of: Running, turn: () => void): void {
    // Closed with its store: a later life applies the entry.
    if (of.transaction.isOpen()) clock.defer(() => of.transaction.isOpen() && turn())
  }
  function feed(all: LongApplyParts, of: Running, from: number): void {
    const heads = of.transaction.history(from, limits.heads)
    for (const head of heads) of.run.feed(head)
    const last = heads.at(-1)
    if (last === undefined || heads.length < limits.heads) carryOut(all, of)
    else inTurns(of, () => feed(all, of, last.nid + 1))
  }
  function carryOut(all: LongApplyParts, of: Running): void {
    const writes = of.run.step(limits)
    if (writes === null) finish(all, of)
    else if (of.transaction.write(writes) === 'disk_full') giveUp(all, of.done)
    else inTurns(of, () => carryOut(all, of))
  }
}

interface Running {
  readonly run: LongRun
  readonly transaction: LongTransaction
  readonly done: Done
}

function giveUp({ machine }: LongApplyParts, done: Done): void {
  machine.discard()
  done('disk_full')
}

function finish(parts: LongApplyParts, { run, transaction, done }: Running): void {
  const { machine, clock, onLateEffects } = parts
  const outcome = run.outcome()
  const reply = outcome.kind === 'broken' ? transaction.damaged(outcome.words) : outcome.reply
  if (transaction.commit(machine.pendingMeta()) === 'disk_full') {
    giveUp(parts, done)
    return
  }
  machine.publish()
  done({ replies: [reply], afterReplies: () => tellInSlices(run.told(), { defer: clock.defer, onEffects: onLateEffects }) })
}
