/**
 * Snapshots of the state store and the machine's memory as one: the memory of a received state is filled beside the running one, in slices,
 * so that both change in the same turn; what listeners must hear of it follows in slices too.
 */

import type { Effect, StateMachine } from '../state-machine/types.ts'
import type { ReceivedState, StateStore } from '../storage/types.ts'
import type { DriverClock, IncomingSnapshot, PreparedSnapshot, StateSnapshots } from './ports.ts'
import { slice, tellInSlices } from './slices.ts'

export interface MachineSnapshotsParts {
  readonly machine: StateMachine
  readonly store: StateStore
  readonly clock: Pick<DriverClock, 'defer'>
  /** Never empty. */
  readonly onEffects: (effects: readonly Effect[]) => void
}

export function createMachineSnapshots({ machine, store, clock, onEffects }: MachineSnapshotsParts): StateSnapshots {
  const prepare = (state: ReceivedState, isWanted: () => boolean, done: (result: PreparedSnapshot | 'damaged') => void) => {
    const meta = state.meta()
    const load = machine.load()
    const rows = state.loadIndex()
    const requests = state.loadRequests()
    const records = state.loadRecords()
    for (const snapshot of state.loadSnapshots()) load.addSnapshot(snapshot)
    let changes: Iterator<Effect | null> | null = null
    const ready: PreparedSnapshot = {
      install: () => {
        store.replaceWith(state)
        changes = load.takeOver(meta)
      },
      settled: () => {
        store.forgetInstall()
        if (changes !== null) tellInSlices(changes, { defer: clock.defer, onEffects })
      },
      discard: state.discard,
    }
    const turn = () => {
      if (!isWanted()) return
      const isMore = slice(rows, load.add) || slice(requests, load.addRequest) || slice(records, load.addRecord, ({ value }) => value.length)
      if (isMore) clock.defer(turn)
      else if (load.stateHash(meta) === meta.stateHash) done(ready)
      else {
        state.discard()
        done('damaged')
      }
    }
    clock.defer(turn)
  }

  const receive: StateSnapshots['receive'] = (info, membership): IncomingSnapshot => {
    const sink = store.receive(info, membership)
    let state: ReceivedState | null = null
    let wanted = true
    return {
      write: sink.write,
      discard: () => {
        wanted = false
        if (state === null) sink.discard()
        else state.discard()
      },
      finish: (done) =>
        sink.finish((result) => {
          if (typeof result === 'string') {
            done(result)
            return
          }
          state = result
          prepare(result, () => wanted, done)
        }),
    }
  }

  return { durableIndex: store.durableIndex, checkpoint: store.checkpoint, copyOut: store.copyOut, copying: store.beingRead, receive }
}
