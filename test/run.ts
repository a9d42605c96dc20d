/**
 * `npm test`: every suite that this machine can run, in waves, and a last line `N passed, N failed` over all of them. Says which suites are
 * skipped and why; with REQUIRE_ALL=1 a skipped suite or test is a failure. Exit code 1 on a failure, or if nothing ran.
 *
 * `npm test -- --only unit,sim` runs the named suites.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildOnce } from '../src-main/launch/build.ts'
import { runSuite, type SuiteOutcome } from './runner/run-suite.ts'
import { type Suite, waves } from './runner/suites.ts'
import { findChromium, findElectron, findMariadb } from './runner/tools.ts'
import { namesIn, optionsIn, readOrEnd } from './support/command-line.ts'

const root = resolve(import.meta.dirname, '..')
const resultsDir = join(root, 'test-results')
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

const chosenSuites = (): readonly (readonly Suite[])[] => {
  const names = waves.flat().map(({ name }) => name)
  const only = readOrEnd(`npm test -- --only NAMES  runs of the suites ${names.join(', ')}`, (args) => {
    const values = optionsIn(args, { only: { type: 'string' } })
    return values.only === undefined ? names : namesIn(values.only, names, 'suite')
  })
  return waves.map((wave) => wave.filter(({ name }) => only.includes(name)))
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

/** Once, before the suites that start the product: a start that has to build would be measured as a slow start. */
const build = async (): Promise<void> => {
  const problem = await buildOnce(root)
  if (problem !== null) {
    console.log(`${problem}\n\n0 passed, 1 failed`)
    process.exit(1)
  }
}

const runWaves = async (): Promise<{ outcomes: readonly SuiteOutcome[]; skipped: readonly Skipped[] }> => {
  const outcomes: SuiteOutcome[] = []
  const skipped: Skipped[] = []
  const env = toolEnv()
  for (const wave of chosenSuites()) {
    const able: Suite[] = []
    for (const suite of wave) {
      const why = reasonToSkip(suite)
      if (why === null) able.push(suite)
      else skipped.push({ suite, why })
    }
    if (able.some(({ needsBuild }) => needsBuild)) await build()
    outcomes.push(...(await Promise.all(able.map((suite) => runSuite(suite, root, resultsDir, env)))))
  }
  return { outcomes, skipped }
}

/** Failures beyond those of single tests: what a strict run does not forgive. */
const strictFailures = (outcomes: readonly SuiteOutcome[], skipped: readonly Skipped[]): number =>
  requireAll ? skipped.length + outcomes.reduce((sum, { counts }) => sum + counts.skipped, 0) : 0

const tell = (outcomes: readonly SuiteOutcome[], skipped: readonly Skipped[]): void => {
  console.log('')
  for (const { suite, counts, seconds } of outcomes) {
    const left = counts.skipped > 0 ? `, ${counts.skipped} left out` : ''
    console.log(`${suite.name.padEnd(14)}${counts.passed} of ${counts.passed + counts.failed} held${left}, ${seconds.toFixed(1)} s`)
    for (const remark of counts.remarks) console.log(`${''.padEnd(14)}${remark}`)
  }
  for (const { suite, why } of skipped) console.log(`${suite.name.padEnd(14)}skipped${requireAll ? ', which REQUIRE_ALL=1 forbids' : ''}: ${why}`)
}

if (Number(process.versions.node.split('.')[0]) < minNodeMajor)
  fail(`Node ${minNodeMajor} or newer is needed, this is ${process.version}: use npm test`)
mkdirSync(resultsDir, { recursive: true })
const { outcomes, skipped } = await runWaves()
tell(outcomes, skipped)
const passed = outcomes.reduce((sum, { counts }) => sum + counts.passed, 0)
const failed = outcomes.reduce((sum, { counts }) => sum + counts.failed, 0) + strictFailures(outcomes, skipped)
const summary = outcomes.map(({ suite, counts, seconds }) => ({ suite: suite.name, ...counts, seconds }))
writeFileSync(
  join(resultsDir, 'summary.json'),
  `${JSON.stringify({ passed, failed, suites: summary, skipped: skipped.map(({ suite, why }) => ({ suite: suite.name, why })) }, null, 2)}\n`,
)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
