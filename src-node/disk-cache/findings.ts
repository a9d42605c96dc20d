/** What comparing has found so far: how many of each, and the first names for people. */

import type { Differences, Named } from './types.ts'

type Kind = keyof Differences

export interface Findings {
  add(kind: Kind, name: string): void
  all(): Differences
}

/** Enough to see what happened; the log line that tells them stays readable. */
const namesMax = 20

const kinds: readonly Kind[] = ['missing', 'different', 'extra', 'failed']

export const createFindings = (): Findings => {
  const found = new Map<Kind, { count: number; first: string[] }>()
  const of = (kind: Kind): Named => found.get(kind) ?? { count: 0, first: [] }
  return {
    add: (kind, name) => {
      const known = found.get(kind) ?? { count: 0, first: [] }
      known.count++
      if (known.first.length < namesMax) known.first.push(name)
      found.set(kind, known)
    },
    all: () => ({ missing: of('missing'), different: of('different'), extra: of('extra'), failed: of('failed') }),
  }
}

const words = (kind: Kind, { count, first }: Named): string =>
  count === 0 ? '' : `; ${kind}: ${first.join(', ')}${count > first.length ? ` and ${count - first.length} more` : ''}`

export const countsOf = ({ missing, different, extra, failed }: Differences): string =>
  `${missing.count} missing, ${different.count} different, ${extra.count} extra${failed.count === 0 ? '' : `, ${failed.count} could not be repaired`}`

/** Empty when there is nothing to name. */
export const namesOf = (differences: Differences): string => kinds.map((kind) => words(kind, differences[kind])).join('')

export const isClean = ({ missing, different, extra, failed }: Differences): boolean =>
  missing.count + different.count + extra.count + failed.count === 0
