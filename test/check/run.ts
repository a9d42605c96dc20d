/**
 * `npm run check`: every rule that a machine can hold, in one run. Owns the order of the steps and the report: one line a
 * step while it runs, every problem at the end, exit code 1 if there is one. Never changes a file.
 *
 * `--only types,lint` runs the named steps. The folder checked is the working directory.
 */

import { namesIn, optionsIn, readOrEnd } from '../support/command-line.ts'
import { type Step, steps } from './steps.ts'

interface Outcome {
  readonly step: Step
  readonly problems: readonly string[]
}

const names = steps.map(({ name }) => name)
const wanted = readOrEnd(`npm run check -- --only NAMES  runs of the steps ${names.join(', ')}`, (args) => {
  const values = optionsIn(args, { only: { type: 'string' } })
  return values.only === undefined ? names : namesIn(values.only, names, 'step')
})

const waiting = steps.filter(({ name }) => wanted.includes(name))
const outcomes: Outcome[] = []
/** Most tools have one thread: two of them at a time take little longer than one. */
const atOnce = 2
const work = async (): Promise<void> => {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const startedMs = performance.now()
    const problems = await step.run(process.cwd())
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(10)} ${seconds.padStart(5)} s  ${step.promise}`)
    outcomes.push({ step, problems })
  }
}
await Promise.all(Array.from({ length: atOnce }, work))

const failed = steps.flatMap(({ name }) => outcomes.filter(({ step, problems }) => step.name === name && problems.length > 0))
for (const { step, problems } of failed) {
  console.log(`\n${step.name}: ${step.promise}`)
  for (const problem of problems) console.log(`  ${problem}`)
}
console.log(failed.length === 0 ? '\ncheck: nothing to say' : `\ncheck: ${failed.map(({ step }) => step.name).join(', ')} failed`)
process.exitCode = failed.length === 0 ? 0 : 1
