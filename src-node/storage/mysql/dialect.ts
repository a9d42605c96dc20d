/**
 * What differs between MySQL 8 and MariaDB 10.11, each with its source, and the SQL that both understand in its place. The suites run
 * against MariaDB; so whatever is written for MySQL 8 from its manual alone stands here and nowhere else.
 *
 * - New value in `ON DUPLICATE KEY UPDATE`: MySQL 8.0.20 deprecates `VALUES(c)` for a row alias (`AS new`), MariaDB has no row alias.
 *   `VALUES(c)` works in both; MySQL counts a warning (MySQL manual 15.2.7.2, MariaDB "INSERT ON DUPLICATE KEY UPDATE").
 * - Read only: MySQL has `read_only`, `super_read_only`, `innodb_read_only`; MariaDB has no `super_read_only`. `SHOW GLOBAL VARIABLES`
 *   with names gives those that exist (MySQL manual 7.1.8, MariaDB "read_only").
 * - Process list: `information_schema.processlist` is deprecated in MySQL 8.0.35; `SHOW PROCESSLIST` is in both and shows one's own
 *   threads without a right (MySQL manual 15.7.7.31). `KILL` of one's own thread needs no right in either.
 * - A fraction of a second beyond the column: MySQL rounds, MariaDB cuts (MySQL manual 13.2.6, MariaDB "Microseconds"). So times are cut
 *   to the column's precision before they are sent.
 * - Characters that a charset lacks are error 1366; its SQLSTATE is HY000 in MySQL, 22007 in MariaDB. MySQL 8 says 3988 for a string
 *   that cannot be converted (MySQL error reference; MariaDB "Error Codes"). So numbers count beside the classes 22 and 23.
 * - A check that does not hold: 3819 in MySQL, 4025 in MariaDB.
 * - `utf8` is shown as `utf8mb3` since MySQL 8.0.30 and MariaDB 10.6, as `utf8` before.
 * - Column names of information_schema come in capitals from MySQL 8 whatever was asked: every column has an alias here.
 * - Login: MySQL 8 uses caching_sha2_password, whose full exchange over plain TCP needs the server's public key; mysql2 asks for it. MySQL
 *   8.4 has mysql_native_password off. MariaDB uses mysql_native_password (mysql2 manual, "Authentication").
 * - Defaults: `max_allowed_packet` 64 MiB in MySQL 8, 16 MiB in MariaDB; `sync_binlog` 1 in MySQL 8, 0 in MariaDB with its log off.
 * - A packet over `max_allowed_packet`: both answer 1153 and close the connection (MySQL manual B.3.2.8). So it is never sent.
 */

export type DialectName = 'mysql' | 'mariadb'

export interface Dialect {
  readonly name: DialectName
  /** As the server says it. */
  readonly version: string
  /** Older than what we know works: MySQL 5.7 and MariaDB 10.3 are the oldest with everything that is used here. */
  readonly tooOld: boolean
}

const oldest = { mysql: [5, 7], mariadb: [10, 3] } as const

/** @param version of `SELECT VERSION()`; a MariaDB may put `5.5.5-` before its own for old replicas. */
export const dialectOf = (version: string): Dialect => {
  const name = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version.replace(/^5\.5\.5-/, '')) ?? []
  const [oldestMajor, oldestMinor] = oldest[name]
  const tooOld = Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor)
  return { name, version, tooOld }
}

/** The value that the row would have been inserted with, inside `ON DUPLICATE KEY UPDATE`. */
export const newValue = (column: string): string => `VALUES(${column})`

/** A row that is not taken: the same statement will fail for it again. */
export const isDataError = (errno: number, sqlState: string): boolean => /^2[23]/.test(sqlState) || dataErrnos.has(errno)

/** Too long 1406, out of range 1264, wrong value 1292 and 1366, no conversion 3988, checks 3819 and 4025, row too large 1118 and 139. */
const dataErrnos: ReadonlySet<number> = new Set([1406, 1264, 1292, 1366, 3988, 3819, 4025, 1118, 139])

export const readOnlyVariables: readonly string[] = ['read_only', 'super_read_only', 'innodb_read_only']

/** `utf8` and `utf8mb3` are one; what is left of a Unicode character set. */
export const holdsAllOfUnicode = (charset: string): boolean => charset === 'utf8mb4' || /^utf(16|32)/.test(charset)
export const holdsThreeBytes = (charset: string): boolean => charset === 'utf8' || charset === 'utf8mb3' || charset === 'ucs2'
