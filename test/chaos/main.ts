/**
 * `npm run test:chaos -- --minutes N [--seed S]`: rounds of chaos on real processes, each judged. Round i draws everything from seed S + i, so a
 * failed round is drawn again by `--seed` with the number it printed. A failure keeps the nodes' logs under test-results/chaos. The last line is
 * `N rounds, N operations, N failures`; exit code 1 on a failure. It starts clusters of its own, ends them, and touches no other.
 */

import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDice } from '../sim/world.ts'
import { BadWords, optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { type HeadlessCluster, repository, startHeadless } from '../support/headless.ts'
import { drawPlan } from './nemesis.ts'
import { type RoundOutcome, runRound } from './round.ts'

const defaultMinutes = 3
const maxMinutes = 24 * 60
const roundMs = { min: 12_000, max: 20_000 }
/** A cluster is kept from round to round, so that logs grow and restarts have something to read, and replaced now and then. */
const freshChance = 0.15
/** Beyond the time asked for: the last round, its judgement and the end of its cluster. Then all is ended, and counted as a failure. */
const overrunMs = 4 * 60_000

const usage = `npm run test:chaos -- …
  --minutes N  for so long, and until the round under way has ended (${defaultMinutes}, if not said; a fraction will do)
  --seed S     the first round's (by the clock, if not said)
The last line is "N rounds, N operations, N failures"; exit code 1 if there were any, 2 for words that make no sense.`

const minutesIn = (text: string): number => {
  const value = text === '' ? Number.NaN : Number(text)
  if (!(value > 0 && value <= maxMinutes)) throw new BadWords(`--minutes takes a number above 0, up to ${maxMinutes}, not "${text}"`)
  return value
}
const { minutes, firstSeed } = readOrEnd(usage, (args) => {
  const values = optionsIn(args, { minutes: { type: 'string' }, seed: { type: 'string' } })
  return {
    minutes: minutesIn(values.minutes ?? `${defaultMinutes}`),
    firstSeed: wholeNumber(values.seed, 1 + (Date.now() % 1_000_000), { name: 'seed', min: 1, max: 2 ** 31 }),
  }
})
const results = join(repository, 'test-results', 'chaos')

let cluster: HeadlessCluster | null = null
const endCluster = async (): Promise<void> => {
  const ending = cluster
  cluster = null
  await ending?.[Symbol.asyncDispose]()
}

/** Logs of the supervisor and of each node, and the story: what a person needs to look into a failed round. */
const keep = async (seed: number, from: HeadlessCluster, outcome: RoundOutcome): Promise<string> => {
  const folder = join(results, `seed-${seed}`)
  await mkdir(folder, { recursive: true })
  for (const { id, dir } of from.ready.nodes) await cp(join(dir, 'logs'), join(folder, `node-${id}`), { recursive: true })
  await cp(join(from.dataDir, 'logs'), join(folder, 'app'), { recursive: true }).catch(() => undefined)
  const events = from.events().map((event) => JSON.stringify(event))
  const told = [...outcome.story, '', ...outcome.problems, '', JSON.stringify(outcome.troubles), '', ...events, '', from.launched.stderr()]
  await writeFile(join(folder, 'story.txt'), `${told.join('\n')}\n`)
  return folder
}

const show = (seed: number, outcome: RoundOutcome, facts: { at: number; seconds: number; overlaps: boolean }): void => {
  const { verdict, notices, problems, story, troubles } = outcome
  const told = story.map((line) => line.replace(/^[\d.]+ s /, '')).join(', ')
  console.log(`round ${facts.at} (seed ${seed})${facts.overlaps ? ' overlapping' : ''}: ${told}`)
  const judged =
    verdict === null
      ? 'not judged'
      : `${verdict.operations} operations (${verdict.conflicts} conflicts, ${verdict.unknown} unknown, ${verdict.linearizableReads} linearizable reads), ` +
        `${verdict.reads} default reads, judged in ${verdict.judgedMs.toFixed(0)} ms`
  console.log(`  ${judged}; ${notices} notices; met ${JSON.stringify(troubles)}`)
  console.log(`  ${problems.length === 0 ? 'held' : 'FAILED'} after ${facts.seconds.toFixed(1)} s`)
  for (const problem of problems) console.log(`  ${problem.slice(0, 2_000)}`)
}

const total = { rounds: 0, operations: 0, failures: 0 }
const sayTotal = (): void => console.log(`${total.rounds} rounds, ${total.operations} operations, ${total.failures} failures`)

const playRound = async (seed: number, at: number): Promise<void> => {
  const startedMs = performance.now()
  const dice = createDice(seed)
  const plan = drawPlan(dice, dice.float(roundMs.min, roundMs.max))
  if (dice.chance(freshChance)) await endCluster()
  cluster ??= await startHeadless({ args: ['--no-console'] })
  const outcome = await runRound({ cluster, plan, seed, pictures: join(results, `seed-${seed}`) })
  show(seed, outcome, { at, seconds: (performance.now() - startedMs) / 1000, overlaps: plan.overlaps })
  total.rounds++
  total.operations += outcome.operations
  if (outcome.problems.length === 0) return
  total.failures++
  console.log(`  kept in ${await keep(seed, cluster, outcome)}; again with: npm run test:chaos -- --minutes 0.1 --seed ${seed}`)
  // Whatever the failed round left behind shall not be what the next one is judged by.
  await endCluster()
}

const end = async (exitCode: number): Promise<never> => {
  await endCluster().catch((error: unknown) => console.error(error))
  sayTotal()
  process.exit(exitCode)
}
const broken = (words: string): void => {
  console.log(words)
  total.failures++
  void end(1)
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => broken(`ended by ${name}`))
setTimeout(() => broken('the time is long over: a round does not end'), minutes * 60_000 + overrunMs).unref()

const endMs = performance.now() + minutes * 60_000
console.log(`chaos for ${minutes} minutes from seed ${firstSeed}`)
try {
  for (let at = 0; performance.now() < endMs; at++) await playRound(firstSeed + at, at + 1)
} catch (error) {
  total.failures++
  console.log(`a round could not be played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
}
await end(total.failures > 0 || total.rounds === 0 ? 1 : 0)
