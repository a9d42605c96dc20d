/**
 * One node's disk: the Raft log with hard state, and the state store, both surviving a crash of the process, both able to be
 * slow, full, or to lose what was not synced. The judge is told what reaches the disk, and when.
 */

import { type Entry, type HardState, type LogIndex, logIndex, nodeId, type Term, term } from '../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, RowWrite } from '../../src-node/state-machine/types.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import { SimFailure } from './world.ts'

const payloadHashes = new WeakMap<Uint8Array, number>()
function payloadHash(data: Uint8Array): number {
  const known = payloadHashes.get(data)
  if (known !== undefined) return known
  let hash = 2166136261
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 16777619)
  payloadHashes.set(data, hash)
  return hash
}

/** Log and hard state that are truly on the platter. `chains[i]` is a running hash of everything up to entry i+1. */
export interface Platter {
  hardState: HardState
  readonly entries: Entry[]
  readonly chains: number[]
}

export const createPlatter = (): Platter => ({ hardState: { term: term(0), vote: null }, entries: [], chains: [] })
export const platterLast = (platter: Platter): number => platter.entries.length
export const platterTerm = (platter: Platter, index: number): number => (index === 0 ? 0 : (platter.entries[index - 1]?.term ?? -1))
export const platterChain = (platter: Platter, index: number): number => (index === 0 ? 0 : (platter.chains[index - 1] ?? -1))

/** The running hash of a log that ends with `entry` and had `before` without it. */
export function chainAfter(before: number, entry: Entry): number {
  let chain = Math.imul(before ^ entry.term, 16777619)
  chain = Math.imul(chain ^ entry.index, 16777619)
  return Math.imul(chain ^ payloadHash(entry.data), 16777619) | 0
}

function write(platter: Platter, hardState: HardState | null, entries: readonly Entry[]): void {
  if (hardState !== null) platter.hardState = { ...hardState }
  const first = entries[0]?.index
  if (first === undefined) return
  if (first > platter.entries.length + 1) throw new SimFailure(`persist leaves a gap before ${first}`)
  platter.entries.length = first - 1
  platter.chains.length = first - 1
  for (const entry of entries) {
    platter.chains.push(chainAfter(platter.chains.at(-1) ?? 0, entry))
    platter.entries.push(entry)
  }
}

export interface DiskHooks {
  full(): boolean
  /** 0 = synced when persist returns. */
  latencyMs(): number
  after(ms: number, act: () => void): void
  crashPoint(where: string): void
  /** Before anything of it is on disk. */
  judge(hardState: HardState | null, entries: readonly Entry[]): void
  /** It is on disk now. */
  written(entries: readonly Entry[]): void
}

export interface PendingWrite {
  readonly hardState: HardState | null
  readonly entries: readonly Entry[]
}

export interface FakeRaftLog extends RaftLogStore {
  /** A transaction that was not synced yet; at a crash it is there as a whole or not at all. */
  pending(): PendingWrite | null
}

export function createRaftLog(platter: Platter, hooks: DiskHooks): FakeRaftLog {
  let pending: PendingWrite | null = null
  return {
    pending: () => pending,
    hardState: () => ({ ...platter.hardState }),
    persist(hardState, entries, done) {
      if (pending !== null) throw new SimFailure('a persist started before the last one ended')
      if (hooks.full()) {
        hooks.after(hooks.latencyMs(), () => done('disk_full'))
        return
      }
      hooks.judge(hardState, entries)
      pending = { hardState, entries }
      hooks.crashPoint('before persist')
      const finish = () => {
        write(platter, hardState, entries)
        pending = null
        hooks.written(entries)
        hooks.crashPoint('after persist')
        done(null)
      }
      const latency = hooks.latencyMs()
      if (latency === 0) finish()
      else hooks.after(latency, finish)
    },
    close() {},
    firstIndex: () => logIndex(1),
    lastIndex: () => logIndex(platter.entries.length),
    termAt: (index: LogIndex): Term | null => (index === 0 ? term(0) : (platter.entries[index - 1]?.term ?? null)),
    entries(from, to, bytesMax) {
      const found: Entry[] = []
      let bytes = 0
      for (let i: number = from; i <= to; i++) {
        const entry = platter.entries[i - 1]
        if (entry === undefined) throw new SimFailure(`entry ${i} is not on disk`)
        bytes += entry.data.length
        if (found.length > 0 && bytes > bytesMax) break
        found.push(entry)
      }
      return found
    },
  }
}

/** Keeps what a crash in the middle of a transaction leaves. */
export function settlePending(platter: Platter, log: FakeRaftLog, survives: boolean): boolean {
  const pending = log.pending()
  if (pending === null || !survives) return false
  write(platter, pending.hardState, pending.entries)
  return true
}

interface Undo {
  readonly rows: readonly (readonly [number, ConfigRow | undefined])[]
  readonly meta: MachineMeta
  readonly history: number
}

/** The applied state's own disk: NORMAL sync, so a power cut may take back whole batches from the end. */
export interface FakeStateDisk {
  rows: Map<number, ConfigRow>
  meta: MachineMeta
  history: number
  undo: Undo[]
}
export const createStateDisk = (): FakeStateDisk => ({ rows: new Map(), meta: emptyMeta(), history: 0, undo: [] })

const undoMax = 30

export function loseBatches(disk: FakeStateDisk, count: number): void {
  for (let i = 0; i < count; i++) {
    const last = disk.undo.pop()
    if (last === undefined) return
    for (const [id, row] of last.rows.toReversed()) {
      if (row === undefined) disk.rows.delete(id)
      else disk.rows.set(id, row)
    }
    disk.meta = last.meta
    disk.history = last.history
  }
}

function carryOut(disk: FakeStateDisk, writes: readonly RowWrite[]): Undo['rows'] {
  const before: (readonly [number, ConfigRow | undefined])[] = []
  for (const change of writes) {
    if (change.kind === 'put-config') {
      before.push([change.row.id, disk.rows.get(change.row.id)])
      disk.rows.set(change.row.id, change.row)
    } else if (change.kind === 'drop-config') {
      before.push([change.id, disk.rows.get(change.id)])
      if (!disk.rows.delete(change.id)) throw new SimFailure(`row ${change.id} is dropped but not there`)
    } else {
      disk.history++
      if (change.nid !== disk.history) throw new SimFailure(`history ${change.nid} follows ${disk.history - 1}`)
      if (change.kind === 'history-copy' && !disk.rows.has(change.id)) throw new SimFailure(`history copies row ${change.id}, which is not there`)
    }
  }
  return before
}

export function createStateStore(disk: FakeStateDisk, hooks: { full(): boolean; crashPoint(where: string): void }): StateStore {
  return {
    meta: () => disk.meta,
    loadIndex: () => disk.rows.values() as unknown as IterableIterator<ConfigRow>,
    commit(writes, meta) {
      if (hooks.full()) return 'disk_full'
      hooks.crashPoint('before the state commit')
      const undo = { meta: disk.meta, history: disk.history, rows: carryOut(disk, writes) }
      disk.undo.push(undo)
      if (disk.undo.length > undoMax) disk.undo.shift()
      disk.meta = meta
      hooks.crashPoint('after the state commit')
      return 'ok'
    },
    readContent: (id) => disk.rows.get(id)?.content,
    readConfig: ({ namespace, group, dataId }) =>
      [...disk.rows.values()].find((row) => row.namespace === namespace && row.group === group && row.dataId === dataId),
    historyCount: () => disk.history,
    close() {},
  }
}

export const ids = (count: number) => Array.from({ length: count }, (_, i) => nodeId(i + 1))
