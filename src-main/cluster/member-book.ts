/**
 * Which nodes the cluster has, as the supervisor remembers it in `cluster.json`: who founded it, who runs, whose coming or going is not finished.
 * The Raft log decides who votes; this book only says which workers there are, and what to go on with after a crash. Ids are never used again.
 */

import { readJson, replaceFile } from './durable-file.ts'

export interface Members {
  /** The voters that the cluster began with; fixed. */
  readonly founders: readonly number[]
  /** Every node that has a worker, in ascending order. */
  readonly ids: readonly number[]
  /** Those of `ids` that are on their way to become voters. */
  readonly joining: readonly number[]
  /** Those of `ids` whose removal has been decided. */
  readonly leaving: readonly number[]
  /** Highest id ever given. */
  readonly lastId: number
  /** Of nodes that took the ports of another one: the id whose ports those were at first. All others have their own. */
  readonly seats: Readonly<Record<number, number>>
  /** Seats whose node goes, or has gone, for a new one to come there. */
  readonly vacant: readonly number[]
}

/** The id by which a node's ports are reckoned. */
export const seatOf = ({ seats }: Pick<Members, 'seats'>, id: number): number => seats[id] ?? id

export interface MemberBook {
  readonly members: () => Members
  /** On disk when it returns. Throws the system's error, and nothing has changed then. */
  readonly change: (change: Partial<Omit<Members, 'founders'>>) => void
}

/** As many members as a configuration holds (`membersMax` in src-node/raft/membership.ts): the one limit, for a new cluster and a grown one. */
export const mostNodes = 9

/** A cluster whose members have changed is not for versions that know its founders only. */
export const changedFormat = 2

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

const isIds = (value: unknown): value is number[] => Array.isArray(value) && value.every((id) => Number.isInteger(id) && id > 0)

const isSeats = (value: unknown): value is Record<number, number> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isIds(Object.keys(value).map(Number)) && isIds(Object.values(value))

/** What `cluster.json` says; null: it says something that cannot be. */
export const parseMembers = (known: Readonly<Record<string, unknown>>): Members | null => {
  if (typeof known.nodes !== 'number') return null
  const founders = upTo(known.nodes)
  if (known.members === undefined) return { founders, ids: founders, joining: [], leaving: [], lastId: known.nodes, seats: {}, vacant: [] }
  // Seats came later than the rest: a file without them has none.
  const { ids, joining, leaving, lastId, seats = {}, vacant = [] } = known.members as Record<string, unknown>
  if (!isIds(ids) || !isIds(joining) || !isIds(leaving) || typeof lastId !== 'number' || ids.length === 0) return null
  if (!isSeats(seats) || !isIds(vacant)) return null
  return { founders, ids, joining, leaving, lastId, seats, vacant }
}

export const openMemberBook = (file: string, opened: Members): MemberBook => {
  let members = opened
  return {
    members: () => members,
    change: (change) => {
      const next = { ...members, ...change }
      const { founders: _founders, ...written } = next
      const known = readJson(file)
      replaceFile(file, `${JSON.stringify({ ...(known as object), version: changedFormat, members: written }, null, 2)}\n`)
      members = next
    },
  }
}
