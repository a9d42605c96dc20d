/**
 * Brings a database to what we need: Nacos's tables where there are none at all, and our own, which carry a version. Steps are only ever
 * appended, each may be carried out twice (DDL commits by itself, so a crash may leave one done and not yet noted). Nothing of Nacos's is
 * altered or removed.
 */

import type { SqlConnection } from './connection.ts'
import { nacosTables } from './nacos-tables.ts'
import { refusedTable } from './refused-rows.ts'
import { hasNacosTables } from './table-shapes.ts'
import { troubleError } from './trouble.ts'

const ours = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin'

/** Its one row has id 1: whose the database is, up to where it is written, and by which connection. */
const fence = `
  CREATE TABLE IF NOT EXISTS nacos_trio_store (
    id tinyint NOT NULL,
    cluster_id varchar(128) NOT NULL,
    term bigint NOT NULL,
    applied_index bigint NOT NULL,
    connection_id bigint unsigned NOT NULL,
    PRIMARY KEY (id)
  ) ${ours}`

/** Until then it got configurations alone: whoever leads reads and writes all of it anew, namespaces and users with it. */
const beginAnew = 'UPDATE nacos_trio_store SET applied_index = 0'

const steps: readonly (readonly string[])[] = [[fence], [`${refusedTable} ${ours}`], [beginAnew]]

const versions = `
  CREATE TABLE IF NOT EXISTS nacos_trio_schema (
    version int NOT NULL,
    PRIMARY KEY (version)
  ) ${ours}`

/** The three nodes start together: one does it, the others wait for it so long and find it done. */
const lockWaitSeconds = 1

const versionOf = async (connection: SqlConnection): Promise<number> => {
  const [has] = await connection.text(
    `SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('nacos_trio_schema', 'nacos_trio_store')`,
  )
  if (Number(has?.n) < 2) return 0
  const [row] = await connection.text('SELECT COALESCE(MAX(version), 0) AS version FROM nacos_trio_schema')
  return Number(row?.version)
}

const carryOut = async (connection: SqlConnection): Promise<void> => {
  if (!(await hasNacosTables(connection))) for (const sql of nacosTables) await connection.text(sql)
  await connection.text(versions)
  for (let version = await versionOf(connection); version < steps.length; version++) {
    for (const sql of steps[version] ?? []) await connection.text(sql)
    await connection.text(`INSERT INTO nacos_trio_schema (version) VALUES (${version + 1}) ON DUPLICATE KEY UPDATE version = version`)
  }
}

/** @throws trouble `schema-newer`, `rows-held` while another node is at it, or what the database says (`right-missing`). */
export const bringSchema = async (connection: SqlConnection): Promise<void> => {
  const version = await versionOf(connection)
  if (version > steps.length) throw troubleError('schema-newer', `version ${version} of our tables; this one knows up to ${steps.length}`)
  if (version === steps.length && (await hasNacosTables(connection))) return
  const [lock] = await connection.text(`SELECT GET_LOCK(CONCAT('nacos_trio.', LEFT(DATABASE(), 50)), ${lockWaitSeconds}) AS got`)
  if (Number(lock?.got) !== 1) throw troubleError('rows-held', 'another node prepares the tables')
  try {
    await carryOut(connection)
  } finally {
    await connection.text(`DO RELEASE_LOCK(CONCAT('nacos_trio.', LEFT(DATABASE(), 50)))`)
  }
}
