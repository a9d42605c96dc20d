/**
 * A look at a database that nobody relies on yet, or that is to be compared: reads, and changes nothing, not even what is missing. One
 * connection, ended with the look.
 */

import type { SinkLimits, SinkPosition, SinkUnavailable, SourceReader, SourceSummary } from '../sink.ts'
import { findPrimary, tellingTrouble } from './address-choice.ts'
import type { ConnectionTimes, SqlConnection } from './connection.ts'
import { readPosition } from './fence.ts'
import { createdShape } from './nacos-tables.ts'
import { limitsOfShape } from './record-limits.ts'
import { type OwnTables, readSource } from './source-reader.ts'
import { hasNacosTables, readShape } from './table-shapes.ts'
import { type MysqlTarget, shownAddress } from './target.ts'
import { troubleAt, troubleOf } from './trouble.ts'

export type SourceLook =
  | {
      readonly kind: 'seen'
      readonly address: string
      readonly hasTables: boolean
      /** Of the tables that are there, or would be made. */
      readonly limits: SinkLimits
      readonly summary: SourceSummary
    }
  | SinkUnavailable

const nothing: SourceSummary = {
  ...{ position: null, configs: 0, history: 0, maxConfigId: 0, maxHistoryId: 0 },
  ...{
    refused: new Set<number>(),
    columns: new Set<string>(),
    refusedRecord: () => false,
    holds: () => true,
    keepsGrayHistory: true,
    keepsTags: true,
  },
}

const positionIn = async (connection: SqlConnection): Promise<SinkPosition | null> => {
  const [has] = await connection.text(
    "SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'nacos_trio_store'",
  )
  return Number(has?.n) === 0 ? null : readPosition(connection)
}

/** What was refused differs, and is seen as such. */
const ownIfThere: OwnTables = { position: positionIn, refused: () => Promise.resolve(new Set()), refusedRecords: () => Promise.resolve(new Set()) }

export interface LookReader extends SourceReader {
  /** First of all: what the tables hold, those that are there or would be made. */
  limits(known: SinkLimits): void
}

const look = async (connection: SqlConnection, reader: LookReader): Promise<Omit<Extract<SourceLook, { kind: 'seen' }>, 'address'>> => {
  if (await hasNacosTables(connection)) {
    const shape = await readShape(connection)
    const limits = limitsOfShape(shape)
    reader.limits(limits)
    return { kind: 'seen', hasTables: true, limits, summary: await readSource(connection, shape, reader, ownIfThere) }
  }
  const [first] = await connection.text('SELECT @@max_allowed_packet AS packet_bytes')
  const limits = limitsOfShape(createdShape(Number(first?.packet_bytes)))
  reader.limits(limits)
  reader.begin(nothing)
  return { kind: 'seen', hasTables: false, limits, summary: nothing }
}

/** `reader` must not throw. The writable address is looked at, and no other. */
export const lookAtSource = async (target: MysqlTarget, times: ConnectionTimes, reader: LookReader): Promise<SourceLook> => {
  const found = await findPrimary(target, times, null)
  if (found.kind === 'none') {
    const [first] = target.addresses
    const shown = first === undefined ? '' : shownAddress(first)
    return { kind: 'unavailable', trouble: tellingTrouble(found.troubles) ?? troubleAt(target, shown, 'other', 'no address') }
  }
  const { connection, address } = found
  try {
    const seen = await look(connection, reader)
    return { ...seen, address: shownAddress(address) }
  } catch (error) {
    return { kind: 'unavailable', trouble: troubleOf(target, address, error) }
  } finally {
    connection.destroy()
  }
}
