/**
 * From a data folder to a cluster that can be started: lock, sweep of orphans, ports, then the cluster at rest. One way in for headless mode,
 * the window and tests. It promises to leave nothing behind when it refuses.
 */

import { type AppLog, createAppLog } from './app-log.ts'
import { type AuthSetting, openAuthSetting } from './auth-setting.ts'
import { createCluster } from './cluster.ts'
import { type DataFolder, defaultDataDir, type FolderProblem, openDataFolder } from './data-folder.ts'
import type { Launcher } from './launcher.ts'
import { type Members, seatOf } from './member-book.ts'
import { createOwnedProcesses, sweepOrphans } from './owned-processes.ts'
import type { PortHolder } from './port-holder.ts'
import { choosePorts, type PortChoice, type PortSet } from './ports.ts'
import { describeProblem } from './problem-words.ts'
import { createRoster } from './roster.ts'
import type { StorageGiven } from './storage-options.ts'
import { openStorageSetting, type StorageSetting } from './storage-setting.ts'
import type { Cluster } from './types.ts'
import { workerEnv } from './worker-env.ts'

export interface BootOptions {
  /** Null: the default folder of this system. */
  readonly dataDir: string | null
  /** First HTTP port that the user named; null: 8848, or the next free set. */
  readonly port: number | null
  /** Null: as many as the folder has, 3 for a new one. */
  readonly nodes: number | null
  readonly launcher: Launcher
  /** The built node worker (out/main/node.js), absolute. */
  readonly workerPath: string
  readonly version: string
  /** Options of the nodes by name, for tests and benches; none by default. */
  readonly overrides?: Readonly<Record<string, number | boolean | string>>
  /** Absent: as it is kept in the data folder, SQLite in a new one. */
  readonly storage?: StorageGiven
  /** Whether the nodes ask callers who they are; absent or null: as it is kept in the data folder, off in a new one. */
  readonly auth?: boolean | null
}

export type BootProblem =
  | FolderProblem
  | { readonly kind: 'port-taken'; readonly port: number; readonly holder: PortHolder | null }
  | { readonly kind: 'port-not-allowed'; readonly port: number; readonly code: string }

export interface Booted {
  readonly cluster: Cluster
  readonly log: AppLog
  readonly firstPort: number
  /** The default set was taken: what stood in the way. */
  readonly movedFrom: { readonly first: number; readonly port: number; readonly holder: PortHolder | null } | null
  /** Stops all workers and gives the folder back. Safe to call twice. */
  readonly shutdown: () => Promise<void>
}

export type BootResult = { readonly kind: 'ok'; readonly booted: Booted } | { readonly kind: 'problem'; readonly problem: BootProblem }

const portProblem = (choice: Exclude<PortChoice, { kind: 'ok' }>): BootProblem =>
  choice.kind === 'taken'
    ? { kind: 'port-taken', port: choice.port, holder: choice.holder }
    : { kind: 'port-not-allowed', port: choice.port, code: choice.code }

const sweep = async (folder: DataFolder, log: AppLog): Promise<void> => {
  if (folder.lock.wasUnclean) log.write('warn', 'main', 'The last run did not end cleanly')
  const ended = await sweepOrphans(folder.workersFile)
  if (ended.length > 0) log.write('warn', 'main', `Ended workers of an earlier run that were still there: pid ${ended.join(', ')}`)
}

/** What was asked for counts in any case; that it cannot be kept is said. */
const authOf = ({ auth }: BootOptions, folder: DataFolder, log: AppLog): AuthSetting => {
  const setting = openAuthSetting(folder.path)
  if (auth === undefined || auth === null) return setting
  try {
    setting.choose(auth)
    return setting
  } catch (error) {
    log.write(
      'warn',
      'main',
      `auth.json cannot be written, --auth counts for this start only: ${error instanceof Error ? error.message : String(error)}`,
    )
    return { ...setting, isOn: () => auth }
  }
}

const assemble = (options: BootOptions, parts: { folder: DataFolder; log: AppLog; set: PortSet; storage: StorageSetting }): Cluster => {
  const { folder, log, set, storage } = parts
  const auth = authOf(options, folder, log)
  return createCluster({
    dataDir: folder.path,
    roster: createRoster({ book: folder.book, set, nodeDir: folder.nodeDir }),
    launcher: options.launcher,
    workerPath: options.workerPath,
    workerEnv: workerEnv(process.env, folder.lock.token),
    version: options.version,
    clusterId: folder.identity.clusterId,
    clusterSecret: folder.identity.clusterSecret,
    log: (level, text) => log.write(level, 'supervisor', text),
    owned: createOwnedProcesses(folder.workersFile, folder.lock.token),
    overrides: options.overrides ?? {},
    ...{ storage, auth },
    started: folder.started,
  })
}

const seatsOf = (members: Members): number[] => members.ids.map((id) => seatOf(members, id))

const once = (action: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | null = null
  return () => {
    running ??= action()
    return running
  }
}

/** Opens the folder and prepares the cluster; `cluster.start()` is the caller's. Never throws for what a user can cause. */
export const bootCluster = async (options: BootOptions): Promise<BootResult> => {
  const opened = openDataFolder(options.dataDir ?? defaultDataDir(process.platform, process.env), options.nodes)
  if (opened.kind === 'problem') return opened
  const { folder } = opened
  const log = createAppLog(folder.appLogFile)
  log.write('info', 'main', `Nacos Trio ${options.version}, pid ${process.pid}, data folder ${folder.path}`)
  const stored = openStorageSetting(folder.path, options.storage ?? { kind: 'kept', password: null })
  if (stored.kind === 'problem') {
    log.write('error', 'main', describeProblem(stored.problem, 'en'))
    folder.lock.release()
    return stored
  }
  await sweep(folder, log)
  const choice = await choosePorts(options.port, seatsOf(folder.book.members()))
  if (choice.kind !== 'ok') {
    const problem = portProblem(choice)
    log.write('error', 'main', `Port ${choice.port} cannot be used`)
    folder.lock.release()
    return { kind: 'problem', problem }
  }
  if (choice.movedFrom !== null) log.write('info', 'main', `Port ${choice.movedFrom.port} is taken: using the set from ${choice.set.first}`)
  const cluster = assemble(options, { folder, log, set: choice.set, storage: stored.setting })
  const shutdown = once(async () => {
    await cluster.close()
    log.write('info', 'main', 'Clean end')
    folder.lock.release()
  })
  return { kind: 'ok', booted: { cluster, log, firstPort: choice.set.first, movedFrom: choice.movedFrom, shutdown } }
}
