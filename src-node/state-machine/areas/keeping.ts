/**
 * What a named snapshot keeps of each area, and how it comes back: an area's rule takes the copy and the record of now and says which record is to
 * stand there. Indexes and times are those of the restore; ids of what is there stay. Rules must be pure: all nodes make the same bytes.
 */

import type { AreaNumber, AreaRecord, BesidesHistory } from '../types.ts'
import { administratorRole } from './account-area.ts'
import { readRecord } from './account-codec.ts'
import type { Areas } from './areas.ts'
import { capacityAgain } from './capacity-area.ts'
import { grayKeeping } from './gray-keeping.ts'
import { namespaceAgain } from './namespace-area.ts'
import { instanceKeeping, serviceKeeping } from './naming-keeping.ts'

/** The restore that is running. */
export interface Bringing {
  readonly index: number
  /** Log time, ms since 1970. */
  readonly timeMs: number
  readonly sourceIp: string
  readonly sourceUser: string
  /** What the machine holds before it. */
  readonly areas: Pick<Areas, 'naming'>
}

/** One of them is there at least. */
export interface Pair {
  readonly kept: AreaRecord | null
  readonly now: AreaRecord | null
}

export interface Keeping {
  /** Whether this record is kept, and goes if a snapshot has none of its key. */
  keeps(record: AreaRecord): boolean
  /**
   * The value that is to stand there; that of `now` itself: nothing changes; null: nothing is to be there.
   * `left`: what was kept has no place any more, and `now` stays.
   */
  again(pair: Pair, at: Bringing): Uint8Array | null | 'left'
  /** The row of history that a change leaves. */
  history?(pair: Pair, value: Uint8Array | null, at: Bringing): BesidesHistory
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

/** Records without times or indexes in them. */
const plain = ({ kept, now }: Pair): Uint8Array | null => {
  if (kept === null) return null
  return now !== null && isEqual(kept.value, now.value) ? now.value : kept.value
}

/** A namespace in which ephemeral services live stays: they would be there, and nobody would see them. */
const namespaces: Keeping = {
  keeps: () => true,
  again: ({ kept, now }, at) => {
    if (kept !== null) return namespaceAgain(kept, now, at.timeMs)
    const { key: id, value } = now as AreaRecord
    const holdsOthers = at.areas.naming.servicesIn(id).some(({ ephemeral, instances }) => ephemeral && instances.size > 0)
    return holdsOthers ? value : null
  },
}

const isAdministrator = (record: AreaRecord): boolean => {
  const read = readRecord(record.key, record.value)
  return read?.kind === 'user' && read.row.roles.includes(administratorRole)
}

/** Who is an administrator stays one, with the password of now: nobody shuts out themselves, and no old password opens that door again. */
const accounts: Keeping = {
  keeps: () => true,
  again: (pair) => (pair.now !== null && isAdministrator(pair.now) ? pair.now.value : plain(pair)),
}

const capacities: Keeping = { keeps: () => true, again: ({ kept, now }, at) => (kept === null ? null : capacityAgain(kept, now, at)) }

export const accountsArea = 5

const rules: Readonly<Partial<Record<AreaNumber, Keeping>>> = {
  1: serviceKeeping,
  2: instanceKeeping,
  3: grayKeeping,
  4: namespaces,
  [accountsArea]: accounts,
  7: capacities,
}

/** Undefined: this area is none of what a snapshot holds. */
export const keepingOf = (area: AreaNumber): Keeping | undefined => rules[area]
