/**
 * Room under our numbers in a database that holds rows of others: theirs get higher ones, in one transaction, before a cluster that has numbers of its
 * own moves in. Contents, names and times stay as they are; what a row of ours will replace is kept in the history first.
 */

import type { MergeOutcome, RoomMaker } from '../sink.ts'
import { findPrimary, tellingTrouble } from './address-choice.ts'
import type { ConnectionTimes, SqlConnection } from './connection.ts'
import { type NacosShape, readShape } from './table-shapes.ts'
import { type MysqlTarget, shownAddress } from './target.ts'
import { dateTimeText } from './times.ts'
import { troubleAt, troubleOf } from './trouble.ts'

/** Ids of one statement. */
const idsMax = 256

const highest = async (connection: SqlConnection, table: string, column: string): Promise<number> => {
  const [row] = await connection.text(`SELECT COALESCE(MAX(${column}), 0) AS highest FROM ${table}`)
  return Number(row?.highest)
}

/** By so much that no row can meet another one, moved or not. */
const liftAbove = async (connection: SqlConnection, shape: NacosShape, configId: number, historyId: number): Promise<void> => {
  const configsBy = Math.max(configId, await highest(connection, 'config_info', 'id'))
  const historyBy = Math.max(historyId, await highest(connection, 'his_config_info', 'nid'))
  const tables = ['config_info', 'his_config_info', ...(shape.tags === null ? [] : ['config_tags_relation'])]
  for (const table of tables) await connection.text(`UPDATE ${table} SET id = id + ${configsBy} WHERE id > 0 AND id < ${configId}`)
  await connection.text(`UPDATE his_config_info SET nid = nid + ${historyBy} WHERE nid < ${historyId}`)
}

/** As Nacos keeps what an update replaces (nacos-storage 2); once, however often it is asked for. */
const keepSql = (shape: NacosShape, ids: readonly number[], at: string): string => {
  const copied = ['data_id', 'group_id', 'tenant_id', 'app_name', 'content', 'md5', 'src_user', 'src_ip', 'encrypted_data_key'].filter(
    (column) => shape.history.has(column) && shape.config.has(column),
  )
  const from = copied.map((column) => `c.${column}`).join(', ')
  return `INSERT INTO his_config_info (id, op_type, gmt_create, gmt_modified, ${copied.join(', ')})
    SELECT c.id, 'U', '${at}', '${at}', ${from} FROM config_info c WHERE c.id IN (${ids.join(', ')}) AND NOT EXISTS (
      SELECT 1 FROM his_config_info h WHERE h.id = c.id AND h.data_id = c.data_id AND h.md5 <=> c.md5 AND h.op_type = 'U')`
}

const inTransaction = async (connection: SqlConnection, act: () => Promise<void>): Promise<void> => {
  await connection.text('START TRANSACTION')
  await act()
  await connection.text('COMMIT')
}

/** On a connection of its own each time; what fails on it ends it, and nothing of it is kept. */
export const createRoomMaker = (target: MysqlTarget, times: ConnectionTimes): RoomMaker => {
  const within = async (act: (connection: SqlConnection, shape: NacosShape) => Promise<void>): Promise<MergeOutcome> => {
    const found = await findPrimary(target, times, null)
    const [first] = target.addresses
    const shown = first === undefined ? '' : shownAddress(first)
    if (found.kind === 'none')
      return { kind: 'unavailable', trouble: tellingTrouble(found.troubles) ?? troubleAt(target, shown, 'other', 'no address') }
    const { connection, address } = found
    try {
      await act(connection, await readShape(connection))
      return { kind: 'done' }
    } catch (error) {
      return { kind: 'unavailable', trouble: troubleOf(target, address, error) }
    } finally {
      connection.destroy()
    }
  }
  return {
    liftAbove: (configId, historyId) =>
      within((connection, shape) => inTransaction(connection, () => liftAbove(connection, shape, configId, historyId))),
    keepReplaced: (ids, atMs) =>
      within((connection, shape) =>
        inTransaction(connection, async () => {
          for (let at = 0; at < ids.length; at += idsMax) {
            const some = ids.slice(at, at + idsMax)
            await connection.text(keepSql(shape, some, dateTimeText(atMs, 0)))
            if (shape.tags !== null) await connection.text(`DELETE FROM config_tags_relation WHERE id IN (${some.join(', ')})`)
          }
        }),
      ),
  }
}
