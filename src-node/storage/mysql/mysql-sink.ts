/**
 * The shared database as the driver uses it (`StoreSink`): connects, claims, writes, reads, each answer a value. Holds at most one connection for
 * writing and one for each reading. Whatever fails on a connection ends it: the next claim begins with a new one, which is what makes an
 * unknown outcome safe. Never retries by itself and keeps no rows.
 */

import type {
  ClaimOutcome,
  OpenOutcome,
  ReadOutcome,
  SinkBatch,
  SinkClaim,
  SinkOutcome,
  SinkUnavailable,
  SourceReader,
  SourceRow,
  StoreSink,
} from '../sink.ts'
import { findPrimary, tellingTrouble } from './address-choice.ts'
import { type BatchTarget, targetFor, writeRows } from './batch-writer.ts'
import { limitsOfShape } from './column-limits.ts'
import type { ConnectionTimes, SqlConnection } from './connection.ts'
import { claimFence, readPosition } from './fence.ts'
import { rowTablesOf } from './row-tables.ts'
import { bringSchema } from './schema-steps.ts'
import { readSource } from './source-reader.ts'
import { type NacosShape, readShape } from './table-shapes.ts'
import { type MysqlAddress, type MysqlTarget, shownAddress } from './target.ts'
import { troubleAt, troubleError, troubleOf } from './trouble.ts'

export interface MysqlSinkOptions extends ConnectionTimes {
  readonly target: MysqlTarget
  readonly clusterId: string
}

/** Reading holds nobody up: counting a long history takes seconds. */
const readPatience = 20

interface Prepared {
  readonly connection: SqlConnection
  readonly shape: NacosShape
}

export const createMysqlSink = (options: MysqlSinkOptions): StoreSink => {
  const { target, clusterId } = options
  const open = new Set<SqlConnection>()
  let held: BatchTarget | null = null
  let closed = false
  let primary: MysqlAddress | null = null

  const firstAddress = target.addresses[0] === undefined ? '' : shownAddress(target.addresses[0])
  const unavailable = (error: unknown, address = firstAddress): SinkUnavailable => ({
    kind: 'unavailable',
    trouble: troubleOf(target, address, error),
  })
  const end = (connection: SqlConnection): void => {
    open.delete(connection)
    connection.destroy()
  }
  const leave = (connection: SqlConnection): void => {
    open.delete(connection)
    connection.leave()
  }

  /** A writable address, its tables as we need them. */
  const prepare = async (times: ConnectionTimes = options): Promise<Prepared | SinkUnavailable> => {
    if (closed) return unavailable(troubleError('not-open', 'closed'))
    const found = await findPrimary(target, times, primary)
    if (found.kind === 'none') {
      const trouble = tellingTrouble(found.troubles) ?? troubleAt(target, firstAddress, 'other', 'no address')
      return { kind: 'unavailable', trouble }
    }
    const { connection } = found
    primary = found.address
    open.add(connection)
    try {
      if (closed) throw troubleError('not-open', 'closed')
      await bringSchema(connection)
      return { connection, shape: await readShape(connection) }
    } catch (error) {
      end(connection)
      return unavailable(error, connection.address)
    }
  }

  const letGo = (): void => {
    if (held !== null) end(held.connection)
    held = null
  }

  const claimOn = async ({ connection, shape }: Prepared, claim: SinkClaim): Promise<ClaimOutcome> => {
    try {
      const outcome = await claimFence(connection, clusterId, claim)
      if (outcome.kind !== 'claimed') {
        leave(connection)
        return { kind: outcome.kind, position: outcome.position }
      }
      held = await targetFor(connection, rowTablesOf(shape), clusterId, claim.term)
      return { kind: 'claimed', appliedIndex: outcome.position.appliedIndex, limits: limitsOfShape(shape), address: connection.address }
    } catch (error) {
      end(connection)
      return unavailable(error, connection.address)
    }
  }

  const write = async (batch: SinkBatch): Promise<SinkOutcome> => {
    if (held === null) return unavailable(troubleError('not-open', 'not claimed'))
    const { connection } = held
    let committing = false
    try {
      const dataErrors = await writeRows(held, batch)
      if (dataErrors === null) {
        const position = await readPosition(connection)
        letGo()
        return { kind: 'fenced', position }
      }
      committing = true
      await connection.text('COMMIT')
      return { kind: 'written', dataErrors }
    } catch (error) {
      letGo()
      const { trouble } = unavailable(error, connection.address)
      return { kind: committing ? 'unknown' : 'unavailable', trouble }
    }
  }

  const read = async (reader: SourceReader): Promise<ReadOutcome> => {
    const prepared = await prepare({ ...options, statementLimitMs: options.statementLimitMs * readPatience })
    if ('kind' in prepared) return prepared
    const { connection, shape } = prepared
    // What the caller's own page throws is his; it is no trouble of the database.
    let ownFailure = false
    const page = async (rows: readonly SourceRow[]): Promise<void> => {
      try {
        await reader.page(rows)
      } catch (error) {
        ownFailure = true
        throw error
      }
    }
    try {
      const summary = await readSource(connection, shape, { begin: (first) => reader.begin(first), page })
      return { kind: 'read', summary }
    } catch (error) {
      if (ownFailure) throw error
      return unavailable(error, connection.address)
    } finally {
      leave(connection)
    }
  }

  return {
    open: async (): Promise<OpenOutcome> => {
      const prepared = await prepare()
      if ('kind' in prepared) return prepared
      const { connection, shape } = prepared
      try {
        return { kind: 'opened', limits: limitsOfShape(shape), position: await readPosition(connection), address: connection.address }
      } catch (error) {
        return unavailable(error, connection.address)
      } finally {
        leave(connection)
      }
    },
    claim: async (claim) => {
      letGo()
      const prepared = await prepare()
      return 'kind' in prepared ? prepared : claimOn(prepared, claim)
    },
    write,
    read,
    close: async () => {
      closed = true
      held = null
      for (const connection of [...open]) end(connection)
    },
  }
}
