/**
 * What a database holds beside configurations, as records of a cluster: namespaces, users with their roles, roles with their permissions, gray
 * versions of the newer table and of both older ones, capacities. Reads only, in the caller's transaction; a row that can be no record is remarked on
 * and left.
 */

import type { SharedRecord } from '../../state-machine/types.ts'
import type { RecordReader, RecordRemark } from '../sink.ts'
import { isNamespaceName } from '../source-rules.ts'
import type { Row, SqlConnection } from './connection.ts'
import { readVersions } from './gray-source.ts'
import { literalOf } from './literals.ts'
import { recordTables } from './record-shapes.ts'
import type { NacosShape } from './table-shapes.ts'
import { msOfDateTime } from './times.ts'

/** Of one answer. */
const pageRows = 500

const textOf = (cell: unknown): string => (cell === null || cell === undefined ? '' : String(cell))

/** Records that are wanted go on, remarks are told. */
export const createGive =
  ({ wants, page, remarks }: RecordReader) =>
  async (records: readonly SharedRecord[], left: readonly RecordRemark[] = []): Promise<void> => {
    if (left.length > 0) remarks?.(left)
    const wanted = wants === undefined ? records : records.filter(wants)
    if (wanted.length > 0) await page(wanted)
  }
type Give = ReturnType<typeof createGive>

/** Pages along a key. */
const inPages = async (
  connection: SqlConnection,
  sqlAfter: (after: string | null) => string,
  key: string,
  page: (rows: readonly Row[]) => Promise<void>,
) => {
  let after: string | null = null
  for (let full = true; full; ) {
    const rows: readonly Row[] = await connection.text(sqlAfter(after))
    full = rows.length === pageRows
    const last = rows.at(-1)?.[key]
    if (last === undefined || last === null) return
    after = typeof last === 'number' ? String(last) : literalOf(last)
    await page(rows)
  }
}

const readTenants = (connection: SqlConnection, { records: { tenants } }: NacosShape, give: Give): Promise<void> => {
  if (tenants === null) return Promise.resolve()
  const described = tenants.has('tenant_desc') ? 'tenant_desc' : "'' AS tenant_desc"
  const sql = (after: string | null): string => `SELECT id, tenant_id, tenant_name, ${described}, gmt_create, gmt_modified FROM tenant_info
    WHERE kp = '1' ${after === null ? '' : `AND id > ${after}`} ORDER BY id LIMIT ${pageRows}`
  return inPages(connection, sql, 'id', async (rows) => {
    const named = rows.filter((row) => textOf(row.tenant_id) !== '' && row.tenant_id !== 'public')
    const left: RecordRemark[] = []
    const records = named.flatMap((row): SharedRecord[] => {
      const id = textOf(row.tenant_id)
      if (!isNamespaceName(id)) {
        left.push({ table: recordTables.tenants.table, reason: 'name', row: id, name: null })
        return []
      }
      const moments = { createdMs: Number(row.gmt_create), modifiedMs: Number(row.gmt_modified) }
      return [{ kind: 'namespace', id, showName: textOf(row.tenant_name), description: textOf(row.tenant_desc), ...moments }]
    })
    await give(records, left)
  })
}

/** By their first column, as it is written. */
const grouped = (rows: readonly Row[], column: string): ReadonlyMap<string, readonly Row[]> => Map.groupBy(rows, (row) => textOf(row[column]))

/** Whom a role is given to that is no user here (of LDAP, say) is nobody of ours: those rows are never looked at. */
const readUsers = (connection: SqlConnection, { records: { users, roles } }: NacosShape, give: Give): Promise<void> => {
  if (users === null || roles === null) return Promise.resolve()
  const sql = (after: string | null): string =>
    `SELECT username, password FROM users ${after === null ? '' : `WHERE username > ${after}`} ORDER BY username LIMIT ${pageRows}`
  return inPages(connection, sql, 'username', async (rows) => {
    const names = rows.map((row) => literalOf(textOf(row.username))).join(', ')
    const given = grouped(await connection.text(`SELECT username, role FROM roles WHERE username IN (${names}) ORDER BY role`), 'username')
    await give(
      rows
        .filter((row) => textOf(row.username) !== '')
        .map((row) => {
          const name = textOf(row.username)
          const own = new Set((given.get(name) ?? []).map(({ role }) => textOf(role)).filter((role) => role !== ''))
          return { kind: 'user', name, passwordHash: textOf(row.password), roles: [...own] }
        }),
    )
  })
}

const isAction = (action: string): boolean => action === 'r' || action === 'w' || action === 'rw'

const readPermissions = (connection: SqlConnection, { records: { permissions } }: NacosShape, give: Give): Promise<void> => {
  if (permissions === null) return Promise.resolve()
  const sql = (after: string | null): string =>
    `SELECT DISTINCT role FROM permissions ${after === null ? '' : `WHERE role > ${after}`} ORDER BY role LIMIT ${pageRows}`
  return inPages(connection, sql, 'role', async (rows) => {
    const names = rows.map((row) => literalOf(textOf(row.role))).join(', ')
    const found = await connection.text(`SELECT role, resource, action FROM permissions WHERE role IN (${names}) ORDER BY resource, action`)
    const left: RecordRemark[] = found
      .filter((row) => !isAction(textOf(row.action)))
      .map((row) => ({
        ...{ table: recordTables.permissions.table, reason: 'action', name: null },
        row: `${textOf(row.role)} ${textOf(row.resource)} ${textOf(row.action)}`,
      }))
    const granted = grouped(
      found.filter((row) => isAction(textOf(row.action)) && textOf(row.role) !== ''),
      'role',
    )
    const records = [...granted].map(([role, own]): SharedRecord => {
      const rowsOfRole = own.map((row) => ({ role, resource: textOf(row.resource), action: textOf(row.action) }))
      return { kind: 'role', role, permissions: rowsOfRole }
    })
    await give(records, left)
  })
}

const limitsOf = (row: Row) => ({
  ...{ quota: Number(row.quota), maxSize: Number(row.max_size), maxAggrCount: Number(row.max_aggr_count), maxAggrSize: Number(row.max_aggr_size) },
})

/** Nacos makes a row for each group and namespace that it counts: one that sets nothing is none of ours. */
const readCapacities = async (connection: SqlConnection, { records: { groups, spaces } }: NacosShape, give: Give): Promise<void> => {
  const tables = [
    { table: recordTables.groups.table, there: groups, column: 'group_id', scope: 'group' },
    { table: recordTables.spaces.table, there: spaces, column: 'tenant_id', scope: 'tenant' },
  ] as const
  for (const { table, there, column, scope } of tables) {
    if (there === null) continue
    const sql = (
      after: string | null,
    ): string => `SELECT id, ${column} AS name, quota, max_size, max_aggr_count, max_aggr_size, gmt_create, gmt_modified
      FROM ${table} WHERE quota + max_size + max_aggr_count + max_aggr_size > 0 ${after === null ? '' : `AND id > ${after}`} ORDER BY id LIMIT ${pageRows}`
    await inPages(connection, sql, 'id', (rows) =>
      give(
        rows.map((row) => ({
          ...{ kind: 'capacity', scope, name: textOf(row.name), id: 0, ...limitsOf(row) },
          ...{ createdMs: msOfDateTime(row.gmt_create), modifiedMs: msOfDateTime(row.gmt_modified) },
        })),
      ),
    )
  }
}

/** What `reader` throws comes out. */
export const readRecords = async (connection: SqlConnection, shape: NacosShape, reader: RecordReader, withoutContents: boolean): Promise<void> => {
  const give = createGive(reader)
  await readTenants(connection, shape, give)
  await readUsers(connection, shape, give)
  await readPermissions(connection, shape, give)
  await readVersions(connection, shape, { ...reader, withoutContents })
  await readCapacities(connection, shape, give)
}
