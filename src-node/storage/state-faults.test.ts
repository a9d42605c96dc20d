import { expect, it } from 'vitest'
import { logIndex, term } from '../raft/types.ts'
import type { Applier } from '../raft-driver/ports.ts'
import { emptyMeta } from '../state-machine/state-machine.ts'
import { createStateFaults } from './state-faults.ts'
import type { StateStore } from './types.ts'

const setUp = () => {
  const did: string[] = []
  const timers = new Set<() => void>()
  const after = (_ms: number, task: () => void) => {
    timers.add(task)
    return { cancel: () => void timers.delete(task) }
  }
  const faults = createStateFaults({ after })
  const store = faults.store({
    historyCount: () => 7,
    commit: () => {
      did.push('committed')
      return 'ok'
    },
    close: () => did.push('closed'),
  } as Pick<StateStore, 'historyCount' | 'commit' | 'close'> as StateStore)
  const inner: Applier<string> = {
    appliedIndex: () => logIndex(3),
    fillsTurn: () => false,
    standsAlone: () => false,
    apply: (_run, done) => done(store.commit([], emptyMeta()) === 'ok' ? { replies: ['yes'], afterReplies: () => undefined } : 'disk_full'),
  }
  const applier = faults.applier(inner)
  const run = [{ index: logIndex(4), term: term(1), stampMs: 0, payload: null }]
  const apply = () => applier.apply(run, (result) => did.push(result === 'disk_full' ? 'answered disk_full' : 'answered ok'))
  const ring = () => {
    for (const task of [...timers]) task()
  }
  return { faults, store, applier, apply, did: () => did.splice(0), ring }
}

it('without a fault are the store and the applier themselves', () => {
  const { apply, did, store, applier } = setUp()
  apply()
  expect(did()).toEqual(['committed', 'answered ok'])
  expect([store.historyCount(), applier.appliedIndex()]).toEqual([7, 3])
})

it('a full disk commits nothing, until there is room', () => {
  const { faults, apply, did } = setUp()
  faults.set({ slowMs: 0, full: true })
  apply()
  expect(did()).toEqual(['answered disk_full'])
  faults.set({ slowMs: 0, full: false })
  apply()
  expect(did()).toEqual(['committed', 'answered ok'])
})

it('a slow disk is waited for, and one that is quick again is not', () => {
  const { faults, apply, did, ring } = setUp()
  faults.set({ slowMs: 40, full: false })
  apply()
  expect(did()).toEqual([])
  ring()
  expect(did()).toEqual(['committed', 'answered ok'])
  apply()
  faults.set({ slowMs: 0, full: false })
  expect(did()).toEqual(['committed', 'answered ok'])
  ring()
  expect(did()).toEqual([])
})

it('a closed store gets nothing more', () => {
  const { faults, apply, did, ring, store } = setUp()
  faults.set({ slowMs: 40, full: false })
  apply()
  store.close()
  ring()
  expect(did()).toEqual(['closed'])
})
