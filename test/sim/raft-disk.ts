/**
 * One node's Raft disk: log and hard state, which survive a crash of the process; it can be slow, full, or lose a transaction that was
 * not synced. The judge is told what reaches it, and when.
 */

import { type Entry, type HardState, type LogIndex, logIndex, nodeId, type Term, term } from '../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
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
  /** The configurations among the entries. */
  configs: Entry[]
}

export const createPlatter = (): Platter => ({ hardState: { term: term(0), vote: null }, entries: [], chains: [], configs: [] })
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
  platter.configs = [...platter.configs.filter(({ index }) => index < first), ...entries.filter(({ kind }) => kind === 'config')]
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
    memberships: () => platter.configs,
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

export const ids = (count: number) => Array.from({ length: count }, (_, i) => nodeId(i + 1))
