/** Brings a SQLite file of a node to the version that this build writes, or refuses one of a newer. All steps are one transaction: a file is of one version. */

import type Database from 'better-sqlite3'
import { dataDamaged, isDiskFull } from '../storage-failure.ts'

/** The n-th brings a file of version n to n + 1. Only ever append. */
export type Migrations = readonly ((db: Database.Database) => void)[]

/**
 * @returns whether there was anything to do
 * @throws StorageFailure `dataDamaged` for a file of a newer version, and what a step throws
 */
export const migrate = (db: Database.Database, { path, migrations }: { readonly path: string; readonly migrations: Migrations }): boolean => {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > migrations.length)
    throw dataDamaged(path, `written by a newer version (format ${version}, this one reads up to ${migrations.length})`)
  if (version === migrations.length) return false
  db.transaction(() => {
    for (const step of migrations.slice(version)) step(db)
    db.pragma(`user_version = ${migrations.length}`)
  })()
  return true
}

/** A migration may have written as much as the file holds: at the start nobody waits, later it would be one long turn. A full disk only postpones it. */
export const carryOverNow = (db: Database.Database): void => {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    if (!isDiskFull(error)) throw error
  }
}
