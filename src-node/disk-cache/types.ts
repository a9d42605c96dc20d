/**
 * The disk cache as the rest of the node sees it: what it is told, what it is asked for, what it reports. Every number of files and every
 * list of names here is bounded.
 */

import type { ConfigIndexRow, ConfigKey } from '../state-machine/types.ts'
import type { CacheThread } from './cache-thread.ts'

/** Why all files are compared. `overflow`: more keys were waiting than the flusher keeps. */
export type DumpReason = 'start' | 'periodic' | 'request' | 'overflow'

/** How many, and the first of them as `namespace/group/dataId`. */
export interface Named {
  readonly count: number
  readonly first: readonly string[]
}

/** Files that were not what memory says, found by comparing. What could be repaired was, by the time the report is there. */
export interface Differences {
  readonly missing: Named
  /** Another content, or no plain file at all. */
  readonly different: Named
  /** Files of no configuration. */
  readonly extra: Named
  /** Of all these: still wrong. They are tried again. */
  readonly failed: Named
}

export interface DumpReport extends Differences {
  readonly reason: DumpReason
  /** Wall time, ms since 1970. */
  readonly startedMs: number
  readonly tookMs: number
  /** Configurations whose file was compared. */
  readonly checked: number
  readonly written: number
  readonly removed: number
  /** Temporary files that a crash left; removed. */
  readonly leftovers: number
  /** What kept it from looking at everything, in words; null: it has. */
  readonly problem: string | null
}

export interface RewriteReport extends Differences {
  readonly checked: number
  /** Changed again, or too many at once: their files are written later, and not compared. */
  readonly behind: number
}

/** `starting`: the files were not compared yet. `behind`: some are to be written. `unwritable`: the disk does not take them. */
export type CacheState = 'starting' | 'current' | 'behind' | 'unwritable'

export interface CacheStatus {
  readonly state: CacheState
  readonly folder: string
  readonly configs: number
  /** Raft index of the newest change that the cache was told of in this run; the files are as new once nothing is dirty. */
  readonly index: number
  /** Keys whose file is to be written. */
  readonly dirty: number
  /** Since the start of the node. */
  readonly filesWritten: number
  readonly filesRemoved: number
  /** Why files cannot be written, with the system's code; null: they can. */
  readonly problem: string | null
  /** A full dump is going to begin by itself. */
  readonly dumpDue: boolean
  readonly running: { readonly reason: DumpReason; readonly checked: number; readonly written: number } | null
  readonly last: DumpReport | null
}

export interface DiskCache {
  /** The start-up dump, a moment later, and then one every `fullDumpMs`. */
  start(): void
  /** After the apply, in its order: the files of these keys are behind from now on. `index`: the Raft index of the newest change. */
  changed(keys: readonly ConfigKey[], index: number): void
  /** Compares the files of these keys with memory once they are written, and repairs what differs. Calls at the same time share one report. */
  rewrite(keys: readonly ConfigKey[]): Promise<RewriteReport>
  /** Compares all files with memory and repairs what differs. One at a time: while one runs, its report is the answer. */
  fullDump(reason: DumpReason): Promise<DumpReport>
  status(): CacheStatus
  /** What is being written is finished, the rest is left to the next start-up dump. */
  close(): Promise<void>
}

/** The node's own applied state. A row and its content are of one moment when they are read in the same turn of the loop. */
export interface CachedConfigs {
  find(key: ConfigKey): ConfigIndexRow | undefined
  all(): IterableIterator<ConfigIndexRow>
  size(): number
  /** Throws a `StorageFailure`. */
  readContent(id: number): Uint8Array | undefined
}

export interface CacheClock {
  monotonicMs(): number
  wallMs(): number
  after(ms: number, task: () => void): { cancel(): void }
}

export interface DiskCacheParts {
  /** The node's home; the files stand in `data/config-data` and `data/tenant-config-data`. */
  readonly dir: string
  /** For the folder `data`; closed with the cache. */
  readonly thread: CacheThread
  readonly configs: CachedConfigs
  readonly clock: CacheClock
  /** 0: never by itself. */
  readonly fullDumpMs: number
  /** The file system takes `A` and `a` for one name (Windows, macOS). */
  readonly foldsCase: boolean
  say(level: 'info' | 'warn', line: string): void
  /** The store may not be believed any more, or a bug of ours: ends the node. */
  failed(cause: unknown): void
}
