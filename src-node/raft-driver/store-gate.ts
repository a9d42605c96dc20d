/**
 * The callers whose writes the shared database must hold before they are told (MySQL mode): some wait, not proposed yet, for the first word
 * about the database; the others are applied and wait until it has them. Each gets exactly one answer, in bounded time, and never a success
 * that the database lacks.
 */

import type { WriteOutcome } from './ports.ts'
import type { StoreHealth } from './sink-loop.ts'
import type { StoreLimits } from './store-limits.ts'

interface Early {
  readonly sinceMs: number
  go(): void
  refuse(): void
}
interface Held<R> {
  readonly sinceMs: number
  readonly outcome: Extract<WriteOutcome<R>, { kind: 'applied' }>
  readonly done: (outcome: WriteOutcome<R>) => void
}

/** Callers who cannot be told yet what the columns of the database hold. */
export const createEarlyWaiters = ({ heldMax, undecidedMs }: StoreLimits) => {
  let waiting: { readonly sinceMs: number; readonly done: (known: boolean) => void }[] = []
  return {
    wait(nowMs: number, done: (known: boolean) => void): void {
      if (waiting.length >= heldMax) done(false)
      else waiting.push({ sinceMs: nowMs, done })
    },
    settle(known: boolean): void {
      const told = waiting
      waiting = []
      for (const { done } of told) done(known)
    },
    expire(nowMs: number): void {
      const late = waiting.filter(({ sinceMs }) => nowMs - sinceMs >= undecidedMs)
      if (late.length === 0) return
      waiting = waiting.filter((each) => !late.includes(each))
      for (const { done } of late) done(false)
    },
  }
}

export interface StoreGate<R> {
  /** `propose` is called at once, later, or, if the database cannot be had, never. */
  write(propose: (done: (outcome: WriteOutcome<R>) => void) => void, done: (outcome: WriteOutcome<R>) => void): void
  /** Health or stored index are others than before. */
  look(): void
  expire(nowMs: number): void
  waiting(): number
  /** What is applied is answered `unknown`, what was not proposed is refused. */
  stop(): void
}

export interface StoreGateParts {
  health(): StoreHealth
  storedIndex(): number
  nowMs(): number
  readonly limits: StoreLimits
}

export const createStoreGate = <R>({ health, storedIndex, nowMs, limits }: StoreGateParts): StoreGate<R> => {
  let early: Early[] = []
  /** In the order of their entries. */
  let held: Held<R>[] = []

  type Write = StoreGate<R>['write']
  const propose = (sinceMs: number, begin: Parameters<Write>[0], done: Parameters<Write>[1]): void =>
    begin((outcome) => {
      if (outcome.kind !== 'applied' || outcome.index <= storedIndex()) done(outcome)
      else held.push({ sinceMs, outcome, done })
    })

  return {
    write(begin, done) {
      const sinceMs = nowMs()
      const refuse = (): void => done({ kind: 'refused', code: 'storage_unavailable' })
      if (health() === 'away') refuse()
      else if (early.length + held.length >= limits.heldMax) done({ kind: 'refused', code: 'overloaded' })
      else if (health() === 'available') propose(sinceMs, begin, done)
      else early.push({ sinceMs, go: () => propose(sinceMs, begin, done), refuse })
    },
    look() {
      const stored = storedIndex()
      let answered = 0
      while (held[answered] !== undefined && (held[answered] as Held<R>).outcome.index <= stored) answered++
      const ready = held.splice(0, answered)
      for (const { done, outcome } of ready) done(outcome)
      const now = health()
      if (early.length === 0 || now === 'undecided') return
      const decided = early
      early = []
      for (const each of decided) {
        if (now === 'available') each.go()
        else each.refuse()
      }
    },
    expire(atMs) {
      const late = early.filter(({ sinceMs }) => atMs - sinceMs >= limits.undecidedMs)
      if (late.length > 0) early = early.filter((each) => !late.includes(each))
      for (const each of late) each.refuse()
      const unknown = held.filter(({ sinceMs }) => atMs - sinceMs >= limits.writeTimeoutMs)
      if (unknown.length > 0) held = held.filter((each) => !unknown.includes(each))
      for (const { done } of unknown) done({ kind: 'unknown' })
    },
    waiting: () => early.length + held.length,
    stop() {
      const [refused, unknown] = [early, held]
      early = []
      held = []
      for (const each of refused) each.refuse()
      for (const { done } of unknown) done({ kind: 'unknown' })
    },
  }
}
