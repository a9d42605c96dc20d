/**
 * The database as a source: all configurations with the position of one moment, in pages that fit memory, on a connection of its own. Reads
 * only; who changes the tables meanwhile is not seen.
 */

import type { ConfigType } from '../../state-machine/types.ts'
import type { SourceHead, SourceReader, SourceRow, SourceSummary } from '../sink.ts'
import type { Row, SqlConnection } from './connection.ts'
import { readPosition } from './fence.ts'
import { readRefusedConfigs } from './refused-rows.ts'
import { tenantSql } from './row-tables.ts'
import type { NacosShape } from './table-shapes.ts'
import { msOfDateTime } from './times.ts'
import { troubleError } from './trouble.ts'

/** Of rows without their contents; */
const headRows = 1_000
/** with them. */
const pageRows = 200
const pageBytes = 8 * 1024 * 1024
const refusedMax = 10_000

const types: ReadonlySet<string> = new Set<ConfigType>(['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset'])
const isConfigType = (text: string): text is ConfigType => types.has(text)
/** What Nacos does not know it shows as text (nacos-http 3.3). */
const typeOf = (cell: unknown): ConfigType => {
  if (cell === null || cell === undefined) return 'unset'
  const text = String(cell)
  return isConfigType(text) ? text : 'text'
}

const textOf = (cell: unknown): string => (cell === null || cell === undefined ? '' : String(cell))

/** Ids beyond what a number holds exactly would be written back as others. */
const idOf = (cell: unknown): number => {
  const id = Number(cell)
  if (!Number.isSafeInteger(id)) throw troubleError('schema-unknown', `config_info.id ${String(cell)} is above 9,007,199,254,740,991`)
  return id
}

const optional = ['src_user', 'src_ip', 'app_name', 'c_desc', 'type', 'encrypted_data_key']

/**
 * Nacos 3 keeps a copy under `''` of what it has under `public` while it is compatible with 2.x: one of the two counts.
 */
const notTwins = (defaultTenant: string): string =>
  defaultTenant === ''
    ? ''
    : `AND NOT (COALESCE(c.tenant_id, '') = '' AND EXISTS (SELECT 1 FROM config_info AS twin
       WHERE twin.data_id = c.data_id AND twin.group_id = c.group_id AND twin.tenant_id = '${defaultTenant}'))`

/** The md5 is that of what is there: whoever edits a row by hand may leave the column as it was. */
const pageSql = ({ config, defaultTenant }: NacosShape, after: number): string => {
  const known = optional.filter((column) => config.has(column)).map((column) => `, c.${column}`)
  return `SELECT c.id, c.data_id, c.group_id, ${tenantSql(defaultTenant)} AS tenant, c.gmt_create, c.gmt_modified,
      MD5(CONVERT(c.content USING utf8mb4)) AS md5, OCTET_LENGTH(CONVERT(c.content USING utf8mb4)) AS content_bytes ${known.join('')}
    FROM config_info AS c WHERE c.id > ${after} ${notTwins(defaultTenant)} ORDER BY c.id LIMIT ${headRows}`
}

/** Rows of one page that are loaded together: at least one. */
const loads = (rows: readonly Row[]): readonly (readonly Row[])[] => {
  const all: Row[][] = []
  let bytes = 0
  for (const row of rows) {
    const more = Number(row.content_bytes)
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

const headOf = (row: Row, defaultTenant: string): SourceHead => ({
  id: idOf(row.id),
  namespace: row.tenant === defaultTenant ? '' : textOf(row.tenant),
  group: textOf(row.group_id),
  dataId: textOf(row.data_id),
  md5: textOf(row.md5),
  type: typeOf(row.type),
  encryptedDataKey: textOf(row.encrypted_data_key),
  modifiedMs: msOfDateTime(row.gmt_modified),
  contentBytes: Number(row.content_bytes ?? 0),
})

const sourceRowOf = (row: Row, defaultTenant: string, content: Uint8Array, tags: readonly string[]): SourceRow => ({
  ...headOf(row, defaultTenant),
  createdMs: msOfDateTime(row.gmt_create),
  contentBytes: content.length,
  content,
  appName: textOf(row.app_name),
  description: textOf(row.c_desc),
  tags,
  sourceIp: textOf(row.src_ip),
  sourceUser: textOf(row.src_user),
})

const summaryOf = async (connection: SqlConnection, shape: NacosShape): Promise<SourceSummary> => {
  const position = await readPosition(connection)
  const [config] = await connection.text('SELECT COUNT(*) AS n, COALESCE(MAX(id), 0) AS highest FROM config_info')
  const [history] = await connection.text('SELECT COUNT(*) AS n, COALESCE(MAX(nid), 0) AS highest FROM his_config_info')
  return {
    position,
    configs: Number(config?.n),
    history: Number(history?.n),
    maxConfigId: idOf(config?.highest),
    maxHistoryId: idOf(history?.highest),
    refused: await readRefusedConfigs(connection, refusedMax),
    columns: new Set(shape.config.keys()),
  }
}

const load = async (connection: SqlConnection, shape: NacosShape, rows: readonly Row[]): Promise<readonly SourceRow[]> => {
  const ids = rows.map(({ id }) => idOf(id)).join(', ')
  const contents = await contentsOf(connection, ids)
  const tags = await tagsOf(connection, shape, ids)
  return rows.map((row) => {
    const id = Number(row.id)
    const content = contents.get(id)
    // Above max_allowed_packet, CAST gives null and a warning.
    if (content === undefined) throw troubleError('schema-unknown', `the content of config_info.id ${id} is larger than max_allowed_packet`)
    return sourceRowOf(row, shape.defaultTenant, content, tags.get(id) ?? [])
  })
}

/** What `reader` throws comes out; the transaction ends with the connection. */
export const readSource = async (connection: SqlConnection, shape: NacosShape, reader: SourceReader): Promise<SourceSummary> => {
  await connection.text('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await connection.text('START TRANSACTION WITH CONSISTENT SNAPSHOT')
  const summary = await summaryOf(connection, shape)
  reader.begin(summary)
  for (let after = -1, full = true; full; ) {
    const rows = await connection.text(pageSql(shape, after))
    full = rows.length === headRows
    const wanted = rows.filter((row) => reader.wants?.(headOf(row, shape.defaultTenant)) ?? true)
    for (const some of loads(wanted)) await reader.page(await load(connection, shape, some))
    after = idOf(rows.at(-1)?.id ?? after)
  }
  await connection.text('COMMIT')
  return summary
}
