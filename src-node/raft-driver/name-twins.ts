/**
 * Configurations whose names a shared database takes for one that is there already (a column that ignores case): found before a write is proposed,
 * since afterwards the row could only be lost there. It holds a text for each configuration, and only beside such a database.
 */

import type { ConfigChanged, ConfigKey } from '../state-machine/types.ts'
import type { SinkExcess, SinkNames } from '../storage/sink.ts'
import type { DriverClock } from './ports.ts'
import { slice } from './slices.ts'

export interface NameTwins {
  /** The database compares names so from now on; undefined: it tells all apart. `done` once all that is there is known. */
  learn(names: SinkNames | undefined, done: () => void): void
  isReady(): boolean
  /** Why this name cannot be a new one; null: it can. What it says of a name holds it for its writer for a moment. */
  excessOf(key: ConfigKey): SinkExcess | null
  changed(changes: readonly ConfigChanged[]): void
}

export interface NameTwinsParts {
  /** The machine's memory. */
  readonly configs: { find(key: ConfigKey): unknown; rows(): IterableIterator<ConfigKey> }
  readonly clock: Pick<DriverClock, 'defer' | 'monotonicMs'>
  /** As long as a write may be under way, ms. */
  readonly holdMs: number
}

/** Names that were found to be free, and whose write is under way. */
const heldMax = 4_096

const keyOf = ({ namespace, group, dataId }: ConfigKey): ConfigKey => ({ namespace, group, dataId })
const isSame = (a: ConfigKey, b: ConfigKey): boolean => a.namespace === b.namespace && a.group === b.group && a.dataId === b.dataId
const shown = ({ namespace, group, dataId }: ConfigKey): string => [namespace === '' ? 'public' : namespace, group, dataId].join('/')

export const twinExcess = (names: SinkNames, key: ConfigKey, other: ConfigKey): SinkExcess => {
  const { column, collation } = names.difference(key, other)
  return { column, limit: 0, unit: 'name', charset: collation, taken: shown(other) }
}

export const createNameTwins = ({ configs, clock, holdMs }: NameTwinsParts): NameTwins => {
  let names: SinkNames | undefined
  let byFold = new Map<string, ConfigKey>()
  const held = new Map<string, { readonly key: ConfigKey; readonly untilMs: number }>()
  let ready = true

  const hold = (fold: string, key: ConfigKey): void => {
    const [oldest] = held.keys()
    if (held.size >= heldMax && oldest !== undefined) held.delete(oldest)
    held.delete(fold)
    held.set(fold, { key: keyOf(key), untilMs: clock.monotonicMs() + holdMs })
  }
  const takenBy = (fold: string): ConfigKey | undefined => {
    const known = byFold.get(fold)
    if (known !== undefined) return known
    const soon = held.get(fold)
    return soon === undefined || soon.untilMs < clock.monotonicMs() ? undefined : soon.key
  }
  const add = (of: SinkNames, key: ConfigKey): void => {
    const fold = of.folded(key)
    if (!byFold.has(fold)) byFold.set(fold, keyOf(key))
  }
  const build = (of: SinkNames, done: () => void): void => {
    const rows = configs.rows()
    const turn = (): void => {
      if (names !== of) return
      if (slice(rows, (row) => add(of, row))) {
        clock.defer(turn)
        return
      }
      ready = true
      done()
    }
    turn()
  }

  return {
    learn(next, done) {
      if (next?.kind === names?.kind && ready) {
        done()
        return
      }
      names = next
      byFold = new Map()
      held.clear()
      ready = next === undefined
      if (next === undefined) done()
      else build(next, done)
    },
    isReady: () => ready,
    excessOf(key) {
      if (names === undefined || configs.find(key) !== undefined) return null
      const fold = names.folded(key)
      const other = takenBy(fold)
      if (other !== undefined && !isSame(other, key)) return twinExcess(names, key, other)
      hold(fold, key)
      return null
    },
    changed(changes) {
      if (names === undefined) return
      for (const change of changes) {
        const fold = names.folded(change)
        const known = byFold.get(fold)
        if (change.md5 !== '') add(names, change)
        else if (known !== undefined && isSame(known, change)) byFold.delete(fold)
      }
    },
  }
}
