/**
 * The records of one batch, inside its transaction: what is gone or is put anew is taken away first, then rows are put, table by table. Owns which
 * tables a record goes to; the rows of names that no record of the batch has are never touched.
 */

import type { ConfigKey, SharedName, SharedRecord } from '../../state-machine/types.ts'
import type { RecordWords, SinkRecord } from '../sink.ts'
import type { Cell, SqlConnection } from './connection.ts'
import { literalOf } from './literals.ts'
import { refusedIdOf } from './record-names.ts'
import { recordTables } from './record-shapes.ts'
import { noLimitsSql, type RecordTables, type VersionRow } from './record-tables.ts'
import type { RowTable } from './row-tables.ts'

/** Conditions of one statement. */
const conditionsMax = 64

/** A record as the batch has it: `now` null, if it is gone. */
interface Change {
  readonly name: SharedName
  readonly now: SharedRecord | null
  readonly refusedId: number
}

const changesOf = (records: readonly SinkRecord[], { recordOf, nameOf }: RecordWords): readonly Change[] =>
  records.flatMap(({ area, key, value }) => {
    const name = nameOf(area, key)
    const now = value === null ? null : recordOf({ area, key, value })
    return name === null || (value !== null && now === null) ? [] : [{ name, now, refusedId: refusedIdOf(area, key) }]
  })

/** `column = value`, also where the table compares otherwise than byte by byte; its own index is used. */
const isExactly = (column: string, value: Cell): string => {
  const literal = literalOf(value)
  return `(${column} = ${literal} AND CAST(${column} AS BINARY) = CAST(${literal} AS BINARY))`
}
const all = (...conditions: readonly string[]): string => `(${conditions.join(' AND ')})`

const remove = async (connection: SqlConnection, table: string, conditions: readonly string[]): Promise<void> => {
  for (let at = 0; at < conditions.length; at += conditionsMax)
    await connection.text(`DELETE FROM ${table} WHERE ${conditions.slice(at, at + conditionsMax).join(' OR ')}`)
}

const versionIs = ({ namespace, group, dataId }: ConfigKey, defaultTenant: string): string => {
  const own = isExactly('tenant_id', namespace === '' ? defaultTenant : namespace)
  const tenant = namespace === '' ? `(tenant_id = '' OR tenant_id IS NULL OR ${own})` : own
  return all(isExactly('data_id', dataId), isExactly('group_id', group), tenant)
}

type Put = <R extends ConfigKey>(table: RowTable<R>, rows: readonly R[]) => Promise<void>

export interface RecordTarget {
  readonly connection: SqlConnection
  readonly tables: RecordTables
  readonly words: RecordWords
  readonly defaultTenant: string
}

const removeOld = async ({ connection, tables, defaultTenant }: RecordTarget, changes: readonly Change[]): Promise<void> => {
  const gone = changes.filter(({ now }) => now === null).map(({ name }) => name)
  const names = changes.map(({ name }) => name)
  const namespaces = gone.flatMap((name) => (name.kind === 'namespace' ? [all("kp = '1'", isExactly('tenant_id', name.id))] : []))
  if (tables.tenants !== null) await remove(connection, recordTables.tenants.table, namespaces)
  const users = gone.flatMap((name) => (name.kind === 'user' ? [isExactly('username', name.name)] : []))
  if (tables.users !== null) await remove(connection, recordTables.users.table, users)
  const roles = names.flatMap((name) => (name.kind === 'user' ? [isExactly('username', name.name)] : []))
  if (tables.roles !== null) await remove(connection, recordTables.roles.table, roles)
  const permissions = names.flatMap((name) => (name.kind === 'role' ? [isExactly('role', name.role)] : []))
  if (tables.permissions !== null) await remove(connection, recordTables.permissions.table, permissions)
  const versions = gone.flatMap((name) => (name.kind === 'gray' ? [name] : []))
  const betas = versions.filter(({ grayName }) => grayName === 'beta').map((name) => versionIs(name, defaultTenant))
  const tags = versions
    .filter(({ grayName }) => grayName.startsWith('tag_'))
    .map((name) => all(versionIs(name, defaultTenant), isExactly('tag_id', name.grayName.slice('tag_'.length))))
  if (tables.gray !== null) {
    const grays = versions.map((name) => all(versionIs(name, defaultTenant), isExactly('gray_name', name.grayName)))
    await remove(connection, recordTables.gray.table, grays)
  }
  // Also where there is the newer table: a server of 2.5 takes over again what it finds in the old ones.
  if (tables.beta !== null) await remove(connection, recordTables.beta.table, betas)
  if (tables.tag !== null) await remove(connection, recordTables.tag.table, tags)
  for (const name of gone) {
    if (name.kind !== 'capacity') continue
    const [table, shape, column] =
      name.scope === 'group' ? [recordTables.groups.table, tables.groups, 'group_id'] : [recordTables.spaces.table, tables.spaces, 'tenant_id']
    if (shape !== null) await connection.text(`UPDATE ${table} SET ${noLimitsSql} WHERE ${isExactly(column, name.name)}`)
  }
}

const named = (dataId: string, namespace = ''): ConfigKey => ({ namespace, group: '', dataId })

/** An older database has a table for each kind of rule. */
const versionTableOf = ({ gray, beta, tag }: RecordTables, { rule }: VersionRow): RowTable<VersionRow> | null =>
  gray ?? (rule.type === 'beta' ? beta : tag)

const putNew = async ({ tables }: RecordTarget, changes: readonly Change[], put: Put): Promise<void> => {
  const of = <K extends SharedRecord['kind']>(kind: K) =>
    changes.flatMap(({ now, refusedId }) => (now?.kind === kind ? [{ ...(now as Extract<SharedRecord, { kind: K }>), refusedId }] : []))
  const { tenants, users, roles, permissions, groups, spaces } = tables
  const given = <R extends ConfigKey>(table: RowTable<R> | null, rows: readonly R[]): Promise<void> =>
    table === null || rows.length === 0 ? Promise.resolve() : put(table, rows)
  await given(
    tenants,
    of('namespace').map((row) => ({ ...row, ...named('', row.id) })),
  )
  const accounts = of('user')
  await given(
    users,
    accounts.map((row) => ({ ...row, ...named(row.name) })),
  )
  await given(
    roles,
    accounts.flatMap(({ name: username, roles: own, refusedId }) => own.map((role) => ({ username, role, refusedId, ...named(username) }))),
  )
  await given(
    permissions,
    of('role').flatMap(({ permissions: own, refusedId }) => own.map((row) => ({ ...row, refusedId, ...named(row.role) }))),
  )
  const versions = Map.groupBy(of('gray'), (row) => versionTableOf(tables, row))
  for (const [table, rows] of versions) await given(table, rows)
  const capacities = of('capacity').map((row) => ({ ...row, ...named(row.name) }))
  await given(
    groups,
    capacities.filter(({ scope }) => scope === 'group'),
  )
  await given(
    spaces,
    capacities.filter(({ scope }) => scope === 'tenant'),
  )
}

/** @param put puts rows, and leaves out those that the database does not take */
export const putRecords = async (target: RecordTarget, records: readonly SinkRecord[], put: Put): Promise<void> => {
  const changes = changesOf(records, target.words)
  await removeOld(target, changes)
  await putNew(target, changes, put)
}
