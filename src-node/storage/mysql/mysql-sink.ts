/**
 * The shared database as the driver uses it (`StoreSink`): connects, claims, writes, reads, each answer a value. Holds at most one connection for
 * writing and one for each reading. Whatever fails on a connection ends it: the next claim begins with a new one, which is what makes an
 * unknown outcome safe. Never retries by itself and keeps no rows.
 */

import type {
  ClaimOutcome,
  OldHistory,
  OpenOutcome,
  ReadOutcome,
  RecordReader,
  RecordWords,
  SinkBatch,
  SinkClaim,
  SinkOutcome,
  SourceReader,
  StoreSink,
} from '../sink.ts'
import { type BatchTarget, targetFor, writeRows } from './batch-writer.ts'
import type { ConnectionTimes } from './connection.ts'
import { claimFence, readPosition } from './fence.ts'
import { forgetOldHistory } from './old-history.ts'
import { createPreparedConnections, type Prepared, type PreparedConnections } from './prepared-connections.ts'
import { limitsOfShape } from './record-limits.ts'
import { recordTablesOf } from './record-tables.ts'
import { forgetRefusals, readRefusals } from './refused-rows.ts'
import { rowTablesOf } from './row-tables.ts'
import { readSource } from './source-reader.ts'
import type { MysqlTarget } from './target.ts'
import { troubleError } from './trouble.ts'

export interface MysqlSinkOptions extends ConnectionTimes {
  readonly target: MysqlTarget
  readonly clusterId: string
  readonly words: RecordWords
}

/** Reading holds nobody up: counting a long history takes seconds. */
const readPatience = 20

const open = async (connections: PreparedConnections): Promise<OpenOutcome> => {
  const prepared = await connections.prepare(1)
  if ('kind' in prepared) return prepared
  const { connection, shape } = prepared
  try {
    return { kind: 'opened', limits: limitsOfShape(shape), position: await readPosition(connection), address: connection.address }
  } catch (error) {
    return connections.unavailable(error, connection.address)
  } finally {
    connections.leave(connection)
  }
}

interface Claimed {
  readonly outcome: ClaimOutcome
  /** Null unless claimed. */
  readonly held: BatchTarget | null
}

const claimOn = async (
  connections: PreparedConnections,
  { connection, shape }: Prepared,
  { clusterId, words }: Pick<MysqlSinkOptions, 'clusterId' | 'words'>,
  claim: SinkClaim,
): Promise<Claimed> => {
  try {
    const { kind, position } = await claimFence(connection, clusterId, claim)
    if (kind !== 'claimed') {
      connections.leave(connection)
      return { outcome: { kind, position }, held: null }
    }
    const { appliedIndex } = position
    if (appliedIndex === 0) await forgetRefusals(connection)
    const refusals = await readRefusals(connection)
    const records = { tables: recordTablesOf(shape), words, defaultTenant: shape.defaultTenant }
    const held = await targetFor(connection, { tables: rowTablesOf(shape), records }, { clusterId, term: claim.term }, refusals)
    return { outcome: { kind, appliedIndex, limits: limitsOfShape(shape), refusals, address: connection.address }, held }
  } catch (error) {
    connections.end(connection)
    return { outcome: connections.unavailable(error, connection.address), held: null }
  }
}

const writeOn = async (connections: PreparedConnections, held: BatchTarget, batch: SinkBatch): Promise<SinkOutcome> => {
  const { connection } = held
  let committing = false
  try {
    const rows = await writeRows(held, batch)
    if (rows === null) return { kind: 'fenced', position: await readPosition(connection) }
    committing = true
    await connection.text('COMMIT')
    return { kind: 'written', ...rows }
  } catch (error) {
    const { trouble } = connections.unavailable(error, connection.address)
    return { kind: committing ? 'unknown' : 'unavailable', trouble }
  }
}

const readOn = async (connections: PreparedConnections, { connection, shape }: Prepared, reader: SourceReader): Promise<ReadOutcome> => {
  // What the caller's own words throw is his; it is no trouble of the database.
  let ownFailure = false
  const fail = (error: unknown): never => {
    ownFailure = true
    throw error
  }
  const begin: SourceReader['begin'] = (summary) => {
    try {
      reader.begin(summary)
    } catch (error) {
      fail(error)
    }
  }
  const page: SourceReader['page'] = async (rows) => {
    try {
      await reader.page(rows)
    } catch (error) {
      fail(error)
    }
  }
  const { records } = reader
  const recordPage: RecordReader['page'] = async (some) => {
    try {
      await records?.page(some)
    } catch (error) {
      fail(error)
    }
  }
  try {
    const summary = await readSource(connection, shape, {
      ...reader,
      begin,
      page,
      ...(records === undefined ? {} : { records: { ...records, page: recordPage } }),
    })
    return { kind: 'read', summary }
  } catch (error) {
    if (ownFailure) throw error
    return connections.unavailable(error, connection.address)
  } finally {
    connections.leave(connection)
  }
}

const forgetOn = async (
  connections: PreparedConnections,
  connection: Prepared['connection'],
  clusterId: string,
  order: OldHistory,
): ReturnType<StoreSink['forgetOld']> => {
  try {
    return { kind: 'forgot', removed: await forgetOldHistory(connection, clusterId, order) }
  } catch (error) {
    return connections.unavailable(error, connection.address)
  } finally {
    connections.leave(connection)
  }
}

export const createMysqlSink = (options: MysqlSinkOptions): StoreSink => {
  const connections = createPreparedConnections(options.target, options)
  let held: BatchTarget | null = null
  const letGo = (): void => {
    if (held !== null) connections.end(held.connection)
    held = null
  }
  return {
    open: () => open(connections),
    claim: async (claim) => {
      letGo()
      const prepared = await connections.prepare(1)
      if ('kind' in prepared) return prepared
      const claimed = await claimOn(connections, prepared, options, claim)
      held = claimed.held
      return claimed.outcome
    },
    write: async (batch) => {
      if (held === null) return connections.unavailable(troubleError('not-open', 'not claimed'))
      const outcome = await writeOn(connections, held, batch)
      if (outcome.kind !== 'written') letGo()
      return outcome
    },
    read: async (reader) => {
      const prepared = await connections.prepare(readPatience)
      return 'kind' in prepared ? prepared : readOn(connections, prepared, reader)
    },
    forgetOld: async (order) => {
      const prepared = await connections.prepare(readPatience)
      return 'kind' in prepared ? prepared : forgetOn(connections, prepared.connection, options.clusterId, order)
    },
    close: async () => {
      held = null
      connections.close()
    },
  }
}
