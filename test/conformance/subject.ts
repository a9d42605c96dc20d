/**
 * What the conformance suite is held against: three real nodes in one of the two modes, and where each mode keeps rows. Every area asks the same
 * of both; what is not the same stands in `differences.ts`.
 */

import type { HeadlessCluster } from '../support/headless.ts'
import { startHeadless } from '../support/headless.ts'
import type { Mariadb } from '../support/mariadb.ts'
import { startOnMysql } from '../support/mysql-cluster.ts'
import { inStateFile } from '../support/state-file.ts'

export type ModeName = 'sqlite' | 'mysql'

export interface StoredConfig {
  readonly tenant: string
  readonly group: string
  readonly dataId: string
  readonly md5: string
  readonly type: string
  /** What the store takes the content for, as one word. */
  readonly encoding: string
  readonly content: Buffer
}

export interface StoredChange {
  readonly nid: number
  readonly tenant: string
  readonly group: string
  readonly dataId: string
  readonly operation: string
  readonly md5: string
  readonly content: Buffer
}

/** Tables with Nacos's names, read past the product. */
export interface Tables {
  readonly name: string
  configs(): Promise<readonly StoredConfig[]>
  /** Of one group, or of all; oldest first. */
  history(group?: string): Promise<readonly StoredChange[]>
}

export interface Subject {
  readonly mode: ModeName
  readonly cluster: HeadlessCluster
  readonly bases: readonly string[]
  /** Every place where rows are: each node's own store and, in MySQL mode, the shared database. */
  readonly tables: readonly Tables[]
  /** Of MySQL mode. */
  readonly server: Mariadb | null
}

const key = 'tenant_id AS tenant, group_id AS "group", data_id AS dataId'
const configsSql = (bytes: string, encoding: string): string =>
  `SELECT ${key}, md5, type, ${encoding} AS encoding, CAST(content AS ${bytes}) AS content FROM config_info ORDER BY id`
const historySql = (bytes: string): string =>
  `SELECT nid, ${key}, op_type AS operation, md5, CAST(content AS ${bytes}) AS content FROM his_config_info WHERE ? IN ('', group_id) ORDER BY nid`

/** Of a node that runs: readers disturb nobody. */
const nodeTables = (cluster: HeadlessCluster, id: number): Tables => {
  const ask = <T>(sql: string, ...values: readonly string[]): Promise<readonly T[]> =>
    inStateFile(cluster, id, (db) => db.prepare<string[], T>(sql).all(...values))
  return {
    name: `state.db of node ${id}`,
    configs: () => ask(configsSql('BLOB', "iif(typeof(content) = 'text', (SELECT encoding FROM pragma_encoding), typeof(content))")),
    history: (group = '') => ask(historySql('BLOB'), group),
  }
}

const sharedTables = (server: Mariadb, database: string): Tables => {
  const ask = async <T>(sql: string): Promise<readonly T[]> => (await server.sql(`SET SESSION sql_mode = 'ANSI_QUOTES'; ${sql}`, database))[1] as T[]
  return {
    name: 'MySQL',
    configs: () => ask(configsSql('BINARY', "IF(CHARSET(content) = 'utf8mb4', 'UTF-8', CHARSET(content))")),
    history: (group = '') => ask(historySql('BINARY').replace('?', `'${group}'`)),
  }
}

const subjectOf = (mode: ModeName, cluster: HeadlessCluster, server: Mariadb | null, shared: readonly Tables[]): Subject => ({
  ...{ mode, cluster, bases: cluster.bases, server },
  tables: [...cluster.ready.nodes.map(({ id }) => nodeTables(cluster, id)), ...shared],
})

export const startOnSqlite = async (): Promise<Subject> => subjectOf('sqlite', await startHeadless({ args: ['--no-console'] }), null, [])

/** On a new database of `server`. */
export const startOnSharedMysql = async (server: Mariadb): Promise<Subject> => {
  const database = await server.database()
  const cluster = await startOnMysql({ port: server.port, database })
  return subjectOf('mysql', cluster, server, [sharedTables(server, database)])
}
