/**
 * Where everything lives: `cluster.json` (identity and secret of the cluster), `lock.json`, `workers.json`, `logs/`, `node-1/` ...
 * Promises: one supervising process at a time; an identity is made once and never silently replaced; a folder of a newer version or of another
 * number of nodes is refused, since a changed voter count could forget acknowledged writes.
 */

import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readJson, replaceFile } from './durable-file.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { changedFormat, type MemberBook, type Members, openMemberBook, parseMembers } from './member-book.ts'

/** What is written for a cluster whose members have not changed, and the newest that is read. */
const formatVersion = 1
const newestVersion = changedFormat
export const defaultNodes = 3

export interface ClusterIdentity {
  readonly clusterId: string
  /** 64 hex digits. Never log it. */
  readonly clusterSecret: string
  readonly nodes: number
}

export interface DataFolder {
  readonly path: string
  readonly identity: ClusterIdentity
  readonly lock: FolderLock
  readonly nodeDir: (id: number) => string
  readonly appLogFile: string
  readonly workersFile: string
  readonly started: StartedNodes
  readonly book: MemberBook
}

/**
 * Which nodes have listened once, kept in `cluster.json`, outside of the nodes' own folders: a node of this list whose folder is empty has
 * lost its memory and must not start as a new one.
 */
export interface StartedNodes {
  /** Read anew each time, so that a person may take a node off the list. */
  readonly has: (id: number) => boolean
  /** Throws the system's error. */
  readonly add: (id: number) => void
}

export type FolderProblem =
  | { readonly kind: 'folder-in-use'; readonly path: string; readonly pid: number; readonly sinceMs: number }
  | { readonly kind: 'folder-unusable'; readonly path: string; readonly code: string }
  | { readonly kind: 'folder-damaged'; readonly path: string; readonly file: string }
  | { readonly kind: 'storage-damaged'; readonly path: string; readonly file: string }
  | { readonly kind: 'folder-newer'; readonly path: string; readonly version: number }
  | { readonly kind: 'folder-other-size'; readonly path: string; readonly has: number; readonly wanted: number }

export type FolderResult = { readonly kind: 'ok'; readonly folder: DataFolder } | { readonly kind: 'problem'; readonly problem: FolderProblem }

/** The folder used when none is named: XDG on Linux, Application Support on macOS, Local AppData on Windows. */
export const defaultDataDir = (platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): string => {
  const home = env.HOME ?? env.USERPROFILE ?? homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'nacos-trio')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'nacos-trio')
  const xdg = env.XDG_DATA_HOME
  // The XDG specification: a relative path is invalid and ignored.
  return xdg?.startsWith('/') === true ? join(xdg, 'nacos-trio') : join(home, '.local', 'share', 'nacos-trio')
}

type IdentityResult =
  | { readonly kind: 'ok'; readonly identity: ClusterIdentity; readonly members: Members }
  | { readonly kind: 'problem'; readonly problem: FolderProblem }

const parseIdentity = (path: string, value: unknown): IdentityResult => {
  const damaged: IdentityResult = { kind: 'problem', problem: { kind: 'folder-damaged', path, file: 'cluster.json' } }
  if (typeof value !== 'object' || value === null) return damaged
  const { version, clusterId, clusterSecret, nodes } = value as Record<string, unknown>
  if (typeof version === 'number' && version > newestVersion) return { kind: 'problem', problem: { kind: 'folder-newer', path, version } }
  if (typeof clusterId !== 'string' || typeof clusterSecret !== 'string' || typeof nodes !== 'number') return damaged
  const members = parseMembers(value as Record<string, unknown>)
  if (members === null || !/^[0-9a-f]{64}$/.test(clusterSecret)) return damaged
  return { kind: 'ok', identity: { clusterId, clusterSecret, nodes }, members }
}

const openIdentity = (path: string, wantedNodes: number | null): IdentityResult => {
  const file = join(path, 'cluster.json')
  const found = readJson(file)
  if (found === undefined) {
    const identity = { clusterId: randomUUID(), clusterSecret: randomBytes(32).toString('hex'), nodes: wantedNodes ?? defaultNodes }
    replaceFile(file, `${JSON.stringify({ version: formatVersion, ...identity }, null, 2)}\n`)
    return parseIdentity(path, { version: formatVersion, ...identity })
  }
  const parsed = parseIdentity(path, found)
  if (parsed.kind === 'problem' || wantedNodes === null || wantedNodes === parsed.members.ids.length) return parsed
  return { kind: 'problem', problem: { kind: 'folder-other-size', path, has: parsed.members.ids.length, wanted: wantedNodes } }
}

const startedIn = (file: string): StartedNodes => {
  const read = (): { known: object; ids: readonly number[] } => {
    const found = readJson(file)
    const known = typeof found === 'object' && found !== null ? found : {}
    const ids: unknown = 'started' in known ? known.started : []
    return { known, ids: Array.isArray(ids) ? ids.filter((id): id is number => Number.isInteger(id)) : [] }
  }
  return {
    has: (id) => read().ids.includes(id),
    add: (id) => {
      const { known, ids } = read()
      // Without an identity there is nothing to add to: it is never made here.
      if (ids.includes(id) || !('clusterId' in known)) return
      replaceFile(file, `${JSON.stringify({ ...known, started: [...ids, id].sort((a, b) => a - b) }, null, 2)}\n`)
    },
  }
}

/** Folder by folder from the first that is there: Node's own `recursive` never returns where the system answers ENOENT, as below /proc. */
const makeFolders = (path: string): void => {
  const missing: string[] = []
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at)
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder, { mode: 0o700 })
    } catch (error) {
      // Another start was faster: the lock decides between the two.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const openLocked = (path: string, wantedNodes: number | null): FolderResult => {
  makeFolders(path)
  const locked = lockFolder(path)
  if (locked.kind === 'in-use') return { kind: 'problem', problem: { kind: 'folder-in-use', path, pid: locked.pid, sinceMs: locked.sinceMs } }
  try {
    const opened = openIdentity(path, wantedNodes)
    if (opened.kind === 'problem') {
      locked.lock.release()
      return opened
    }
    const nodeDir = (id: number): string => join(path, `node-${id}`)
    for (const id of opened.members.ids) mkdirSync(join(nodeDir(id), 'logs'), { recursive: true, mode: 0o700 })
    if (process.platform !== 'win32') chmodSync(join(path, 'cluster.json'), 0o600)
    const files = { appLogFile: join(path, 'logs', 'app.log'), workersFile: join(path, 'workers.json') }
    const file = join(path, 'cluster.json')
    const parts = { started: startedIn(file), book: openMemberBook(file, opened.members) }
    return { kind: 'ok', folder: { path, identity: opened.identity, lock: locked.lock, nodeDir, ...files, ...parts } }
  } catch (error) {
    locked.lock.release()
    throw error
  }
}

/** Opens or makes the data folder and takes its lock. `wantedNodes` null: as many as the folder has, 3 for a new one. Never throws. */
export const openDataFolder = (dataDir: string, wantedNodes: number | null): FolderResult => {
  const path = resolve(dataDir)
  try {
    return openLocked(path, wantedNodes)
  } catch (error) {
    return { kind: 'problem', problem: { kind: 'folder-unusable', path, code: (error as NodeJS.ErrnoException).code ?? String(error) } }
  }
}
