/**
 * The callers who wait at this node, each until exactly one answer. A write is either queued (no leader has it) or out (handed
 * to the leader of one term). It owns the rule that makes a repeat safe: a write that the leader of term T took and that has
 * not been applied when this node applies an entry of a later term was lost for certain. Proof: only the leader of T appends
 * it, so its entry has term T; terms never fall along the log, and all entries before the later one are applied here.
 * Every attempt has a counter of its own, so a late answer to an earlier attempt meets nobody. A counter names the slot in which
 * its caller waits: a Map that loses and gains a key per write leaves tables behind that keep answered requests alive (a fifth of
 * a request's CPU went into carrying them through garbage collections).
 */

import { broken } from '../raft/invariant.ts'
import { type LogIndex, type NodeId, type Term, term } from '../raft/types.ts'
import { type Life, sealEnvelope } from './envelope.ts'
import type { DriverOptions } from './options.ts'
import type { ForwardRefusal, Refusal, WriteOutcome } from './ports.ts'

type RefusalCode = Exclude<Refusal, 'outcome_unknown'>

interface Waiter<R> {
  readonly payload: Uint8Array
  readonly sinceMs: number
  /** Once a leader has it. */
  readonly patienceMs: number
  readonly done: (outcome: WriteOutcome<R>) => void
  counter: number
  /** Term of the leader that has it, 0 while queued. */
  outTerm: Term
  /** What a refusal would say if no leader takes it in time. */
  reason: RefusalCode
}

export interface WaitingWrites<R> {
  /** Refuses beyond the limits, else queues. */
  add(payload: Uint8Array, nowMs: number, done: (outcome: WriteOutcome<R>) => void, patienceMs?: number): void
  queued(): number
  /** Envelopes for the leader of `ofTerm`: at least one, then limited by count and bytes. */
  take(ofTerm: Term, limits: { readonly count: number; readonly bytes: number }): Uint8Array[]
  /** The leader cannot take what is queued just now; `reason` is what they hear if that lasts. */
  holdBack(reason: RefusalCode): void
  applied(counter: number, reply: R, index: LogIndex): void
  /** The leader did not append these. */
  sentBack(refusal: ForwardRefusal): void
  /** An entry of `newTerm` is applied: what older leaders took and is not applied goes back to the queue. Returns how many. */
  lostBefore(newTerm: Term): number
  /**
   * Entries up to one of `lastTerm` are in a snapshot, and who wrote them is not known: what leaders up to that term took may be among
   * them. Those callers hear `unknown`, and nothing of theirs is proposed again. Returns how many.
   */
  skipped(lastTerm: Term): number
  expire(nowMs: number): void
  refuseQueued(code: RefusalCode): void
  /** The end of this run: queued writes are refused, the others unknown. */
  stop(): void
}

export interface WaitingWritesParts {
  readonly id: NodeId
  readonly life: Life
  readonly options: DriverOptions
}

export function createWaitingWrites<R>({ id, life, options }: WaitingWritesParts): WaitingWrites<R> {
  const { writesMax } = options
  const slots = new Array<Waiter<R> | null>(writesMax).fill(null)
  const free = Array.from({ length: writesMax }, (_, slot) => slot)
  let queue: Waiter<R>[] = []
  let bytes = 0
  let attempts = 0

  const waiterOf = (counter: number): Waiter<R> | null => {
    const waiter = slots[counter % writesMax] ?? null
    return waiter?.counter === counter ? waiter : null
  }
  const leaveSlot = (waiter: Waiter<R>) => {
    const slot = waiter.counter % writesMax
    if (slots[slot] !== waiter) broken('a write is answered twice')
    slots[slot] = null
    free.push(slot)
  }
  /** All callers, in the order in which they took their slots. */
  const waiting = (): Waiter<R>[] => slots.filter((waiter) => waiter !== null).sort((a, b) => a.counter - b.counter)

  const settle = (waiter: Waiter<R>, outcome: WriteOutcome<R>) => {
    leaveSlot(waiter)
    bytes -= waiter.payload.length
    waiter.done(outcome)
  }
  const refuse = (waiter: Waiter<R>, code: RefusalCode) => settle(waiter, { kind: 'refused', code })
  const enqueue = (waiter: Waiter<R>) => {
    const slot = free.pop() ?? broken('more writes wait than there are slots')
    waiter.counter = ++attempts * writesMax + slot
    waiter.outTerm = term(0)
    slots[slot] = waiter
    queue.push(waiter)
  }
  const enqueueAgain = (waiter: Waiter<R>) => {
    leaveSlot(waiter)
    enqueue(waiter)
  }

  return {
    add(payload, nowMs, done, patienceMs = options.writeTimeoutMs) {
      if (free.length === 0 || (bytes > 0 && bytes + payload.length > options.writeBytesMax)) {
        done({ kind: 'refused', code: 'overloaded' })
        return
      }
      bytes += payload.length
      enqueue({ payload, sinceMs: nowMs, patienceMs, done, counter: 0, outTerm: term(0), reason: 'no_quorum' })
    },
    queued: () => queue.length,
    take(ofTerm, limits) {
      const taken: Uint8Array[] = []
      let total = 0
      for (const waiter of queue) {
        total += waiter.payload.length
        if (taken.length >= limits.count || (taken.length > 0 && total > limits.bytes)) break
        waiter.outTerm = ofTerm
        waiter.reason = 'no_quorum'
        taken.push(sealEnvelope({ origin: id, life, counter: waiter.counter }, waiter.payload))
      }
      queue.splice(0, taken.length)
      return taken
    },
    holdBack(reason) {
      for (const waiter of queue) waiter.reason = reason
    },
    applied(counter, reply, index) {
      const waiter = waiterOf(counter)
      if (waiter !== null) settle(waiter, { kind: 'applied', reply, index })
    },
    sentBack({ counters, reason }) {
      for (const counter of counters) {
        const waiter = waiterOf(counter)
        if (waiter === null || waiter.outTerm === 0) continue
        if (reason === 'overloaded' || reason === 'storage_unavailable') refuse(waiter, reason)
        else {
          waiter.reason = reason === 'disk_full' ? 'disk_full' : 'no_quorum'
          enqueueAgain(waiter)
        }
      }
    },
    lostBefore(newTerm) {
      const lost = waiting().filter(({ outTerm }) => outTerm !== 0 && outTerm < newTerm)
      for (const waiter of lost) enqueueAgain(waiter)
      return lost.length
    },
    skipped(lastTerm) {
      const uncertain = waiting().filter(({ outTerm }) => outTerm !== 0 && outTerm <= lastTerm)
      for (const waiter of uncertain) settle(waiter, { kind: 'unknown' })
      return uncertain.length
    },
    expire(nowMs) {
      if (free.length === writesMax) return
      const due = waiting().filter(({ outTerm, sinceMs, patienceMs }) => nowMs - sinceMs >= (outTerm === 0 ? options.leaderWaitMs : patienceMs))
      if (due.length === 0) return
      queue = queue.filter((waiter) => nowMs - waiter.sinceMs < options.leaderWaitMs)
      for (const waiter of due) {
        if (waiter.outTerm === 0) refuse(waiter, waiter.reason)
        else settle(waiter, { kind: 'unknown' })
      }
    },
    refuseQueued(code) {
      const refused = queue
      queue = []
      for (const waiter of refused) refuse(waiter, code)
    },
    stop() {
      queue = []
      for (const waiter of waiting()) settle(waiter, waiter.outTerm === 0 ? { kind: 'refused', code: 'no_quorum' } : { kind: 'unknown' })
    },
  }
}
