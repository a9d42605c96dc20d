/**
 * Gray versions of a database: those of config_info_gray, and of the two older tables what the newer one has not, as Nacos 2.5 itself takes it over
 * (nacos-storage 1). Contents are read of those that are wanted. Reads only.
 */

import type { ConfigKey, SharedRecord } from '../../state-machine/types.ts'
import type { RecordReader, RecordRemark } from '../sink.ts'
import { verdictOnKey, verdictOnSize } from '../source-rules.ts'
import type { Row, SqlConnection } from './connection.ts'
import { recordTables } from './record-shapes.ts'
import { tenantSql } from './row-tables.ts'
import type { NacosShape, TableShape } from './table-shapes.ts'
import { msOfDateTime } from './times.ts'
import { troubleError } from './trouble.ts'

/** Of rows without their contents; those of a version may be as large as those of a configuration, so that few go together. */
const headRows = 500
const contentRows = 8
const noContent = new Uint8Array(0)

type Version = Extract<SharedRecord, { readonly kind: 'gray' }>
const textOf = (cell: unknown): string => (cell === null || cell === undefined ? '' : String(cell))

interface Named {
  readonly grayName: string
  readonly rule: Version['rule']
}

/** Null: of a kind that is none of ours, or under a name that is not the rule's own: no client could be told from another by it. */
const ruleOf = (row: Row): Named | null => {
  const grayName = textOf(row.gray_name)
  try {
    const rule: unknown = JSON.parse(textOf(row.gray_rule))
    if (typeof rule !== 'object' || rule === null || !('type' in rule) || !('expr' in rule)) return null
    const { type, expr } = rule
    if ((type !== 'beta' && type !== 'tag') || typeof expr !== 'string' || !expr.isWellFormed()) return null
    return grayName === (type === 'beta' ? 'beta' : `tag_${expr}`) ? { grayName, rule: { type, expr } } : null
  } catch {
    return null
  }
}

interface VersionTable {
  readonly table: RecordRemark['table']
  readonly there: TableShape | null
  /** Columns that make the name, beside the key. */
  readonly own: readonly string[]
  named(row: Row): Named | null
}

const tablesOf = ({ records: { gray, beta, tag } }: NacosShape): readonly VersionTable[] => [
  { table: recordTables.gray.table, there: gray, own: ['gray_name', 'gray_rule'], named: ruleOf },
  {
    ...{ table: recordTables.beta.table, there: beta, own: ['beta_ips'] },
    named: (row) => ({ grayName: 'beta', rule: { type: 'beta', expr: textOf(row.beta_ips) } }),
  },
  {
    ...{ table: recordTables.tag.table, there: tag, own: ['tag_id'] },
    named: (row) => ({ grayName: `tag_${textOf(row.tag_id)}`, rule: { type: 'tag', expr: textOf(row.tag_id) } }),
  },
]

const optional = ['src_user', 'src_ip', 'app_name', 'encrypted_data_key']
/** What tells two rows of one key apart. */
const nameColumns: readonly string[] = ['gray_name', 'tag_id']

/** Of two rows of the default namespace, the one that says so in the database's own word counts. */
const notTwinSql = (table: string, own: readonly string[], defaultTenant: string): string => {
  const same = ['data_id', 'group_id', ...own.filter((column) => nameColumns.includes(column))].map((column) => `twin.${column} = c.${column}`)
  return `NOT (NOT c.tenant_id <=> '${defaultTenant}' AND ${tenantSql(defaultTenant, 'c.')} = '${defaultTenant}'
      AND EXISTS (SELECT 1 FROM ${table} AS twin WHERE ${same.join(' AND ')} AND twin.tenant_id = '${defaultTenant}'))`
}

const pageSql = ({ table, own }: VersionTable, there: TableShape, defaultTenant: string, after: string | null): string => {
  const known = [...own, ...optional.filter((column) => there.has(column))].map((column) => `, c.${column}`)
  return `SELECT c.id, c.data_id, c.group_id, ${tenantSql(defaultTenant, 'c.')} AS tenant, c.gmt_create, c.gmt_modified,
      OCTET_LENGTH(CONVERT(c.content USING utf8mb4)) AS content_bytes, MD5(CONVERT(c.content USING utf8mb4)) AS content_md5 ${known.join('')}
    FROM ${table} AS c WHERE ${notTwinSql(table, own, defaultTenant)} ${after === null ? '' : `AND c.id > ${after}`} ORDER BY c.id LIMIT ${headRows}`
}

const keyOf = (row: Row, defaultTenant: string): ConfigKey => ({
  namespace: row.tenant === defaultTenant ? '' : textOf(row.tenant),
  group: textOf(row.group_id),
  dataId: textOf(row.data_id),
})

/** No table says what kind of text it is. */
const versionOf = (row: Row, key: ConfigKey, named: Named): Version => ({
  ...{ kind: 'gray', ...key, ...named, id: 0, index: 0, type: 'text', md5: textOf(row.content_md5), contentBytes: Number(row.content_bytes) },
  ...{ appName: textOf(row.app_name), encryptedDataKey: textOf(row.encrypted_data_key) },
  ...{ sourceIp: textOf(row.src_ip), sourceUser: textOf(row.src_user) },
  ...{ createdMs: msOfDateTime(row.gmt_create), modifiedMs: msOfDateTime(row.gmt_modified), content: noContent },
})

const withContents = async (
  connection: SqlConnection,
  table: string,
  versions: readonly (readonly [string, Version])[],
): Promise<readonly Version[]> => {
  const ids = versions.map(([id]) => id).join(', ')
  const rows = await connection.text(`SELECT id, CAST(CONVERT(content USING utf8mb4) AS BINARY) AS bytes FROM ${table} WHERE id IN (${ids})`)
  const contents = new Map(rows.map(({ id, bytes }) => [String(id), bytes]))
  return versions.map(([id, version]) => {
    const content = contents.get(id)
    if (!(content instanceof Uint8Array)) throw troubleError('schema-unknown', `the content of ${table}.id ${id} cannot be read`)
    return { ...version, content }
  })
}

export interface VersionReader extends RecordReader {
  readonly withoutContents: boolean
}

const readTable = async (
  connection: SqlConnection,
  of: VersionTable,
  shape: { readonly there: TableShape; readonly defaultTenant: string },
  reader: VersionReader,
  seen: Set<string>,
): Promise<void> => {
  const { table } = of
  const { there, defaultTenant } = shape
  let after: string | null = null
  for (let full = true; full; ) {
    const rows: readonly Row[] = await connection.text(pageSql(of, there, defaultTenant, after))
    full = rows.length === headRows
    after = String(rows.at(-1)?.id ?? after)
    const left: RecordRemark[] = []
    const wanted: (readonly [string, Version])[] = []
    for (const row of rows) {
      const key = keyOf(row, defaultTenant)
      const named = of.named(row)
      const bytes = row.content_bytes === null ? null : Number(row.content_bytes)
      const reason = verdictOnKey(key) !== null ? 'name' : named === null ? 'rule' : verdictOnSize(bytes) !== null ? 'size' : null
      const text = JSON.stringify([key, named?.grayName])
      if (reason !== null || named === null) {
        const shown = JSON.stringify([key.namespace, key.group, key.dataId])
        left.push({ table, reason: reason ?? 'rule', row: shown, name: named === null ? null : { kind: 'gray', ...key, grayName: named.grayName } })
      } else if (!seen.has(text)) {
        seen.add(text)
        const version = versionOf(row, key, named)
        if (reader.wants?.(version) ?? true) wanted.push([String(row.id), version])
      }
    }
    if (left.length > 0) reader.remarks?.(left)
    for (let at = 0; at < wanted.length; at += contentRows) {
      const some = wanted.slice(at, at + contentRows)
      await reader.page(reader.withoutContents ? some.map(([, version]) => version) : await withContents(connection, table, some))
    }
  }
}

export const readVersions = async (connection: SqlConnection, shape: NacosShape, reader: VersionReader): Promise<void> => {
  const seen = new Set<string>()
  for (const table of tablesOf(shape)) {
    const { there } = table
    if (there !== null) await readTable(connection, table, { there, defaultTenant: shape.defaultTenant }, reader, seen)
  }
}
