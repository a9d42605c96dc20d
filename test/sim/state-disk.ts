/** One node's state store: it survives a crash of the process, can be full, and may lose whole batches from its end. */

import { createHash } from 'node:crypto'
import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type {
  AreaRecord,
  ConfigKey,
  ConfigRow,
  HistoryHead,
  MachineMeta,
  NamedSnapshot,
  RequestRow,
  RowWrite,
} from '../../src-node/state-machine/types.ts'
import type { InstallMark, LongTransaction, StateStore, Sweep, SweepOrder } from '../../src-node/storage/types.ts'
import { createSinkQueue } from './sink-queue.ts'
import { createSnapshotSlot } from './state-snapshots.ts'
import { SimFailure } from './world.ts'

/** What stood under each key before. */
type Before<T, K = number> = (readonly [K, T | undefined])[]
/** As Nacos keeps it: the new content of an insert, the old one of an update or delete. */
export interface HistoryRow {
  readonly dataId: string
  readonly operation: 'I' | 'U' | 'D'
  readonly md5: string
  readonly atMs: number
  readonly index: number
  /** Of a gray version of it. */
  readonly grayName?: string
  /** With its content. */
  readonly row: ConfigRow
}

/** A row of history that is gone has its number, negative, as id. */
export interface QueuedEntry {
  readonly index: number
  readonly id: number
  readonly nid: number
  readonly key: ConfigKey
}

interface Undo extends Pick<FakeStateDisk, 'queue' | 'queueAfter'> {
  readonly rows: Before<ConfigRow>
  readonly requests: Before<RequestRow>
  readonly history: Before<HistoryRow>
  readonly snapshots: Before<NamedSnapshot>
  readonly records: Before<AreaRecord, string>
  readonly meta: MachineMeta
  readonly installed: InstallMark | null
}

/** The applied state's own disk: NORMAL sync, so a power cut may take back whole batches from the end. */
export interface FakeStateDisk {
  rows: Map<number, ConfigRow>
  /** Remembered replies, by the index of their entry. */
  requests: Map<number, RequestRow>
  meta: MachineMeta
  /** By number. */
  history: Map<number, HistoryRow>
  /** Named ones, by index. */
  snapshots: Map<number, NamedSnapshot>
  /** Of the machine's areas, by area and key. */
  records: Map<string, AreaRecord>
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
  history: new Map(),
  snapshots: new Map(),
  records: new Map(),
  installed: null,
  ...{ queues, queue: [], queueAfter: 0 },
  undo: [],
})

/** The applied index that no power cut can take back, whatever the node knows of it. */
export const durableOn = (disk: FakeStateDisk): number => (disk.undo[0] ?? disk).meta.appliedIndex

const undoMax = 30

function takeBack<T, K>(table: Map<K, T>, before: Before<T, K>): void {
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
    takeBack(disk.history, last.history)
    takeBack(disk.snapshots, last.snapshots)
    takeBack(disk.records, last.records)
    disk.meta = last.meta
    disk.installed = last.installed
    disk.queue = last.queue
    disk.queueAfter = last.queueAfter
  }
}

const nobody: ConfigKey = { namespace: '', group: '', dataId: '' }

function historyRow(disk: FakeStateDisk, change: Extract<RowWrite, { kind: 'history-insert' | 'history-copy' }>): HistoryRow {
  if (change.kind === 'history-insert') {
    const { dataId, md5, modifiedMs: atMs, index } = change.row
    return { dataId, operation: 'I', md5, atMs, index, row: change.row }
  }
  const row = disk.rows.get(change.id)
  if (row === undefined) throw new SimFailure(`history copies row ${change.id}, which is not there`)
  return { dataId: row.dataId, operation: change.operation, md5: row.md5, atMs: change.atMs, index: change.index, row }
}

/** History of a gray version; its old content is read where the record still has it. */
function besidesRow(disk: FakeStateDisk, change: Extract<RowWrite, { kind: 'history-besides' }>): HistoryRow {
  const { namespace, group, dataId, md5, atMs, index, operation, appName, encryptedDataKey, sourceIp, sourceUser } = change
  const of = change.content
  const content = of instanceof Uint8Array ? of : (disk.records.get(recordKey(of))?.value.slice(-of.bytes) ?? new Uint8Array(0))
  if (createHash('md5').update(content).digest('hex') !== md5) throw new SimFailure(`24: history ${change.nid} of a gray version has another content`)
  const row: ConfigRow = {
    ...{
      namespace,
      group,
      dataId,
      id: 0,
      md5,
      type: 'text',
      encryptedDataKey,
      createdMs: atMs,
      modifiedMs: atMs,
      index,
      contentBytes: content.length,
    },
    ...{ content, appName, description: '', tags: [], sourceIp, sourceUser },
  }
  return { dataId, operation, md5, atMs, index, grayName: `${JSON.parse(change.extInfo).gray_name}`, row }
}

function restored(disk: FakeStateDisk, { row, fromNid, sourceIp, sourceUser }: Extract<RowWrite, { kind: 'restore-config' }>): ConfigRow {
  const from = disk.history.get(fromNid)?.row
  if (from === undefined) throw new SimFailure(`row ${row.id} is to come from history ${fromNid}, which is not there`)
  const { content, appName, description, tags } = from
  return { ...row, content, appName, description, tags, sourceIp, sourceUser }
}

/** The same rows as in the product's store: by number and age, and by nothing else. */
function prune(disk: FakeStateDisk, { nids, cutoffMs, index }: Extract<RowWrite, { kind: 'prune-history' }>, before: Before<HistoryRow>): void {
  for (const nid of nids) {
    const row = disk.history.get(nid)
    if (row !== undefined && row.atMs < cutoffMs) drop(disk.history, nid, before)
    if (disk.queues && !disk.history.has(nid)) disk.queue = [...disk.queue, { index, id: -nid, nid, key: nobody }]
  }
}

function queued(disk: FakeStateDisk, change: Extract<RowWrite, { kind: 'history-insert' | 'history-copy' }>): QueuedEntry {
  const { id, index } = change.kind === 'history-insert' ? change.row : change
  const { namespace, group, dataId } = disk.rows.get(id)!
  const isApart = change.kind === 'history-copy' && change.apart === true
  return { index, id: isApart ? -change.nid : id, nid: change.nid, key: { namespace, group, dataId } }
}

/** False: there was none. */
function drop<T, K>(table: Map<K, T>, key: K, before: Before<T, K>): boolean {
  before.push([key, table.get(key)])
  return table.delete(key)
}

function put<T, K>(table: Map<K, T>, key: K, row: T, before: Before<T, K>): void {
  before.push([key, table.get(key)])
  table.set(key, row)
}

type Tables = Pick<Undo, 'rows' | 'requests' | 'history' | 'snapshots' | 'records'>
const nothing = (): Tables => ({ rows: [], requests: [], history: [], snapshots: [], records: [] })

export const recordKey = ({ area, key }: Pick<AreaRecord, 'area' | 'key'>): string => `${area}:${key}`
const byKey = (a: AreaRecord, b: AreaRecord): number => (recordKey(a) < recordKey(b) ? -1 : 1)

function carryOut(disk: FakeStateDisk, writes: readonly RowWrite[]): Tables {
  const before = nothing()
  let nextNid = disk.meta.nextHistoryId
  for (const change of writes) {
    switch (change.kind) {
      case 'put-config':
        put(disk.rows, change.row.id, change.row, before.rows)
        break
      case 'drop-config':
        if (!drop(disk.rows, change.id, before.rows)) throw new SimFailure(`row ${change.id} is dropped but not there`)
        break
      case 'restore-config':
        put(disk.rows, change.row.id, restored(disk, change), before.rows)
        break
      case 'put-snapshot':
        put(disk.snapshots, change.snapshot.index, change.snapshot, before.snapshots)
        break
      case 'drop-snapshot':
        if (!drop(disk.snapshots, change.index, before.snapshots)) throw new SimFailure(`snapshot ${change.index} is dropped but not there`)
        break
      case 'put-request':
        put(disk.requests, change.row.index, change.row, before.requests)
        break
      case 'drop-request':
        if (!drop(disk.requests, change.index, before.requests)) throw new SimFailure(`the request of ${change.index} is forgotten but not there`)
        break
      case 'history-insert':
      case 'history-copy':
        if (change.nid !== nextNid) throw new SimFailure(`history ${change.nid} comes where ${nextNid} is due`)
        put(disk.history, nextNid++, historyRow(disk, change), before.history)
        if (disk.queues) disk.queue = [...disk.queue, queued(disk, change)]
        break
      case 'history-besides':
        if (change.nid !== nextNid) throw new SimFailure(`history ${change.nid} comes where ${nextNid} is due`)
        put(disk.history, nextNid++, besidesRow(disk, change), before.history)
        break
      case 'prune-history':
        prune(disk, change, before.history)
        break
      case 'put-record': {
        const { area, key, value } = change
        put(disk.records, recordKey(change), { area, key, value }, before.records)
        break
      }
      case 'drop-record':
        if (!drop(disk.records, recordKey(change), before.records)) throw new SimFailure(`record ${recordKey(change)} is dropped but not there`)
    }
  }
  return before
}

/** Of a leader who knows of no snapshot. */
const namesAll = { beforeNid: Number.MAX_SAFE_INTEGER }

/** The rule itself, as plainly as it can be said. */
function oldHistory({ history }: FakeStateDisk, { cutoffMs, beforeNid, keptNewest, batchRowsMax, rowsMax }: SweepOrder): Sweep {
  const rows = [...history].toSorted(([a], [b]) => a - b)
  const old = rows.flatMap(([nid, { dataId, atMs }], at) => {
    const newer = rows.slice(at + 1).filter(([, row]) => row.dataId === dataId).length
    return atMs < cutoffMs && nid < beforeNid && newer >= keptNewest ? [nid] : []
  })
  const named = old.slice(0, rowsMax)
  const batches = Array.from({ length: Math.ceil(named.length / batchRowsMax) }, (_, at) => named.slice(at * batchRowsMax, (at + 1) * batchRowsMax))
  return { batches, more: named.length < old.length }
}

export interface StateHooks {
  full(): boolean
  /** The disk fills up within a long transaction, which may take all that was left of it; asked at each of its turns. */
  fillsUp(): boolean
  crashPoint(where: string): void
  chance(probability: number): boolean
  after(act: () => void): void
  mark(name: string): void
}

const headOf = ([nid, { row, operation }]: readonly [number, HistoryRow]): HistoryHead => {
  const { namespace, group, dataId, md5, type, encryptedDataKey, contentBytes } = row
  return { namespace, group, dataId, nid, operation, md5, type, encryptedDataKey, contentBytes }
}

/** Nothing of it is on the disk before the commit; a crash at any of its turns leaves what was before. */
function longTransaction(
  disk: FakeStateDisk,
  { full, fillsUp, crashPoint, mark }: StateHooks,
  keep: (writes: readonly RowWrite[], meta: MachineMeta) => void,
): LongTransaction | 'disk_full' {
  if (full()) return 'disk_full'
  const staged: RowWrite[] = []
  let open = true
  const orFull = (act: () => void): 'ok' | 'disk_full' => {
    open &&= !full() && !fillsUp()
    if (open) act()
    else mark('snapshot/disk-full-in-between')
    return open ? 'ok' : 'disk_full'
  }
  return {
    isOpen: () => open,
    history: (from, rowsMax) =>
      [...disk.history]
        .filter(([nid]) => nid >= from)
        .toSorted(([a], [b]) => a - b)
        .slice(0, rowsMax)
        .map(headOf),
    records: (area, key) => {
      const now = { ...disk, records: new Map(disk.records) }
      for (const change of staged) {
        if (change.kind === 'put-record') now.records.set(recordKey(change), change)
        if (change.kind === 'drop-record') now.records.delete(recordKey(change))
      }
      return [...now.records.values()]
        .toSorted(byKey)
        .filter((record) => recordKey(record) > recordKey({ area: area as AreaRecord['area'], key }))
        .values()
    },
    write: (writes) =>
      orFull(() => {
        crashPoint('in a long transaction')
        staged.push(...writes)
      }),
    commit: (meta) => {
      const outcome = orFull(() => {
        crashPoint('before the state commit')
        keep(staged, meta)
        crashPoint('after the state commit')
      })
      open = false
      return outcome
    },
    rollback: () => {
      open = false
    },
    damaged: (words) => {
      throw new SimFailure(`24: ${words}`)
    },
  }
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
  const now = (): Omit<Undo, keyof Tables> => ({
    ...{ meta: disk.meta, installed: disk.installed, queue: disk.queue, queueAfter: disk.queueAfter },
  })
  let sweeping = false
  return {
    ...slot,
    sinkQueue: !disk.queues ? null : createSinkQueue(disk, () => remember({ ...now(), ...nothing() })),
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
      remember({ ...now(), ...nothing() })
      disk.installed = null
    },
    meta: () => disk.meta,
    loadIndex: () => disk.rows.values() as unknown as IterableIterator<ConfigRow>,
    loadRequests: () => [...disk.requests.values()].toSorted((a, b) => a.index - b.index).values(),
    loadSnapshots: () => [...disk.snapshots.values()].toSorted((a, b) => a.index - b.index),
    loadRecords: () => [...disk.records.values()].toSorted(byKey).values(),
    readRecord: (area, key) => disk.records.get(recordKey({ area, key }))?.value,
    commit(writes, meta) {
      if (hooks.full()) return 'disk_full'
      hooks.crashPoint('before the state commit')
      remember({ ...now(), ...carryOut(disk, writes) })
      disk.meta = meta
      if (hooks.chance(0.1)) checkpoint()
      hooks.crashPoint('after the state commit')
      return 'ok'
    },
    beginLong: () =>
      longTransaction(disk, hooks, (writes, meta) => {
        remember({ ...now(), ...carryOut(disk, writes) })
        disk.meta = meta
      }),
    readContent: (id) => disk.rows.get(id)?.content,
    readConfig: ({ namespace, group, dataId }) =>
      [...disk.rows.values()].find((row) => row.namespace === namespace && row.group === group && row.dataId === dataId),
    historyCount: () => disk.history.size,
    historyPage: () => {
      throw new SimFailure('nobody compares the history here')
    },
    beingRead: () => sweeping || slot.copying(),
    sweepHistory(order, done) {
      sweeping = true
      // By then more may have been written, taken back or taken away: what was found must hold all the same. Now and then a leader of another mind
      // names what a snapshot needs.
      const found = oldHistory(disk, order.beforeNid < namesAll.beforeNid && hooks.chance(0.3) ? { ...order, ...namesAll } : order)
      hooks.after(() => {
        sweeping = false
        done(hooks.chance(0.05) ? 'failed' : found)
      })
    },
    check() {
      throw new SimFailure('nobody checks a simulated store')
    },
    backupTo() {
      throw new SimFailure('nobody copies a simulated store for keeping')
    },
    close() {},
  }
}
