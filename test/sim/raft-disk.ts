/**
 * One node's Raft disk: log and hard state, which survive a crash of the process; it can be slow, full, or lose a transaction that was
 * not synced. The judge is told what reaches it, and when.
 */

import {
  type Entry,
  type HardState,
  type LogBase,
  type LogIndex,
  logIndex,
  nodeId,
  type SnapshotPlace,
  type Term,
  term,
} from '../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { SimFailure } from './world.ts'

/** The product ends its process by any of these. */
export class DiskFailure extends Error {
  override readonly name = 'DiskFailure'
  /** What is on the disk is damaged: the next start would fail as well. */
  readonly isForGood: boolean
  constructor(what: string, isForGood = false) {
    super(what)
    this.isForGood = isForGood
  }
}

const payloadHashes = new WeakMap<Uint8Array, number>()
function payloadHash(data: Uint8Array): number {
  const known = payloadHashes.get(data)
  if (known !== undefined) return known
  let hash = 2166136261
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 16777619)
  payloadHashes.set(data, hash)
  return hash
}

/**
 * Log and hard state that are truly on the platter. `chains[i]` is a running hash of everything up to entry i+1. What is compacted away stays
 * in both for the judges, and the node sees nothing of it: up to its base it stands for its state alone.
 */
export interface Platter {
  hardState: HardState
  base: LogBase
  readonly entries: Entry[]
  readonly chains: number[]
  /** The configurations among the entries. */
  configs: Entry[]
  /** Entries whose row a flipped bit has changed: whoever reads one finds its checksum wrong. The judges know what was written. */
  readonly damaged: Set<number>
}

const start: LogBase = { index: logIndex(0), term: term(0) }
export const createPlatter = (): Platter => ({
  hardState: { term: term(0), vote: null },
  base: start,
  entries: [],
  chains: [],
  configs: [],
  damaged: new Set(),
})
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
  if (first <= platter.base.index) throw new SimFailure(`persist of ${first} reaches below the log's begin after ${platter.base.index}`)
  if (first > platter.entries.length + 1) throw new SimFailure(`persist leaves a gap before ${first}`)
  for (const index of platter.damaged) if (index >= first) platter.damaged.delete(index)
  platter.entries.length = first - 1
  platter.chains.length = first - 1
  platter.configs = [...platter.configs.filter(({ index }) => index < first), ...entries.filter(({ kind }) => kind === 'config')]
  for (const entry of entries) {
    platter.chains.push(chainAfter(platter.chains.at(-1) ?? 0, entry))
    platter.entries.push(entry)
  }
}

function writePending(platter: Platter, { base, hardState, entries }: PendingWrite, committed: readonly Entry[]): void {
  if (base !== null) writeBase(platter, base, committed)
  write(platter, hardState, entries)
}

/** The log goes on after `base`; for the judges it is what everybody has committed up to there. */
function writeBase(platter: Platter, base: LogBase, committed: readonly Entry[]): void {
  if (base.index > committed.length) throw new SimFailure(`14: a snapshot at ${base.index}, where nothing is committed`)
  platter.entries.length = 0
  platter.chains.length = 0
  platter.base = start
  write(platter, null, committed.slice(0, base.index))
  platter.base = base
}

export interface DiskHooks {
  full(): boolean
  /** The transaction under way fails there, if it is meant to: throws DiskFailure. */
  failPoint(where: 'write' | 'sync'): void
  /** 0 = synced when persist returns. */
  latencyMs(): number
  after(ms: number, act: () => void): void
  crashPoint(where: string): void
  /** Before anything of it is on disk. */
  judge(hardState: HardState | null, entries: readonly Entry[]): void
  /** It is on disk now. */
  written(entries: readonly Entry[]): void
  /** Before entries up to `to` are forgotten, and before everything is. */
  judgeCompact(to: number): void
  judgeReset(place: SnapshotPlace, hardState: HardState | null): void
  /** Everything that is committed. */
  committed(): readonly Entry[]
  /** A row that is not what was written: throws DiskFailure. */
  damaged(): never
}

export interface PendingWrite {
  readonly base: LogBase | null
  readonly hardState: HardState | null
  readonly entries: readonly Entry[]
}

/** Read and verified at each open. */
const tailEntries = 10

export interface FakeRaftLog extends RaftLogStore {
  /** A transaction that was not synced yet; at a crash it is there as a whole or not at all. */
  pending(): PendingWrite | null
}

export function createRaftLog(platter: Platter, hooks: DiskHooks): FakeRaftLog {
  let pending: PendingWrite | null = null
  const transact = (next: PendingWrite, what: string, done: (problem: 'disk_full' | null) => void) => {
    hooks.failPoint('write')
    pending = next
    hooks.crashPoint(`before ${what}`)
    const finish = () => {
      // Whether it is on the disk then, nobody knows: it is there as a whole or not at all.
      hooks.failPoint('sync')
      writePending(platter, next, hooks.committed())
      pending = null
      hooks.written(next.entries)
      hooks.crashPoint(`after ${what}`)
      done(null)
    }
    const latency = hooks.latencyMs()
    if (latency === 0) finish()
    else hooks.after(latency, finish)
  }
  const isFree = (done: (problem: 'disk_full' | null) => void): boolean => {
    if (pending !== null) throw new SimFailure('a persist started before the last one ended')
    if (!hooks.full()) return true
    hooks.after(hooks.latencyMs(), () => done('disk_full'))
    return false
  }
  const verify = (index: number) => {
    if (index > platter.base.index && platter.damaged.has(index)) hooks.damaged()
  }
  // As the product's, which reads the newest entries into memory when it opens.
  for (let index = platter.entries.length; index > platter.entries.length - tailEntries; index--) verify(index)
  return {
    pending: () => pending,
    hardState: () => ({ ...platter.hardState }),
    persist(hardState, entries, done) {
      if (!isFree(done)) return
      hooks.judge(hardState, entries)
      transact({ base: null, hardState, entries }, 'persist', done)
    },
    reset(place, hardState, done) {
      if (!isFree(done)) return
      hooks.judgeReset(place, hardState)
      transact({ base: { index: place.index, term: place.term }, hardState, entries: [] }, 'the log reset', done)
    },
    compact(to, entriesMax) {
      if (pending !== null) throw new SimFailure('the log is cut while it is being written to')
      const upTo = Math.min(to, platter.entries.length, platter.base.index + entriesMax)
      if (upTo <= platter.base.index) return 'done'
      if (hooks.full()) return 'disk_full'
      hooks.judgeCompact(upTo)
      hooks.crashPoint('before the log is cut')
      platter.base = { index: logIndex(upTo), term: platter.entries[upTo - 1]!.term }
      hooks.crashPoint('after the log is cut')
      return upTo >= Math.min(to, platter.entries.length) ? 'done' : 'more'
    },
    close() {},
    memberships: () => {
      const newest = platter.configs.findLastIndex(({ index }) => index <= platter.base.index)
      return platter.configs.slice(Math.max(0, newest))
    },
    base: () => platter.base,
    firstIndex: () => logIndex(platter.base.index + 1),
    lastIndex: () => logIndex(platter.entries.length),
    termAt: (index: LogIndex): Term | null => {
      if (index <= platter.base.index) return index === platter.base.index ? platter.base.term : null
      verify(index)
      return platter.entries[index - 1]?.term ?? null
    },
    entries(from, to, bytesMax) {
      if (from <= platter.base.index) throw new SimFailure(`entry ${from} is compacted away`)
      const found: Entry[] = []
      let bytes = 0
      for (let i: number = from; i <= to; i++) {
        const entry = platter.entries[i - 1]
        if (entry === undefined) throw new SimFailure(`entry ${i} is not on disk`)
        verify(i)
        bytes += entry.data.length
        if (found.length > 0 && bytes > bytesMax) break
        found.push(entry)
      }
      return found
    },
  }
}

/** Keeps what a crash in the middle of a transaction leaves. */
export function settlePending(platter: Platter, log: FakeRaftLog, survives: boolean, committed: readonly Entry[]): boolean {
  const pending = log.pending()
  if (pending === null || !survives) return false
  writePending(platter, pending, committed)
  return true
}

export const ids = (count: number) => Array.from({ length: count }, (_, i) => nodeId(i + 1))
