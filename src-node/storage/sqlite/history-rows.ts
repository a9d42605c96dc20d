/** History as the state store's file has it: the columns, and pages of whole rows. Reads only. */

import type Database from 'better-sqlite3'
import type { RowWrite } from '../../state-machine/types.ts'
import type { SinkHistoryRow } from '../sink.ts'
import type { HistoryRowHead, SinkPageLimits, StoredHistoryRow } from '../types.ts'

type BesidesWrite = Extract<RowWrite, { kind: 'history-besides' }>

export interface HistoryHeadColumns {
  readonly nid: number
  readonly id: number
  readonly data_id: string
  readonly group_id: string
  readonly tenant_id: string
  readonly app_name: string
  readonly md5: string
  readonly gmt_create: number
  readonly gmt_modified: number
  readonly src_user: string
  readonly src_ip: string
  readonly op_type: 'I' | 'U' | 'D'
  readonly encrypted_data_key: string
  readonly publish_type: string
  readonly ext_info: string
  readonly raft_index: number
}
export interface HistoryColumns extends HistoryHeadColumns {
  readonly bytes: Uint8Array
}

/** All but the content, which is the one that may be large. */
export const historyHeadColumns =
  'nid, id, data_id, group_id, tenant_id, app_name, md5, gmt_create, gmt_modified, src_user, src_ip, op_type, encrypted_data_key, publish_type, ext_info, raft_index'

export const historyHeadOf = (columns: HistoryHeadColumns): HistoryRowHead => ({
  nid: columns.nid,
  id: columns.id,
  namespace: columns.tenant_id,
  group: columns.group_id,
  dataId: columns.data_id,
  appName: columns.app_name,
  md5: columns.md5,
  createdMs: columns.gmt_create,
  modifiedMs: columns.gmt_modified,
  sourceUser: columns.src_user,
  sourceIp: columns.src_ip,
  operation: columns.op_type,
  encryptedDataKey: columns.encrypted_data_key,
  publishType: columns.publish_type,
  extInfo: columns.ext_info,
})

export const historyRowOf = (columns: HistoryColumns): SinkHistoryRow => ({ ...historyHeadOf(columns), content: columns.bytes })

export const historyRowStatement = (db: Database.Database) =>
  db.prepare<[number], HistoryColumns>('SELECT *, CAST(content AS BLOB) AS bytes FROM his_config_info WHERE nid = ?')

export const historyPageStatement = (db: Database.Database) =>
  db.prepare<[number, number], HistoryColumns>('SELECT *, CAST(content AS BLOB) AS bytes FROM his_config_info WHERE nid > ? ORDER BY nid LIMIT ?')

const besidesCells = (write: BesidesWrite): readonly (string | number)[] => [
  ...[write.nid, write.dataId, write.group, write.namespace, write.appName, write.md5, write.atMs, write.atMs, write.sourceUser, write.sourceIp],
  ...[write.operation, write.encryptedDataKey, write.extInfo, write.index],
]
const besidesColumns = "?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'gray', ?, ?"

export const besidesStatementsOf = (db: Database.Database) => ({
  besides: db.prepare<(string | number | Uint8Array)[]>(`INSERT INTO his_config_info VALUES (${besidesColumns}, CAST(? AS TEXT))`),
  besidesCopy: db.prepare<(string | number)[]>(
    `INSERT INTO his_config_info SELECT ${besidesColumns}, CAST(substr(value, octet_length(value) - ? + 1) AS TEXT)
     FROM nacos_trio_record WHERE area = ? AND key = ?`,
  ),
})

/** Its content is given, or copied within the store from a record that is there. */
export const writeBesides = (statements: ReturnType<typeof besidesStatementsOf>, write: BesidesWrite): void => {
  const { content } = write
  if (content instanceof Uint8Array) statements.besides.run(...besidesCells(write), content)
  else if (statements.besidesCopy.run(...besidesCells(write), content.bytes, content.area, content.key).changes !== 1)
    throw new Error(`state store: no record ${content.key} of area ${content.area} to copy to history`)
}

/** At least one row, if there is one. */
export const historyPage = (
  statement: ReturnType<typeof historyPageStatement>,
  after: number,
  limits: SinkPageLimits,
): readonly StoredHistoryRow[] => {
  const rows: StoredHistoryRow[] = []
  let bytes = 0
  for (const columns of statement.iterate(after, limits.rows)) {
    rows.push({ ...historyRowOf(columns), index: columns.raft_index })
    bytes += columns.bytes.length
    if (bytes >= limits.bytes) break
  }
  return rows
}
