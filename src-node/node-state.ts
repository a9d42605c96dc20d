/**
 * What a node keeps on disk, opened as one: Raft log, state store and the machine's memory belong together, and are judged
 * together before anything is made. Must never start a node that has forgotten what it promised the others.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { logIndex } from './raft/types.ts'
import { completeInstall } from './raft-driver/complete-install.ts'
import { openSqliteRaftLog, type SqliteRaftLog } from './raft-log/sqlite-raft-log.ts'
import { createStateMachine, emptyMeta } from './state-machine/state-machine.ts'
import type { MachineMeta, StateMachine } from './state-machine/types.ts'
import { syncFolder } from './storage/sqlite/database-file.ts'
import { openSqliteStateStore, type SqliteStateStore } from './storage/sqlite/sqlite-state-store.ts'
import { dataDamaged, diskFullFailure, failureOf, isNoSpace } from './storage/storage-failure.ts'

export interface NodeStateOptions {
  /** The node's home; the files stand in `data/`. */
  readonly dir: string
  readonly clusterId: string
  readonly nodeId: number
  /** The supervisor's own memory of this node, kept outside of its folder. */
  readonly hasRunBefore: boolean
  /** MySQL mode: what the shared database is to get is queued in the state store. */
  readonly queuesForSink?: boolean
  /** Fences in pages of 4 KiB, 0: none. */
  readonly statePagesMax: number
  readonly raftLogPagesMax: number
  monotonicMs(): number
  /** Runs the task in a later turn of the loop. */
  defer(task: () => void): void
  after(ms: number, act: () => void): unknown
  onSync(ms: number): void
  warn(line: string): void
}

export interface NodeState {
  readonly store: SqliteStateStore
  readonly machine: StateMachine
  readonly raftLog: SqliteRaftLog
}

/**
 * So much a crash takes at most, to be applied again from the log in a moment. Even on pages of their own, so many rows stay in the page cache until they are
 * committed, or nearly so, and a commit with the checkpoint after it holds the loop for less than 20 ms.
 */
const gatherLimits = { ms: 400, rows: 2_400, bytes: 1024 * 1024 }

/** Never back under its number without what it promised and acknowledged, nor with an older copy of it: its vote would count (catalogue 18). */
const comeBack = 'put back the folder as this node left it, or, while a majority of the others serves, rebuild it from them (type "rebuild ID")'

/** Before anything is opened, since opening makes what is missing. */
const judgeFiles = (data: string, { hasRunBefore, warn }: NodeStateOptions): void => {
  const hasLog = existsSync(join(data, 'raft.db'))
  const hasState = existsSync(join(data, 'state.db'))
  if (hasState && !hasLog)
    throw dataDamaged(
      join(data, 'raft.db'),
      `is missing beside state.db: without it this node does not know what it promised the others; ${comeBack}`,
    )
  if (hasLog && !hasState) warn(`${join(data, 'state.db')} is missing: it is built again from the log`)
  if (!hasLog && !hasState && hasRunBefore)
    throw dataDamaged(data, `this node's data folder is gone; it must be rebuilt from the others, not started empty: ${comeBack}`)
}

/**
 * The log is synced before an entry is applied, and cut only up to what a synced checkpoint of the state holds: a state that knows more than
 * its log, or less than where its log begins, is not its own.
 */
const judgeTogether = (statePath: string, stored: MachineMeta, raftLog: SqliteRaftLog): void => {
  const { appliedIndex, appliedTerm } = stored
  const last = raftLog.lastIndex()
  const base = raftLog.base().index
  if (appliedIndex < base)
    throw dataDamaged(
      statePath,
      `has applied up to ${appliedIndex}, but the log in raft.db begins after ${base}: it is missing or an old copy; ${comeBack}`,
    )
  if (appliedIndex > last)
    throw dataDamaged(statePath, `has applied up to ${appliedIndex}, but the log in raft.db ends at ${last}: one of them is an old copy`)
  const logTerm = raftLog.termAt(logIndex(appliedIndex))
  if (appliedIndex > 0 && logTerm !== appliedTerm)
    throw dataDamaged(
      statePath,
      `has applied entry ${appliedIndex} of term ${appliedTerm}, but raft.db has term ${logTerm}: one of them is an old copy`,
    )
}

/**
 * Opens or makes both stores and fills the machine's memory. The log is made first: a crash between the two then leaves the
 * pair that can be rebuilt.
 * @throws StorageFailure `dataDamaged` for a pair that does not belong together, or rows that do not hash to what was written.
 */
export const openState = (options: NodeStateOptions): NodeState => {
  const { dir, clusterId, nodeId, monotonicMs, onSync, defer } = options
  const data = join(dir, 'data')
  judgeFiles(data, options)
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    // The files' syncs keep their names in `data`; that `data` itself is there must outlive a power cut too, whoever made it and was killed then.
    syncFolder(data)
  } catch (error) {
    throw isNoSpace(error) ? diskFullFailure(data, error) : failureOf(data, error)
  }
  const identity = { clusterId, nodeId }
  const fence = (pages: number): number | undefined => (pages === 0 ? undefined : pages)
  const statePath = join(data, 'state.db')
  const raftLog = openSqliteRaftLog({
    ...{ path: join(data, 'raft.db'), ...identity, defer, syncTimer: { monotonicMs, onSync }, pagesMax: fence(options.raftLogPagesMax) },
  })
  // After a failure nothing is closed: closing writes a mark of a clean end. The process ends.
  const store = openSqliteStateStore({
    ...{ path: statePath, ...identity, defer, initialMeta: emptyMeta(), pagesMax: fence(options.statePagesMax) },
    queuesForSink: options.queuesForSink === true,
    gather: { ...gatherLimits, after: options.after },
  })
  completeInstall(store, raftLog)
  const stored = store.meta()
  judgeTogether(statePath, stored, raftLog)
  const machine = createStateMachine(store.loadIndex(), stored, {
    requests: store.loadRequests(),
    snapshots: store.loadSnapshots(),
    records: store.loadRecords(),
  })
  if (machine.meta().stateHash !== stored.stateHash) throw dataDamaged(statePath, 'the rows are not those that were written (state hash differs)')
  return { store, machine, raftLog }
}
