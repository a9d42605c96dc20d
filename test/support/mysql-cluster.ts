/** A cluster in MySQL mode on a database of a MariaDB of the test's own, as a user starts it. Owns what stands on its command line. */

import { databaseAvailable } from './agreement.ts'
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
  readonly env?: Readonly<Record<string, string>>
}

/** Ready once every node takes configuration writes: an empty database gets its tables only while the cluster serves already. */
export const startOnMysql = async ({ port, database, args = [], data, env = {} }: MysqlClusterOptions): Promise<HeadlessCluster> => {
  const cluster = await startHeadless({
    args: [...mysqlArgs(port, database), ...args],
    env: { ...mysqlEnv, ...env },
    ...(data === undefined ? {} : { data }),
  })
  try {
    await databaseAvailable(cluster.bases)
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}
