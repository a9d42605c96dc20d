/**
 * Rows that Nacos's tables did not take, kept in a table of ours in the database itself, in the transaction of their batch: whoever leads next
 * knows that what stands there under these keys is older than what was committed, and every person can look. Holds no content.
 */

import type { SinkBatch, SinkDataError, SinkRefusals } from '../sink.ts'
import type { Row, SqlConnection } from './connection.ts'
import { recordTableNames, refusedIdOf } from './record-names.ts'

export const refusedTable = `
  CREATE TABLE IF NOT EXISTS nacos_trio_refused (
    table_name varchar(64) NOT NULL,
    row_id bigint NOT NULL,
    tenant_id varchar(512) NOT NULL,
    group_id varchar(512) NOT NULL,
    data_id varchar(512) NOT NULL,
    column_name varchar(64) DEFAULT NULL,
    errno int NOT NULL,
    sql_state varchar(8) NOT NULL,
    message varchar(512) NOT NULL,
    applied_index bigint NOT NULL,
    PRIMARY KEY (table_name, row_id)
  )`

/** Of one statement. */
const rowsMax = 256
const textMax = 512
/** Enough to see what is wrong; all of them are in the table. */
const shownMax = 20

const configTables: readonly SinkDataError['table'][] = ['config_info', 'his_config_info', 'config_tags_relation']
const tables: ReadonlySet<string> = new Set([...configTables, ...recordTableNames])
const isTable = (name: string): name is SinkDataError['table'] => tables.has(name)

const errorOf = (row: Row): SinkDataError | [] => {
  const table = String(row.table_name)
  if (!isTable(table)) return []
  return {
    table,
    ...{ namespace: String(row.tenant_id), group: String(row.group_id), dataId: String(row.data_id), id: Number(row.row_id) },
    column: row.column_name === null ? null : String(row.column_name),
    ...{ errno: Number(row.errno), sqlState: String(row.sql_state), message: String(row.message) },
  }
}

export const readRefusals = async (connection: SqlConnection): Promise<SinkRefusals> => {
  const [counted] = await connection.text('SELECT COUNT(*) AS n FROM nacos_trio_refused')
  const count = Number(counted?.n)
  if (count === 0) return { count, newest: [] }
  const rows = await connection.text(
    `SELECT table_name, row_id, tenant_id, group_id, data_id, column_name, errno, sql_state, message FROM nacos_trio_refused
     ORDER BY applied_index DESC, table_name, row_id LIMIT ${shownMax}`,
  )
  return { count, newest: rows.flatMap(errorOf) }
}

/** Ids of the configurations whose newest row, or one of its tags, the database lacks; null: more than can be looked through. */
export const readRefusedConfigs = async (connection: SqlConnection, idsMax: number): Promise<ReadonlySet<number> | null> => {
  const rows = await connection.text(
    `SELECT DISTINCT row_id FROM nacos_trio_refused WHERE table_name IN ('config_info', 'config_tags_relation') LIMIT ${idsMax + 1}`,
  )
  return rows.length > idsMax ? null : new Set(rows.map((row) => Number(row.row_id)))
}

/** The same of records, by the number that a name gives. */
export const readRefusedRecords = async (connection: SqlConnection, idsMax: number): Promise<ReadonlySet<number> | null> => {
  const names = recordTableNames.map((name) => `'${name}'`).join(', ')
  const rows = await connection.text(`SELECT row_id FROM nacos_trio_refused WHERE table_name IN (${names}) LIMIT ${idsMax + 1}`)
  return rows.length > idsMax ? null : new Set(rows.map((row) => Number(row.row_id)))
}

/** Of a database that is attached anew: what was refused to another cluster means nothing to us. */
export const forgetRefusals = async (connection: SqlConnection): Promise<void> => {
  await connection.text('DELETE FROM nacos_trio_refused')
}

const inPieces = async <T>(items: readonly T[], run: (some: readonly T[]) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < items.length; at += rowsMax) await run(items.slice(at, at + rowsMax))
}

const clear = (connection: SqlConnection, table: SinkDataError['table'], ids: readonly number[]): Promise<void> =>
  inPieces(ids, (some) => connection.text(`DELETE FROM nacos_trio_refused WHERE table_name = '${table}' AND row_id IN (${some.join(', ')})`))

/** Whatever came again was taken this time, or is among the errors anew. */
export const clearRefusals = async (
  connection: SqlConnection,
  { configs, dropped, history, forgotten = [], records = [] }: SinkBatch,
): Promise<void> => {
  const ids = [...configs, ...dropped].map(({ id }) => id)
  await clear(connection, 'config_info', ids)
  await clear(connection, 'config_tags_relation', ids)
  await clear(connection, 'his_config_info', [...history.map(({ nid }) => nid), ...forgotten])
  const named = records.map(({ area, key }) => refusedIdOf(area, key))
  if (named.length > 0) for (const table of recordTableNames) await clear(connection, table, named)
}

const putSql = (rows: number): string =>
  `REPLACE INTO nacos_trio_refused (table_name, row_id, tenant_id, group_id, data_id, column_name, errno, sql_state, message, applied_index)
   VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`

const cut = (text: string): string => text.slice(0, textMax)

export const noteRefusals = (connection: SqlConnection, errors: readonly SinkDataError[], index: number): Promise<void> =>
  inPieces(errors, (some) =>
    connection.run(
      putSql(some.length),
      some.flatMap(({ table, id, namespace, group, dataId, column, errno, sqlState, message }) => [
        ...[table, id, cut(namespace), cut(group), cut(dataId), column?.slice(0, 64) ?? null],
        ...[errno, sqlState.slice(0, 8), cut(message), index],
      ]),
    ),
  )
