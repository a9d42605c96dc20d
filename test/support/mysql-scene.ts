/**
 * What a file of tests against a real database sets up and takes down: one MariaDB of its own for all of them, a database for each that wants one,
 * and lines to it that can fail. Owns them; what is tested is the file's business.
 */

import type { RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { findMariadb } from '../runner/tools.ts'
import { type Mariadb, startMariadb } from './mariadb.ts'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'

export interface SceneDatabase {
  readonly name: string
  /** As root, in this database. */
  sql(text: string): Promise<RowDataPacket[]>
}

export interface MysqlScene {
  /** From `beforeAll` on. */
  readonly server: Mariadb
  /** A new one, after these statements. */
  database(statements?: string): Promise<SceneDatabase>
  /** A line to the server; closed with the test. */
  proxied(): Promise<TcpProxy>
}

const startLimitMs = 120_000

/** Call once, at the top of the file. Where there is no MariaDB it starts nothing: such a file leaves its tests out by itself. */
export const mysqlScene = (): MysqlScene => {
  let started: Mariadb | undefined
  const proxies = new Set<TcpProxy>()
  const running = (): Mariadb => {
    if (started === undefined) throw new Error('no MariaDB was started for this file')
    return started
  }
  beforeAll(async () => {
    if ('found' in findMariadb()) started = await startMariadb()
  }, startLimitMs)
  afterEach(async () => {
    for (const proxy of proxies) await proxy.close()
    proxies.clear()
  })
  afterAll(() => started?.remove())
  const server: Mariadb = {
    get port() {
      return running().port
    },
    pid: () => running().pid(),
    sql: (text, database) => running().sql(text, database),
    database: () => running().database(),
    stop: (how) => running().stop(how),
    start: () => running().start(),
    remove: () => running().remove(),
  }
  return {
    server,
    database: async (statements) => {
      const name = await server.database()
      const sql = (text: string): Promise<RowDataPacket[]> => server.sql(text, name)
      if (statements !== undefined) await sql(statements)
      return { name, sql }
    },
    proxied: async () => {
      const proxy = await startProxy(server.port)
      proxies.add(proxy)
      return proxy
    },
  }
}
