/**
 * Names that have come or gone and of which those who watch them are still to be told: each waits once, and so many are told in one turn that ten thousand
 * watchers do not hold the loop. Bounded: when too many wait, the names are forgotten and everybody is lost instead.
 */

import type { FuzzyName } from './fuzzy-pattern.ts'

export interface FuzzyResource extends FuzzyName {
  /** As clients write it. */
  readonly key: string
}

export interface FuzzyWatcher {
  /** It came or went, perhaps both: how it is now is to be looked up when it is said. */
  changed(resource: FuzzyResource): void
  /** It cannot be told all that has changed. */
  lost(): void
}

export interface FuzzyTellingParts {
  readonly dueMax: number
  /** Each once; walked while watchers come and go. */
  watchersOf(resource: FuzzyResource): Iterable<FuzzyWatcher>
  everybody(): Iterable<FuzzyWatcher>
  defer(task: () => void): void
}

/** Some 10 us each. */
const toldPerTurn = 256

/** @returns what takes a name; the first of those who watch it are told at once, if nothing waits */
export const createFuzzyTelling = ({ dueMax, watchersOf, everybody, defer }: FuzzyTellingParts): ((resource: FuzzyResource) => void) => {
  const due = new Map<string, FuzzyResource>()
  let areLost = false
  let isTelling = false

  function* steps(): Generator<() => void, undefined> {
    for (;;) {
      const [next] = due.values()
      if (areLost) {
        areLost = false
        due.clear()
        for (const watcher of everybody()) yield watcher.lost
      } else if (next === undefined) return undefined
      else {
        due.delete(next.key)
        for (const watcher of watchersOf(next)) yield () => watcher.changed(next)
      }
    }
  }
  const tellOn = (of: Iterator<() => void>): void => {
    for (let told = 0; told < toldPerTurn; told++) {
      const step = of.next()
      if (step.done === true) {
        isTelling = false
        return
      }
      step.value()
    }
    defer(() => tellOn(of))
  }

  return (resource) => {
    if (due.size >= dueMax) areLost = true
    else due.set(resource.key, resource)
    if (isTelling) return
    isTelling = true
    tellOn(steps())
  }
}
