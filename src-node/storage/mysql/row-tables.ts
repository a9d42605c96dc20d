/**
 * Rows of the state store as rows of Nacos's tables: which columns, with which values, in statements of several rows that may come twice.
 * A row whose id belongs to another key is another program's: it is never overwritten, the statement fails for it (see `guard`).
 */

import type { ConfigKey, ConfigRow } from '../../state-machine/types.ts'
import type { SinkDataError, SinkHistoryRow } from '../sink.ts'
import type { Cell } from './connection.ts'
import { newValue } from './dialect.ts'
import { literalOf } from './literals.ts'
import type { NacosShape, TableShape } from './table-shapes.ts'
import { dateTimeText } from './times.ts'

/** One tag of one configuration. */
export interface TagRow extends ConfigKey {
  readonly id: number
  readonly tag: string
}

export interface RowTable<R extends ConfigKey> {
  readonly name: SinkDataError['table']
  idOf(row: R): number
  /** Of a row that another program's stands in the way of, this column is what the statement fails for. */
  readonly guarded: string
  /** Of a statement that puts so many rows. */
  putSql(rows: number): string
  /** The same with its values inside. */
  putText(rows: readonly R[]): string
  cellsOf(row: R): Cell[]
  /** What the row takes of a packet, at most. */
  bytesOf(row: R): number
}

/** Nacos leaves what was not given null. */
export const orNull = (text: string): string | null => (text === '' ? null : text)

/** Bytes of a row beside its content, and the statement's share: no column but `src_user` (64 KiB) can be long. */
const besideContentBytes = 8 * 1024

export interface Column<R> {
  readonly name: string
  cell(row: R): Cell
  /** Of an existing row; absent: what it has stays. */
  readonly update?: string
}

/** The namespace of a row as it stands; NULL and, from 3.0, `''` are the default one too. */
export const tenantSql = (defaultTenant: string, of = ''): string => `COALESCE(NULLIF(${of}tenant_id, ''), '${defaultTenant}')`

/** Byte by byte, since a table may compare without regard to case. */
export const sameBytesSql = (column: string): string => `CAST(${column} AS BINARY) = CAST(${newValue(column)} AS BINARY)`
const sameKeySql = (defaultTenant: string): string =>
  ['data_id', 'group_id']
    .map(sameBytesSql)
    .concat(`CAST(${tenantSql(defaultTenant)} AS BINARY) = CAST(${newValue('tenant_id')} AS BINARY)`)
    .join(' AND ')

/** NULL in a column that takes none is error 1048, for this row. Stands before the key's other columns change. */
export const guard = (condition: string, column = 'data_id'): string => `${column} = IF(${condition}, ${column}, NULL)`
export const guardErrno = 1048

export const renewed = (name: string): string => `${name} = ${newValue(name)}`

export const tableOf = <R extends ConfigKey>(
  name: SinkDataError['table'],
  shape: TableShape,
  all: readonly Column<R>[],
  idOf: (row: R) => number,
  contentBytes: (row: R) => number,
  guarded = 'data_id',
): RowTable<R> => {
  const columns = all.filter((column) => shape.has(column.name))
  const head = `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')}) VALUES `
  const one = `(${columns.map(() => '?').join(', ')})`
  const tail = ` ON DUPLICATE KEY UPDATE ${columns.flatMap(({ update }) => update ?? []).join(', ')}`
  const statements = new Map<number, string>()
  return {
    name,
    idOf,
    guarded,
    putSql: (rows) => {
      const known = statements.get(rows)
      if (known !== undefined) return known
      const sql = head + Array.from({ length: rows }, () => one).join(', ') + tail
      statements.set(rows, sql)
      return sql
    },
    putText: (rows) => head + rows.map((row) => `(${columns.map(({ cell }) => literalOf(cell(row))).join(', ')})`).join(', ') + tail,
    cellsOf: (row) => columns.map(({ cell }) => cell(row)),
    bytesOf: (row) => contentBytes(row) + besideContentBytes,
  }
}

export const fractionOf = (shape: TableShape, column: string): number => shape.get(column)?.fraction ?? 0

export interface Names {
  tenantOf(namespace: string): string
  /** True in SQL for a row of the same key. */
  readonly sameKey: string
}

export const keyColumns = <R extends ConfigKey>({ tenantOf, sameKey }: Names): readonly Column<R>[] => [
  { name: 'data_id', cell: ({ dataId }) => dataId, update: guard(sameKey) },
  { name: 'group_id', cell: ({ group }) => group, update: renewed('group_id') },
  { name: 'tenant_id', cell: ({ namespace }) => tenantOf(namespace), update: renewed('tenant_id') },
]

export const changing = <R>(name: string, cell: (row: R) => Cell): Column<R> => ({ name, cell, update: renewed(name) })

/** `c_use`, `effect` and `c_schema` are not ours to know: a new row has none, an existing row keeps its own. */
const configTable = (shape: TableShape, names: Names): RowTable<ConfigRow> => {
  const created = fractionOf(shape, 'gmt_create')
  const modified = fractionOf(shape, 'gmt_modified')
  const columns: readonly Column<ConfigRow>[] = [
    ...keyColumns<ConfigRow>(names),
    changing('id', ({ id }) => id),
    changing('content', ({ content }) => content),
    changing('md5', ({ md5 }) => md5),
    changing('gmt_create', ({ createdMs }) => dateTimeText(createdMs, created)),
    changing('gmt_modified', ({ modifiedMs }) => dateTimeText(modifiedMs, modified)),
    changing('src_user', ({ sourceUser }) => orNull(sourceUser)),
    changing('src_ip', ({ sourceIp }) => orNull(sourceIp)),
    changing('app_name', ({ appName }) => orNull(appName)),
    changing('c_desc', ({ description }) => orNull(description)),
    changing('type', ({ type }) => type),
    changing('encrypted_data_key', ({ encryptedDataKey }) => encryptedDataKey),
  ]
  const idOf = ({ id }: ConfigRow): number => id
  return tableOf('config_info', shape, columns, idOf, ({ content }) => content.length)
}

const sameChange = ['id', 'op_type', 'md5', 'gmt_modified'].map((column) => `${column} <=> ${newValue(column)}`).join(' AND ')

/** What has a column in Nacos's table has none in ours. */
const grayNameIn = (extInfo: string): string | null => /"gray_name":"((?:[^"\\]|\\.)*)"/.exec(extInfo)?.[1] ?? null

/** History never changes: a row that is there stays as it is, and must be this one to the second. */
const historyTable = (shape: TableShape, { tenantOf, sameKey }: Names): RowTable<SinkHistoryRow> => {
  const created = fractionOf(shape, 'gmt_create')
  const modified = fractionOf(shape, 'gmt_modified')
  const columns: readonly Column<SinkHistoryRow>[] = [
    { name: 'data_id', cell: ({ dataId }) => dataId, update: guard(`${sameKey} AND ${sameChange}`) },
    { name: 'group_id', cell: ({ group }) => group },
    { name: 'tenant_id', cell: ({ namespace }) => tenantOf(namespace) },
    { name: 'nid', cell: ({ nid }) => nid },
    { name: 'id', cell: ({ id }) => id },
    { name: 'content', cell: ({ content }) => content },
    { name: 'md5', cell: ({ md5 }) => md5 },
    { name: 'gmt_create', cell: ({ createdMs }) => dateTimeText(createdMs, created) },
    { name: 'gmt_modified', cell: ({ modifiedMs }) => dateTimeText(modifiedMs, modified) },
    { name: 'src_user', cell: ({ sourceUser }) => orNull(sourceUser) },
    { name: 'src_ip', cell: ({ sourceIp }) => orNull(sourceIp) },
    { name: 'app_name', cell: ({ appName }) => orNull(appName) },
    { name: 'op_type', cell: ({ operation }) => operation },
    { name: 'encrypted_data_key', cell: ({ encryptedDataKey }) => encryptedDataKey },
    { name: 'publish_type', cell: ({ publishType }) => publishType },
    { name: 'gray_name', cell: ({ publishType, extInfo }) => (publishType === 'formal' ? null : grayNameIn(extInfo)) },
    { name: 'ext_info', cell: ({ extInfo }) => orNull(extInfo) },
  ]
  const idOf = ({ nid }: SinkHistoryRow): number => nid
  return tableOf('his_config_info', shape, columns, idOf, ({ content, extInfo }) => content.length + extInfo.length * 3)
}

const tagTable = (shape: TableShape, names: Names): RowTable<TagRow> => {
  const columns: readonly Column<TagRow>[] = [
    ...keyColumns<TagRow>(names),
    { name: 'id', cell: ({ id }) => id },
    { name: 'tag_name', cell: ({ tag }) => tag },
    { name: 'tag_type', cell: () => '' },
  ]
  return tableOf(
    'config_tags_relation',
    shape,
    columns,
    ({ id }) => id,
    () => 0,
  )
}

export interface RowTables {
  readonly config: RowTable<ConfigRow>
  readonly history: RowTable<SinkHistoryRow>
  readonly tags: RowTable<TagRow> | null
  /** True for the row of config_info with these three values: data id, group, tenant as `keyCells` gives them. */
  readonly keySql: string
  keyCells(key: ConfigKey): Cell[]
  /** Of the history what the table tells from that of configurations: before 2.5 nothing of gray versions. */
  kept(history: readonly SinkHistoryRow[]): readonly SinkHistoryRow[]
  readonly packetBytesMax: number
}

/** A value in the column's own charset, so that its index is used whatever the connection's is. */
export const likeColumn = (shape: TableShape, column: string): string => {
  const charset = shape.get(column)?.text?.charset ?? 'utf8mb4'
  return charset === 'utf8mb4' ? `${column} = ?` : `${column} = CONVERT(? USING ${charset})`
}

export const keySqlOf = (config: TableShape, defaultTenant: string): string => {
  const tenant = likeColumn(config, 'tenant_id')
  const key = `${likeColumn(config, 'data_id')} AND ${likeColumn(config, 'group_id')}`
  return `(${key} AND (${tenant} OR (${tenantSql(defaultTenant)} = '${defaultTenant}' AND ? = '${defaultTenant}')))`
}

export const namesOf = (defaultTenant: string): Names => ({
  tenantOf: (namespace) => (namespace === '' ? defaultTenant : namespace),
  sameKey: sameKeySql(defaultTenant),
})

export const rowTablesOf = ({ config, history, tags, defaultTenant, packetBytesMax }: NacosShape): RowTables => {
  const names = namesOf(defaultTenant)
  const { tenantOf } = names
  return {
    config: configTable(config, names),
    history: historyTable(history, names),
    tags: tags === null ? null : tagTable(tags, names),
    keySql: keySqlOf(config, defaultTenant),
    keyCells: ({ dataId, group, namespace }) => [dataId, group, tenantOf(namespace), tenantOf(namespace)],
    kept: (rows) => (history.has('publish_type') ? rows : rows.filter(({ publishType }) => publishType === 'formal')),
    packetBytesMax,
  }
}
