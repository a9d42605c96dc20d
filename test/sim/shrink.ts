/**
 * From a life that fails to the smallest one that fails in the same way (reliability 5.1): fewer nodes and clients, faults switched off one by
 * one, limits as in the product, a shorter life. A changed dial makes another life of the same seed, so each change is tried with several seeds.
 */

import type { Dials } from './dials.ts'

export type Overrides = Partial<Dials>

export interface Attempt {
  readonly seed: number
  readonly overrides: Overrides
}

export interface Outcome {
  readonly failure: { readonly message: string } | null
  readonly events: number
}

export interface Shrunk extends Attempt {
  readonly message: string
  readonly events: number
  /** Lives that it took. */
  readonly lives: number
}

export interface ShrinkParts {
  readonly dials: Dials
  readonly message: string
  readonly events: number
  readonly live: (attempt: Attempt) => Outcome
  readonly livesMax: number
}

const seedsPerChange = 40

/** Failures are alike when only numbers and names in them differ. */
const kindOf = (message: string): string => (message.split('\n')[0] ?? '').replaceAll(/[\d.]+/g, 'n').slice(0, 40)

const without = <T>(items: readonly T[], item: T): readonly T[] => items.filter((each) => each !== item)

/** Each makes a life smaller in one respect; the big steps first. */
function smaller(dials: Dials): Overrides[] {
  const changes: Overrides[] = [{ outsiders: 0 }, { nodes: 1 }, { nodes: 3 }, { clients: 1 }, { clients: Math.ceil(dials.clients / 2) }, { keys: 1 }]
  changes.push({ options: {} }, { tuning: {} })
  for (const name of [
    'loss',
    'duplicate',
    'forwardLate',
    'preVoteLie',
    'cutShort',
    'crashPoint',
    'changeCrash',
    'skew',
    'diskMs',
    'reads',
    'retries',
    'namingMs',
    'snapshotMs',
    'historyRoundMs',
    'tenants',
    'areasMs',
  ] as const)
    changes.push({ [name]: 0 })
  changes.push({ lossesFrom: 1 }, { reorder: false }, { delayMaxMs: dials.delayMinMs })
  for (const nemesis of new Set(dials.nemeses)) if (dials.nemeses.length > 1) changes.push({ nemeses: without(dials.nemeses, nemesis) })
  return changes
}

const isChange = (dials: Dials, overrides: Overrides): boolean =>
  Object.entries(overrides).some(([name, value]) => {
    const now = dials[name as keyof Dials]
    return typeof value === 'number' && typeof now === 'number' ? value < now : JSON.stringify(now) !== JSON.stringify(value)
  })

/** Ends when nothing can be left out any more, or after `livesMax` lives. */
export function shrink(seed: number, { dials, message, events, live, livesMax }: ShrinkParts): Shrunk {
  const kind = kindOf(message)
  let best: Shrunk = { seed, overrides: {}, message, events, lives: 0 }
  let lives = 0

  const tryWith = (overrides: Overrides): boolean => {
    for (let i = 0; i < seedsPerChange && lives < livesMax; i++) {
      const attempt = { seed: best.seed + i, overrides: { ...best.overrides, ...overrides } }
      lives++
      const outcome = live(attempt)
      if (outcome.failure === null || kindOf(outcome.failure.message) !== kind) continue
      best = { ...attempt, message: outcome.failure.message, events: outcome.events, lives }
      return true
    }
    return false
  }
  const dialsNow = (): Dials => ({ ...dials, ...best.overrides })

  for (let changed = true; changed && lives < livesMax; ) {
    changed = false
    for (const overrides of smaller(dialsNow())) if (isChange(dialsNow(), overrides) && tryWith(overrides)) changed = true
  }
  // Halving: a life that fails may well not fail when it is longer, so what fails is kept and the rest is not searched.
  for (let low = 0; lives < livesMax; ) {
    const high = Math.min(dialsNow().events, best.events)
    const middle = Math.floor((low + high) / 2)
    if (high - low < 20) break
    if (!tryWith({ events: middle })) low = middle
  }
  return { ...best, lives }
}
