/**
 * The simulator from the command line: `--seeds N [--from S]` runs N schedules, `--seed X` replays one with the last `--lines` of its trace,
 * `--marks` counts the rare branches that were reached, `--histories` judges what the clients saw as well.
 * Ends in one plain line, `N schedules, N events, N failures`; exit code 1 if there were any.
 */

import { parseArgs } from 'node:util'
import { createSimWitness } from '../linear/sim-witness.ts'
import { runSchedule, type ScheduleResult } from './schedule.ts'

const { values } = parseArgs({
  options: {
    ...{ seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, lines: { type: 'string' } },
    ...{ marks: { type: 'boolean' }, histories: { type: 'boolean' } },
  },
})
const single = values.seed === undefined ? null : Number(values.seed)
const from = single ?? Number(values.from ?? 1)
const count = single === null ? Number(values.seeds ?? 200) : 1
const lines = Number(values.lines ?? 60)
const startedMs = performance.now()
const marks = new Map<string, number>()
let events = 0
let failures = 0
let virtualMs = 0
let applied = 0
const histories = { keys: 0, operations: 0, reads: 0, undecided: 0 }

function runOne(seed: number, traced: boolean): ScheduleResult {
  if (!values.histories) return runSchedule(seed, traced)
  const witness = createSimWitness()
  const result = runSchedule(seed, traced, witness)
  const verdict = witness.verdict()
  for (const name of ['keys', 'operations', 'reads', 'undecided'] as const) histories[name] += verdict[name]
  return result
}

for (let seed = from; seed < from + count; seed++) {
  let result = runOne(seed, single !== null)
  events += result.events
  virtualMs += result.virtualMs
  applied += result.applied
  for (const [name, times] of result.marks) marks.set(name, (marks.get(name) ?? 0) + times)
  if (result.failure !== null) {
    failures++
    if (failures <= 3) result = runOne(seed, true)
    console.log(`\nseed ${seed} fails after ${result.events} events: ${result.failure?.message}\noptions ${result.failure?.dials}`)
    console.log(result.ring.slice(-lines).join('\n'))
    if (failures >= 10) break
  } else if (single !== null) console.log(`${result.ring.slice(-lines).join('\n')}\nseed ${seed} holds, hash ${result.hash}`)
}
if (values.marks) for (const [name, times] of [...marks].toSorted()) console.log(`${String(times).padStart(10)} ${name}`)
if (values.histories)
  console.log(`${histories.keys} histories, ${histories.operations} operations, ${histories.reads} default reads, ${histories.undecided} undecided`)
const seconds = (performance.now() - startedMs) / 1000
console.log(
  `${(virtualMs / 3_600_000).toFixed(2)} virtual hours, ${Math.round(events / seconds)} events/s, ${(applied / count).toFixed(1)} writes applied under faults in a life`,
)
console.log(`${count} schedules, ${events} events, ${failures} failures`)
process.exitCode = failures === 0 ? 0 : 1
