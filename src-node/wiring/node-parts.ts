/** What a node is put together from, its own place among the members, and in which words a port that cannot be had is told. Opens nothing itself. */

import type { CacheThread } from '../disk-cache/cache-thread.ts'
import type { createMysqlMode } from '../mysql-mode.ts'
import { nodeFailure } from '../node-failure.ts'
import { exitCodes, type NodeStart, type PeerAddress, type WorkerToParent } from '../observe/channel.ts'
import type { NodeLog } from '../observe/log-file.ts'
import type { NodeOptions } from '../options.ts'
import type { DriverClock } from '../raft-driver/ports.ts'

export interface NodeParts {
  readonly start: NodeStart
  readonly options: NodeOptions
  readonly log: NodeLog
  readonly clock: DriverClock
  readonly cacheThread: CacheThread
  /** Null in SQLite mode, where its library need not be loaded. */
  readonly createMysqlMode: typeof createMysqlMode | null
  send(message: WorkerToParent): void
  consoleUrl(): string | null
  /** Ends the process for this reason; what it was told to write before has its moment to leave. */
  fail(reason: unknown): void
}

/** @throws NodeFailure `badOptions`: this node is no member, or the secret is none. */
export const ownRow = (start: NodeStart): PeerAddress => {
  const own = start.members.find((member) => member.id === start.id)
  if (own === undefined) throw nodeFailure(exitCodes.badOptions, `node ${start.id} is not among the members`)
  if (!/^[0-9a-f]{64}$/i.test(start.clusterSecret)) throw nodeFailure(exitCodes.badOptions, 'the cluster secret must have 64 hex digits')
  return own
}

/** A part broke where nobody waits for an answer: the log says which, with the stack. */
export type TellFailure = (what: string, cause: unknown) => void

export const tellFailureIn =
  (log: NodeLog, module: string): TellFailure =>
  (what, cause) =>
    log.write('error', module, `${what}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)

/** For a refused `listen`: what a person can do about it, or the error as it is. */
export const portFailure = (error: unknown, kind: 'HTTP' | 'gRPC' | 'Raft', port: number): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}) is already taken by another program`)
  if (code === 'EACCES') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}) may not be opened by this user`)
  if (code === 'EADDRNOTAVAIL') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}): this machine does not have the address`)
  return error
}
