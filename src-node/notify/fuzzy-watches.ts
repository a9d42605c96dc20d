/**
 * Who watches which pattern, and the names that each pattern has found (nacos-grpc 5.6): who watches is told that a name has come or gone, never of a new
 * content. Costs a change one comparison while nobody watches. Bounded in patterns, in names of each and in changes that are still to be told; whoever
 * fell behind is `lost`, and is to ask anew with what it has.
 */

import type { FuzzyName, FuzzyPattern } from './fuzzy-pattern.ts'
import { createFuzzyTelling, type FuzzyResource, type FuzzyWatcher } from './fuzzy-telling.ts'
import { createNameScans } from './name-scans.ts'

export type FuzzyFound =
  /** `keys` goes on as the pattern finds others; with `isFull` there may be more than are found. */
  | { readonly kind: 'found'; readonly keys: ReadonlySet<string>; isFull(): boolean }
  | { readonly kind: 'too-many-patterns' }
  /** The watcher was gone before anything was found. */
  | { readonly kind: 'gone' }

export interface FuzzyWatches {
  /** `done` once, at once or after the names that are there were looked through. A watch again is the same one. */
  watch(watcher: FuzzyWatcher, pattern: FuzzyPattern, done: (found: FuzzyFound) => void): void
  unwatch(watcher: FuzzyWatcher, text: string): void
  /** All of its watches are gone. */
  leave(watcher: FuzzyWatcher): void
  onChanged(name: FuzzyName): void
  isThere(name: FuzzyName): boolean
  /** Patterns that somebody watches. */
  size(): number
}

export interface FuzzyWatchesParts {
  /** All that are there, some of other namespaces or null among them; read in slices, while they change. */
  rows(namespace: string): Iterator<FuzzyName | null>
  isThere(name: FuzzyName): boolean
  keyOf(name: FuzzyName): string
  readonly limits: FuzzyLimits
  defer(task: () => void): void
  after(ms: number, task: () => void): { cancel(): void }
}

export interface FuzzyLimits {
  /** Different ones, of all watchers together. */
  readonly patternsMax: number
  readonly namesMax: number
  readonly dueMax: number
}

/** The first two as in Nacos. */
export const fuzzyLimits: FuzzyLimits = { patternsMax: 20, namesMax: 500, dueMax: 10_000 }

/** A pattern that has more names than it may find is looked through again so long after one of them went. */
export const refillMs = 1_000

interface Watched {
  readonly pattern: FuzzyPattern
  readonly keys: Set<string>
  readonly watchers: Set<FuzzyWatcher>
  readonly waiting: { readonly watcher: FuzzyWatcher; done(found: FuzzyFound): void }[]
  /** Its names have been looked through once. */
  isReady: boolean
  /** Some that match were left out. */
  isOver: boolean
  refill: { cancel(): void } | null
}

export const createFuzzyWatches = (parts: FuzzyWatchesParts): FuzzyWatches => {
  const { isThere, keyOf, defer } = parts
  const { patternsMax, namesMax, dueMax } = parts.limits
  const byText = new Map<string, Watched>()
  const scanLater = createNameScans(defer)

  function* watchersOf(resource: FuzzyResource): Generator<FuzzyWatcher> {
    const matching = [...byText.values()].filter(({ isReady, pattern }) => isReady && pattern.matches(resource))
    for (const [at, { watchers }] of matching.entries()) {
      const before = matching.slice(0, at)
      for (const watcher of watchers) if (!before.some((other) => other.watchers.has(watcher))) yield watcher
    }
  }
  function* everybody(): Generator<FuzzyWatcher> {
    for (const { watchers } of byText.values()) yield* watchers
  }
  const tell = createFuzzyTelling({ dueMax, watchersOf, everybody, defer })

  const refillLater = (watched: Watched): void => {
    watched.refill ??= parts.after(refillMs, () => {
      watched.refill = null
      watched.isOver = false
      scan(watched)
    })
  }

  /** Whether the pattern holds another set of names now. */
  const take = (watched: Watched, resource: FuzzyResource, there: boolean): boolean => {
    const { keys } = watched
    if (there === keys.has(resource.key)) return false
    if (!there) {
      if (watched.isOver) refillLater(watched)
      return keys.delete(resource.key)
    }
    if (keys.size >= namesMax) {
      watched.isOver = true
      return false
    }
    keys.add(resource.key)
    return true
  }

  const visit = (watched: Watched, name: FuzzyName): void => {
    // What is walked may be older than what is there.
    if (!watched.pattern.matches(name) || !isThere(name)) return
    const resource = { ...name, key: keyOf(name) }
    if (take(watched, resource, true) && watched.isReady) tell(resource)
  }
  const scanned = (watched: Watched): void => {
    watched.isReady = true
    for (const { watcher, done } of watched.waiting.splice(0)) done(watched.watchers.has(watcher) ? foundOf(watched) : { kind: 'gone' })
  }
  const scan = (watched: Watched): void =>
    scanLater({
      rows: parts.rows(watched.pattern.namespace),
      isWanted: () => byText.get(watched.pattern.text) === watched,
      // As many as it may find, and one more.
      isEnough: () => watched.isOver,
      visit: (name) => visit(watched, name),
      done: () => scanned(watched),
    })

  const foundOf = ({ keys }: Watched): FuzzyFound => ({ kind: 'found', keys, isFull: () => keys.size >= namesMax })

  const begin = (pattern: FuzzyPattern): Watched => {
    const watched: Watched = { pattern, keys: new Set(), watchers: new Set(), waiting: [], isReady: false, isOver: false, refill: null }
    byText.set(pattern.text, watched)
    scan(watched)
    return watched
  }

  const forget = (watcher: FuzzyWatcher, watched: Watched): void => {
    if (!watched.watchers.delete(watcher) || watched.watchers.size > 0) return
    byText.delete(watched.pattern.text)
    watched.refill?.cancel()
  }

  return {
    watch: (watcher, pattern, done) => {
      const known = byText.get(pattern.text)
      if (known === undefined && byText.size >= patternsMax) return done({ kind: 'too-many-patterns' })
      const watched = known ?? begin(pattern)
      watched.watchers.add(watcher)
      if (watched.isReady) done(foundOf(watched))
      else watched.waiting.push({ watcher, done })
    },
    unwatch: (watcher, text) => {
      const watched = byText.get(text)
      if (watched !== undefined) forget(watcher, watched)
    },
    leave: (watcher) => {
      for (const watched of [...byText.values()]) forget(watcher, watched)
    },
    onChanged: (name) => {
      let resource: FuzzyResource | null = null
      let there = false
      let isTold = false
      for (const watched of byText.values()) {
        if (!watched.pattern.matches(name)) continue
        if (resource === null) {
          const { namespace, group, name: own } = name
          there = isThere(name)
          resource = { namespace, group, name: own, key: keyOf(name) }
        }
        if (take(watched, resource, there) && watched.isReady) isTold = true
      }
      if (resource !== null && isTold) tell(resource)
    },
    isThere,
    size: () => byText.size,
  }
}
