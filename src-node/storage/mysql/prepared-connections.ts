/**
 * Connections to the writable address with its tables as we need them, all of them known, so that closing leaves none. Turns what stands in the
 * way into the trouble that is shown. Knows nothing of claims and batches.
 */

import type { SinkUnavailable } from '../sink.ts'
import { findPrimary, tellingTrouble } from './address-choice.ts'
import type { ConnectionTimes, SqlConnection } from './connection.ts'
import { bringSchema } from './schema-steps.ts'
import { type NacosShape, readShape } from './table-shapes.ts'
import { type MysqlAddress, type MysqlTarget, shownAddress } from './target.ts'
import { troubleAt, troubleError, troubleOf } from './trouble.ts'

export interface Prepared {
  readonly connection: SqlConnection
  readonly shape: NacosShape
}

export interface PreparedConnections {
  /** @param patience times as long for each statement as a write has. */
  prepare(patience: number): Promise<Prepared | SinkUnavailable>
  unavailable(error: unknown, address?: string): SinkUnavailable
  /** At once; whatever is under way on it fails. */
  end(connection: SqlConnection): void
  /** Of an idle one, with a goodbye. */
  leave(connection: SqlConnection): void
  /** Ends all, and every later `prepare`. */
  close(): void
}

export const createPreparedConnections = (target: MysqlTarget, times: ConnectionTimes): PreparedConnections => {
  const open = new Set<SqlConnection>()
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
  const readied = async (connection: SqlConnection): Promise<Prepared | SinkUnavailable> => {
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
  return {
    prepare: async (patience) => {
      if (closed) return unavailable(troubleError('not-open', 'closed'))
      const found = await findPrimary(target, { ...times, statementLimitMs: times.statementLimitMs * patience }, primary)
      if (found.kind === 'none') {
        return { kind: 'unavailable', trouble: tellingTrouble(found.troubles) ?? troubleAt(target, firstAddress, 'other', 'no address') }
      }
      primary = found.address
      return readied(found.connection)
    },
    unavailable,
    end,
    leave: (connection) => {
      open.delete(connection)
      connection.leave()
    },
    close: () => {
      closed = true
      for (const connection of [...open]) end(connection)
    },
  }
}
