/**
 * Which ports the nodes listen on: HTTP p, gRPC p + 1000, Raft p - 1000, on 127.0.0.1 only, for p, p + 1, ...
 * Free means that we could really bind it a moment ago. Never ends a foreign process; never moves a port that the user named.
 */

import { createServer } from 'node:net'
import { findHolder, type PortHolder } from './port-holder.ts'

export const defaultPort = 8848
export const grpcOffset = 1_000
export const raftOffset = -1_000
const host = '127.0.0.1'
const moveBy = 10
const setsTried = 50

export interface PortSet {
  readonly host: string
  /** HTTP port of node 1; the others follow by their ids. */
  readonly first: number
  readonly ids: readonly number[]
}

export type PortChoice =
  | {
      readonly kind: 'ok'
      readonly set: PortSet
      readonly movedFrom: { readonly first: number; readonly port: number; readonly holder: PortHolder | null } | null
    }
  | { readonly kind: 'taken'; readonly port: number; readonly holder: PortHolder | null }
  | { readonly kind: 'not-allowed'; readonly port: number; readonly code: string }

/** The lowest and highest first port with which all derived ports of ids up to `lastId` are valid. */
export const portLimits = (lastId: number): { readonly min: number; readonly max: number } => ({
  min: 1 - raftOffset,
  max: 65_535 - grpcOffset - (lastId - 1),
})

/** Ports of node `id` (1-based) in a set. */
export const portsOf = (
  set: Pick<PortSet, 'first'>,
  id: number,
): { readonly httpPort: number; readonly grpcPort: number; readonly raftPort: number } => {
  const httpPort = set.first + id - 1
  return { httpPort, grpcPort: httpPort + grpcOffset, raftPort: httpPort + raftOffset }
}

const threeOf = (set: Pick<PortSet, 'first'>, id: number): number[] => {
  const { httpPort, grpcPort, raftPort } = portsOf(set, id)
  return [httpPort, grpcPort, raftPort]
}

/** Null when the port can be bound, else the system's error code. */
const bindError = (port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)))
  })

/** First port of the set that cannot be bound, in the order HTTP, gRPC, Raft of node 1, 2, ... */
const firstTaken = async (set: PortSet): Promise<{ readonly port: number; readonly code: string } | null> => {
  const ports = set.ids.flatMap((id) => threeOf(set, id))
  const errors = await Promise.all(ports.map(bindError))
  const index = errors.findIndex((error) => error !== null)
  const port = ports[index]
  const code = errors[index]
  return port === undefined || code === undefined || code === null ? null : { port, code }
}

/** Whether all three ports of this node could be bound a moment ago. */
export const freeOf = async (set: Pick<PortSet, 'first'>, id: number): Promise<boolean> => {
  if (set.first > portLimits(id).max) return false
  return (await Promise.all(threeOf(set, id).map(bindError))).every((error) => error === null)
}

const chooseExplicit = async (set: PortSet): Promise<PortChoice> => {
  const taken = await firstTaken(set)
  if (taken === null) return { kind: 'ok', set, movedFrom: null }
  if (taken.code !== 'EADDRINUSE') return { kind: 'not-allowed', port: taken.port, code: taken.code }
  return { kind: 'taken', port: taken.port, holder: await findHolder(taken.port) }
}

const chooseDefault = async (ids: readonly number[]): Promise<PortChoice> => {
  const set: PortSet = { host, first: defaultPort, ids }
  const first = await firstTaken(set)
  if (first === null) return { kind: 'ok', set, movedFrom: null }
  const holder = await findHolder(first.port)
  for (let tries = 1; tries < setsTried; tries++) {
    const moved = { ...set, first: defaultPort + tries * moveBy }
    if ((await firstTaken(moved)) === null) return { kind: 'ok', set: moved, movedFrom: { first: defaultPort, port: first.port, holder } }
  }
  return { kind: 'taken', port: first.port, holder }
}

/** `explicit` is the user's own first port: it is taken as it is or refused. Null: the default set, or the next free one 10 higher. */
export const choosePorts = (explicit: number | null, ids: readonly number[]): Promise<PortChoice> =>
  explicit === null ? chooseDefault(ids) : chooseExplicit({ host, first: explicit, ids })
