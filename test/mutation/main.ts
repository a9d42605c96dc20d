/**
 * The mutation trial (reliability 5.5): each sabotage in a process of its own, two at a time, until the simulator finds it; then the table of
 * seeds needed. One that is not found, whose text has changed, or that merely crashes, is a failure; so is a control without sabotage that
 * does not hold, and a life that breaks a promise without the sabotage as well: it has found nothing.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createSimWitness } from '../linear/sim-witness.ts'
import type { Dials } from '../sim/dials.ts'
import { runSchedule } from '../sim/schedule.ts'
import { BadWords, optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { sabotages } from './sabotages.ts'
import { control, type TrialResult } from './trial.ts'

const root = resolve(import.meta.dirname, '../..')

const seedsDefault = 2000
const usage = `npm run test:mutation -- …
  --only WORDS  tries those with WORDS in their name
  --seeds N     the lives in which each must be found (${seedsDefault}, if not said)
The last line is "N passed, N failed"; exit code 1 if any failed, 2 for words that make no sense.`

const { names, seedsMax } = readOrEnd(usage, (args) => {
  const values = optionsIn(args, { only: { type: 'string' }, seeds: { type: 'string' } })
  const chosen = [control, ...sabotages.map(({ name }) => name)].filter((name) => name.includes(values.only ?? ''))
  if (chosen.length === 0) throw new BadWords(`no sabotage has "${values.only}" in its name`)
  return { names: chosen, seedsMax: wholeNumber(values.seeds, seedsDefault, { name: 'seeds', min: 1, max: 1_000_000 }) }
})
const controlSeeds = 200
const atOnce = 2
/** A sabotage may make the product spin within one turn. */
const trialTimeoutMs = 240_000
const wordsMax = 110
const resultsDir = join(root, 'test-results')
/** The code of the product as node has read it once: every process reads the same, but for one file. */
const compileCache = join(root, 'node_modules', '.cache', 'nacos-trio-mutation')

interface Tried {
  readonly name: string
  readonly result: TrialResult
  readonly seconds: number
}

const run = (name: string, seeds: number): Promise<TrialResult> =>
  new Promise((done) => {
    const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'trial.ts'), name, `${seeds}`]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: trialTimeoutMs,
      killSignal: 'SIGKILL',
    })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
    child.on('error', (error) => done({ kind: 'crashed', words: error.message }))
    child.on('close', (code, signal) => {
      const last = said.join('').trimEnd().split('\n').at(-1) ?? ''
      if (code === 0 && last.startsWith('{')) done(JSON.parse(last) as TrialResult)
      else done({ kind: 'crashed', words: `ended with ${code ?? signal}: ${last}` })
    })
  })

/** Side by side, in the order given; the names are taken from the front. */
const tryAll = async (names: readonly string[]): Promise<readonly Tried[]> => {
  const waiting = [...names]
  const tried: Tried[] = []
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const startedMs = performance.now()
      const result = await run(name, name === control ? controlSeeds : seedsMax)
      tried.push({ name, result, seconds: (performance.now() - startedMs) / 1000 })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return names.map((name) => tried.find((one) => one.name === name)!)
}

/** What the list puts over the dials of its seeds. */
const livesOf = (name: string): Partial<Dials> => sabotages.find((each) => each.name === name)?.lives ?? {}
const isDialled = (name: string): boolean => Object.keys(livesOf(name)).length > 0

/** By seed and dials, since many are found in the first lives. */
const unharmed = new Map<string, string | null>()
const brokenWithout = (seed: number, overrides: Partial<Dials>): string | null => {
  const key = `${seed} ${JSON.stringify(overrides)}`
  if (!unharmed.has(key)) unharmed.set(key, runSchedule(seed, { witness: createSimWitness(), overrides }).failure?.message ?? null)
  return unharmed.get(key) ?? null
}

/** A life is found by its sabotage only if it holds without it. */
const judged = (tried: Tried): Tried => {
  if (tried.result.kind !== 'found') return tried
  const broken = brokenWithout(tried.result.seeds, livesOf(tried.name))
  return broken === null ? tried : { ...tried, result: { kind: 'crashed', words: `without it seed ${tried.result.seeds} says: ${broken}` } }
}

const passes = ({ name, result }: Tried): boolean => result.kind === (name === control ? 'held' : 'found')

const cells = ({ name, result }: Tried): readonly string[] => {
  if (result.kind === 'found') return [name, `${isDialled(name) ? '*' : ''}${result.seeds}`, result.words]
  if (result.kind === 'held')
    return [name, name === control ? `${result.seeds} held` : `NOT in ${result.seeds}`, `${result.events} events, no promise broken`]
  return [name, 'CRASHED', result.words]
}

const table = (rows: readonly (readonly string[])[]): string => {
  const short = rows.map((row) => row.map((cell) => (cell.split('\n')[0] ?? '').slice(0, wordsMax)))
  const widths = [0, 1].map((column) => Math.max(...short.map((row) => row[column]!.length)))
  return short.map(([first, second, third]) => `${first!.padEnd(widths[0]!)} | ${second!.padStart(widths[1]!)} | ${third}`).join('\n')
}

const startedMs = performance.now()
const tried = (await tryAll(names)).map(judged)
console.log(table([['sabotage', 'seeds needed', 'found by'], ...tried.map(cells)]))
console.log('* in lives with some dials of their own (test/mutation/lives.ts), the others as the seed draws them')
const failed = tried.filter((one) => !passes(one)).length
mkdirSync(resultsDir, { recursive: true })
writeFileSync(join(resultsDir, 'mutation.json'), `${JSON.stringify(tried, null, 2)}\n`)
console.log(`\n${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
console.log(`${tried.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || tried.length === 0 ? 1 : 0
