/**
 * The errors after which a node's disk may not be believed any more, each with the exit code that it means.
 * `disk_full` is not among them as a rule: that one is an expected outcome and a value.
 */

import { type ExitCode, exitCodes } from '../observe/channel.ts'

/**
 * Ends the process: `dataDamaged` for bad or foreign files, `dataReadOnly` for those that may not be changed, `diskFull` for a start that finds no
 * room, or a disk that filled up under rows that gathered, `diskError` for failed I/O.
 */
export interface StorageFailure extends Error {
  readonly name: 'StorageFailure'
  readonly exitCode: ExitCode
}

export const storageFailure = (exitCode: ExitCode, message: string, cause?: unknown): StorageFailure =>
  Object.assign(new Error(message, { cause }), { name: 'StorageFailure' as const, exitCode })

export const dataDamaged = (path: string, what: string, cause?: unknown): StorageFailure =>
  storageFailure(exitCodes.dataDamaged, `${path}: ${what}`, cause)

export const isStorageFailure = (error: unknown): error is StorageFailure => error instanceof Error && error.name === 'StorageFailure'

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

/** Also no room for the index beside a long write-ahead log (SHMSIZE), which SQLite counts among failed I/O: it has rolled back all the same. */
export const isDiskFull = (error: unknown): boolean => /^SQLITE_(FULL|IOERR_SHMSIZE)/.test(codeOf(error))

/** No room, or no quota left. */
export const isFullCode = (code: string): boolean => /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/.test(code)

/** Also where a failure of ours stands around it. */
export const isNoSpace = (error: unknown): boolean => error instanceof Error && (isFullCode(codeOf(error)) || isNoSpace(error.cause))

/** Of a start: a node that runs keeps what it has as a rule, and tries again. */
export const diskFullFailure = (path: string, cause?: unknown): StorageFailure =>
  storageFailure(exitCodes.diskFull, `${path}: the disk is full (disk_full), so this node cannot start`, cause)

/** Of a node that runs: what it had not stored yet is in the Raft log, and a start once there is room applies it again. */
export const diskFilledUp = (path: string): StorageFailure =>
  storageFailure(exitCodes.diskFull, `${path}: the disk filled up (disk_full), so this node has ended; nothing is lost`)

/** A statement that does not fit the tables. */
export const isSqlError = (error: unknown): boolean => codeOf(error) === 'SQLITE_ERROR'

/** Permission or a read-only file system; it lasts until somebody changes it. */
export const isReadOnly = (error: unknown): boolean => /^(SQLITE_READONLY|SQLITE_PERM|EACCES|EPERM|EROFS)/.test(codeOf(error))

/** @param what names the file or folder */
export const readOnlyFailure = (what: string, cause?: unknown): StorageFailure =>
  storageFailure(
    exitCodes.dataReadOnly,
    `${what}: it may not be written to, and a node that cannot write down what it promises must not take part; make it writable for this user, then start the node again`,
    cause,
  )

const damageCodes = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/
const ioCodes = /^(SQLITE_(IOERR|CANTOPEN|NOMEM|PROTOCOL|NOLFS|AUTH)|E[A-Z]+$)/

/** A SQLite or file system error as what it means for the node; anything else (a bug of ours) comes back as it is. */
export const failureOf = (path: string, error: unknown): unknown => {
  if (isStorageFailure(error)) return error
  const code = codeOf(error)
  const words = error instanceof Error ? error.message : String(error)
  if (damageCodes.test(code)) return dataDamaged(path, `the file is damaged or not ours (${code}: ${words})`, error)
  if (isReadOnly(error)) return readOnlyFailure(`${path} (${code})`, error)
  if (code.startsWith('SQLITE_BUSY')) return storageFailure(exitCodes.diskError, `${path}: in use by another process`, error)
  if (ioCodes.test(code)) return storageFailure(exitCodes.diskError, `${path}: ${code}: ${words}`, error)
  return error
}
