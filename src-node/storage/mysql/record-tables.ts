/**
 * Records of areas as rows of Nacos's tables (nacos-storage 1.2 to 1.5): which columns, with which values. Numbers of rows are the database's to
 * give, columns that are not ours to know keep what they have. A row that its key finds under other letters is another program's: never overwritten.
 */

import type { ConfigKey, SharedName, SharedRecord } from '../../state-machine/types.ts'
import { recordTables } from './record-shapes.ts'
import {
  type Column,
  changing,
  fractionOf,
  guard,
  keyColumns,
  type Names,
  namesOf,
  orNull,
  type RowTable,
  sameBytesSql,
  tableOf,
} from './row-tables.ts'
import type { NacosShape, TableShape } from './table-shapes.ts'
import { dateTimeText } from './times.ts'

type Of<K extends SharedRecord['kind']> = Extract<SharedRecord, { readonly kind: K }>
/** How a row is told of when it is refused. */
type Told<T> = T & ConfigKey & { readonly refusedId: number }

export type TenantRow = Told<Of<'namespace'>>
export type UserRow = Told<Of<'user'>>
export type RoleRow = Told<{ readonly username: string; readonly role: string }>
export type PermissionRow = Told<{ readonly role: string; readonly resource: string; readonly action: string }>
export type VersionRow = Told<Of<'gray'>>
export type LimitsRow = Told<Of<'capacity'>>

export interface RecordTables {
  readonly tenants: RowTable<TenantRow> | null
  readonly users: RowTable<UserRow> | null
  readonly roles: RowTable<RoleRow> | null
  readonly permissions: RowTable<PermissionRow> | null
  readonly gray: RowTable<VersionRow> | null
  readonly beta: RowTable<VersionRow> | null
  readonly tag: RowTable<VersionRow> | null
  readonly groups: RowTable<LimitsRow> | null
  readonly spaces: RowTable<LimitsRow> | null
}

const made = <R>(name: string, cell: Column<R>['cell']): Column<R> => ({ name, cell })
const noContent = (): number => 0
const idOf = ({ refusedId }: { readonly refusedId: number }): number => refusedId

/** Nacos has `1` and `nacos` in two columns that nothing reads. */
const tenantTable = (shape: TableShape): RowTable<TenantRow> =>
  tableOf<TenantRow>(
    recordTables.tenants.table,
    shape,
    [
      { name: 'kp', cell: () => '1', update: guard(sameBytesSql('tenant_id'), 'kp') },
      made('tenant_id', ({ id }) => id),
      changing('tenant_name', ({ showName }) => showName),
      changing('tenant_desc', ({ description }) => description),
      made('create_source', () => 'nacos'),
      made('gmt_create', ({ createdMs }) => createdMs),
      changing('gmt_modified', ({ modifiedMs }) => modifiedMs),
    ],
    idOf,
    noContent,
    'kp',
  )

/** `enabled` is true of a new one; Nacos does not look at it, so that nobody's own value is changed. */
const userTable = (shape: TableShape): RowTable<UserRow> =>
  tableOf<UserRow>(
    recordTables.users.table,
    shape,
    [
      { name: 'username', cell: ({ name }) => name, update: guard(sameBytesSql('username'), 'username') },
      changing('password', ({ passwordHash }) => passwordHash),
      made('enabled', () => 1),
    ],
    idOf,
    noContent,
    'username',
  )

const roleTable = (shape: TableShape): RowTable<RoleRow> =>
  tableOf<RoleRow>(
    recordTables.roles.table,
    shape,
    [
      { name: 'username', cell: ({ username }) => username, update: guard(`${sameBytesSql('username')} AND ${sameBytesSql('role')}`, 'username') },
      made('role', ({ role }) => role),
    ],
    idOf,
    noContent,
    'username',
  )

const permissionTable = (shape: TableShape): RowTable<PermissionRow> =>
  tableOf<PermissionRow>(
    recordTables.permissions.table,
    shape,
    [
      { name: 'role', cell: ({ role }) => role, update: guard(['role', 'resource', 'action'].map(sameBytesSql).join(' AND '), 'role') },
      made('resource', ({ resource }) => resource),
      made('action', ({ action }) => action),
    ],
    idOf,
    noContent,
    'role',
  )

/** As Nacos writes a rule (nacos-storage 1.2): an address is chosen before a tag. */
const ruleJson = ({ rule: { type, expr } }: VersionRow): string =>
  JSON.stringify({ type, version: '1.0.0', expr, priority: type === 'beta' ? 2_147_483_647 : 2_147_483_646 })

const versionTable = (
  table: RowTable<VersionRow>['name'],
  shape: TableShape,
  names: Names,
  own: readonly Column<VersionRow>[],
): RowTable<VersionRow> => {
  const created = fractionOf(shape, 'gmt_create')
  const modified = fractionOf(shape, 'gmt_modified')
  const columns: readonly Column<VersionRow>[] = [
    ...keyColumns<VersionRow>(names),
    ...own,
    changing('content', ({ content }) => content),
    changing('md5', ({ md5 }) => md5),
    made('gmt_create', ({ createdMs }) => dateTimeText(createdMs, created)),
    changing('gmt_modified', ({ modifiedMs }) => dateTimeText(modifiedMs, modified)),
    changing('src_user', ({ sourceUser }) => orNull(sourceUser)),
    changing('src_ip', ({ sourceIp }) => orNull(sourceIp)),
    changing('app_name', ({ appName }) => orNull(appName)),
    changing('encrypted_data_key', ({ encryptedDataKey }) => encryptedDataKey),
  ]
  return tableOf<VersionRow>(table, shape, columns, idOf, ({ content }) => content.length)
}

const limits: readonly (readonly [column: string, limit: 'quota' | 'maxSize' | 'maxAggrCount' | 'maxAggrSize'])[] = [
  ['quota', 'quota'],
  ['max_size', 'maxSize'],
  ['max_aggr_count', 'maxAggrCount'],
  ['max_aggr_size', 'maxAggrSize'],
]

const capacityTable = (table: RowTable<LimitsRow>['name'], column: string, shape: TableShape): RowTable<LimitsRow> => {
  const columns: readonly Column<LimitsRow>[] = [
    { name: column, cell: ({ name }) => name, update: guard(sameBytesSql(column), column) },
    ...limits.map(([limitColumn, limit]) => changing<LimitsRow>(limitColumn, (row) => row[limit])),
    made('gmt_create', ({ createdMs }) => dateTimeText(createdMs, fractionOf(shape, 'gmt_create'))),
    changing('gmt_modified', ({ modifiedMs }) => dateTimeText(modifiedMs, fractionOf(shape, 'gmt_modified'))),
  ]
  return tableOf<LimitsRow>(table, shape, columns, idOf, noContent, column)
}

/** What `column` was set to goes back to the default; how much is used is another program's count. */
export const noLimitsSql = limits.map(([column]) => `${column} = 0`).join(', ')

export const recordTablesOf = ({ records, defaultTenant }: NacosShape): RecordTables => {
  const names = namesOf(defaultTenant)
  const of = <R>(shape: TableShape | null, make: (shape: TableShape) => R): R | null => (shape === null ? null : make(shape))
  const grayNames = { ...names, sameKey: `${names.sameKey} AND ${sameBytesSql('gray_name')}` }
  const tagNames = { ...names, sameKey: `${names.sameKey} AND ${sameBytesSql('tag_id')}` }
  return {
    tenants: of(records.tenants, tenantTable),
    users: of(records.users, userTable),
    roles: of(records.roles, roleTable),
    permissions: of(records.permissions, permissionTable),
    gray: of(records.gray, (shape) =>
      versionTable(recordTables.gray.table, shape, grayNames, [made('gray_name', ({ grayName }) => grayName), changing('gray_rule', ruleJson)]),
    ),
    beta: of(records.beta, (shape) => versionTable(recordTables.beta.table, shape, names, [changing('beta_ips', ({ rule }) => rule.expr)])),
    tag: of(records.tag, (shape) => versionTable(recordTables.tag.table, shape, tagNames, [made('tag_id', ({ rule }) => rule.expr)])),
    groups: of(records.groups, (shape) => capacityTable(recordTables.groups.table, 'group_id', shape)),
    spaces: of(records.spaces, (shape) => capacityTable(recordTables.spaces.table, 'tenant_id', shape)),
  }
}

/** Whether the database has a place for such a record. */
export const holdsRecord = (
  { records: { tenants, users, roles, permissions, gray, beta, tag, groups, spaces } }: NacosShape,
  name: SharedName,
): boolean => {
  switch (name.kind) {
    case 'namespace':
      return tenants !== null
    case 'user':
      return users !== null && roles !== null
    case 'role':
      return permissions !== null
    case 'gray':
      return gray !== null || (name.grayName === 'beta' ? beta : tag) !== null
    case 'capacity':
      return (name.scope === 'group' ? groups : spaces) !== null
  }
}
