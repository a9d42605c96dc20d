/**
 * `npm run test:power -- --runs N [--seed S]`: power cuts. Three nodes under writers are killed with -9 in one moment, what they had not synced is
 * taken from their disks, they start again, and everything acknowledged must be there, the same on all. Run i draws everything from seed S + i.
 * First a disk that lies about syncs must be found out, or the tool itself could not fail. Last line: `N runs, N writes acknowledged, N failures`;
 * exit code 1 on a failure. It starts clusters of its own, ends them, and touches no other.
 */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildOnce } from '../../../src-main/launch/build.ts'
import { createDice } from '../../sim/world.ts'
import { optionsIn, readOrEnd, wholeNumber } from '../../support/command-line.ts'
import { repository } from '../../support/headless.ts'
import { drawFate, nothingKept } from '../fates.ts'
import { recorderOrEnd } from '../recorder/recorder.ts'
import { type PowerCluster, startPowerCluster } from './power-cluster.ts'
import { drawPlan, playLosing, playRun, type RunOutcome } from './run.ts'

const usage = `npm run test:power -- …
  --runs N  so many power cuts (10, if not said)
  --seed S  the first run's (by the clock, if not said)
The last line is "N runs, N writes acknowledged, N failures"; exit code 1 if there were any, 2 for words that make no sense.`

const { runs, firstSeed } = readOrEnd(usage, (args) => {
  const values = optionsIn(args, { runs: { type: 'string' }, seed: { type: 'string' } })
  return {
    runs: wholeNumber(values.runs, 10, { name: 'runs', min: 1, max: 100_000 }),
    firstSeed: wholeNumber(values.seed, 1 + (Date.now() % 1_000_000), { name: 'seed', min: 1, max: 2 ** 31 }),
  }
})
/** A run takes some two seconds; beyond this, something hangs. */
const runLimitMs = 60_000
const startsLimitMs = 120_000
/** A cluster is kept from run to run, so that its disks have a past, and replaced now and then. */
const freshChance = 0.2
/** A run is worth more when logs are cut and snapshots move in around it; how often they did is told. */
const cutLogLine = / cut its log: /
const snapshotLine = / took over the state at entry /
/** Enough to lose; far fewer than what has a log cut or a state carried over, which does sync. */
const liarWrites = 60
const results = join(repository, 'test-results', 'power')

const library = recorderOrEnd()
const problem = await buildOnce(repository)
if (problem !== null) {
  console.log(problem)
  process.exit(1)
}

let cluster: PowerCluster | null = null
const endCluster = async (): Promise<void> => {
  const ending = cluster
  cluster = null
  total.snapshots += ending?.logLines(snapshotLine) ?? 0
  total.cutLogs += ending?.logLines(cutLogLine) ?? 0
  await ending?.[Symbol.asyncDispose]()
}
const total = { runs: 0, acknowledged: 0, failures: 0, snapshots: 0, cutLogs: 0 }
const end = async (exitCode: number): Promise<never> => {
  await endCluster().catch((error: unknown) => console.error(error))
  console.log(`logs were cut ${total.cutLogs} times, ${total.snapshots} snapshots moved in`)
  console.log(`${total.runs} runs, ${total.acknowledged} writes acknowledged, ${total.failures} failures`)
  process.exit(exitCode)
}
const broken = (words: string): void => {
  console.log(words)
  total.failures++
  void end(1)
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => broken(`ended by ${name}`))
setTimeout(() => broken('the time is long over: a run does not end'), startsLimitMs + runs * runLimitMs).unref()

/** Folders and logs of the nodes: what a person needs to look into a failed run. */
const keep = (seed: number, from: PowerCluster, outcome: RunOutcome): string => {
  const folder = join(results, `seed-${seed}`)
  mkdirSync(folder, { recursive: true })
  try {
    cpSync(from.dataDir, join(folder, 'data'), { recursive: true })
  } catch (error) {
    console.log(`  not all of it could be kept, its nodes go on: ${String(error)}`)
  }
  writeFileSync(join(folder, 'story.txt'), `${[...outcome.problems, '', ...outcome.story, JSON.stringify(outcome.troubles)].join('\n')}\n`)
  return folder
}

/** The Raft log's syncs do nothing here: whatever the tool is good for, it must see that. */
const findLiar = async (): Promise<void> => {
  await using lying = await startPowerCluster({
    library,
    lie: 'raft.db-wal',
    overrides: {},
    draw: () => ({ words: 'all dropped', fate: nothingKept }),
  })
  await lying.serving()
  const lost = (await playLosing(lying, liarWrites, 'liar')).filter((words) => words.includes('was acknowledged'))
  if (lost.length === 0) throw new Error(`a Raft log that is never synced lost nothing of ${liarWrites} writes: this tool cannot fail`)
  console.log(`a disk that lies about the Raft log's syncs: found out, ${lost.length} lost writes seen, e.g. ${lost[0]}`)
}

const playSeed = async (seed: number): Promise<void> => {
  const startedMs = performance.now()
  const dice = createDice(seed)
  if (dice.chance(freshChance)) await endCluster()
  // The first run of a new cluster does not wait for it: its nodes may be making their files.
  const isNew = cluster === null
  cluster ??= await startPowerCluster({ library, draw: (disk) => drawFate(drawing, disk) })
  if (!isNew || dice.chance(0.5)) await cluster.serving()
  const plan = drawPlan(seed, cluster.ids)
  const outcome = await playRun(cluster, plan, `run-${seed}`)
  total.runs++
  total.acknowledged += outcome.acknowledged
  const facts = `${outcome.acknowledged} acknowledged, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`
  const more = [
    plan.sleeper === null ? '' : 'one slept',
    plan.crashed.length > 0 ? 'killed before' : '',
    plan.againAfterMs === null ? '' : 'twice',
    isNew ? 'new' : '',
  ].filter((word) => word !== '')
  console.log(
    `seed ${seed}: nodes ${plan.victims.join(', ')}${more.length > 0 ? ` (${more.join(', ')})` : ''}, ${facts}; ${outcome.story.join('; ')}`,
  )
  if (outcome.problems.length === 0) return
  total.failures++
  for (const words of outcome.problems.slice(0, 20)) console.log(`  ${words.slice(0, 1_000)}`)
  console.log(`  FAILED, kept in ${keep(seed, cluster, outcome)}; again with: npm run test:power -- --runs 1 --seed ${seed}`)
  await endCluster()
}

/** Of the run under way; how the disks fare is drawn when their power is cut. */
let drawing = createDice(firstSeed)
console.log(`${runs} power cuts from seed ${firstSeed}`)
try {
  await findLiar()
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    drawing = createDice(seed + 2 ** 20)
    await playSeed(seed)
  }
} catch (error) {
  total.failures++
  console.log(`a run could not be played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
}
await end(total.failures > 0 || total.runs < runs ? 1 : 0)
