/** What one batch of entries has changed so far, seen by its own later entries and by nobody else. */

import type { BroughtMemory } from './kept-run.ts'
import type { HashLanes } from './state-hash.ts'
import type { ConfigIndexRow, ConfigKey, MachineMeta, NamedSnapshot } from './types.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
export type Counters = Omit<Mutable<MachineMeta>, 'stateHash'>

export interface Batch {
  /** `null` marks a dropped row. */
  readonly rows: Map<string, ConfigIndexRow | null>
  readonly counters: Counters
  readonly sum: HashLanes
  snapshots: readonly NamedSnapshot[]
  /** A whole memory, that of before with `rows` in it: what would take too long in the turn in which it is published. */
  configs: Map<string, ConfigIndexRow> | null
  /** A whole memory of the areas, if a restore changed anything there. */
  areas: BroughtMemory | null
}

/** Lengths first: names may hold any character, so no separator is safe. */
export const keyText = (key: ConfigKey): string => `${key.namespace.length}:${key.group.length}:${key.namespace}${key.group}${key.dataId}`
