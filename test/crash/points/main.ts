/**
 * `npm run test:crash-points`: a power cut at every write, sync, rename and removal of the stores. Each scenario is recorded once; for every moment
 * of it the folder is set to what the cut may have left, opened by the product's own code, and held against what had been promised by then. First a
 * disk that lies about syncs must be found out. The disk cache, which syncs nothing, is looked at in the same way.
 * Last line: `N passed, N failed`; exit code 1 on a failure.
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createStateMachine, emptyMeta } from '../../../src-node/state-machine/state-machine.ts'
import { namesIn, optionsIn, readOrEnd, wholeNumber } from '../../support/command-line.ts'
import { writeFolder } from '../folder.ts'
import { recorderOrEnd } from '../recorder/recorder.ts'
import { judgeCache, type Repaired } from './cache-judge.ts'
import { afterCacheMark, cacheBirth } from './cache-promises.ts'
import { judge } from './judge.ts'
import { nodeName } from './places.ts'
import { type CrashPoint, crashPoints, type PromiseRules } from './points.ts'
import { after, promisesAtBirth } from './promises.ts'
import { record } from './recorded.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const all = scenarios.map(({ name }) => name)
const usage = `npm run test:crash-points -- …
  --only NAMES  of the scenarios ${all.join(', ')}
  --every N     of plain writes look at every Nth moment (1)
  --draws N     ways drawn from the seed at each moment, beside the plain ones (2)
  --alone N     of the unsynced changes, leave out each of the newest N by itself (6)
  --seed S      (1)
The last line is "N passed, N failed"; exit code 1 if any failed, 2 for words that make no sense.`

const { only, every, draws, alone, seed } = readOrEnd(usage, (args) => {
  const text = { type: 'string' } as const
  const values = optionsIn(args, { only: text, every: text, draws: text, alone: text, seed: text })
  return {
    only: values.only === undefined ? all : namesIn(values.only, all, 'scenario'),
    every: wholeNumber(values.every, 1, { name: 'every', min: 1, max: 1_000_000 }),
    draws: wholeNumber(values.draws, 2, { name: 'draws', min: 0, max: 1_000 }),
    alone: wholeNumber(values.alone, 6, { name: 'alone', min: 0, max: 1_000 }),
    seed: wholeNumber(values.seed, 1, { name: 'seed', min: 1, max: 2 ** 31 }),
  }
})
/** Said in full; a broken rule breaks at hundreds of moments. */
const toldMax = 10
/** So many folders a turn: a signal is heard in between. */
const foldersPerTurn = 20

const storeRules = { birth: promisesAtBirth({ applied: 0, hash: createStateMachine([], emptyMeta()).meta().stateHash }), after }
const cacheRules = { birth: cacheBirth, after: afterCacheMark }
const repaired: Repaired = { torn: 0, leftovers: 0 }
const library = recorderOrEnd()
// In memory, if the system has such a folder: what is judged here was synced, or was not, long ago.
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'crash-points-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1))

interface Counts {
  passed: number
  failed: number
}

const playOut = async <P, M>(
  scenario: Scenario,
  rules: PromiseRules<P, M>,
  judged: (dir: string, point: CrashPoint<P>) => string | null | Promise<string | null>,
): Promise<Counts> => {
  const startedMs = performance.now()
  const steps = record(scenario, library)
  const counts: Counts = { passed: 0, failed: 0 }
  const everyWrite = scenario.everyWrite * every
  for (const point of crashPoints(steps, rules, { seed, everyWrite, draws, alone })) {
    writeFolder(root, point.image)
    if ((counts.passed + counts.failed) % foldersPerTurn === 0) await nextTurn()
    const problem = await judged(join(root, nodeName), point)
    if (problem === null) counts.passed++
    else if (counts.failed++ < toldMax) console.log(`  ${scenario.name}, after ${point.at} steps, ${point.words}: ${problem.slice(0, 1_500)}`)
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${scenario.name.padEnd(10)} ${steps.length} steps, ${counts.passed + counts.failed} folders, ${counts.failed} broken, ${seconds} s`)
  return counts
}

/** The Raft log's syncs do nothing here: a tool that does not see it sees nothing. */
const findLiar = (): void => {
  const [scenario] = scenarios
  if (scenario === undefined) return
  for (const point of crashPoints(record(scenario, library, 'raft.db-wal'), storeRules, { seed, everyWrite: 1_000, draws: 0, alone: 0 })) {
    writeFolder(root, point.image)
    const problem = judge(join(root, nodeName), point.promises)
    if (problem === null) continue
    console.log(`a disk that lies about the Raft log's syncs: found out after ${point.at} steps: ${problem.slice(0, 300)}`)
    return
  }
  throw new Error('a Raft log that is never synced keeps every promise: this tool cannot fail')
}

const playOutOf = (scenario: Scenario): Promise<Counts> =>
  scenario.of === 'cache'
    ? playOut(scenario, cacheRules, (dir, { promises, isKill }) => judgeCache(dir, promises, isKill, repaired))
    : playOut(scenario, storeRules, (dir, { promises }) => judge(dir, promises))

findLiar()
const total = { passed: 0, failed: 0 }
for (const scenario of scenarios.filter(({ name }) => only.includes(name))) {
  const { passed, failed } = await playOutOf(scenario)
  if (scenario.of === 'cache') console.log(`  of it: ${repaired.torn} torn or changed files repaired, ${repaired.leftovers} temporary ones swept`)
  if (scenario.of === 'cache' && (repaired.torn === 0 || repaired.leftovers === 0))
    throw new Error('no cut left anything to repair: this tool cannot fail')
  total.passed += passed
  total.failed += failed
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
