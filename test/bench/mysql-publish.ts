/**
 * Publish in MySQL mode: three nodes over a MariaDB of the bench's own, which shares the two cores with them and the load generator, as a laptop
 * would have it. A rate counts only if every acknowledged write is in the database afterwards.
 */

import { findMariadb } from '../runner/tools.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { startOnMysql } from '../support/mysql-cluster.ts'
import { cpuMicros } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { LoadResult } from './load.ts'
import { runLoad } from './processes.ts'
import { ms, perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'
import { loadConnections, refuseErrors, type WriteCost, withCost } from './throughput.ts'

const warmUpMs = 2_000
const settleLimitMs = 30_000
/** As MySQL ships: a commit is on the disk when it is answered. */
const durable = ['--innodb-flush-log-at-trx-commit=1']

interface Counted {
  readonly commits: number
  readonly statements: number
  readonly serverMicros: number | null
}

const countedNow = async (server: Mariadb): Promise<Counted> => {
  const rows = await server.sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_commit', 'Queries')")
  const of = (name: string): number => Number(rows.find((row) => row.Variable_name === name)?.Value ?? 0)
  const cpu = cpuMicros(server.pid())
  return { commits: of('Com_commit'), statements: of('Queries'), serverMicros: cpu === null ? null : cpu.user + cpu.system }
}

export interface MysqlFigures {
  readonly load: LoadResult
  /** Of the three nodes. */
  readonly cost: WriteCost | null
  /** Of the whole load, warm-up included. */
  readonly writesPerCommit: number
  readonly statementsPerCommit: number
  /** Processor time of the database for one write, microseconds; null where the system does not tell. */
  readonly serverMicrosPerWrite: number | null
  readonly settings: Readonly<Record<string, string>>
}

const settingsOf = async (server: Mariadb): Promise<Record<string, string>> => {
  const names = ['version', 'innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin', 'innodb_flush_method', 'innodb_buffer_pool_size']
  const rows = await server.sql(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`)
  return Object.fromEntries(rows.map((row) => [String(row.Variable_name), String(row.Value)]))
}

/** What was acknowledged and is not there would make the rate a lie. */
const allStored = (server: Mariadb, name: string, acknowledged: number): Promise<boolean> =>
  waitUntil(
    'MySQL to have every acknowledged write',
    async () => Number((await server.sql('SELECT COUNT(*) AS n FROM his_config_info', name))[0]?.n) >= acknowledged,
    settleLimitMs,
  )

const measure = async (server: Mariadb, name: string, cluster: HeadlessCluster, measuredMs: number): Promise<MysqlFigures> => {
  const before = await countedNow(server)
  const order = { kind: 'publish', bases: cluster.bases, connections: loadConnections, warmUpMs, measuredMs } as const
  const { result, cost } = await withCost(cluster, () => runLoad(order))
  const load = refuseErrors('publish in MySQL mode', result)
  const after = await countedNow(server)
  await allStored(server, name, load.answered)
  const commits = after.commits - before.commits
  const micros = before.serverMicros === null || after.serverMicros === null ? null : after.serverMicros - before.serverMicros
  return {
    ...{ load, cost },
    writesPerCommit: load.answered / commits,
    statementsPerCommit: (after.statements - before.statements) / commits,
    serverMicrosPerWrite: micros === null ? null : micros / load.answered,
    settings: await settingsOf(server),
  }
}

/** A line that says so where no MariaDB can be started. */
export const mysqlPublish = async (sheet: Sheet, task: Task, env: Readonly<Record<string, string>>): Promise<void> => {
  const tool = findMariadb()
  if ('missing' in tool) {
    task.say(`mysql-publish is left out: ${tool.missing}`)
    sheet.conditions.mysql_publish = `left out: ${tool.missing}`
    return
  }
  const server = await startMariadb(durable)
  try {
    const name = await server.database()
    await using cluster = await startOnMysql({ port: server.port, database: name, env })
    report(sheet, await measure(server, name, cluster, task.measuredMs))
  } finally {
    await server.remove()
  }
}

const report = (sheet: Sheet, { load, cost, writesPerCommit, statementsPerCommit, serverMicrosPerWrite, settings }: MysqlFigures): void => {
  sheet.keys.mysql_publish_per_s = rounded(load.perSecond, 0)
  sheet.conditions.mysql_publish_p50_ms = rounded(load.p50Ms)
  sheet.conditions.mysql_publish_p99_ms = rounded(load.p99Ms)
  sheet.conditions.mysql_writes_per_commit = rounded(writesPerCommit, 1)
  sheet.conditions.mysql_statements_per_commit = rounded(statementsPerCommit, 1)
  if (cost !== null) sheet.conditions.mysql_nodes_us_per_write = rounded(cost.user + cost.system, 0)
  if (serverMicrosPerWrite !== null) sheet.conditions.mysql_server_us_per_write = rounded(serverMicrosPerWrite, 0)
  for (const [name, value] of Object.entries(settings)) sheet.conditions[`mysql_${name}`] = value
  sheet.rows.push({
    name: 'mysql_publish_per_s',
    value: perSecond(load.perSecond),
    note: `${loadConnections} connections over three nodes, MariaDB ${settings.version ?? ''} on the same cores; p50 ${ms(load.p50Ms)}, p99 ${ms(load.p99Ms)}; ${writesPerCommit.toFixed(0)} writes a commit; aim >= 3,000/s`,
  })
}
