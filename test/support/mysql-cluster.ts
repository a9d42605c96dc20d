/** A cluster in MySQL mode on a database of a MariaDB of the test's own, as a user starts it. Owns what stands on its command line. */

import { type HeadlessCluster, startHeadless } from './headless.ts'

/** Never on the command line. */
export const mysqlEnv = { NACOS_TRIO_MYSQL_PASSWORD: 'secret' } as const

export const mysqlArgs = (port: number, database: string): string[] => [
  ...['--no-console', '--storage', 'mysql', '--mysql-url', `mysql://trio@127.0.0.1:${port}/${database}`],
]

export interface MysqlClusterOptions {
  readonly port: number
  readonly database: string
  readonly args?: readonly string[]
  /** Data folder; a fresh one if absent. */
  readonly data?: string | undefined
}

export const startOnMysql = ({ port, database, args = [], data }: MysqlClusterOptions): Promise<HeadlessCluster> =>
  startHeadless({ args: [...mysqlArgs(port, database), ...args], env: mysqlEnv, ...(data === undefined ? {} : { data }) })
