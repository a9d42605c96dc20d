/**
 * `npm run test:odd -- --configs N [--seed S] [--modes sqlite,mysql]`: so many odd configurations, published to real clusters in each mode and
 * compared everywhere. The last line is `N configurations, N differences`; exit code 1 if there are any. A seed draws the same run again.
 */

import { findMariadb } from '../runner/tools.ts'
import { namesIn, optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { startMariadb } from '../support/mariadb.ts'
import { type OddOutcome, type OddRun, runOddConfigs } from './odd-run.ts'
import { type ModeName, type Subject, startOnSharedMysql, startOnSqlite } from './subject.ts'

const modes: readonly ModeName[] = ['sqlite', 'mysql']
const defaultConfigs = 10_000

const usage = `npm run test:odd -- …
  --configs N   so many of them (${defaultConfigs}, if not said)
  --seed S      from which all is drawn (by the clock, if not said)
  --modes LIST  of ${modes.join(', ')} (both, if not said)
The last line is "N configurations, N differences"; exit code 1 if there were any, 2 for words that make no sense.`

const asked = readOrEnd(usage, (args) => {
  const values = optionsIn(args, { configs: { type: 'string' }, seed: { type: 'string' }, modes: { type: 'string' } })
  return {
    configs: wholeNumber(values.configs, defaultConfigs, { name: 'configs', min: 1, max: 100_000 }),
    seed: wholeNumber(values.seed, 1 + (Date.now() % 1_000_000), { name: 'seed', min: 1, max: 2 ** 31 }),
    modes: values.modes === undefined ? modes : modes.filter((mode) => namesIn(values.modes ?? '', modes, 'mode').includes(mode)),
  }
})

const runOn = async (subject: Subject, run: OddRun): Promise<OddOutcome> => {
  try {
    return await runOddConfigs(subject, run)
  } finally {
    await subject.cluster.stop()
  }
}

const runIn = async (mode: ModeName, run: OddRun): Promise<OddOutcome> => {
  if (mode === 'sqlite') return runOn(await startOnSqlite(), run)
  const server = await startMariadb()
  try {
    return await runOn(await startOnSharedMysql(server), run)
  } finally {
    await server.remove()
  }
}

let compared = 0
let differences = 0
const tool = findMariadb()
for (const mode of asked.modes) {
  if (mode === 'mysql' && 'missing' in tool) {
    console.log(`mysql: cannot be run: ${tool.missing}`)
    differences++
    continue
  }
  const startedMs = performance.now()
  const outcome = await runIn(mode, asked)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${mode}: seed ${asked.seed}, ${outcome.compared} held against every place, ${outcome.refused} refused as they must be, ${seconds} s`)
  for (const problem of outcome.problems) console.log(`  ${problem}`)
  compared += outcome.compared
  differences += outcome.differences
}
console.log(`${compared} configurations, ${differences} differences`)
process.exitCode = differences > 0 ? 1 : 0
