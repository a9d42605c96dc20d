/** Many lives, one after another, and what came of them in numbers that add up: the same whether one process lives them or several. */

import { createSimWitness } from '../linear/sim-witness.ts'
import type { Dials } from './dials.ts'
import { runSchedule, type ScheduleResult } from './schedule.ts'

export interface BatchOptions {
  readonly from: number
  readonly seeds: number
  /** Each seed twice, and the hashes of its two lives compared. */
  readonly twice: boolean
  /** What the clients saw is judged as well. */
  readonly histories: boolean
  /** Put over the dials that each seed draws. */
  readonly overrides: Partial<Dials>
}

export interface BatchFailure {
  readonly seed: number
  readonly message: string
}

/** Plain data: it travels between processes as JSON. */
export interface Batch {
  readonly schedules: number
  readonly events: number
  readonly virtualMs: number
  readonly applied: number
  readonly marks: Readonly<Record<string, number>>
  readonly histories: { readonly keys: number; readonly operations: number; readonly reads: number; readonly undecided: number }
  readonly slowest: { readonly seed: number; readonly ms: number }
  readonly failures: readonly BatchFailure[]
}

/** A shorter life proves nothing. */
const eventsMin = 2000
/** Then something is broken as a whole, and more of the same says nothing new. */
export const failuresMax = 10

export const emptyBatch: Batch = {
  schedules: 0,
  events: 0,
  virtualMs: 0,
  applied: 0,
  marks: {},
  histories: { keys: 0, operations: 0, reads: 0, undecided: 0 },
  slowest: { seed: 0, ms: 0 },
  failures: [],
}

function sum<T extends Readonly<Record<string, number>>>(a: T, b: T): T {
  const total: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) total[name] = (total[name] ?? 0) + count
  return total as T
}

export const addBatches = (a: Batch, b: Batch): Batch => ({
  schedules: a.schedules + b.schedules,
  events: a.events + b.events,
  virtualMs: a.virtualMs + b.virtualMs,
  applied: a.applied + b.applied,
  marks: sum(a.marks, b.marks),
  histories: sum(a.histories, b.histories),
  slowest: a.slowest.ms >= b.slowest.ms ? a.slowest : b.slowest,
  failures: [...a.failures, ...b.failures],
})

interface Lived {
  readonly result: ScheduleResult
  readonly seen: Batch['histories']
}

function liveOnce(seed: number, { histories, overrides }: BatchOptions): Lived {
  if (!histories) return { result: runSchedule(seed, { overrides }), seen: emptyBatch.histories }
  const witness = createSimWitness()
  const result = runSchedule(seed, { overrides, witness })
  const { keys, operations, reads, undecided } = witness.verdict()
  return { result, seen: { keys, operations, reads, undecided } }
}

/** What was not judged was not proven. */
export const undecidedProblem = (undecided: number): string | null =>
  undecided === 0 ? null : `21: of ${undecided} keys the history could not be decided within the checker's bound`

function problemOf({ result, seen }: Lived, options: BatchOptions): string | null {
  if (result.failure !== null) return result.failure.message
  if (result.events < (options.overrides.events ?? eventsMin)) return `lived ${result.events} events only`
  const undecided = undecidedProblem(seen.undecided)
  if (undecided !== null || !options.twice) return undecided
  const again = liveOnce(result.seed, options).result
  return again.hash === result.hash ? null : `lives two lives, of hash ${result.hash} and ${again.hash}`
}

export function runBatch(options: BatchOptions): Batch {
  let total = emptyBatch
  for (let seed = options.from; seed < options.from + options.seeds && total.failures.length < failuresMax; seed++) {
    const startedMs = performance.now()
    const lived = liveOnce(seed, options)
    const ms = performance.now() - startedMs
    const { result, seen } = lived
    const message = problemOf(lived, options)
    total = addBatches(total, {
      ...{ schedules: 1, events: result.events, virtualMs: result.virtualMs, applied: result.applied, marks: Object.fromEntries(result.marks) },
      ...{ histories: seen, slowest: { seed, ms }, failures: message === null ? [] : [{ seed, message }] },
    })
  }
  return total
}
