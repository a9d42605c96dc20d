/**
 * Which of Nacos's tables a database has and what their columns hold, read from information_schema: 1.x, 2.x and 3.x differ in columns, and
 * we write those that are there. Refuses tables that only have the name, since rows could be lost in them. Alters nothing.
 */

import type { Row, SqlConnection } from './connection.ts'
import { type RecordTable, recordTables } from './record-shapes.ts'
import { troubleError } from './trouble.ts'

export interface ColumnShape {
  /** Null where it holds no text. */
  readonly text: {
    readonly charset: string
    readonly collation: string
    /** Characters of a varchar or char, bytes of a text. */
    readonly limit: number
    readonly unit: 'characters' | 'bytes'
  } | null
  /** Digits of a second that a time keeps. */
  readonly fraction: number
  /** Neither null nor a default: who inserts must know it. */
  readonly mustBeGiven: boolean
}
export type TableShape = ReadonlyMap<string, ColumnShape>

/** Null: the database has no such table, and what would stand in it stays in the nodes. */
export type RecordShapes = Readonly<Record<keyof typeof recordTables, TableShape | null>>

export interface NacosShape {
  readonly config: TableShape
  readonly history: TableShape
  /** Null in a database that was stripped of it. */
  readonly tags: TableShape | null
  readonly records: RecordShapes
  /** What Nacos's tables call the default namespace: `''` up to 2.x, `public` from 3.0 (nacos-storage 1.1). */
  readonly defaultTenant: '' | 'public'
  /** Bytes of one packet, and so of one row. */
  readonly packetBytesMax: number
}

const configNeeds = ['id', 'data_id', 'group_id', 'tenant_id', 'content', 'md5', 'gmt_create', 'gmt_modified']
const historyNeeds = [...configNeeds, 'nid', 'op_type']
const tagsNeeds = ['id', 'tag_name', 'data_id', 'group_id', 'tenant_id']
const configWrites = [...configNeeds, 'src_user', 'src_ip', 'app_name', 'c_desc', 'type', 'encrypted_data_key']
const historyWrites = [...historyNeeds, 'src_user', 'src_ip', 'app_name', 'encrypted_data_key', 'publish_type', 'gray_name', 'ext_info']
const tagsWrites = [...tagsNeeds, 'tag_type']

const tables = { config: 'config_info', history: 'his_config_info', tags: 'config_tags_relation' } as const
const names = [...Object.values(tables), ...Object.values(recordTables).map(({ table }) => table)]
const list = names.map((name) => `'${name}'`).join(', ')

const textOf = (row: Row): ColumnShape['text'] => {
  if (row.charset === null) return null
  const isText = /text/i.test(String(row.kind))
  const limit = Number(isText ? row.bytes_max : row.characters_max)
  return { charset: String(row.charset).toLowerCase(), collation: String(row.collated), limit, unit: isText ? 'bytes' : 'characters' }
}

const columnOf = (row: Row): ColumnShape => ({
  text: textOf(row),
  fraction: Number(row.fraction ?? 0),
  mustBeGiven: row.nullable === 'NO' && row.preset === null && !/auto_increment|default_generated/i.test(String(row.extra)),
})

const readColumns = async (connection: SqlConnection): Promise<ReadonlyMap<string, TableShape>> => {
  const rows = await connection.text(
    `SELECT TABLE_NAME AS of_table, COLUMN_NAME AS of_column, DATA_TYPE AS kind, CHARACTER_MAXIMUM_LENGTH AS characters_max,
       CHARACTER_OCTET_LENGTH AS bytes_max, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collated, DATETIME_PRECISION AS fraction,
       IS_NULLABLE AS nullable, COLUMN_DEFAULT AS preset, EXTRA AS extra
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${list})`,
  )
  const shapes = new Map<string, Map<string, ColumnShape>>()
  for (const row of rows) {
    const table = String(row.of_table)
    const columns = shapes.get(table) ?? new Map<string, ColumnShape>()
    shapes.set(table, columns.set(String(row.of_column), columnOf(row)))
  }
  return shapes
}

const unknown = (detail: string): Error => troubleError('schema-unknown', detail)

const checked = (table: string, shape: TableShape | undefined, needs: readonly string[], writes: readonly string[]): TableShape => {
  if (shape === undefined) throw unknown(`${table} is missing`)
  const lacking = needs.find((column) => !shape.has(column))
  if (lacking !== undefined) throw unknown(`${table}.${lacking} is missing`)
  for (const [column, { mustBeGiven }] of shape) {
    if (mustBeGiven && !writes.includes(column)) throw unknown(`${table}.${column} has no default and is not one of Nacos's`)
  }
  return shape
}

/** Without transactions there is no exactly-once; without its key, no row is found again. */
const checkEngineAndKey = async (connection: SqlConnection): Promise<void> => {
  const engines = await connection.text(
    `SELECT TABLE_NAME AS of_table, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${list})`,
  )
  for (const { of_table: table, engine } of engines) {
    if (engine !== 'InnoDB') throw unknown(`${String(table)} is kept by ${String(engine)}, not by InnoDB`)
  }
  const keys = await connection.text(
    `SELECT TABLE_NAME AS of_table, GROUP_CONCAT(COLUMN_NAME ORDER BY COLUMN_NAME) AS key_columns FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${list}) AND NON_UNIQUE = 0 GROUP BY TABLE_NAME, INDEX_NAME`,
  )
  const has = (table: string, columns: string): boolean =>
    keys.some(({ of_table: of, key_columns: key }) => String(of) === table && String(key) === columns)
  if (!has(tables.config, 'data_id,group_id,tenant_id') || !has(tables.config, 'id')) {
    throw unknown(`${tables.config} has no unique keys over (data_id, group_id, tenant_id) and over (id)`)
  }
  for (const { table, key } of Object.values(recordTables)) {
    if (key !== null && engines.some(({ of_table: of }) => of === table) && !has(table, key))
      throw unknown(`${table} has no unique key over (${key})`)
  }
}

/** Each on its own: an older Nacos has not all of them, and a database may have been stripped of some. */
const recordShapesOf = (shapes: ReadonlyMap<string, TableShape>): RecordShapes => {
  const of = ({ table, needs, writes }: RecordTable): TableShape | null =>
    // The database gives the ids itself.
    shapes.has(table) ? checked(table, shapes.get(table), needs, [...needs.filter((column) => column !== 'id'), ...writes]) : null
  const { tenants, users, roles, permissions, gray, beta, tag, groups, spaces } = recordTables
  return {
    ...{ tenants: of(tenants), users: of(users), roles: of(roles), permissions: of(permissions) },
    ...{ gray: of(gray), beta: of(beta), tag: of(tag), groups: of(groups), spaces: of(spaces) },
  }
}

/** False: Nacos never had its tables here. */
export const hasNacosTables = async (connection: SqlConnection): Promise<boolean> => (await readColumns(connection)).has(tables.config)

/** @throws trouble `schema-unknown`, naming what lacks. */
export const readShape = async (connection: SqlConnection): Promise<NacosShape> => {
  const shapes = await readColumns(connection)
  const config = checked(tables.config, shapes.get(tables.config), configNeeds, configWrites)
  const history = checked(tables.history, shapes.get(tables.history), historyNeeds, historyWrites)
  const tags = shapes.get(tables.tags)
  await checkEngineAndKey(connection)
  const [first] = await connection.text(
    `SELECT @@max_allowed_packet AS packet_bytes, EXISTS (SELECT 1 FROM ${tables.config} WHERE tenant_id = 'public') AS says_public`,
  )
  return {
    config,
    history,
    tags: tags === undefined ? null : checked(tables.tags, tags, tagsNeeds, tagsWrites),
    records: recordShapesOf(shapes),
    defaultTenant: Number(first?.says_public) === 1 ? 'public' : '',
    packetBytesMax: Number(first?.packet_bytes),
  }
}
