/**
 * The leader's housekeeping of history: what is older than the retention goes, the newest rows of each configuration stay. It looks for old rows
 * off the loop, then proposes them batch by batch with a pause between, each a command like any other, so that every node takes away the same.
 * Its cutoff comes from the wall clock, which a person or a time server may move: as long as wall and monotonic time disagree, nothing goes.
 */

import type { DriverClock } from './raft-driver/ports.ts'
import { encodePrune, prunedRowsMax } from './state-machine/prune-codec.ts'
import { historyKeptFrom, isExpired } from './state-machine/snapshot-list.ts'
import type { NamedSnapshot } from './state-machine/types.ts'
import type { StateStore } from './storage/types.ts'

export interface RetentionParts {
  /** Age, ms, from which history goes; 0: never. */
  readonly retentionMs: number
  /** From one look for old rows to the next. */
  readonly roundMs: number
  /** Rows of each configuration that stay, whatever their age. */
  readonly keptNewest: number
  readonly clock: Pick<DriverClock, 'monotonicMs' | 'wallMs' | 'after'>
  readonly store: Pick<StateStore, 'sweepHistory' | 'beingRead'>
  /** This node leads, and has applied what it leads. */
  leads(): boolean
  logTimeMs(): number
  /** What they need of the history stays. */
  snapshots(): readonly NamedSnapshot[]
  /** Whether it was carried out: no, if it was refused, or nobody knows. */
  propose(payload: Uint8Array, done: (applied: boolean) => void): void
  /** What others wrote to a shared database before that moment goes too, in pieces, as long as it may go on. Absent: there is none. */
  readonly forgetOthers?: ((beforeMs: number, mayGoOn: () => boolean) => void) | undefined
  say(level: 'info' | 'warn', line: string): void
}

export type RetentionState = 'off' | 'on' | 'suspended'

export interface HistoryRetention {
  state(): RetentionState
  start(): void
  stop(): void
}

/** A clock that is wrong is noticed soon, whatever the pause between two rounds. */
const lookMsMax = 60_000
/** What clocks drift apart, and what a time server steps, is far below. */
const disagreementMsMax = 3_600_000
/** Other writes go first: ten commands a second take 10,000 rows. */
const pauseMs = 100
/** Freed by one command on each node: some hundred pages. */
const batchBytesMax = 1024 * 1024
/** Where little of much goes, every row lies on a page of its own. */
const batchApartMax = 250
/** Of one sweep: less than a megabyte in memory. */
const sweepRowsMax = 100_000

const hours = (ms: number): string => `${(ms / 3_600_000).toFixed(1)} hours`
const days = (ms: number): string => (ms % 86_400_000 === 0 ? `${ms / 86_400_000} days` : `${ms} ms`)

/** Nothing runs before `start`. */
export const createHistoryRetention = (parts: RetentionParts): HistoryRetention => {
  const { retentionMs, roundMs, keptNewest, clock, store, say } = parts
  const wallAhead = (): number => clock.wallMs() - clock.monotonicMs()
  const aheadAtFirst = wallAhead()
  const lookMs = Math.min(roundMs, lookMsMax)
  let dueMs = clock.monotonicMs() + lookMs
  let suspended = false
  let sweeping = false
  let timer: { cancel(): void } | null = null

  const judgeClock = (): void => {
    const apartMs = wallAhead() - aheadAtFirst
    const wrong = Math.abs(apartMs) > disagreementMsMax
    if (wrong === suspended) return
    suspended = wrong
    if (wrong)
      say(
        'warn',
        `no history is removed: the wall clock has gone ${hours(Math.abs(apartMs))} ${apartMs > 0 ? 'ahead of' : 'behind'} the time that has passed since this node started; it goes on when they agree again, or when the node is started again with a clock that is right`,
      )
    else say('info', 'history is removed again by its age: the wall clock is right again')
  }

  const mayGoOn = (): boolean => {
    judgeClock()
    return timer !== null && !suspended && parts.leads()
  }

  const sweep = (): void => {
    sweeping = true
    const cutoffMs = Math.floor(Math.min(parts.logTimeMs(), clock.wallMs()) - retentionMs)
    parts.forgetOthers?.(cutoffMs, mayGoOn)
    const beforeNid = historyKeptFrom(parts.snapshots().filter((snapshot) => !isExpired(snapshot, cutoffMs)))
    const order = { cutoffMs, beforeNid, keptNewest, batchRowsMax: prunedRowsMax, batchBytesMax, batchApartMax, rowsMax: sweepRowsMax }
    store.sweepHistory(order, (found) => {
      if (found === 'failed') say('warn', 'the history could not be looked through for rows that are to go; it is tried again later')
      if (found === 'failed' || found.batches.length === 0) sweeping = false
      else proposeFrom({ cutoffMs, ...found }, 0)
    })
  }

  const proposeFrom = (
    found: { readonly cutoffMs: number; readonly batches: readonly (readonly number[])[]; readonly more: boolean },
    at: number,
  ): void => {
    const { cutoffMs, batches, more } = found
    const nids = batches[at]
    if (nids === undefined || !mayGoOn()) {
      sweeping = false
      const rows = batches.slice(0, at).reduce((sum, batch) => sum + batch.length, 0)
      if (rows > 0 && timer !== null) say('info', `${rows} rows of history older than ${days(retentionMs)} are removed, with ${at} commands`)
      // As many as one sweep may name: the rest at the next look.
      if (more && nids === undefined) dueMs = clock.monotonicMs()
      return
    }
    parts.propose(encodePrune({ kind: 'prune-history', cutoffMs, nids }), (applied) => {
      // A leader that is refused has better things to do; the rows wait for the next round.
      if (!applied) sweeping = false
      else clock.after(pauseMs, () => proposeFrom(found, at + 1))
    })
  }

  const look = (): void => {
    timer = clock.after(lookMs, look)
    judgeClock()
    if (clock.monotonicMs() < dueMs || sweeping || !mayGoOn() || store.beingRead()) return
    dueMs = clock.monotonicMs() + roundMs
    sweep()
  }

  return {
    state: () => (retentionMs === 0 ? 'off' : suspended ? 'suspended' : 'on'),
    start: () => {
      if (retentionMs > 0) timer = clock.after(lookMs, look)
    },
    stop: () => {
      timer?.cancel()
      timer = null
    },
  }
}
