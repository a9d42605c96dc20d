/**
 * One sabotage in a process of its own: plants it while the module is loaded, then lives one life after another until a promise breaks.
 * `node trial.ts <sabotage> <seeds> [<first> [<dials>]]`, or `control` in its place: every file of the list goes through the same hook, unchanged in
 * meaning. A single seed is traced, to see how a sabotage shows; dials (JSON) stand in for those that the list names for it, to see where it shows.
 * The last line on stdout is a TrialResult as JSON; a life that ends by anything but a broken promise counts as a crash, not as found.
 */

import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dials } from '../sim/dials.ts'
import { BadWords, wholeNumber } from '../support/command-line.ts'
import { plant, type Sabotage, sabotages } from './sabotages.ts'

export type TrialResult =
  | { readonly kind: 'found'; readonly seeds: number; readonly words: string }
  | { readonly kind: 'held'; readonly seeds: number; readonly events: number }
  | { readonly kind: 'crashed'; readonly words: string }

export const control = 'control'

const root = join(import.meta.dirname, '../..')

/** A control changes no meaning, only bytes: it proves that the hook alone breaks nothing. */
const planned = (name: string): readonly Sabotage[] => {
  if (name === control)
    return [...new Set(sabotages.map(({ file }) => file))].map((file) => ({ name, file, find: '', instead: '', breaks: 'nothing' }))
  const sabotage = sabotages.find((candidate) => candidate.name === name)
  if (sabotage === undefined) throw new Error(`no such sabotage: ${name}`)
  return [sabotage]
}

const plantOnLoad = (plan: readonly Sabotage[]): { readonly missed: () => readonly string[] } => {
  const byPath = new Map(plan.map((sabotage) => [join(root, sabotage.file), sabotage]))
  const left = new Set(byPath.keys())
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const path = url.startsWith('file:') ? fileURLToPath(url) : ''
      const sabotage = byPath.get(path)
      if (sabotage === undefined) return loaded
      left.delete(path)
      const source = loaded.source instanceof Uint8Array ? Buffer.from(loaded.source).toString('utf8') : String(loaded.source)
      return { ...loaded, source: sabotage.name === control ? `${source}\n// through the hook\n` : plant(source, sabotage) }
    },
  })
  return { missed: () => [...left] }
}

interface Lives {
  readonly seeds: number
  readonly first: number
  /** Absent: those of the list. */
  readonly dials: string | undefined
}

const live = async (plan: readonly Sabotage[], { seeds, first, dials }: Lives): Promise<TrialResult> => {
  const hook = plantOnLoad(plan)
  // After the hook: what knows the dials' limits loads the product.
  const { overridesIn } = await import('../sim/overrides.ts')
  const overrides: Partial<Dials> = dials === undefined ? (plan[0]?.lives ?? {}) : overridesIn(dials)
  const { runSchedule } = await import('../sim/schedule.ts')
  const { createSimWitness } = await import('../linear/sim-witness.ts')
  if (hook.missed().length > 0) return { kind: 'crashed', words: `never loaded: ${hook.missed().join(', ')}` }
  let events = 0
  for (let seed = first; seed < first + seeds; seed++) {
    const result = runSchedule(seed, { traced: seeds === 1, witness: createSimWitness(), overrides })
    if (seeds === 1) console.log(result.ring.join('\n'))
    events += result.events
    if (result.failure === null) continue
    const words = result.failure.message
    return result.failure.promise ? { kind: 'found', seeds: seed - first + 1, words } : { kind: 'crashed', words: `seed ${seed}: ${words}` }
  }
  return { kind: 'held', seeds, events }
}

const trial = async ([name = '', seeds, first, dials]: readonly string[]): Promise<TrialResult> => {
  const bound = { min: 1, max: 2 ** 32 - 1 }
  // Without a number of lives it would live none, and hold.
  if (seeds === undefined) throw new BadWords('in how many lives? node trial.ts <sabotage> <seeds> [<first> [<dials>]]')
  return live(planned(name), {
    seeds: wholeNumber(seeds, 1, { name: 'seeds', ...bound }),
    first: wholeNumber(first, 1, { name: 'first', ...bound }),
    dials,
  })
}

if (import.meta.main) {
  const result = await trial(process.argv.slice(2)).catch((error: unknown): TrialResult => ({ kind: 'crashed', words: String(error) }))
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
