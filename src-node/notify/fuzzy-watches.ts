/**
 * Who watches which pattern, and the names that each pattern has found (nacos-grpc 5.6): who watches is told that a name has come or gone, never of a new
 * content. Costs a change one comparison while nobody watches. Bounded in patterns, in names of each and in changes that are still to be told; whoever
 * fell behind is `lost`, and is to ask anew with what it has.
 */

import type { FuzzyName, FuzzyPattern } from './fuzzy-pattern.ts'

export interface FuzzyResource extends FuzzyName {
  /** As clients write it. */
  readonly key: string
}

export interface FuzzyWatcher {
  /** It came or went, perhaps both: how it is now is for `isThere` to say. */
  changed(resource: FuzzyResource): void
  /** It cannot be told all that has changed. */
  lost(): void
}

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

/** Some 0.3 us each. */
const rowsPerTurn = 2_000
/** Some 10 us each. */
const toldPerTurn = 256
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
  /** To be looked through, one after the other: none of them may hold the loop. */
  const scans: { readonly watched: Watched; readonly rows: Iterator<FuzzyName | null> }[] = []
  const due = new Map<string, FuzzyResource>()
  let areLost = false
  let telling = false

  const isCurrent = (watched: Watched): boolean => byText.get(watched.pattern.text) === watched

  function* watchersOf(resource: FuzzyResource): Generator<FuzzyWatcher> {
    const matching = [...byText.values()].filter(({ isReady, pattern }) => isReady && pattern.matches(resource))
    for (const [at, { watchers }] of matching.entries()) {
      const before = matching.slice(0, at)
      for (const watcher of watchers) if (!before.some((other) => other.watchers.has(watcher))) yield watcher
    }
  }
  function* turnOfTelling(): Generator<() => void, undefined> {
    for (;;) {
      const [next] = due.values()
      if (areLost) {
        areLost = false
        due.clear()
        for (const { watchers } of byText.values()) for (const watcher of watchers) yield watcher.lost
      } else if (next === undefined) return undefined
      else {
        due.delete(next.key)
        for (const watcher of watchersOf(next)) yield () => watcher.changed(next)
      }
    }
  }
  const tellOn = (steps: Iterator<() => void>): void => {
    for (let told = 0; told < toldPerTurn; told++) {
      const step = steps.next()
      if (step.done === true) {
        telling = false
        return
      }
      step.value()
    }
    defer(() => tellOn(steps))
  }
  const tell = (resource: FuzzyResource): void => {
    if (due.size >= dueMax) areLost = true
    else due.set(resource.key, resource)
    if (telling) return
    telling = true
    tellOn(turnOfTelling())
  }

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
  const scanOn = (): void => {
    const [first] = scans
    if (first === undefined) return
    const { watched, rows } = first
    let isOver = !isCurrent(watched)
    for (let seen = 0; seen < rowsPerTurn && !isOver; seen++) {
      const row = rows.next()
      // With as many as it may find and one more it has found all that it needs.
      isOver = row.done === true || watched.isOver
      if (row.done !== true && row.value !== null) visit(watched, row.value)
    }
    if (isOver) {
      scans.shift()
      scanned(watched)
    }
    if (scans.length > 0) defer(scanOn)
  }
  const scan = (watched: Watched): void => {
    if (scans.push({ watched, rows: parts.rows(watched.pattern.namespace) }) === 1) defer(scanOn)
  }

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
