/**
 * Committed entries into the state machine, a slice at a time: one store transaction, then the waiting callers' replies,
 * then what listeners hear. It never holds the loop for long, never applies what is not on this node's own disk, and never
 * skips an index.
 */

import { broken } from '../raft/invariant.ts'
import type { Raft } from '../raft/raft.ts'
import { type Entry, type LogBase, type LogIndex, logIndex, type Term, term } from '../raft/types.ts'
import { envelopeBytes, isEnvelope, payloadOf, stampOf } from './envelope.ts'
import type { DriverOptions } from './options.ts'
import type { Applied, Applier, CommittedCommand, DriverClock } from './ports.ts'

export interface ApplyLoop {
  /** Starts the next slice if there is one and none is running. */
  pump(): void
  applied(): LogIndex
  appliedTerm(): Term
  /** A run was handed out and its answer is not there yet. */
  isApplying(): boolean
  /** A snapshot is about to be installed: nothing is applied any more, also nothing that waits for room on the disk. Not while applying. */
  hold(): void
  /** The state stands at `place` now; applying goes on after it once `release` is called. */
  restored(place: LogBase): void
  release(): void
  stop(): void
}

export interface ApplyLoopParts<R> {
  readonly core: Raft
  readonly applier: Applier<R>
  readonly clock: DriverClock
  readonly options: DriverOptions
  /** Stops the whole loop when `act` throws; around everything that the world calls. */
  readonly orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A) => void
  /** One applied command and its reply, in log order. */
  readonly onReply: (entry: Entry, reply: R) => void
  /** A slice is applied and its replies are given. */
  readonly onApplied: (termRose: boolean) => void
  readonly onDiskFull: (full: boolean) => void
  readonly onSlow: (ms: number) => void
}

const noBytes = new Uint8Array(0)

function toCommand(entry: Entry): CommittedCommand {
  const { index, term: entryTerm, kind, data } = entry
  if (kind !== 'command') return { index, term: entryTerm, stampMs: 0, payload: null }
  // What no version of ours wrote goes on as an empty command: recorded as invalid, equal on all nodes.
  if (!isEnvelope(data)) return { index, term: entryTerm, stampMs: 0, payload: noBytes }
  return { index, term: entryTerm, stampMs: stampOf(data), payload: payloadOf(data) }
}

export function createApplyLoop<R>(parts: ApplyLoopParts<R>): ApplyLoop {
  const { core, applier, clock, options, orHalt } = parts
  let applied = applier.appliedIndex()
  let appliedTerm = core.termAt(applied) ?? term(0)
  let sliceMax = options.applyEntriesMax
  let busy = false
  let stopped = false
  let held = false
  let applying = false
  /** A run that was offered before a hold is void after it. */
  let epoch = 0

  const pump = () => {
    const to = core.appliableIndex()
    if (busy || stopped || held || applied >= to) return
    busy = true
    offer(upToOneThatFills(core.entries(logIndex(applied + 1), to, { count: sliceMax, bytes: options.applyBytesMax })))
  }

  /** Bytes say nothing of such a command: it names a thousand rows in a few of them, or all configurations. */
  const upToOneThatFills = (entries: readonly Entry[]): readonly Entry[] => {
    for (let at = 0; at < entries.length; at++) {
      const { kind, data } = entries[at] as Entry
      if (kind !== 'command' || !isEnvelope(data)) continue
      if (applier.standsAlone(data, envelopeBytes)) return entries.slice(0, Math.max(1, at))
      if (applier.fillsTurn(data, envelopeBytes)) return entries.slice(0, at + 1)
    }
    return entries
  }

  const offer = (entries: readonly Entry[]) => {
    if (stopped) return
    const ofEpoch = epoch
    if (entries[0]?.index !== applied + 1) broken(`entry ${applied + 1} is missing, after which the state stands`)
    // What counts is how long the loop stood still; a store that answers later has held nobody up in between.
    let inApply = true
    let heldMs = 0
    const done = (result: Applied<R> | 'disk_full') => {
      applying = false
      if (stopped) return
      if (ofEpoch !== epoch) broken(`entry ${entries[0]?.index} was applied beside a snapshot`)
      const doneMs = clock.monotonicMs()
      if (result === 'disk_full') {
        parts.onDiskFull(true)
        clock.after(
          options.diskFullRetryMs,
          orHalt(() => ofEpoch === epoch && offer(entries)),
        )
        return
      }
      parts.onDiskFull(false)
      finish(entries, result)
      busy = false
      if (!inApply) adapt(heldMs + clock.monotonicMs() - doneMs)
      if (applied < core.appliableIndex()) clock.defer(orHalt(pump))
    }
    applying = true
    const startMs = clock.monotonicMs()
    applier.apply(entries.map(toCommand), orHalt(done))
    inApply = false
    heldMs = clock.monotonicMs() - startMs
    if (!busy) adapt(heldMs)
  }

  const finish = (entries: readonly Entry[], result: Applied<R>) => {
    const last = entries.at(-1) ?? broken('an empty run was applied')
    const termRose = last.term > appliedTerm
    applied = last.index
    appliedTerm = last.term
    core.appliedTo(applied)
    for (let i = 0; i < entries.length; i++) {
      const reply = result.replies[i] ?? null
      if (reply !== null) parts.onReply(entries[i] as Entry, reply)
    }
    parts.onApplied(termRose)
    result.afterReplies()
  }

  const adapt = (tookMs: number) => {
    if (tookMs > options.applySliceMs) sliceMax = Math.max(1, sliceMax >> 1)
    else if (sliceMax < options.applyEntriesMax && tookMs * 2 < options.applySliceMs) sliceMax = Math.min(options.applyEntriesMax, sliceMax * 2)
    if (tookMs > options.slowTurnMs) parts.onSlow(tookMs)
  }

  return {
    pump,
    applied: () => applied,
    appliedTerm: () => appliedTerm,
    isApplying: () => applying,
    hold() {
      held = true
      busy = false
      epoch++
    },
    restored(place) {
      applied = place.index
      appliedTerm = place.term
      parts.onDiskFull(false)
    },
    release() {
      held = false
    },
    stop() {
      stopped = true
    },
  }
}
