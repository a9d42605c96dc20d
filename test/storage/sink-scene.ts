/** As `mysqlScene`, for files that speak to the sink itself: each test's database comes with a sink on it, and every sink ends with its test. */

import { afterEach } from 'vitest'
import type { MysqlTarget } from '../../src-node/storage/mysql/target.ts'
import type { StoreSink } from '../../src-node/storage/sink.ts'
import { type MysqlScene, mysqlScene } from '../support/mysql-scene.ts'
import { closeSinks, sinkOn, targetOf } from './shared-database.ts'

interface SinkSetUp {
  readonly database: string
  readonly target: MysqlTarget
  readonly sink: StoreSink
  readonly sql: Awaited<ReturnType<MysqlScene['database']>>['sql']
}

export interface SinkScene extends MysqlScene {
  setUp(statements?: string): Promise<SinkSetUp>
}

/** Call once, at the top of the file. */
export const sinkScene = (): SinkScene => {
  const scene = mysqlScene()
  // Before the proxies, which are closed last of all but the server.
  afterEach(closeSinks)
  return {
    ...scene,
    setUp: async (statements) => {
      const { name, sql } = await scene.database(statements)
      const target = targetOf(scene.server.port, name)
      return { database: name, target, sink: sinkOn(target), sql }
    },
  }
}
