/**
 * A node without peers that lives on the product's own stores: writes, applies, checkpoints, cuts its log, hands out and takes in snapshots, in the
 * order in which the driver does. It says beforehand what it is about to do, and afterwards what it was told, in a file beside its folder.
 */

import { writeSync } from 'node:fs'
import { openState } from '../../../src-node/node-state.ts'
import { type Entry, logIndex, nodeId, type SnapshotPlace, term } from '../../../src-node/raft/types.ts'
import { createStateMachine } from '../../../src-node/state-machine/state-machine.ts'
import type { StateMachine } from '../../../src-node/state-machine/types.ts'
import type { ReceivedState, SnapshotSource } from '../../../src-node/storage/types.ts'
import { commandOf } from '../../storage/stores.ts'
import type { LogFacts, Mark, StateFacts } from './promises.ts'

export const clusterId = 'crash-points'

/** A few of them make the log carry its write-ahead log over in the middle of its life. */
const largeBytes = 900_000

/** Every 11th entry is empty, every 17th a configuration; the rest publishes or deletes. Large ones mean nothing to the state, and are only long. */
export const entryOf = (index: number, at: number, large = false): Entry => {
  const place = { index: logIndex(index), term: term(at) }
  if (large) return { ...place, kind: 'noop', data: new Uint8Array(largeBytes).fill(index) }
  if (index % 17 === 0) return { ...place, kind: 'config', data: new Uint8Array([index % 256]) }
  return index % 11 === 0 ? { ...place, kind: 'noop', data: new Uint8Array(0) } : { ...place, kind: 'command', data: commandOf(index, at) }
}

/** @param later is given what is to be done after a while. */
export const openLifeState = (dir: string, id = 1, later: (act: () => void) => void = () => undefined) =>
  openState({
    ...{ dir, clusterId, nodeId: id, hasRunBefore: false, statePagesMax: 0, raftLogPagesMax: 0 },
    ...{ monotonicMs: () => 0, defer: (task) => task(), after: (_ms, act) => later(act), onSync: () => undefined, warn: () => undefined },
  })

/** The membership rules of the log (src-node/raft-log): the newest at or below its begin, and all later ones. */
const membersAfter = (members: readonly number[], base: number): readonly number[] => {
  const newest = members.findLast((index) => index <= base)
  return members.filter((index) => index > base || index === newest)
}

const configsIn = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at).filter((index) => index % 17 === 0)

export const applyEntries = (machine: StateMachine, entries: readonly Entry[]) =>
  entries.flatMap(({ kind, index, data, ...entry }) => {
    if (kind === 'command') return machine.apply({ index, term: entry.term, stampMs: index, payload: data }).writes
    machine.skip(index, entry.term)
    return []
  })

export const orThrow = (problem: string | null): void => {
  if (problem !== null && problem !== 'ok') throw new Error(problem)
}

export interface SmallLife extends ReturnType<typeof openLife> {}

/** @param marks a descriptor; null: nobody listens. `facts` are those that the life before ended with. */
export const openLife = (dir: string, marks: number | null, facts: LogFacts, id = 1) => {
  const waiting: (() => void)[] = []
  const { store, raftLog, ...opened } = openLifeState(dir, id, (act) => waiting.push(act))
  let { machine } = opened
  let log = facts
  const say = (mark: Mark): void => {
    if (marks !== null) writeSync(marks, `${JSON.stringify(mark)}\n`)
  }
  let durable = 0
  const sayDurable = (): void => {
    if (store.durableIndex() === durable) return
    durable = store.durableIndex()
    say({ kind: 'durable', applied: durable })
  }
  const changeLog = (next: LogFacts, change: () => void): void => {
    say({ kind: 'log', phase: 'begins', log: next })
    change()
    log = next
    say({ kind: 'log', phase: 'ends', log })
  }

  /** Entries `from` to `to` of this term; whatever stood there goes. */
  const persist = (from: number, to: number, at: number, large = false): void => {
    const entries = Array.from({ length: to - from + 1 }, (_, n) => entryOf(from + n, at, large))
    const kept = log.terms.slice(0, from - log.base[0] - 1)
    const next: LogFacts = {
      base: log.base,
      terms: [...kept, ...entries.map(() => at)],
      hard: [at, (at % 3) + 1],
      members: [...log.members.filter((index) => index < from), ...(large ? [] : configsIn(from, to))],
    }
    changeLog(next, () => raftLog.persist({ term: term(at), vote: nodeId((at % 3) + 1) }, entries, orThrow))
  }
  const vote = (at: number, forWhom: number): void =>
    changeLog({ ...log, hard: [at, forWhom] }, () => raftLog.persist({ term: term(at), vote: nodeId(forWhom) }, [], orThrow))

  const apply = (to: number): void => {
    machine.begin()
    const from = machine.meta().appliedIndex + 1
    const writes = applyEntries(machine, raftLog.entries(logIndex(from), logIndex(to), Number.MAX_SAFE_INTEGER))
    const next = machine.pendingMeta()
    say({ kind: 'commit', state: { applied: next.appliedIndex, hash: next.stateHash } })
    orThrow(store.commit(writes, next))
    machine.publish()
    sayDurable()
  }
  const compact = (to: number, slice: number): void => {
    for (;;) {
      const base = Math.min(to, log.base[0] + slice)
      const next: LogFacts = {
        ...log,
        base: [base, log.terms[base - log.base[0] - 1] ?? log.base[1]],
        terms: log.terms.slice(base - log.base[0]),
        members: membersAfter(log.members, base),
      }
      let result = 'done'
      changeLog(next, () => {
        result = raftLog.compact(logIndex(to), slice)
      })
      if (result === 'disk_full') throw new Error(result)
      if (result === 'done') return
    }
  }

  const install = (received: ReceivedState): void => {
    const { appliedIndex: applied, appliedTerm, stateHash: hash } = received.meta()
    const member = configsIn(1, applied).at(-1)
    const membership = member === undefined ? null : { index: logIndex(member), data: entryOf(member, 1).data }
    const place: SnapshotPlace = { index: logIndex(applied), term: term(appliedTerm), membership }
    const hard: LogFacts['hard'] = log.hard[0] < appliedTerm ? [appliedTerm, null] : log.hard
    const next: LogFacts = { base: [applied, appliedTerm], terms: [], hard, members: member === undefined ? [] : [member] }
    const state: StateFacts = { applied, hash }
    say({ kind: 'install', phase: 'begins', state, log: next })
    store.replaceWith(received)
    raftLog.reset(place, hard === log.hard ? null : { term: term(appliedTerm), vote: null }, orThrow)
    store.forgetInstall()
    machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
    log = next
    durable = applied
    say({ kind: 'install', phase: 'ends', state, log })
  }
  /** Takes a snapshot in, piece by piece; `meanwhile` runs between the pieces. */
  const receive = async (source: SnapshotSource, meanwhile: () => void): Promise<ReceivedState> => {
    const member = configsIn(1, source.info.index).at(-1)
    const sink = store.receive(source.info, member === undefined ? null : { index: member, data: entryOf(member, 1).data })
    const piece = 32 * 1024
    for (let offset = 0; offset < source.info.bytes; offset += piece) {
      orThrow(sink.write(source.read(offset, piece)))
      meanwhile()
    }
    const result = await new Promise<ReceivedState | string>((resolve) => sink.finish(resolve))
    if (typeof result === 'string') throw new Error(result)
    return result
  }
  const copy = async (): Promise<SnapshotSource> => {
    const result = await new Promise<SnapshotSource | string>((resolve) => store.copyOut(resolve))
    if (typeof result === 'string') throw new Error(result)
    return result
  }
  return {
    persist,
    vote,
    apply,
    /** Until nothing waits for its time any more: what gathers in the state store is committed then. */
    passTime: (): void => {
      while (waiting.length > 0) for (const act of waiting.splice(0)) act()
      sayDurable()
    },
    compact,
    receive,
    install,
    copy,
    checkpoint: (): void => {
      store.checkpoint()
      sayDurable()
    },
    facts: () => log,
    close: (): void => {
      raftLog.close()
      store.close()
    },
  }
}
