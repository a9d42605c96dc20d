/** What a power cut may do to all that was not synced: the plain ways, and ways drawn from a seed. */

import type { Dice } from '../sim/world.ts'
import type { DataChange, DataFate, Disk, Fate } from './disk.ts'

export const nothingKept: Fate = { data: () => 'dropped', name: () => false }
export const allKept: Fate = { data: () => 'kept', name: () => true }
/** Names are there, their bytes are not; and the other way round. */
export const namesKept: Fate = { data: () => 'dropped', name: () => true }
export const bytesKept: Fate = { data: () => 'kept', name: () => false }

const pageSectors = 8

/** Everything arrived but this one, of which only some sectors did. */
export const tornAt = (order: number, arrives: (sector: number) => boolean): Fate => ({
  data: (change) => (change.order === order ? (change.kind === 'write' ? arrives : 'dropped') : 'kept'),
  name: () => true,
})

/** Everything arrived but these: later ones overtook them. */
export const without = (orders: ReadonlySet<number>): Fate => ({
  data: (change) => (orders.has(change.order) ? 'dropped' : 'kept'),
  name: (change) => !orders.has(change.order),
})

/** The first changes arrived, in their order, the rest did not: a disk that keeps the order but is late. */
const upTo = (order: number): Fate => ({
  data: (change) => (change.order < order ? 'kept' : 'dropped'),
  name: (change) => change.order < order,
})

const tornSectors = (dice: Dice): DataFate => {
  const unit = dice.chance(0.5) ? 1 : pageSectors
  const arrived = new Map<number, boolean>()
  return (sector) => {
    const place = Math.floor(sector / unit)
    const known = arrived.get(place) ?? dice.chance(0.5)
    arrived.set(place, known)
    return known
  }
}

const eachByItself = (dice: Dice): Fate => {
  const likely = dice.pick([0.1, 0.5, 0.9])
  const data = (change: DataChange): DataFate => {
    if (dice.chance(likely)) return 'kept'
    return change.kind === 'write' && dice.chance(0.3) ? (dice.chance(0.3) ? 'zeros' : tornSectors(dice)) : 'dropped'
  }
  return { data, name: () => dice.chance(likely) }
}

/** One way for all that is unsynced on `disk`, with a name for people. */
export const drawFate = (dice: Dice, disk: Disk): { readonly words: string; readonly fate: Fate } => {
  const orders = [...disk.unsyncedData(), ...disk.unsyncedNames()].map(({ order }) => order).toSorted((a, b) => a - b)
  const kind = dice.pick(['nothing', 'nothing', 'each', 'each', 'late', 'torn', 'all'] as const)
  switch (kind) {
    case 'nothing':
      return { words: 'all dropped', fate: nothingKept }
    case 'each':
      return { words: 'each by itself', fate: eachByItself(dice) }
    case 'late':
      return { words: 'cut off late', fate: upTo(orders.length === 0 ? 0 : dice.pick(orders)) }
    case 'torn': {
      const last = disk.unsyncedData().at(-1)?.order ?? -1
      const torn = tornSectors(dice)
      return { words: 'last write torn', fate: tornAt(last, typeof torn === 'function' ? torn : () => false) }
    }
    case 'all':
      return { words: 'all kept', fate: allKept }
  }
}
