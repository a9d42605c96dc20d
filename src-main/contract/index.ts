/** The typed line between the renderer and the process that supervises the nodes. Imports nothing of ours outside this folder. */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { accountsContract } from './accounts.ts'
import { clusterContract } from './cluster.ts'
import { configsContract } from './configs.ts'
import { logsContract } from './logs.ts'
import { namespacesContract } from './namespaces.ts'
import { snapshotsContract } from './snapshots.ts'
import { storageContract } from './storage.ts'
import { storageMoveContract } from './storage-move.ts'

export const appInfoSchema = z.object({
  version: z.string(),
  /** Which shell the console runs in. */
  shell: z.enum(['electron', 'browser']),
  dataDir: z.string(),
  platform: z.string(),
  versions: z.object({ node: z.string(), electron: z.string().nullable() }),
  /** BCP 47 tag of the system, e.g. `zh-CN`. */
  locale: z.string(),
})
export type AppInfo = z.infer<typeof appInfoSchema>

export const contract = {
  app: { info: oc.output(appInfoSchema) },
  accounts: accountsContract,
  cluster: clusterContract,
  configs: configsContract,
  logs: logsContract,
  namespaces: namespacesContract,
  snapshots: snapshotsContract,
  storage: storageContract,
  storageMove: storageMoveContract,
}
export type Contract = typeof contract

export * from './accounts.ts'
export * from './cluster.ts'
export * from './configs.ts'
export * from './errors.ts'
export * from './logs.ts'
export * from './namespaces.ts'
export * from './snapshots.ts'
export * from './storage.ts'
export * from './storage-move.ts'
