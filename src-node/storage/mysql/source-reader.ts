/**
 * The database as a source: all configurations with the position of one moment, in pages that fit memory, on a connection of its own. Reads
 * only; who changes the tables meanwhile is not seen.
 */

import type { ConfigKey, ConfigType } from '../../state-machine/types.ts'
import type { SinkPosition, SourceHead, SourceReader, SourceRemark, SourceRow, SourceSummary } from '../sink.ts'
import { verdictOnKey, verdictOnSize } from '../source-rules.ts'
import type { Row, SqlConnection } from './connection.ts'
import { readPosition } from './fence.ts'
import { refusedIdOf } from './record-names.ts'
import { readRecords } from './record-source.ts'
import { holdsRecord } from './record-tables.ts'
import { readRefusedConfigs, readRefusedRecords } from './refused-rows.ts'
import { tenantSql } from './row-tables.ts'
import type { NacosShape } from './table-shapes.ts'
import { msOfDateTime } from './times.ts'
import { troubleError } from './trouble.ts'

/** Of rows without their contents; */
const headRows = 1_000
/** with them. */
const pageRows = 200
const historyRows = 500
const pageBytes = 8 * 1024 * 1024
const refusedMax = 10_000
const noContent = new Uint8Array(0)

const types: ReadonlySet<string> = new Set<ConfigType>(['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset'])
const isConfigType = (text: string): text is ConfigType => types.has(text)
/** What Nacos does not know it shows as text (nacos-http 3.3). */
const typeOf = (cell: unknown): ConfigType => {
  if (cell === null || cell === undefined) return 'unset'
  const text = String(cell)
  return isConfigType(text) ? text : 'text'
}

const textOf = (cell: unknown): string => (cell === null || cell === undefined ? '' : String(cell))

const optional = ['src_user', 'src_ip', 'app_name', 'c_desc', 'type', 'encrypted_data_key']

/** A row that is of the default namespace without saying so in the database's own word: the one which does counts, if there is one. */
const twinSql = (defaultTenant: string): string => `IF(NOT c.tenant_id <=> '${defaultTenant}' AND ${tenantSql(defaultTenant)} = '${defaultTenant}',
      (SELECT COALESCE(MD5(CONVERT(twin.content USING utf8mb4)), '') FROM config_info AS twin
       WHERE twin.data_id = c.data_id AND twin.group_id = c.group_id AND twin.tenant_id = '${defaultTenant}' LIMIT 1), NULL)`

const pageSql = ({ config, defaultTenant }: NacosShape, after: string | null): string => {
  const known = optional.filter((column) => config.has(column)).map((column) => `, c.${column}`)
  return `SELECT c.id, c.data_id, c.group_id, c.tenant_id, ${tenantSql(defaultTenant)} AS tenant, c.md5, c.gmt_create, c.gmt_modified,
      OCTET_LENGTH(CONVERT(c.content USING utf8mb4)) AS content_bytes, MD5(CONVERT(c.content USING utf8mb4)) AS content_md5,
      ${twinSql(defaultTenant)} AS twin_md5 ${known.join('')}
    FROM config_info AS c ${after === null ? '' : `WHERE c.id > ${after}`} ORDER BY c.id LIMIT ${headRows}`
}

/** Rows of one page that are loaded together: at least one. */
const loads = (rows: readonly Row[], withoutContents: boolean): readonly (readonly Row[])[] => {
  const all: Row[][] = []
  let bytes = 0
  for (const row of rows) {
    const more = withoutContents ? 0 : Number(row.content_bytes)
    const last = all.at(-1)
    if (last === undefined || last.length === pageRows || bytes + more > pageBytes) {
      all.push([row])
      bytes = more
    } else {
      last.push(row)
      bytes += more
    }
  }
  return all
}

const contentsOf = async (connection: SqlConnection, ids: string): Promise<ReadonlyMap<number, Uint8Array>> => {
  const rows = await connection.text(`SELECT id, CAST(CONVERT(content USING utf8mb4) AS BINARY) AS bytes FROM config_info WHERE id IN (${ids})`)
  const contents = new Map<number, Uint8Array>()
  for (const { id, bytes } of rows) if (bytes instanceof Uint8Array) contents.set(Number(id), bytes)
  return contents
}

const tagsOf = async (connection: SqlConnection, { tags }: NacosShape, ids: string): Promise<ReadonlyMap<number, readonly string[]>> => {
  const found = new Map<number, string[]>()
  if (tags === null) return found
  for (const { id, tag_name: tag } of await connection.text(
    `SELECT id, tag_name FROM config_tags_relation WHERE id IN (${ids}) ORDER BY id, tag_name`,
  )) {
    const of = found.get(Number(id)) ?? []
    of.push(textOf(tag))
    found.set(Number(id), of)
  }
  return found
}

const keyOf = (row: Row, defaultTenant: string): ConfigKey => ({
  namespace: row.tenant === defaultTenant ? '' : textOf(row.tenant),
  group: textOf(row.group_id),
  dataId: textOf(row.data_id),
})

const headOf = (row: Row, defaultTenant: string, tags: readonly string[]): SourceHead => ({
  id: Number(row.id),
  ...keyOf(row, defaultTenant),
  md5: textOf(row.content_md5),
  type: typeOf(row.type),
  encryptedDataKey: textOf(row.encrypted_data_key),
  modifiedMs: msOfDateTime(row.gmt_modified),
  contentBytes: Number(row.content_bytes ?? 0),
  appName: textOf(row.app_name),
  description: textOf(row.c_desc),
  tags,
})

const sourceRowOf = (row: Row, defaultTenant: string, content: Uint8Array, tags: readonly string[]): SourceRow => ({
  ...headOf(row, defaultTenant, tags),
  createdMs: msOfDateTime(row.gmt_create),
  content,
  sourceIp: textOf(row.src_ip),
  sourceUser: textOf(row.src_user),
})

/** What stands in tables of our own; a database that nobody prepared has none. */
export interface OwnTables {
  position(connection: SqlConnection): Promise<SinkPosition | null>
  refused(connection: SqlConnection): Promise<ReadonlySet<number> | null>
  refusedRecords(connection: SqlConnection): Promise<ReadonlySet<number> | null>
}
const ownTables: OwnTables = {
  position: readPosition,
  refused: (connection) => readRefusedConfigs(connection, refusedMax),
  refusedRecords: (connection) => readRefusedRecords(connection, refusedMax),
}

/** Numbers beyond what counts exactly are left out: no row of ours has one. */
const historySql = (defaultTenant: string, after: string): string => `SELECT nid, op_type, data_id, group_id, ${tenantSql(defaultTenant)} AS tenant,
    MD5(CONVERT(content USING utf8mb4)) AS content_md5
  FROM his_config_info WHERE nid > ${after} AND nid < ${Number.MAX_SAFE_INTEGER} ORDER BY nid LIMIT ${historyRows}`

const readHistory = async (connection: SqlConnection, { defaultTenant }: NacosShape, page: NonNullable<SourceReader['history']>): Promise<void> => {
  for (let after = '-1', full = true; full; ) {
    const rows: readonly Row[] = await connection.text(historySql(defaultTenant, after))
    full = rows.length === historyRows
    after = String(rows.at(-1)?.nid ?? after)
    await page(
      rows.map((row) => ({
        nid: Number(row.nid),
        ...keyOf(row, defaultTenant),
        operation: textOf(row.op_type).trim(),
        md5: textOf(row.content_md5),
      })),
    )
  }
}

/** Ids beyond what a number holds exactly are never ours: what they are above counts without them. */
const countedSql = (id: string): string => `COALESCE(MAX(IF(${id} < ${Number.MAX_SAFE_INTEGER}, ${id}, 0)), 0)`

const summaryOf = async (connection: SqlConnection, shape: NacosShape, own: OwnTables): Promise<SourceSummary> => {
  const [config] = await connection.text(`SELECT COUNT(*) AS n, ${countedSql('id')} AS highest FROM config_info`)
  const [history] = await connection.text(`SELECT COUNT(*) AS n, ${countedSql('nid')} AS highest FROM his_config_info`)
  const refusedRecords = await own.refusedRecords(connection)
  return {
    position: await own.position(connection),
    configs: Number(config?.n),
    history: Number(history?.n),
    maxConfigId: Math.max(0, Number(config?.highest)),
    maxHistoryId: Number(history?.highest),
    refused: await own.refused(connection),
    columns: new Set(shape.config.keys()),
    refusedRecord: refusedRecords === null ? null : (area, key) => refusedRecords.has(refusedIdOf(area, key)),
    holds: (name) => holdsRecord(shape, name),
    keepsTags: shape.tags !== null,
    keepsGrayHistory: shape.history.has('publish_type'),
  }
}

const load = async (connection: SqlConnection, shape: NacosShape, rows: readonly Row[], withoutContents: boolean): Promise<readonly SourceRow[]> => {
  const ids = rows.map(({ id }) => String(id)).join(', ')
  const contents = withoutContents ? null : await contentsOf(connection, ids)
  const tags = await tagsOf(connection, shape, ids)
  return rows.map((row) => {
    const id = Number(row.id)
    const content = contents === null ? noContent : contents.get(id)
    if (content === undefined) throw troubleError('schema-unknown', `the content of config_info.id ${id} cannot be read`)
    return sourceRowOf(row, shape.defaultTenant, content, tags.get(id) ?? [])
  })
}

const noTags: readonly string[] = []

/** Those that the reader wants, whole or not. Tags are looked up for a page of rows at once, and only where somebody has one. */
const wantedOf = async (
  connection: SqlConnection,
  shape: NacosShape,
  rows: readonly Row[],
  { wants, hasTags }: { readonly wants: SourceReader['wants']; readonly hasTags: boolean },
): Promise<readonly Row[]> => {
  if (wants === undefined || rows.length === 0) return rows
  const tags = hasTags ? await tagsOf(connection, shape, rows.map(({ id }) => String(id)).join(', ')) : new Map<number, readonly string[]>()
  return rows.filter((row) => wants(headOf(row, shape.defaultTenant, tags.get(Number(row.id)) ?? noTags)))
}

const hasAnyTag = async (connection: SqlConnection, { tags }: NacosShape): Promise<boolean> => {
  if (tags === null) return false
  const [found] = await connection.text('SELECT EXISTS (SELECT 1 FROM config_tags_relation) AS present')
  return Number(found?.present) === 1
}

type Finding = Pick<SourceRemark, 'left' | 'reason' | 'column' | 'limit'>

/** Tells what can be a configuration from what cannot, over the pages of one reading. */
const createSieve = ({ defaultTenant }: NacosShape) => {
  /** Keys of the default namespace under another word for it: NULL is in no unique key. */
  const unsaid = new Set<string>()
  const isDoubled = (row: Row, key: ConfigKey): boolean => {
    if (row.tenant_id === defaultTenant || row.tenant !== defaultTenant) return false
    const text = JSON.stringify([key.group, key.dataId])
    if (row.twin_md5 !== null || unsaid.has(text)) return true
    unsaid.add(text)
    return false
  }
  const left = (verdict: Omit<Finding, 'left'> | null): Finding | null => (verdict === null ? null : { left: true, ...verdict })
  const findingOf = (row: Row, key: ConfigKey): Finding | null => {
    const verdict = left(verdictOnKey(key)) ?? left(verdictOnSize(row.content_bytes === null ? null : Number(row.content_bytes)))
    if (verdict !== null) return verdict
    if (!Number.isSafeInteger(Number(row.id) + 1)) return { left: true, reason: 'id', column: 'id', limit: Number.MAX_SAFE_INTEGER - 1 }
    if (isDoubled(row, key)) return { left: true, reason: 'doubled', column: 'tenant_id', limit: 0 }
    if (row.md5 !== row.content_md5) return { left: false, reason: 'md5', column: 'md5', limit: 0 }
    const untimed = ['gmt_create', 'gmt_modified'].find((column) => msOfDateTime(row[column]) === 0)
    return untimed === undefined ? null : { left: false, reason: 'time', column: untimed, limit: 0 }
  }
  return (rows: readonly Row[]): { readonly taken: readonly Row[]; readonly remarks: readonly SourceRemark[] } => {
    const taken: Row[] = []
    const remarks: SourceRemark[] = []
    for (const row of rows) {
      const key = keyOf(row, defaultTenant)
      const finding = findingOf(row, key)
      if (finding?.left !== true) taken.push(row)
      // Nacos 3 keeps a copy under `''` of what it has under `public` while it is compatible with 2.x: that is no news.
      const isCopy = finding?.reason === 'doubled' && row.twin_md5 === row.content_md5
      if (finding !== null && !isCopy) remarks.push({ id: String(row.id), ...key, ...finding })
    }
    return { taken, remarks }
  }
}

/**
 * What `reader` throws comes out; the transaction ends with the connection.
 * @param own asked in the same transaction
 */
export const readSource = async (
  connection: SqlConnection,
  shape: NacosShape,
  reader: SourceReader,
  own: OwnTables = ownTables,
): Promise<SourceSummary> => {
  await connection.text('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await connection.text('START TRANSACTION WITH CONSISTENT SNAPSHOT')
  const summary = await summaryOf(connection, shape, own)
  reader.begin(summary)
  const sieve = createSieve(shape)
  const hasTags = reader.wants !== undefined && (await hasAnyTag(connection, shape))
  const withoutContents = reader.withoutContents === true
  let after: string | null = null
  for (let full = reader.withoutConfigs !== true; full; ) {
    const rows: readonly Row[] = await connection.text(pageSql(shape, after))
    full = rows.length === headRows
    const { taken, remarks } = sieve(rows)
    if (remarks.length > 0) reader.remarks?.(remarks)
    const wanted = await wantedOf(connection, shape, taken, { wants: reader.wants, hasTags })
    for (const some of loads(wanted, withoutContents)) await reader.page(await load(connection, shape, some, withoutContents))
    after = String(rows.at(-1)?.id ?? after)
  }
  if (reader.records !== undefined) await readRecords(connection, shape, reader.records, withoutContents)
  if (reader.history !== undefined) await readHistory(connection, shape, reader.history)
  await connection.text('COMMIT')
  return summary
}
