/** One node's state store: it survives a crash of the process, can be full, and may lose whole batches from its end. */

import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type { ConfigKey, ConfigRow, MachineMeta, RequestRow, RowWrite } from '../../src-node/state-machine/types.ts'
import type { InstallMark, StateStore } from '../../src-node/storage/types.ts'
import { createSinkQueue } from './sink-queue.ts'
import { createSnapshotSlot } from './state-snapshots.ts'
import { SimFailure } from './world.ts'

/** What stood under each key before. */
type Before<T> = (readonly [number, T | undefined])[]
/** As Nacos keeps it: the new content of an insert, the old one of an update or delete. */
export interface HistoryRow {
  readonly operation: 'I' | 'U' | 'D'
  readonly md5: string
  readonly atMs: number
  readonly index: number
}

export interface QueuedEntry {
  readonly index: number
  readonly id: number
  readonly nid: number
  readonly key: ConfigKey
}

interface Undo extends Pick<FakeStateDisk, 'queue' | 'queueAfter'> {
  readonly rows: Before<ConfigRow>
  readonly requests: Before<RequestRow>
  readonly meta: MachineMeta
  readonly historyCount: number
  readonly installed: InstallMark | null
}

/** The applied state's own disk: NORMAL sync, so a power cut may take back whole batches from the end. */
export interface FakeStateDisk {
  rows: Map<number, ConfigRow>
  /** Remembered replies, by the index of their entry. */
  requests: Map<number, RequestRow>
  meta: MachineMeta
  history: HistoryRow[]
  /** The mark of an install that the log is still to follow. */
  installed: InstallMark | null
  /** MySQL mode: whether it is; what the shared database may lack, never changed in place; after which entry that is whole. */
  readonly queues: boolean
  queue: readonly QueuedEntry[]
  queueAfter: number
  /** What a power cut may take back; a checkpoint empties it. */
  undo: Undo[]
}
export const createStateDisk = (queues = false): FakeStateDisk => ({
  rows: new Map(),
  requests: new Map(),
  meta: emptyMeta(),
  history: [],
  installed: null,
  ...{ queues, queue: [], queueAfter: 0 },
  undo: [],
})

/** The applied index that no power cut can take back, whatever the node knows of it. */
export const durableOn = (disk: FakeStateDisk): number => (disk.undo[0] ?? disk).meta.appliedIndex

const undoMax = 30

function takeBack<T>(table: Map<number, T>, before: Before<T>): void {
  for (const [key, row] of before.toReversed()) {
    if (row === undefined) table.delete(key)
    else table.set(key, row)
  }
}

export function loseBatches(disk: FakeStateDisk, count: number): void {
  for (let i = 0; i < count; i++) {
    const last = disk.undo.pop()
    if (last === undefined) return
    takeBack(disk.rows, last.rows)
    takeBack(disk.requests, last.requests)
    disk.meta = last.meta
    disk.history.length = last.historyCount
    disk.installed = last.installed
    disk.queue = last.queue
    disk.queueAfter = last.queueAfter
  }
}

function historyRow(disk: FakeStateDisk, change: Extract<RowWrite, { kind: 'history-insert' | 'history-copy' }>): HistoryRow {
  if (change.kind === 'history-insert') return { operation: 'I', md5: change.row.md5, atMs: change.row.modifiedMs, index: change.row.index }
  const row = disk.rows.get(change.id)
  if (row === undefined) throw new SimFailure(`history copies row ${change.id}, which is not there`)
  return { operation: change.operation, md5: row.md5, atMs: change.atMs, index: change.index }
}

function queued(disk: FakeStateDisk, change: Extract<RowWrite, { kind: 'history-insert' | 'history-copy' }>): QueuedEntry {
  const { id, index } = change.kind === 'history-insert' ? change.row : change
  const { namespace, group, dataId } = disk.rows.get(id)!
  return { index, id, nid: change.nid, key: { namespace, group, dataId } }
}

/** False: there was none. */
function drop<T>(table: Map<number, T>, key: number, before: Before<T>): boolean {
  before.push([key, table.get(key)])
  return table.delete(key)
}

function put<T>(table: Map<number, T>, key: number, row: T, before: Before<T>): void {
  before.push([key, table.get(key)])
  table.set(key, row)
}

function carryOut(disk: FakeStateDisk, writes: readonly RowWrite[]): Pick<Undo, 'rows' | 'requests'> {
  const before: Pick<Undo, 'rows' | 'requests'> = { rows: [], requests: [] }
  for (const change of writes) {
    switch (change.kind) {
      case 'put-config':
        put(disk.rows, change.row.id, change.row, before.rows)
        break
      case 'drop-config':
        if (!drop(disk.rows, change.id, before.rows)) throw new SimFailure(`row ${change.id} is dropped but not there`)
        break
      case 'put-request':
        put(disk.requests, change.row.index, change.row, before.requests)
        break
      case 'drop-request':
        if (!drop(disk.requests, change.index, before.requests)) throw new SimFailure(`the request of ${change.index} is forgotten but not there`)
        break
      case 'history-insert':
      case 'history-copy':
        if (change.nid !== disk.history.length + 1) throw new SimFailure(`history ${change.nid} follows ${disk.history.length}`)
        disk.history.push(historyRow(disk, change))
        if (disk.queues) disk.queue = [...disk.queue, queued(disk, change)]
    }
  }
  return before
}

export interface StateHooks {
  full(): boolean
  crashPoint(where: string): void
  chance(probability: number): boolean
  after(act: () => void): void
  mark(name: string): void
}

export function createStateStore(disk: FakeStateDisk, hooks: StateHooks): StateStore {
  /** Nothing is known of what an open finds. */
  let durable = 0
  const checkpoint = () => {
    // A reader in the way: not everything is carried over, and nothing is promised.
    if (hooks.chance(0.2)) return hooks.mark('disk/checkpoint-incomplete')
    disk.undo.length = 0
    durable = disk.meta.appliedIndex
  }
  const slot = createSnapshotSlot(disk, hooks)
  const remember = (before: Undo) => {
    disk.undo.push(before)
    if (disk.undo.length > undoMax) disk.undo.shift()
  }
  const now = (): Omit<Undo, 'rows' | 'requests'> => ({
    ...{ meta: disk.meta, historyCount: disk.history.length, installed: disk.installed, queue: disk.queue, queueAfter: disk.queueAfter },
  })
  return {
    ...slot,
    sinkQueue: !disk.queues ? null : createSinkQueue(disk, () => remember({ ...now(), rows: [], requests: [] })),
    durableIndex: () => durable,
    checkpoint,
    replaceWith(received) {
      hooks.crashPoint('before the snapshot is moved in')
      slot.moveIn(received)
      disk.undo.length = 0
      durable = disk.meta.appliedIndex
      hooks.crashPoint('after the snapshot is moved in')
    },
    installed: () => disk.installed,
    forgetInstall() {
      remember({ ...now(), rows: [], requests: [] })
      disk.installed = null
    },
    meta: () => disk.meta,
    loadIndex: () => disk.rows.values() as unknown as IterableIterator<ConfigRow>,
    loadRequests: () => [...disk.requests.values()].toSorted((a, b) => a.index - b.index).values(),
    commit(writes, meta) {
      if (hooks.full()) return 'disk_full'
      hooks.crashPoint('before the state commit')
      remember({ ...now(), ...carryOut(disk, writes) })
      disk.meta = meta
      if (hooks.chance(0.1)) checkpoint()
      hooks.crashPoint('after the state commit')
      return 'ok'
    },
    readContent: (id) => disk.rows.get(id)?.content,
    readConfig: ({ namespace, group, dataId }) =>
      [...disk.rows.values()].find((row) => row.namespace === namespace && row.group === group && row.dataId === dataId),
    historyCount: () => disk.history.length,
    close() {},
  }
}
