/**
 * Makes a client's program by its recipe, if this machine can. What it lacks, or cannot reach, is said in words and is nobody's failure; a program
 * that does not compile is one. A program that was made before from the same sources by the same tools is taken as it is.
 */

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { onPath } from '../../../runner/tools.ts'
import type { Command } from '../program.ts'
import type { Recipe, Step, Tools } from './recipes.ts'

export type Outcome =
  | { readonly kind: 'ready'; readonly command: Command; readonly madeBy: string }
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'broken'; readonly why: string }

const versionLimitMs = 20_000
const graceMs = 3_000
const fetchesAtMost = 3
/** Of what a step printed, its end. */
const wordsKept = 1_500
/** Written last. */
const mark = 'made'

interface Found {
  readonly tools: Tools
  /** What each says of itself, one after another. */
  readonly versions: string
}

const find = ({ tools: wanted }: Recipe): Found | { readonly missing: string } => {
  if (process.platform === 'win32') return { missing: 'nobody has tried it on Windows' }
  const tools: Record<string, string> = {}
  const versions: string[] = []
  for (const [name, asked] of Object.entries(wanted)) {
    const file = onPath([name])
    if (file === undefined) return { missing: `there is no ${name} on the PATH` }
    const said = spawnSync(file, asked, { timeout: versionLimitMs, encoding: 'utf8' })
    // A placeholder that only says how to install it, as some systems have.
    if (said.status !== 0) return { missing: `${name} is there, but does not say its version` }
    tools[name] = file
    versions.push(stripVTControlCharacters(`${said.stdout}${said.stderr}`).split('\n')[0]?.trim() ?? '')
  }
  return { tools, versions: versions.join(', ') }
}

const nameOf = ({ row, sources }: Recipe, { versions }: Found): string => {
  const hash = createHash('sha256').update(`${row.version}\0${versions}`)
  for (const file of readdirSync(sources).sort()) hash.update(`\0${file}\0`).update(readFileSync(join(sources, file)))
  return `${row.name}-${hash.digest('hex').slice(0, 16)}`
}

/** Null once it is done, else why not. */
const run = ({ file, args, env }: Step, cwd: string, untilMs: number): Promise<string | null> =>
  new Promise((resolve) => {
    const limitMs = untilMs - performance.now()
    if (limitMs <= 0) return resolve('there was no time left for it')
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let words = ''
    let late = false
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        words = `${words}${chunk.toString('utf8')}`.slice(-wordsKept)
      })
    const timers = [
      setTimeout(() => {
        late = true
        child.kill('SIGTERM')
      }, limitMs),
      setTimeout(() => child.kill('SIGKILL'), limitMs + graceMs),
    ]
    const finish = (problem: string | null): void => {
      for (const timer of timers) clearTimeout(timer)
      resolve(problem)
    }
    child.once('error', (error) => finish(error.message))
    child.once('close', (code, name) => {
      if (late) finish('it took too long')
      else finish(code === 0 ? null : `${words.trim() || 'it said nothing'} (${code ?? name})`)
    })
  })

/** A registry that stalls, or loses one of hundreds of files, is asked again as long as there is time. */
const runWithTries = async (step: Step, cwd: string, untilMs: number): Promise<string | null> => {
  const tries = step.words === 'fetched' ? fetchesAtMost : 1
  let problem = await run(step, cwd, untilMs)
  for (let tried = 1; problem !== null && tried < tries && performance.now() < untilMs; tried++) problem = await run(step, cwd, untilMs)
  return problem
}

/**
 * @param store where it may keep what it makes; a folder for each program is made in it
 * @param untilMs by `performance.now()`, when the time for it is over
 */
export const make = async (recipe: Recipe, store: string, untilMs: number): Promise<Outcome> => {
  const found = find(recipe)
  if ('missing' in found) return { kind: 'absent', why: found.missing }
  const folder = join(store, nameOf(recipe, found))
  if (!existsSync(join(folder, mark))) {
    mkdirSync(folder, { recursive: true })
    for (const step of recipe.steps(found.tools, folder)) {
      const problem = await runWithTries(step, recipe.sources, untilMs)
      if (problem === null) continue
      // Compiling is ours to answer for, unless it was only too slow here.
      const kind = step.words === 'built' && performance.now() < untilMs ? 'broken' : 'absent'
      return { kind, why: `it could not be ${step.words}: ${problem}` }
    }
    writeFileSync(join(folder, mark), '')
  }
  return { kind: 'ready', command: recipe.command(found.tools, folder), madeBy: found.versions }
}
