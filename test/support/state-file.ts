/** A node's own state file, read past the product as any SQLite tool would: once it holds what the node has applied, since rows gather there for a moment. */

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { HeadlessCluster } from './headless.ts'
import { raftState } from './nacos.ts'
import { waitUntil } from './wait-until.ts'

const settleLimitMs = 10_000

const opened = <T>(path: string, task: (db: Database.Database) => T): T => {
  const db = new Database(path, { readonly: true })
  try {
    return task(db)
  } finally {
    db.close()
  }
}

/** @returns what `task` finds in the file of a node that runs, with all that it has applied by now */
export const inStateFile = async <T>(cluster: HeadlessCluster, id: number, task: (db: Database.Database) => T): Promise<T> => {
  const path = join(cluster.dataDir, `node-${id}`, 'data', 'state.db')
  const { appliedIndex } = await raftState(cluster.baseOf(id))
  const holds = (): boolean =>
    opened(path, (db) => (db.prepare<[], number>('SELECT applied_index FROM nacos_trio_machine').pluck().get() ?? 0) >= appliedIndex)
  await waitUntil(`the file of node ${id} to hold entry ${appliedIndex}`, holds, settleLimitMs)
  return opened(path, task)
}
