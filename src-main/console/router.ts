/** Puts the areas together into what answers the contract, and opens the log hub they share. The same router serves the window and the browser. */

import { join } from 'node:path'
import { implement, ORPCError } from '@orpc/server'
import type { Cluster } from '../cluster/types.ts'
import { type AppInfo, contract } from '../contract/index.ts'
import { accountProcedures } from './accounts.ts'
import { appProcedures } from './app.ts'
import { clusterProcedures } from './cluster.ts'
import { configProcedures } from './configs.ts'
import { createLogHub } from './log-hub.ts'
import { logProcedures } from './logs.ts'
import { snapshotProcedures } from './named-snapshots.ts'
import { namespaceProcedures } from './namespaces.ts'
import { createNodeHttp } from './node-http.ts'
import { createResultCalls } from './result-calls.ts'
import { storageProcedures } from './storage.ts'
import { storageMoveProcedures } from './storage-move.ts'

const builder = implement(contract)
export type ContractBuilder = typeof builder

export interface ConsoleOptions {
  readonly cluster: Cluster
  readonly info: AppInfo
  /** Takes the words of an error that no contract declares; the renderer is told nothing of it. */
  readonly report: (text: string) => void
}

/** The console of one cluster. `close` ends log reading and idle connections; call it after the last line to a renderer is closed. */
export function createConsole({ cluster, info, report }: ConsoleOptions) {
  const logs = createLogHub({
    sources: () => [
      { node: 0, path: join(cluster.dataDir, 'logs', 'app.log') },
      ...cluster.places.map(({ id, dir }) => ({ node: id, path: join(dir, 'logs', 'nacos.log') })),
    ],
    nowMs: Date.now,
  })
  const http = createNodeHttp()
  const calls = createResultCalls({ cluster, http })
  const router = builder.router({
    accounts: accountProcedures(builder, { calls, auth: cluster.auth }),
    app: appProcedures(builder, info),
    cluster: clusterProcedures(builder, cluster),
    configs: configProcedures(builder, { cluster, http }),
    logs: logProcedures(builder, logs),
    namespaces: namespaceProcedures(builder, calls),
    snapshots: snapshotProcedures(builder, { cluster, http }),
    storage: storageProcedures(builder, { cluster, http }),
    storageMove: storageMoveProcedures(builder, cluster),
  })
  return {
    router,
    /** For the RPC handler of each transport: what a procedure threw. */
    failed(error: unknown) {
      if (!(error instanceof ORPCError)) report(error instanceof Error ? (error.stack ?? error.message) : String(error))
    },
    async close() {
      http.close()
      await logs.close()
    },
  }
}
export type Console = ReturnType<typeof createConsole>
