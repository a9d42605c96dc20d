/**
 * Carries a long write-ahead log over into its file, in a thread: what one transaction of many turns has written would hold the loop for as long as
 * the disk takes. Writers and readers go on meanwhile; whatever is written since is carried over as always.
 */

import { runInThread } from './reader-thread.ts'

const program = `
const db = new Database(order.path, { fileMustExist: true, timeout: 1000 })
try {
  db.pragma('fullfsync = 1')
  db.pragma('checkpoint_fullfsync = 1')
  db.pragma('wal_autocheckpoint = 0')
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_checkpoint(PASSIVE)')
} finally {
  db.close()
}`

/** @param done once, when the thread and its connection are gone, whatever came of it */
export const checkpointApart = (path: string, done: () => void): void => runInThread<undefined>(program, { path }, () => done())
