/**
 * Where the cluster's nodes are at this moment: the book's ids with their ports and folders. Ports follow from the first one and the id, so a
 * node keeps its address from start to start. It starts and stops nothing.
 */

import { mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type MemberBook, type Members, seatOf } from './member-book.ts'
import { freeOf, type PortSet, portsOf } from './ports.ts'
import type { NodePlace } from './types.ts'

export interface Roster {
  readonly places: () => readonly NodePlace[]
  readonly place: (id: number) => NodePlace | null
  readonly members: () => Members
  /** Ids whose voice counts, as far as the supervisor knows. */
  readonly voting: () => readonly number[]
  /** A place for one more, its ports free a moment ago, noted as joining; null: no set of ports near is free. Throws the system's error. */
  readonly enter: () => Promise<NodePlace | null>
  /** As `enter`, for a new node with the ports of one that has gone; null: they are not free any more. */
  readonly enterAt: (seat: number) => Promise<NodePlace | null>
  readonly change: MemberBook['change']
  /**
   * Takes a node off the list and puts its folder aside, under this name; the folder's new place, or null if it could not be moved. Throws the
   * system's error.
   */
  readonly leave: (id: number, name?: string) => string | null
}

export interface RosterParts {
  readonly book: MemberBook
  readonly set: Pick<PortSet, 'host' | 'first'>
  readonly nodeDir: (id: number) => string
}

/** Ids whose ports are taken are skipped, so many at most. */
const idsTried = 10

export const createRoster = ({ book, set, nodeDir }: RosterParts): Roster => {
  const placeOf = (id: number): NodePlace => {
    const seat = seatOf(book.members(), id)
    return { id, host: set.host, ...portsOf(set, seat), dir: nodeDir(id), ...(seat === id ? {} : { inPlaceOf: seat }) }
  }
  let places: readonly NodePlace[] = book.members().ids.map(placeOf)
  const change: MemberBook['change'] = (changed) => {
    book.change(changed)
    places = book.members().ids.map((id) => places.find((place) => place.id === id) ?? placeOf(id))
  }
  const come = (id: number, seat: number): NodePlace => {
    const { ids, joining, seats, vacant } = book.members()
    mkdirSync(join(nodeDir(id), 'logs'), { recursive: true, mode: 0o700 })
    change({
      ...{ ids: [...ids, id], joining: [...joining, id], lastId: id, vacant: without(vacant, seat) },
      ...(seat === id ? {} : { seats: { ...seats, [id]: seat } }),
    })
    return placeOf(id)
  }
  const without = (ids: readonly number[], id: number): number[] => ids.filter((each) => each !== id)

  return {
    places: () => places,
    place: (id) => places.find((place) => place.id === id) ?? null,
    members: book.members,
    voting: () => book.members().ids.filter((id) => !book.members().joining.includes(id)),
    change,
    enter: async () => {
      const { lastId } = book.members()
      for (let id = lastId + 1; id <= lastId + idsTried; id++) if (await freeOf(set, id)) return come(id, id)
      return null
    },
    enterAt: async (seat) => ((await freeOf(set, seat)) ? come(book.members().lastId + 1, seat) : null),
    leave: (id, name = `node-${id}`) => {
      const { ids, joining, leaving } = book.members()
      change({ ids: without(ids, id), joining: without(joining, id), leaving: without(leaving, id) })
      const aside = join(dirname(nodeDir(id)), 'removed', name)
      try {
        mkdirSync(dirname(aside), { recursive: true, mode: 0o700 })
        renameSync(nodeDir(id), aside)
        return aside
      } catch {
        return null
      }
    },
  }
}
