/**
 * The simulator from the command line.
 *   --seeds N [--from S]  lives N lives; --workers 2 spreads them over processes, --twice lives each twice and compares,
 *                         --histories judges what the clients saw, --need-marks fails when a rare branch was not reached
 *   --seed X              replays one, with the last --lines of its trace; --set '{"clients":1}' puts dials over those that the seed draws
 * A failing life is shown and made smaller, unless --no-shrink. The last line is always `N schedules, N events, N failures`; exit code 1 if
 * there were any.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createSimWitness } from '../linear/sim-witness.ts'
import { type Batch, type BatchOptions, emptyBatch, runBatch } from './batch.ts'
import type { Dials } from './dials.ts'
import { marksExpected } from './marks.ts'
import { runSchedule, type ScheduleResult } from './schedule.ts'
import { shrink } from './shrink.ts'
import { runInWorkers } from './workers.ts'

const { values } = parseArgs({
  options: {
    ...{ seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, lines: { type: 'string' }, set: { type: 'string' } },
    ...{ workers: { type: 'string' }, twice: { type: 'boolean' }, histories: { type: 'boolean' } },
    ...{ 'need-marks': { type: 'boolean' }, 'no-shrink': { type: 'boolean' } },
  },
})
const lines = Number(values.lines ?? 60)
const shownMax = 3
const shrinkLivesMax = 3000
const resultsDir = resolve(import.meta.dirname, '../../test-results')
const startedMs = performance.now()

const live = (seed: number, overrides: Partial<Dials>, traced: boolean): ScheduleResult =>
  runSchedule(seed, { traced, overrides, witness: createSimWitness() })

const replayOf = (seed: number, overrides: Partial<Dials>): string =>
  `npm run test:sim -- --seed ${seed}${Object.keys(overrides).length === 0 ? '' : ` --set '${JSON.stringify(overrides)}'`}`

function showFailure(seed: number, overrides: Partial<Dials>): void {
  const { failure, events, ring } = live(seed, overrides, true)
  if (failure === null) return
  console.log(`\nseed ${seed} fails after ${events} events: ${failure.message}\noptions ${JSON.stringify(failure.dials)}`)
  console.log(ring.slice(-lines).join('\n'))
}

function showSmallest(seed: number): void {
  const { failure, events } = live(seed, {}, false)
  if (failure === null) return
  const { dials, message } = failure
  const parts = { dials, message, events, livesMax: shrinkLivesMax }
  const smallest = shrink(seed, { ...parts, live: (attempt) => live(attempt.seed, attempt.overrides, false) })
  console.log(`\nsmallest after ${smallest.lives} lives: ${smallest.events} events, seed ${smallest.seed}, ${JSON.stringify(smallest.overrides)}`)
  showFailure(smallest.seed, smallest.overrides)
  console.log(`replay: ${replayOf(smallest.seed, smallest.overrides)}`)
}

function replay(seed: number, overrides: Partial<Dials>): Batch {
  const { failure, events, ring, hash, virtualMs, applied, marks } = live(seed, overrides, true)
  if (failure !== null) showFailure(seed, overrides)
  else console.log(`${ring.slice(-lines).join('\n')}\nseed ${seed} holds, hash ${hash}`)
  const failures = failure === null ? [] : [{ seed, message: failure.message }]
  return { ...emptyBatch, schedules: 1, events, virtualMs, applied, marks: Object.fromEntries(marks), failures }
}

async function liveAll(): Promise<Batch> {
  const options: BatchOptions = {
    ...{ from: Number(values.from ?? 1), seeds: Number(values.seeds ?? 200) },
    ...{ twice: values.twice ?? false, histories: values.histories ?? false },
  }
  const workers = Number(values.workers ?? 1)
  const tell = ({ schedules, failures }: Batch) => console.log(`${schedules} of ${options.seeds} lives, ${failures.length} failures`)
  const batch = workers > 1 ? await runInWorkers(options, workers, tell) : runBatch(options)
  for (const { seed, message } of batch.failures) console.log(`seed ${seed}: ${message.split('\n')[0]}`)
  for (const { seed } of batch.failures.slice(0, shownMax)) showFailure(seed, {})
  const first = batch.failures[0]
  if (first !== undefined && !values['no-shrink']) showSmallest(first.seed)
  return batch
}

function report(batch: Batch, missing: readonly string[]): void {
  for (const [name, times] of Object.entries(batch.marks).toSorted()) console.log(`${String(times).padStart(10)} ${name}`)
  for (const name of missing) console.log(`${'0'.padStart(10)} ${name}: no life got there`)
  const { keys, operations, reads, undecided } = batch.histories
  if (values.histories) console.log(`${keys} histories, ${operations} operations, ${reads} default reads, ${undecided} undecided`)
  const seconds = (performance.now() - startedMs) / 1000
  const { schedules, events, virtualMs, applied, slowest } = batch
  console.log(
    `${(virtualMs / 3_600_000).toFixed(2)} virtual hours, ${Math.round(events / seconds)} events/s, ` +
      `${(applied / schedules).toFixed(1)} writes applied under faults in a life, slowest seed ${slowest.seed} in ${slowest.ms.toFixed(0)} ms`,
  )
}

const batch = values.seed === undefined ? await liveAll() : replay(Number(values.seed), JSON.parse(values.set ?? '{}') as Partial<Dials>)
const missing = values['need-marks'] ? marksExpected.filter((name) => batch.marks[name] === undefined) : []
report(batch, missing)
mkdirSync(resultsDir, { recursive: true })
writeFileSync(join(resultsDir, 'sim.json'), `${JSON.stringify({ ...batch, missing, seconds: (performance.now() - startedMs) / 1000 }, null, 2)}\n`)
const failures = batch.failures.length + missing.length
console.log(`${batch.schedules} schedules, ${batch.events} events, ${failures} failures`)
process.exitCode = failures === 0 ? 0 : 1
