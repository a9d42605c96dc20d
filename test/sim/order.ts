/** What the simulator is asked to do, in words: many lives, or one again. Whatever it makes nothing of is refused. */

import { BadWords, optionsIn, wholeNumber } from '../support/command-line.ts'
import type { BatchOptions } from './batch.ts'
import type { Dials } from './dials.ts'
import { overridesIn } from './overrides.ts'

export const usage = `npm run test:sim -- …
  --seeds N [--from S]  lives N lives, from seed S on (200 from 1, if not said)
      --workers W         spreads them over W processes
      --twice             lives each twice and compares
      --histories         judges what the clients saw as well
      --need-marks        fails when a rare branch was not reached
  --seed X              lives one again, always with its clients' histories judged, and shows the last --lines of its trace
  --set '{"clients":1}' puts dials over those that a seed draws
  --no-shrink           a failing life is shown; else it is made smaller after that
The last line is "N schedules, N events, N failures"; exit code 1 if there were any, 2 for words that make no sense.`

interface Common {
  readonly overrides: Partial<Dials>
  /** Of a trace that is shown. */
  readonly lines: number
  readonly shrinks: boolean
}

export type Order =
  | (Common & { readonly kind: 'batch'; readonly options: BatchOptions; readonly workers: number; readonly needsMarks: boolean })
  | (Common & { readonly kind: 'replay'; readonly seed: number })

/** Seeds are taken by their lower 32 bits: a higher one would be a lower one's life again. */
const seedMax = 2 ** 32 - 1
const seedsMax = 10_000_000
const workersMax = 64
const linesMax = 10_000
const defaults = { seeds: 200, from: 1, workers: 1, lines: 60 }

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const ofMany = { seeds: text, from: text, workers: text, twice: flag, histories: flag, 'need-marks': flag } as const
const options = { ...ofMany, seed: text, set: text, lines: text, 'no-shrink': flag } as const

/** @param args the words after the command's name. Throws BadWords */
export function orderIn(args: readonly string[]): Order {
  const values = optionsIn(args, options)
  const common: Common = {
    overrides: overridesIn(values.set ?? '{}'),
    lines: wholeNumber(values.lines, defaults.lines, { name: 'lines', min: 1, max: linesMax }),
    shrinks: values['no-shrink'] !== true,
  }
  if (values.seed !== undefined) {
    const meaningless = Object.keys(ofMany).filter((name) => name in values)
    if (meaningless.length > 0) throw new BadWords(`--seed lives one life: there is nothing that --${meaningless.join(' or --')} could mean`)
    return { kind: 'replay', ...common, seed: wholeNumber(values.seed, 0, { name: 'seed', min: 0, max: seedMax }) }
  }
  const seeds = wholeNumber(values.seeds, defaults.seeds, { name: 'seeds', min: 1, max: seedsMax })
  const from = wholeNumber(values.from, defaults.from, { name: 'from', min: 0, max: seedMax - seeds })
  const workers = wholeNumber(values.workers, defaults.workers, { name: 'workers', min: 1, max: workersMax })
  const { overrides } = common
  const batch: BatchOptions = { from, seeds, twice: values.twice === true, histories: values.histories === true, overrides }
  return { kind: 'batch', ...common, options: batch, workers, needsMarks: values['need-marks'] === true }
}
