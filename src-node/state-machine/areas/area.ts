/**
 * What an area of the state machine is: a family of commands with its own codec, its own memory and its own records, so that each can be written in
 * files of its own. The host (area-host.ts) gives it commands by their kind byte and carries its records to the store, the state's hash and
 * snapshots. An area must never look at a clock or at chance, and never throw on data.
 */

import type { AreaNumber, AreaRecord, BesidesHistory, Effect, Reply } from '../types.ts'

/** What a command may see and do, besides the memory of its area. */
export interface AreaStep {
  /** Raft index of the entry. */
  readonly index: number
  /** Log time, ms since 1970: never falls, equal on all nodes. */
  readonly timeMs: number
  /** A record of this area is to be that, in the store and in the state's hash. The value belongs to the machine from here on. */
  put(area: AreaNumber, key: string, value: Uint8Array): void
  /** It goes; one that is not there means nothing. */
  drop(area: AreaNumber, key: string): void
  /** A row of history, with the next number there is. */
  history(row: BesidesHistory): void
  /** Listeners hear it once the batch is in the store. */
  tell(effect: Effect): void
}

export interface Area {
  /** Whose records it owns. */
  readonly numbers: readonly AreaNumber[]
  /** Kind bytes of its commands, both included. */
  readonly kinds: readonly [from: number, to: number]
  /** A record that the store held, in no order that means anything; before any command, once each. It may keep the head of it alone. */
  load(record: AreaRecord): void
  /**
   * Changes its memory at once: nobody reads between the begin of a batch and its end, which lie in one turn of the loop. What no version of ours
   * wrote changes nothing and is `invalid-command`.
   */
  apply(payload: Uint8Array, step: AreaStep): Reply
  /**
   * A record of a shared database takes the place of the one here, or, without a value, takes it away. False: it cannot be one of ours, and nothing
   * is changed. Absent: no database holds records of this area.
   */
  adopt?(key: string, value: Uint8Array | null, step: AreaStep): boolean
  /** The batch is in the store. */
  publish(): void
  /** The store could not take it: the memory is again what it was when the batch began (undo-map.ts does it). */
  discard(): void
  /**
   * A snapshot has brought, changed or taken this record: what listeners must hear, by the area's memory as it is now. Null: nobody listens. Of a
   * record that is gone the key alone is left. `index`: the Raft index to tell of what is gone.
   */
  changeOf(area: AreaNumber, key: string, index: number): Effect | null
}
