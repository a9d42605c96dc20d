/**
 * The simulator from the command line: lives many lives, or one again, shows what fails and makes it smaller, one or many alike. What it can
 * be asked is in order.ts. Passes only if something was lived and all of it held.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createSimWitness } from '../linear/sim-witness.ts'
import { readOrEnd } from '../support/command-line.ts'
import { type Batch, emptyBatch, runBatch, undecidedProblem } from './batch.ts'
import type { Dials } from './dials.ts'
import { marksExpected } from './marks.ts'
import { type Order, orderIn, usage } from './order.ts'
import { runSchedule } from './schedule.ts'
import { shrink } from './shrink.ts'
import { runInWorkers } from './workers.ts'

const shownMax = 3
const shrinkLivesMax = 3000
const resultsDir = resolve(import.meta.dirname, '../../test-results')
const startedMs = performance.now()
const order = readOrEnd(usage, orderIn)

const live = (seed: number, overrides: Partial<Dials>, traced: boolean) => {
  const witness = createSimWitness()
  return { ...runSchedule(seed, { traced, overrides, witness }), witness }
}

const replayOf = (seed: number, overrides: Partial<Dials>): string =>
  `npm run test:sim -- --seed ${seed} --no-shrink${Object.keys(overrides).length === 0 ? '' : ` --set '${JSON.stringify(overrides)}'`}`

function showFailure(seed: number, overrides: Partial<Dials>): void {
  const { failure, events, ring } = live(seed, overrides, true)
  if (failure === null) return
  console.log(`\nseed ${seed} fails after ${events} events: ${failure.message}\noptions ${JSON.stringify(failure.dials)}`)
  console.log(ring.slice(-order.lines).join('\n'))
}

function showSmallest(seed: number): void {
  const { failure, events } = live(seed, order.overrides, false)
  if (failure === null) return
  const { dials, message } = failure
  const parts = { dials, message, events, livesMax: shrinkLivesMax }
  const set = (overrides: Partial<Dials>): Partial<Dials> => ({ ...order.overrides, ...overrides })
  const smallest = shrink(seed, { ...parts, live: (attempt) => live(attempt.seed, set(attempt.overrides), false) })
  const overrides = set(smallest.overrides)
  console.log(`\nsmallest after ${smallest.lives} lives: ${smallest.events} events, seed ${smallest.seed}, ${JSON.stringify(overrides)}`)
  showFailure(smallest.seed, overrides)
  console.log(`replay: ${replayOf(smallest.seed, overrides)}`)
}

function replay(seed: number): Batch {
  const { failure, events, ring, hash, virtualMs, applied, marks, witness } = live(seed, order.overrides, true)
  const { keys, operations, reads, undecided } = witness.verdict()
  const message = failure?.message ?? undecidedProblem(undecided)
  if (failure !== null) showFailure(seed, order.overrides)
  else console.log(`${ring.slice(-order.lines).join('\n')}\nseed ${seed} ${message === null ? 'holds' : `fails: ${message}`}, hash ${hash}`)
  const lived = { schedules: 1, events, virtualMs, applied, marks: Object.fromEntries(marks), histories: { keys, operations, reads, undecided } }
  return { ...emptyBatch, ...lived, slowest: { seed, ms: performance.now() - startedMs }, failures: message === null ? [] : [{ seed, message }] }
}

async function liveAll({ options, workers }: Order & { kind: 'batch' }): Promise<Batch> {
  let told = 0
  const tellFailures = ({ failures }: Batch) => {
    for (const { seed, message } of failures.slice(told)) console.log(`seed ${seed}: ${message.split('\n')[0]}`)
    told = failures.length
  }
  const tell = (soFar: Batch) => {
    console.log(`${soFar.schedules} of ${options.seeds} lives, ${soFar.failures.length} failures`)
    tellFailures(soFar)
  }
  const batch = workers > 1 ? await runInWorkers(options, workers, tell) : runBatch(options)
  tellFailures(batch)
  for (const { seed } of batch.failures.slice(0, shownMax)) showFailure(seed, order.overrides)
  return batch
}

function report(batch: Batch, missing: readonly string[]): void {
  for (const [name, times] of Object.entries(batch.marks).toSorted()) console.log(`${String(times).padStart(10)} ${name}`)
  for (const name of missing) console.log(`${'0'.padStart(10)} ${name}: no life got there`)
  const { keys, operations, reads, undecided } = batch.histories
  if (operations > 0) console.log(`${keys} histories, ${operations} operations, ${reads} default reads, ${undecided} undecided`)
  const seconds = (performance.now() - startedMs) / 1000
  const { schedules, events, virtualMs, applied, slowest } = batch
  console.log(
    `${(virtualMs / 3_600_000).toFixed(2)} virtual hours, ${Math.round(events / seconds)} events/s, ` +
      `${(applied / schedules).toFixed(1)} writes applied under faults in a life, slowest seed ${slowest.seed} in ${slowest.ms.toFixed(0)} ms`,
  )
}

const batch = order.kind === 'replay' ? replay(order.seed) : await liveAll(order)
const first = batch.failures[0]
if (first !== undefined && order.shrinks) showSmallest(first.seed)
const missing = order.kind === 'batch' && order.needsMarks ? marksExpected.filter((name) => batch.marks[name] === undefined) : []
report(batch, missing)
mkdirSync(resultsDir, { recursive: true })
writeFileSync(join(resultsDir, 'sim.json'), `${JSON.stringify({ ...batch, missing, seconds: (performance.now() - startedMs) / 1000 }, null, 2)}\n`)
// However the lives came to be none, that proves nothing.
const failures = batch.failures.length + missing.length + (batch.schedules === 0 ? 1 : 0)
console.log(`${batch.schedules} schedules, ${batch.events} events, ${failures} failures`)
process.exitCode = failures === 0 ? 0 : 1
