/**
 * The child of the kill test: writes through the Raft log and the state store as a node does, as fast as it can, and says
 * `index term` on stdout once an entry is synced and applied. It is ended by kill -9 only.
 */

import { writeSync } from 'node:fs'
import { type Entry, logIndex, nodeId, term } from '../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { createStateMachine } from '../../src-node/state-machine/state-machine.ts'
import type { StateMachine } from '../../src-node/state-machine/types.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import { commandOf, openStores } from './stores.ts'

const entryAt = (index: number, at: number): Entry => ({
  ...{ index: logIndex(index), term: term(at), kind: index % 11 === 0 ? 'noop' : 'command' },
  data: index % 11 === 0 ? new Uint8Array(0) : commandOf(index, at),
})

const persist = (log: RaftLogStore, at: number, entries: readonly Entry[]): void => {
  log.persist({ term: term(at), vote: nodeId((at % 3) + 1) }, entries, (problem) => {
    if (problem) throw new Error(problem)
  })
}

const applyUpTo = (stores: { log: RaftLogStore; store: StateStore; machine: StateMachine }, last: number): void => {
  const { log, store, machine } = stores
  machine.begin()
  const writes = log
    .entries(logIndex(machine.meta().appliedIndex + 1), logIndex(last), Number.MAX_SAFE_INTEGER)
    .flatMap(({ kind, index, ...entry }) => {
      if (kind === 'command') return machine.apply({ index, term: entry.term, stampMs: index, payload: entry.data }).writes
      machine.skip(index, entry.term)
      return []
    })
  if (store.commit(writes, machine.pendingMeta()) !== 'ok') throw new Error('the disk is full')
  machine.publish()
}

const { log, store } = openStores(process.argv[2] ?? '')
const machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
if (log.lastIndex() > machine.meta().appliedIndex) applyUpTo({ log, store, machine }, log.lastIndex())

for (let at = log.hardState().term + 1; ; at++) {
  const first = log.lastIndex() + 1
  const count = 1 + (first % 5)
  persist(
    log,
    at,
    Array.from({ length: count }, (_, n) => entryAt(first + n, at)),
  )
  // Now and then the last ones conflict and are replaced, as by a new leader.
  if (at % 3 === 0) persist(log, at + 1, [entryAt(first + count - 1, at + 1), entryAt(first + count, at + 1)])
  const last = log.lastIndex()
  applyUpTo({ log, store, machine }, last)
  const said: string[] = []
  for (let index = first; index <= last; index++) said.push(`${index} ${log.termAt(logIndex(index))}\n`)
  writeSync(1, said.join(''))
}
