/**
 * One SQLite file of a node: made whole or not at all, opened only if it is ours, in WAL with the sync mode asked for and
 * read back, and checkpointed by us. Whoever owns the tables passes migrations; this file owns `nacos_trio_file`.
 * It must never repair, guess or go on after an I/O error.
 */

import { accessSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { exitCodes } from '../../observe/channel.ts'
import { dataDamaged, diskFilledUp, diskFullFailure, failureOf, isDiskFull, isNoSpace, isSqlError, storageFailure } from '../storage-failure.ts'
import { carryOverNow, type Migrations, migrate } from './file-migrations.ts'

export interface DatabaseFileOptions {
  readonly path: string
  readonly clusterId: string
  readonly nodeId: number
  /** `PRAGMA application_id`: tells this kind of file from any other SQLite file. */
  readonly applicationId: number
  /** `full`: a commit is synced before it returns. `normal`: synced at each checkpoint, never torn. */
  readonly synchronous: 'full' | 'normal'
  /** One process alone may open it, and no shared-memory file is needed. */
  readonly exclusive: boolean
  readonly cacheKib: number
  /** Fence for the file's size in pages of 4 KiB; beyond it a write is `disk_full`. */
  readonly pagesMax?: number | undefined
  /** Gives a checkpoint a turn of the loop of its own: the answers of this one leave before it, and timers come first. Absent: at once. */
  readonly defer?: ((task: () => void) => void) | undefined
  /** Frames in the WAL at which it is carried over, and somewhat more by node. Absent: 2,048. */
  readonly walFrames?: number | undefined
  readonly migrations: Migrations
}

/** `disk_full`, of any call: rolled back, and over. */
export interface FileTransaction {
  isOpen(): boolean
  run(task: () => void): 'ok' | 'disk_full'
  commit(): 'ok' | 'disk_full'
  rollback(): void
}

/** What one transaction wrote, about. */
export interface Written {
  /** With all the pages that it touched; `unknown`: looks, since many rows of one transaction share pages. */
  readonly writtenBytes: number | 'unknown'
  /** Of that, what stands on pages of its own. */
  readonly contentBytes: number
}

export interface DatabaseFile {
  readonly db: Database.Database
  /** Was it closed cleanly the last time (true for a new file)? */
  readonly wasClean: boolean
  /** First statements and reads after the open. If they fail the file is closed, and tables that do not fit are damage. */
  prepare<T>(task: () => T): T
  /** Runs reads; a failure of the disk comes out as `StorageFailure`. */
  read<T>(task: () => T): T
  /** One transaction. `disk_full`: rolled back, nothing changed, try again later. */
  write(task: () => void): 'ok' | 'disk_full'
  /** A transaction over many turns. While it is open `write` answers `disk_full`, since it can only come later, and nothing is carried over. */
  begin(): FileTransaction | 'disk_full'
  /**
   * Counts what was written (`unknown`: looks); above the limit the WAL is carried over, in its own turn if there is `defer`. Call when
   * nobody waits.
   * `onWhole` hears of it when it was all of the WAL, as in `checkpoint`.
   */
  checkpointAfter(written: Written | 'unknown', onWhole?: () => void): void
  /** What a transaction that came to nothing has left in the WAL goes back to the disk, if nobody reads just now. */
  giveBack(): void
  /** So much stands in the WAL that carrying it over would hold the loop for long. */
  isVeryLong(): boolean
  /**
   * Carries the WAL over into the file, as far as no reader stands in the way. True: all of it, and the file is synced, so that every
   * commit so far survives a power cut (SQLite syncs WAL and file at a checkpoint in both modes).
   */
  checkpoint(): boolean
  /**
   * For a file that is to be replaced: closes it with nothing left in the WAL, and without the mark of a clean end.
   * @throws StorageFailure `diskError`, with everything still open, when a full disk or a reader keeps the WAL from being carried over.
   */
  closeEmptied(): void
  close(): void
}

const pageBytes = 4096
const busyTimeoutMs = 1000
/**
 * 6 MiB of frames a step: 5-15 ms, below the 20 ms that a turn may take. Fewer stop for a shorter time but more often, and one connection's
 * p99 suffers from how often.
 */
const walFramesDefault = 1536
/** A WAL so many times as long as that is carried over by somebody else. */
const veryLongTimes = 3
/** Of pages that nothing but their own content fills; those are never the same page twice. */
const newBytesMax = 4 * 1024 * 1024
/**
 * All nodes write the same rows, so with one limit for all they would stop for their commits and checkpoints together, and every write would
 * wait for it. Apart by an eighth each, a majority goes on while one of them works.
 */
export const apartByNode = (limit: number, nodeId: number): number => Math.ceil(limit * (1 + (nodeId % 5) / 8))
/** A WAL that one huge content blew up is cut to this when it is next reused. */
const walKeptBytes = 16 * 1024 * 1024
/** Above it, a check of the whole file would cost the start more than a second; rows carry checksums and are checked as they are read. */
const quickCheckMaxBytes = 512 * 1024 * 1024

const fileSchema = `
  CREATE TABLE nacos_trio_file (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cluster_id TEXT NOT NULL,
    node_id INTEGER NOT NULL,
    clean INTEGER NOT NULL,
    opens INTEGER NOT NULL
  ) STRICT`

/** Frames in the WAL, and how many of them are in the file now. */
interface CheckpointResult {
  readonly busy: number
  readonly log: number
  readonly checkpointed: number
}

interface FileRow {
  readonly cluster_id: string
  readonly node_id: number
  readonly clean: number
}

/** Closes `db` if the task fails: a handle left open would keep its locks as long as the process lives. */
const orClose = <T>(db: Database.Database, task: () => T): T => {
  try {
    return task()
  } catch (error) {
    db.close()
    throw error
  }
}

const configure = (db: Database.Database, options: DatabaseFileOptions): void => {
  db.pragma(options.exclusive ? 'locking_mode = EXCLUSIVE' : 'locking_mode = NORMAL')
  db.pragma('temp_store = MEMORY')
  db.pragma('wal_autocheckpoint = 0')
  db.pragma('fullfsync = 1')
  db.pragma('checkpoint_fullfsync = 1')
  db.pragma(`journal_size_limit = ${walKeptBytes}`)
  db.pragma(`cache_size = ${-options.cacheKib}`)
}

const requireWal = (db: Database.Database, path: string): void => {
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw storageFailure(exitCodes.diskError, `${path}: the file system allows no write-ahead log (mode ${String(mode)})`)
}

/** Makes a rename or a new file in the folder of `path` outlive a power cut. */
export const syncFolder = (path: string): void => {
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Built beside and renamed, so that an empty or half-made file at `path` can only mean damage. */
const create = (options: DatabaseFileOptions): void => {
  const { path } = options
  const beside = `${path}.new`
  mkdirSync(dirname(path), { recursive: true })
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(beside + suffix, { force: true })
  const db = new Database(beside)
  orClose(db, () => {
    configure(db, { ...options, exclusive: true })
    db.pragma('synchronous = FULL')
    db.pragma(`application_id = ${options.applicationId}`)
    requireWal(db, path)
    db.exec(fileSchema)
    db.prepare('INSERT INTO nacos_trio_file VALUES (1, ?, ?, 1, 0)').run(options.clusterId, options.nodeId)
    migrate(db, options)
  })
  db.close()
  renameSync(beside, path)
  syncFolder(path)
}

const checkIdentity = (db: Database.Database, options: DatabaseFileOptions): FileRow => {
  const { path, clusterId, nodeId, applicationId } = options
  if (Number(db.pragma('application_id', { simple: true })) !== applicationId) throw dataDamaged(path, 'not a file of this kind')
  const row = db.prepare<[], FileRow>('SELECT cluster_id, node_id, clean FROM nacos_trio_file WHERE id = 1').get()
  if (!row) throw dataDamaged(path, 'its identity row is missing')
  if (row.cluster_id !== clusterId) throw dataDamaged(path, 'belongs to another cluster')
  if (row.node_id !== nodeId) throw dataDamaged(path, `belongs to node ${row.node_id}`)
  return row
}

/**
 * A whole copy of another node's file becomes this node's: checked for kind, cluster and version, brought to this version, marked as cleanly
 * closed, and synced. `task` runs in the same transaction. The caller has made sure that the bytes are those that were sent.
 * @throws StorageFailure `dataDamaged` for a file of another kind, cluster or newer version.
 */
export const adoptDatabaseFile = (options: DatabaseFileOptions, task: (db: Database.Database) => void): void => {
  const { path, clusterId, nodeId, applicationId } = options
  try {
    const db = new Database(path, { fileMustExist: true, timeout: busyTimeoutMs })
    orClose(db, () => {
      db.pragma('synchronous = FULL')
      db.pragma('fullfsync = 1')
      if (Number(db.pragma('application_id', { simple: true })) !== applicationId) throw dataDamaged(path, 'not a file of this kind')
      const owner = db.prepare<[], string>('SELECT cluster_id FROM nacos_trio_file WHERE id = 1').pluck().get()
      if (owner !== clusterId) throw dataDamaged(path, 'belongs to another cluster')
      migrate(db, options)
      db.transaction(() => {
        db.prepare('UPDATE nacos_trio_file SET node_id = ?, clean = 1, opens = 0').run(nodeId)
        task(db)
      })()
    })
    db.close()
  } catch (error) {
    throw openFailure(path, error)
  }
}

const quickCheck = (db: Database.Database, path: string): void => {
  if (statSync(path).size > quickCheckMaxBytes) return
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw dataDamaged(path, `damaged: ${String(found)}`)
}

/**
 * This build of SQLite falls back to NORMAL at the first write of a WAL connection, so the mode is set after one write
 * and read back after another.
 */
const setSynchronous = (db: Database.Database, options: DatabaseFileOptions): void => {
  const wanted = options.synchronous === 'full' ? 2 : 1
  db.exec('UPDATE nacos_trio_file SET clean = 0')
  db.pragma(wanted === 2 ? 'synchronous = FULL' : 'synchronous = NORMAL')
  db.exec('UPDATE nacos_trio_file SET opens = opens + 1')
  const actual = Number(db.pragma('synchronous', { simple: true }))
  if (actual !== wanted) throw storageFailure(exitCodes.diskError, `${options.path}: synchronous is ${actual}, not ${wanted}`)
}

/** Before SQLite, which opens what it may not write to and says so late, or says no more than that it could not open it. */
const requireWritable = (path: string): void => {
  const folder = dirname(path)
  if (existsSync(folder)) accessSync(folder, constants.W_OK | constants.X_OK)
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    try {
      if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
    } catch (error) {
      throw failureOf(file, error)
    }
  }
}

const open = (options: DatabaseFileOptions): { db: Database.Database; wasClean: boolean } => {
  const { path, pagesMax } = options
  requireWritable(path)
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`)) throw dataDamaged(path, 'missing, but its write-ahead log is there')
    create(options)
  } else if (statSync(path).size === 0) throw dataDamaged(path, 'empty')
  const db = new Database(path, { timeout: busyTimeoutMs })
  return orClose(db, () => {
    configure(db, options)
    requireWal(db, path)
    const wasClean = checkIdentity(db, options).clean === 1
    if (!wasClean) quickCheck(db, path)
    if (migrate(db, options)) carryOverNow(db)
    setSynchronous(db, options)
    if (pagesMax !== undefined) db.pragma(`max_page_count = ${pagesMax}`)
    return { db, wasClean }
  })
}

/** At open nothing was asked of the disk yet, so a full one is an error, and SQL that fails means tables that are not ours. */
const openFailure = (path: string, error: unknown): unknown => {
  if (isNoSpace(error)) return diskFullFailure(path, error)
  return isSqlError(error) ? dataDamaged(path, 'its tables are not those of this version', error) : failureOf(path, error)
}

const openOrFail = (options: DatabaseFileOptions): ReturnType<typeof open> => {
  try {
    return open(options)
  } catch (error) {
    throw openFailure(options.path, error)
  }
}

/** @throws StorageFailure: `dataDamaged` for a damaged, foreign or newer file, `diskFull` where there is no room, `diskError` for failed I/O. */
export const openDatabaseFile = (options: DatabaseFileOptions): DatabaseFile => {
  const { path } = options
  const guarded = <T>(task: () => T): T => {
    try {
      return task()
    } catch (error) {
      throw failureOf(path, error)
    }
  }
  const { db, wasClean } = openOrFail(options)
  /**
   * Where pages of an open transaction must make way, a read writes, and one that finds no room, or fails, has the whole transaction rolled back by
   * SQLite: what was written in it is gone then, and only the log can bring it back.
   */
  const read = <T>(task: () => T): T => {
    const wasOpen = db.open && db.inTransaction
    try {
      return task()
    } catch (error) {
      throw wasOpen && !db.inTransaction && isDiskFull(error) ? diskFilledUp(path) : failureOf(path, error)
    }
  }
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const lookAtWal = db.prepare<[], { readonly log: number }>('PRAGMA wal_checkpoint(NOOP)')
  /** At most so many pages stand in the WAL beside what earlier checkpoints carried over; an estimate from above. */
  let pagesWritten = 0

  /** Of a transaction that is over if it fails. */
  const orRollBack = (task: () => void): 'ok' | 'disk_full' => {
    try {
      task()
      return 'ok'
    } catch (error) {
      undo()
      if (isDiskFull(error)) return 'disk_full'
      throw failureOf(path, error)
    }
  }
  // SQLite may have rolled back by itself; a second ROLLBACK would hide the first error.
  const undo = (): void => {
    if (db.open && db.inTransaction) guarded(() => rollback.run())
  }
  const write = (task: () => void): 'ok' | 'disk_full' => {
    if (db.inTransaction) return 'disk_full'
    return orRollBack(() => {
      begin.run()
      task()
      commit.run()
    })
  }
  const beginLong = (): FileTransaction | 'disk_full' => {
    if (db.inTransaction || orRollBack(() => begin.run()) === 'disk_full') return 'disk_full'
    const isOpen = (): boolean => db.open && db.inTransaction
    // Otherwise its rows would be committed one by one, without those before them.
    const inIt = (task: () => void): 'ok' | 'disk_full' => {
      if (!isOpen()) throw storageFailure(exitCodes.diskError, `${path}: a transaction was rolled back under a read that failed`)
      return orRollBack(task)
    }
    return { isOpen, run: inIt, commit: () => inIt(() => commit.run()), rollback: undo }
  }

  const checkpoint = (mode: 'PASSIVE' | 'TRUNCATE'): boolean => {
    if (db.inTransaction) return false
    try {
      const [result] = db.pragma(`wal_checkpoint(${mode})`) as readonly CheckpointResult[]
      pagesWritten = 0
      newBytes = 0
      return result !== undefined && result.busy === 0 && result.log === result.checkpointed
    } catch (error) {
      // A full disk only postpones it: the WAL still holds everything.
      if (!isDiskFull(error)) throw failureOf(path, error)
      return false
    }
  }

  /** Asks SQLite and changes nothing: rows of one batch share pages, which the estimate cannot know. Beside an open transaction it does not tell. */
  const pagesInWal = (): number => (db.inTransaction ? pagesWritten : (lookAtWal.get()?.log ?? 0))

  const { defer = (task) => task(), walFrames = walFramesDefault } = options
  const framesMax = apartByNode(walFrames, options.nodeId)
  let newBytes = 0
  let isDue = false
  const isLong = (): boolean => pagesWritten >= framesMax || newBytes >= newBytesMax
  const count = (written: Written | 'unknown'): void => {
    if (written === 'unknown') {
      const pages = guarded(pagesInWal)
      newBytes += Math.max(0, pages - pagesWritten) * pageBytes
      pagesWritten = pages
    } else {
      pagesWritten = written.writtenBytes === 'unknown' ? guarded(pagesInWal) : pagesWritten + 1 + Math.ceil(written.writtenBytes / pageBytes)
      newBytes += written.contentBytes
    }
  }
  const carryOver = (onWhole?: () => void): void => {
    isDue = false
    if (!db.open) return
    if (db.inTransaction) return
    pagesWritten = guarded(pagesInWal)
    if (isLong() && checkpoint('PASSIVE')) onWhole?.()
  }

  return {
    db,
    wasClean,
    prepare: (task) => {
      try {
        return orClose(db, task)
      } catch (error) {
        throw openFailure(path, error)
      }
    },
    read,
    write,
    begin: beginLong,
    checkpointAfter: (written, onWhole) => {
      count(written)
      if (isDue || !isLong()) return
      isDue = true
      defer(() => carryOver(onWhole))
    },
    giveBack: () => {
      db.pragma('busy_timeout = 0')
      checkpoint('TRUNCATE')
      db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    },
    isVeryLong: () => guarded(pagesInWal) > veryLongTimes * framesMax,
    checkpoint: () => checkpoint('PASSIVE'),
    closeEmptied: () => {
      if (!checkpoint('TRUNCATE')) throw storageFailure(exitCodes.diskError, `${path}: its write-ahead log cannot be carried over`)
      guarded(() => db.close())
    },
    close: () => {
      if (!db.open) return
      undo()
      write(() => db.exec('UPDATE nacos_trio_file SET clean = 1'))
      checkpoint('TRUNCATE')
      guarded(() => db.close())
    },
  }
}
