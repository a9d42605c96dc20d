/**
 * `npm test`: every suite that this machine can run, in waves, and a last line `N passed, N failed` over all of them. What failed is named once
 * more directly before it, and in `test-results/failures.txt`. Says which suites are skipped and why; with REQUIRE_ALL=1 a skipped suite or
 * test is a failure. Exit code 1 on a failure, or if nothing ran.
 *
 * `npm test -- --only unit,sim` runs the named suites.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildOnce } from '../src-main/launch/build.ts'
import { type NamedFailure, recapOf } from './runner/recap.ts'
import { runSuite, type SuiteOutcome } from './runner/run-suite.ts'
import { type Suite, type Wave, waves } from './runner/suites.ts'
import { findChromium, findElectron, findMariadb } from './runner/tools.ts'
import { namesIn, optionsIn, readOrEnd } from './support/command-line.ts'

const root = resolve(import.meta.dirname, '..')
const resultsDir = join(root, 'test-results')
/** `.ci/run` repeats it behind its other stages. */
const recapPath = join(resultsDir, 'failures.txt')
const requireAll = process.env.REQUIRE_ALL === '1'
const minNodeMajor = 24

interface Skipped {
  readonly suite: Suite
  readonly why: string
}

const fail = (words: string): never => {
  console.error(words)
  process.exit(2)
}

const chosenWaves = (): readonly Wave[] => {
  const names = waves.flat(2).map(({ name }) => name)
  const only = readOrEnd(`npm test -- --only NAMES  runs of the suites ${names.join(', ')}`, (args) => {
    const values = optionsIn(args, { only: { type: 'string' } })
    return values.only === undefined ? names : namesIn(values.only, names, 'suite')
  })
  return waves.map((wave) => wave.map((lane) => lane.filter(({ name }) => only.includes(name))))
}

const reasonToSkip = (suite: Suite): string | null => {
  const missing = suite.needs.flatMap((need) => {
    const tool = need()
    return 'missing' in tool ? [tool.missing] : []
  })
  return missing.length === 0 ? null : missing.join('; ')
}

/** The suites find their tools where this run found them. */
const toolEnv = (): Record<string, string> => {
  const chromium = findChromium()
  const electron = findElectron()
  const mariadb = findMariadb()
  return {
    ...('found' in chromium ? { CHROMIUM_PATH: chromium.found } : {}),
    ...('found' in electron ? { ELECTRON_PATH: electron.found } : {}),
    ...('found' in mariadb ? { MARIADB_PATH: mariadb.found } : {}),
  }
}

interface Run {
  readonly outcomes: readonly SuiteOutcome[]
  readonly skipped: readonly Skipped[]
  /** What ended the run before all suites had their turn. */
  readonly broken: readonly NamedFailure[]
}

/** Suites that run side by side must not draw the same free ports (test/support/ports.ts). */
const runLane = async (lane: readonly Suite[], env: Readonly<Record<string, string>>): Promise<readonly SuiteOutcome[]> => {
  const outcomes: SuiteOutcome[] = []
  for (const suite of lane) outcomes.push(await runSuite(suite, root, resultsDir, env))
  return outcomes
}

const runWaves = async (): Promise<Run> => {
  const outcomes: SuiteOutcome[] = []
  const skipped: Skipped[] = []
  const env = toolEnv()
  for (const wave of chosenWaves()) {
    for (const suite of wave.flat()) {
      const why = reasonToSkip(suite)
      if (why !== null) skipped.push({ suite, why })
    }
    const able = wave.map((lane) => lane.filter((suite) => reasonToSkip(suite) === null)).filter((lane) => lane.length > 0)
    // Once, before the suites that start the product: a start that has to build would be measured as a slow start.
    const problem = able.flat().some(({ needsBuild }) => needsBuild) ? await buildOnce(root) : null
    if (problem !== null) return { outcomes, skipped, broken: [{ suite: 'build', what: 'the product', message: problem }] }
    const ran = await Promise.all(able.map((lane, at) => runLane(lane, able.length === 1 ? env : { ...env, PORT_LANE: String(at) })))
    outcomes.push(...ran.flat())
  }
  return { outcomes, skipped, broken: [] }
}

/** Failures of single tests, and what a strict run does not forgive. */
const failuresOf = ({ outcomes, skipped, broken }: Run): readonly NamedFailure[] => {
  const plain = [...broken, ...outcomes.flatMap(({ suite, counts }) => counts.failures.map((each) => ({ suite: suite.name, ...each })))]
  if (!requireAll) return plain
  const strict = 'REQUIRE_ALL=1 forbids it'
  const leftOut = outcomes.flatMap(({ suite, counts }) =>
    counts.leftOut.map((what) => ({
      suite: suite.name,
      what,
      message: `left out, or a hook before it failed (see the output of the suite): ${strict}`,
    })),
  )
  return [
    ...plain,
    ...leftOut,
    ...skipped.map(({ suite, why }) => ({ suite: suite.name, what: 'not run at all', message: `skipped, and ${strict}: ${why}` })),
  ]
}

const tell = ({ outcomes, skipped }: Run): void => {
  console.log('')
  for (const { suite, counts, seconds } of outcomes) {
    const left = counts.leftOut.length > 0 ? `, ${counts.leftOut.length} left out` : ''
    console.log(`${suite.name.padEnd(14)}${counts.passed} of ${counts.passed + counts.failures.length} held${left}, ${seconds.toFixed(1)} s`)
  }
  for (const { suite, why } of skipped) console.log(`${suite.name.padEnd(14)}skipped: ${why}`)
}

if (Number(process.versions.node.split('.')[0]) < minNodeMajor)
  fail(`Node ${minNodeMajor} or newer is needed, this is ${process.version}: use npm test`)
mkdirSync(resultsDir, { recursive: true })
rmSync(recapPath, { force: true })
const run = await runWaves()
tell(run)
const passed = run.outcomes.reduce((sum, { counts }) => sum + counts.passed, 0)
const failures = failuresOf(run)
const summary = run.outcomes.map(({ suite, counts: { passed, failures, leftOut }, seconds }) => ({
  ...{ suite: suite.name, passed, failed: failures.length, skipped: leftOut.length, seconds, failures },
}))
const all = { passed, failed: failures.length, suites: summary, skipped: run.skipped.map(({ suite, why }) => ({ suite: suite.name, why })) }
writeFileSync(join(resultsDir, 'summary.json'), `${JSON.stringify(all, null, 2)}\n`)
const recap = recapOf(failures, root)
if (recap !== '') writeFileSync(recapPath, `${recap}\n`)
console.log(`${recap === '' ? '' : `\n${recap}`}\n${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0
