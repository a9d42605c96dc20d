/** For tests: a shared database in the test's hand. Each call waits for an answer that the test gives; and a clock that it moves. */

import { createStateMachine, emptyMeta } from '../state-machine/state-machine.ts'
import type {
  ClaimOutcome,
  OpenOutcome,
  ReadOutcome,
  SinkBatch,
  SinkClaim,
  SinkOutcome,
  SinkTrouble,
  SourceReader,
  StoreSink,
} from '../storage/sink.ts'
import type { SinkQueue } from '../storage/types.ts'
import type { DriverClock } from './ports.ts'
import type { RecordView } from './record-adoption.ts'

export const troubleOf = (code: SinkTrouble['code']): SinkTrouble => ({ code, address: 'db:1', user: 'u', database: 'd', detail: 'as scripted' })
export const unavailable = { kind: 'unavailable', trouble: troubleOf('connection-refused') } as const
const limits = { tooBigFor: () => null, tooBigForRecord: () => null }
/** Of a cluster that has no namespaces, users and the like. */
export const noRecords: RecordView = {
  store: { readRecord: () => undefined },
  areas: createStateMachine([], emptyMeta()).areas,
  find: () => undefined,
}
/** Of a summary. */
export const noRefusedRecords = { refusedRecord: () => false, holds: () => true, keepsGrayHistory: true, keepsTags: true }
const noRefusals = { count: 0, newest: [] }
export const claimedAt = (appliedIndex: number): ClaimOutcome => ({ kind: 'claimed', appliedIndex, limits, refusals: noRefusals, address: 'db:1' })
export const written: SinkOutcome = { kind: 'written', dataErrors: [] }

export const createFakeClock = () => {
  let nowMs = 0
  let tasks: { readonly atMs: number; readonly run: () => void }[] = []
  const after = (ms: number, run: () => void) => {
    const task = { atMs: nowMs + ms, run }
    tasks.push(task)
    return {
      cancel: () => {
        tasks = tasks.filter((each) => each !== task)
      },
    }
  }
  const clock: DriverClock = { monotonicMs: () => nowMs, wallMs: () => nowMs, defer: (task) => void after(0, task), after }
  /** What promises have to say comes between two tasks. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  const advance = async (ms: number): Promise<void> => {
    const end = nowMs + ms
    for (;;) {
      await settle()
      const next = tasks.filter(({ atMs }) => atMs <= end).toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      tasks = tasks.filter((each) => each !== next)
      nowMs = Math.max(nowMs, next.atMs)
      next.run()
    }
    nowMs = end
  }
  return { clock, advance }
}

export const createFakeSink = () => {
  const calls: string[] = []
  const claims: SinkClaim[] = []
  const batches: SinkBatch[] = []
  let answer: ((outcome: never) => void) | null = null
  const wait = <T>(name: string): Promise<T> => {
    calls.push(name)
    return new Promise<T>((done) => {
      answer = done as (outcome: never) => void
    })
  }
  const sink: StoreSink = {
    open: () => {
      calls.push('open')
      return Promise.resolve<OpenOutcome>({ kind: 'opened', limits, position: null, address: 'db:1' })
    },
    claim: (claim) => {
      claims.push(claim)
      return wait<ClaimOutcome>(`claim ${claim.term}`)
    },
    write: (batch) => {
      batches.push(batch)
      return wait<SinkOutcome>(`write ${batch.from}-${batch.to}`)
    },
    read: (_reader: SourceReader) => wait<ReadOutcome>('read'),
    forgetOld: () => wait('forget old history'),
    close: () => {
      calls.push('close')
      return Promise.resolve()
    },
  }
  /** To the call that waits. */
  const tell = (outcome: ClaimOutcome | SinkOutcome): void => {
    const told = answer
    answer = null
    if (told === null) throw new Error('nobody asks')
    ;(told as (outcome: unknown) => void)(outcome)
  }
  return { sink, calls, claims, batches, tell, waiting: () => answer !== null }
}

/** Entries that changed a configuration, by index; no rows. */
export const createFakeQueue = () => {
  let entries: number[] = []
  let applied = 0
  let last = 0
  let completeAfter = 0
  const queued: string[] = []
  const held: { readonly dataId: string; readonly index: number }[] = []
  const queue: SinkQueue = {
    lastIndex: () => last,
    completeAfter: () => completeAfter,
    length: () => entries.length,
    holds: ({ dataId }, after) => held.some((each) => each.dataId === dataId && each.index > after),
    holdsRecord: (_area, key, after) => held.some((each) => each.dataId === key && each.index > after),
    queueRecords: (records) => {
      queued.push(...records.map(({ key }) => key))
      return 'ok'
    },
    read: (after) => (entries.some((index) => index > after) ? { from: after, to: applied, configs: [], dropped: [], history: [] } : null),
    refill: (after) => {
      completeAfter = after
      return 'done'
    },
    trim: (to) => {
      entries = entries.filter((index) => index > to)
      return 'ok'
    },
  }
  return {
    queue,
    applied: () => applied,
    /** @param changed whether the entry changed a configuration */
    apply: (changed: boolean): number => {
      applied++
      if (changed) {
        entries.push(applied)
        last = applied
      }
      return applied
    },
    /** Keys of records that are to be written again. */
    queued,
    /** An entry that changed this configuration, or the record of this key. */
    hold: (dataId: string, index: number) => void held.push({ dataId, index }),
    forgetUpTo: (index: number) => {
      completeAfter = index
    },
  }
}
