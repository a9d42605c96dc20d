/**
 * `npm run test:clients`: the official clients against three nodes. Those from npm are there; for Java, Go and Python it makes programs, as far as
 * this machine has what that takes, names those that are absent, and goes on without them (REQUIRE_ALL=1 forbids it). Last line
 * `N passed, N failed`; exit code 1 on a failure, also if not one client was tested.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildOnce } from '../../../../src-main/launch/build.ts'
import { type NamedFailure, recapOf } from '../../../runner/recap.ts'
import { runSuite } from '../../../runner/run-suite.ts'
import { repository } from '../../../support/headless.ts'
import type { Command } from '../program.ts'
import { type ClientRow, toolchainClients } from '../table.ts'
import { make, type Outcome } from './make.ts'
import { recipeOf } from './recipes.ts'

/** For all of them together. What is not there by then is absent. */
const makeLimitMs = 90_000
const store = join(repository, 'node_modules', '.cache', 'nacos-trio-clients')
const results = join(repository, 'test-results')
const suite = { name: 'clients', needs: [], needsBuild: true, workers: 1, wrapper: () => [] }
const requireAll = process.env.REQUIRE_ALL === '1'

const nameOf = ({ package: name, version }: ClientRow): string => `${name} ${version}`

/** One after another where they share a store of their tool's own. */
const makeAll = async (): Promise<ReadonlyMap<ClientRow, Outcome>> => {
  const untilMs = performance.now() + makeLimitMs
  const made = new Map<ClientRow, Outcome>()
  const lanes = Map.groupBy(toolchainClients, (row) => Object.keys(recipeOf(row).tools).join())
  const makeLane = async (lane: readonly ClientRow[]): Promise<void> => {
    for (const row of lane) made.set(row, await make(recipeOf(row), store, untilMs))
  }
  await Promise.all([...lanes.values()].map(makeLane))
  return made
}

const wordsOf = (row: ClientRow, outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'ready':
      return `${nameOf(row)}: ready (${outcome.madeBy})`
    case 'absent':
      return `${nameOf(row)}: ABSENT, nothing of it is tested: ${outcome.why}`
    case 'broken':
      return `${nameOf(row)}: BROKEN: ${outcome.why}`
  }
}

const isFailure = ({ kind }: Outcome): boolean => kind === 'broken' || (kind === 'absent' && requireAll)

mkdirSync(results, { recursive: true })
const began = performance.now()
const made = await makeAll()
const rows = toolchainClients.flatMap((row) => {
  const outcome = made.get(row)
  return outcome === undefined ? [] : [{ row, outcome }]
})
for (const { row, outcome } of rows) console.log(wordsOf(row, outcome))
console.log(`made in ${((performance.now() - began) / 1_000).toFixed(1)} s`)

const failures: NamedFailure[] = rows.flatMap(({ row, outcome }) =>
  outcome.kind !== 'ready' && isFailure(outcome) ? [{ suite: suite.name, what: nameOf(row), message: outcome.why }] : [],
)
const commands: Record<string, Command> = Object.fromEntries(
  rows.flatMap(({ row, outcome }) => (outcome.kind === 'ready' ? [[row.name, outcome.command]] : [])),
)
let passed = 0
const problem = await buildOnce(repository)
if (problem === null) {
  const { counts, seconds } = await runSuite(suite, repository, results, { OFFICIAL_CLIENTS: JSON.stringify(commands) })
  passed = counts.passed
  failures.push(...counts.failures.map((each) => ({ suite: suite.name, ...each })))
  console.log(`tested in ${seconds.toFixed(1)} s`)
} else failures.push({ suite: 'build', what: 'the product', message: problem })
for (const { row, outcome } of rows) if (outcome.kind !== 'ready') console.log(wordsOf(row, outcome))
if (failures.length > 0) console.log(recapOf(failures, repository))
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0
