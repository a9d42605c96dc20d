/**
 * The statements of the state store and the shape of what they read. Contents are bound as bytes and stored as text
 * (`CAST(? AS TEXT)`), so that any SQLite tool can read them, and come back as the same bytes.
 */

import type Database from 'better-sqlite3'
import type {
  ConfigIndexRow,
  ConfigRow,
  ConfigType,
  HistoryHead,
  MachineMeta,
  NamedSnapshot,
  RequestOutcome,
  RequestRow,
} from '../../state-machine/types.ts'
import { dataDamaged } from '../storage-failure.ts'
import type { ConfigTexts, InstallMark } from '../types.ts'
import { recordStatement, recordStatementsOf } from './area-records.ts'
import { besidesStatementsOf, historyPageStatement, historyRowStatement } from './history-rows.ts'

export interface IndexColumns {
  readonly id: number
  readonly data_id: string
  readonly group_id: string
  readonly tenant_id: string
  readonly md5: string
  readonly gmt_create: number
  readonly gmt_modified: number
  readonly type: ConfigType
  readonly encrypted_data_key: string
  readonly raft_index: number
  readonly content_bytes: number
}
interface TextColumns {
  readonly src_user: string
  readonly src_ip: string
  readonly app_name: string
  readonly c_desc: string
  readonly config_tags: string
}
export interface ConfigColumns extends IndexColumns, TextColumns {
  readonly bytes: Uint8Array
}
interface InstallColumns {
  readonly installed_index: number
  readonly membership_index: number | null
  readonly membership: Uint8Array | null
}
export interface MetaColumns {
  readonly applied_index: number
  readonly applied_term: number
  readonly next_config_id: number
  readonly next_history_id: number
  readonly last_time_ms: number
  readonly state_hash: string
}

export interface RequestColumns {
  readonly raft_index: number
  readonly request_id: string
  readonly command_hash: number
  readonly outcome: RequestOutcome
  readonly md5: string
}

interface SnapshotColumns {
  readonly raft_index: number
  readonly kind: NamedSnapshot['kind']
  readonly name: string
  readonly taken_ms: number
  readonly history_from: number
  readonly configs: number
  readonly content_bytes: number
  readonly content_hash: string
  readonly usable: number
}

type Cell = string | number | Uint8Array

const putSql = `
  INSERT INTO config_info VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT))
  ON CONFLICT (id) DO UPDATE SET
    md5 = excluded.md5, gmt_modified = excluded.gmt_modified, src_user = excluded.src_user, src_ip = excluded.src_ip,
    app_name = excluded.app_name, c_desc = excluded.c_desc, type = excluded.type, encrypted_data_key = excluded.encrypted_data_key,
    config_tags = iif(?, config_tags, excluded.config_tags), raft_index = excluded.raft_index,
    content_bytes = excluded.content_bytes, content = excluded.content`

/** What a publish without tags changes of a row that is there: a third fewer values to hand over than `putSql`, and no key to look for. */
const updateSql = `
  UPDATE config_info SET md5 = ?, gmt_modified = ?, src_user = ?, src_ip = ?, app_name = ?, c_desc = ?, type = ?, encrypted_data_key = ?,
    raft_index = ?, content_bytes = ?, content = CAST(? AS TEXT)
  WHERE id = ?`

/** The same for one that brings no texts besides, the usual case: every value that is handed over costs a tenth of the row. */
const updateBareSql = `
  UPDATE config_info SET md5 = ?, gmt_modified = ?, src_user = '', src_ip = ?, app_name = '', c_desc = '', type = ?, encrypted_data_key = '',
    raft_index = ?, content_bytes = ?, content = CAST(? AS TEXT)
  WHERE id = ?`

/**
 * A row as it stands, copied inside the store; `ext_info` holds what has no column of its own, blanks left out, as Nacos does.
 * With nothing but a type, the usual case, the same text is put together without the JSON functions, which cost as much as the row.
 */
const historySql = (rows: number): string => `
  INSERT INTO his_config_info
  SELECT column1, column2, data_id, group_id, tenant_id, app_name, md5, column3, column3, column4, column5, column6, encrypted_data_key, 'formal',
    iif(type <> '' AND config_tags = '' AND src_user = '' AND c_desc = '', '{"type":"' || type || '"}',
      json_patch('{}', json_object('type', nullif(type, ''), 'config_tags', nullif(config_tags, ''), 'src_user', nullif(src_user, ''), 'c_desc', nullif(c_desc, '')))),
    column7, content
  FROM (VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}) CROSS JOIN config_info ON config_info.id = column8`
/** To call a statement costs as much as half a row does: eight at once take 1.9 us each, one by one 3.3. */
export const historyRowsAtOnce = 8

/** The row of a restore: names, content and texts are those of a row of history, which holds what has no column of its own in `ext_info`. */
const restoreSql = `
  INSERT INTO config_info
  SELECT ?, data_id, group_id, tenant_id, md5, ?, ?, ?, ?, app_name, ifnull(ext_info ->> '$.c_desc', ''), ?, encrypted_data_key,
    ifnull(ext_info ->> '$.config_tags', ''), ?, ?, content
  FROM his_config_info WHERE nid = ?
  ON CONFLICT (id) DO UPDATE SET
    md5 = excluded.md5, gmt_modified = excluded.gmt_modified, src_user = excluded.src_user, src_ip = excluded.src_ip,
    app_name = excluded.app_name, c_desc = excluded.c_desc, type = excluded.type, encrypted_data_key = excluded.encrypted_data_key,
    config_tags = excluded.config_tags, raft_index = excluded.raft_index, content_bytes = excluded.content_bytes, content = excluded.content`

/** Lengths come from the records' heads: no content is read. Of the configurations themselves, which alone a snapshot brings back. */
const historyHeadsSql = `
  SELECT nid, op_type AS operation, tenant_id AS namespace, group_id AS "group", data_id AS dataId, md5, encrypted_data_key AS encryptedDataKey,
    ifnull(ext_info ->> '$.type', 'text') AS type, octet_length(content) AS contentBytes
  FROM his_config_info WHERE nid >= ? AND publish_type = 'formal' ORDER BY nid LIMIT ?`

/** What others read of contents. */
export const contentStatementsOf = (db: Database.Database) => ({
  content: db.prepare<[number], Uint8Array>('SELECT CAST(content AS BLOB) FROM config_info WHERE id = ?').pluck(),
  byKey: db.prepare<[string, string, string], ConfigColumns>(
    'SELECT *, CAST(content AS BLOB) AS bytes FROM config_info WHERE tenant_id = ? AND group_id = ? AND data_id = ?',
  ),
  record: recordStatement(db),
})
export type ContentStatements = ReturnType<typeof contentStatementsOf>

export const statementsOf = (db: Database.Database) => ({
  ...contentStatementsOf(db),
  ...recordStatementsOf(db),
  ...besidesStatementsOf(db),
  meta: db.prepare<[], MetaColumns>('SELECT * FROM nacos_trio_machine WHERE id = 1'),
  setMeta: db.prepare<Cell[]>(
    'UPDATE nacos_trio_machine SET applied_index = ?, applied_term = ?, next_config_id = ?, next_history_id = ?, last_time_ms = ?, state_hash = ? WHERE id = 1',
  ),
  put: db.prepare<Cell[]>(putSql),
  update: db.prepare<Cell[]>(updateSql),
  updateBare: db.prepare<Cell[]>(updateBareSql),
  drop: db.prepare<[number]>('DELETE FROM config_info WHERE id = ?'),
  history: db.prepare<Cell[]>(historySql(1)),
  historyMany: db.prepare<Cell[]>(historySql(historyRowsAtOnce)),
  index: db.prepare<[number, number], IndexColumns>(
    'SELECT id, data_id, group_id, tenant_id, md5, gmt_create, gmt_modified, type, encrypted_data_key, raft_index, content_bytes FROM config_info WHERE id > ? ORDER BY id LIMIT ?',
  ),
  restore: db.prepare<Cell[]>(restoreSql),
  historyHeads: db.prepare<[number, number], HistoryHead>(historyHeadsSql),
  pruneHistory: db.prepare<[number, number]>('DELETE FROM his_config_info WHERE nid = ? AND gmt_modified < ?'),
  putRequest: db.prepare<Cell[]>('INSERT INTO nacos_trio_request (raft_index, request_id, command_hash, outcome, md5) VALUES (?, ?, ?, ?, ?)'),
  dropRequest: db.prepare<[number]>('DELETE FROM nacos_trio_request WHERE raft_index = ?'),
  requests: db.prepare<[number, number], RequestColumns>('SELECT * FROM nacos_trio_request WHERE raft_index > ? ORDER BY raft_index LIMIT ?'),
  putSnapshot: db.prepare<Cell[]>('INSERT OR REPLACE INTO nacos_trio_snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  dropSnapshot: db.prepare<[number]>('DELETE FROM nacos_trio_snapshot WHERE raft_index = ?'),
  snapshots: db.prepare<[], SnapshotColumns>('SELECT * FROM nacos_trio_snapshot ORDER BY raft_index'),
  installed: db.prepare<[], InstallColumns>('SELECT installed_index, membership_index, membership FROM nacos_trio_install WHERE id = 1'),
  setInstalled: db.prepare<[number, number | null, Uint8Array | null]>(
    'UPDATE nacos_trio_install SET installed_index = ?, membership_index = ?, membership = ? WHERE id = 1',
  ),
  texts: db.prepare<[number], TextColumns>('SELECT src_user, src_ip, app_name, c_desc, config_tags FROM config_info WHERE id = ?'),
  hasHistory: db.prepare<[number], number>('SELECT 1 FROM his_config_info WHERE nid = ?').pluck(),
  historyRow: historyRowStatement(db),
  historyPage: historyPageStatement(db),
  historyCount: db.prepare<[], number>('SELECT count(*) FROM his_config_info').pluck(),
})
export type Statements = ReturnType<typeof statementsOf>

const indexRowOf = (columns: IndexColumns): ConfigIndexRow => ({
  namespace: columns.tenant_id,
  group: columns.group_id,
  dataId: columns.data_id,
  id: columns.id,
  md5: columns.md5,
  type: columns.type,
  encryptedDataKey: columns.encrypted_data_key,
  createdMs: columns.gmt_create,
  modifiedMs: columns.gmt_modified,
  index: columns.raft_index,
  contentBytes: columns.content_bytes,
})

const requestRowOf = (columns: RequestColumns): RequestRow => ({
  requestId: columns.request_id,
  index: columns.raft_index,
  commandHash: columns.command_hash,
  outcome: columns.outcome,
  md5: columns.md5,
})

/** Tags are kept as Nacos shows them, one text with commas; a tag cannot hold one (nacos-http 5.1). */
const tagsText = (tags: readonly string[]): string => (tags.length === 0 ? '' : tags.filter((tag) => tag !== '').join(','))
const tagsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(','))

export const textsOf = (columns: TextColumns): ConfigTexts => ({
  appName: columns.app_name,
  description: columns.c_desc,
  tags: tagsOf(columns.config_tags),
  sourceIp: columns.src_ip,
  sourceUser: columns.src_user,
})

export const configRowOf = (columns: ConfigColumns): ConfigRow => ({
  ...indexRowOf(columns),
  content: columns.bytes,
  ...textsOf(columns),
})

export const snapshotsOf = (statements: Statements): NamedSnapshot[] =>
  statements.snapshots.all().map((columns) => ({
    ...{ index: columns.raft_index, kind: columns.kind, name: columns.name, takenMs: columns.taken_ms, historyFrom: columns.history_from },
    ...{ configs: columns.configs, contentBytes: columns.content_bytes, contentHash: columns.content_hash, usable: columns.usable === 1 },
  }))

export const snapshotCellsOf = (snapshot: NamedSnapshot): Cell[] => [
  snapshot.index,
  snapshot.kind,
  snapshot.name,
  snapshot.takenMs,
  snapshot.historyFrom,
  snapshot.configs,
  snapshot.contentBytes,
  snapshot.contentHash,
  snapshot.usable ? 1 : 0,
]

/** In the order of `restoreSql`. */
export const restoreCellsOf = (
  row: ConfigIndexRow,
  by: { readonly fromNid: number; readonly sourceIp: string; readonly sourceUser: string },
): Cell[] => [row.id, row.createdMs, row.modifiedMs, by.sourceUser, by.sourceIp, row.type, row.index, row.contentBytes, by.fromNid]

/** In the order of `updateSql`. */
export const changedCellsOf = (row: ConfigRow): Cell[] => [
  row.md5,
  row.modifiedMs,
  row.sourceUser,
  row.sourceIp,
  row.appName,
  row.description,
  row.type,
  row.encryptedDataKey,
  row.index,
  row.contentBytes,
  row.content,
  row.id,
]

/** In the order of `updateBareSql`; null: it brings texts. */
export const bareCellsOf = (row: ConfigRow): Cell[] | null =>
  row.sourceUser === '' && row.appName === '' && row.description === '' && row.encryptedDataKey === ''
    ? [row.md5, row.modifiedMs, row.sourceIp, row.type, row.index, row.contentBytes, row.content, row.id]
    : null

/** In the order of `putSql`. One literal, no spreads: it is built for every write on every node. */
export const cellsOf = (row: ConfigRow, keepTags: boolean): Cell[] => [
  row.id,
  row.dataId,
  row.group,
  row.namespace,
  row.md5,
  row.createdMs,
  row.modifiedMs,
  row.sourceUser,
  row.sourceIp,
  row.appName,
  row.description,
  row.type,
  row.encryptedDataKey,
  tagsText(row.tags),
  row.index,
  row.contentBytes,
  row.content,
  keepTags ? 1 : 0,
]

export const metaOf = (path: string, statements: Statements): MachineMeta => {
  const row = statements.meta.get()
  if (!row) throw dataDamaged(path, 'the applied index is missing')
  return {
    appliedIndex: row.applied_index,
    appliedTerm: row.applied_term,
    nextConfigId: row.next_config_id,
    nextHistoryId: row.next_history_id,
    lastTimeMs: row.last_time_ms,
    stateHash: row.state_hash,
  }
}

const pageRows = 1000
type Read = <T>(task: () => T) => T

interface Pages<C, R> {
  readonly statement: { all(after: number, rows: number): C[] }
  keyOf(columns: C): number
  rowOf(columns: C): R
}

/** In pages, so that no open cursor keeps the connection busy between two rows. */
function* inPages<C, R>(read: Read, { statement, keyOf, rowOf }: Pages<C, R>): IterableIterator<R> {
  for (let after = 0, full = true; full; ) {
    const page = read(() => statement.all(after, pageRows))
    full = page.length === pageRows
    for (const columns of page) {
      after = keyOf(columns)
      yield rowOf(columns)
    }
  }
}

export const indexRows = (statements: Statements, read: Read): IterableIterator<ConfigIndexRow> =>
  inPages(read, { statement: statements.index, keyOf: ({ id }) => id, rowOf: indexRowOf })

export const requestRows = (statements: Statements, read: Read): IterableIterator<RequestRow> =>
  inPages(read, { statement: statements.requests, keyOf: ({ raft_index }) => raft_index, rowOf: requestRowOf })

export const installMarkOf = (statements: Statements): InstallMark | null => {
  const row = statements.installed.get()
  if (!row || row.installed_index === 0) return null
  const { installed_index: index, membership_index: at, membership: data } = row
  return { index, membership: at === null || data === null ? null : { index: at, data } }
}

/** Null takes the mark away. */
export const setInstallMark = (statements: Statements, mark: InstallMark | null): void =>
  void statements.setInstalled.run(mark?.index ?? 0, mark?.membership?.index ?? null, mark?.membership?.data ?? null)
