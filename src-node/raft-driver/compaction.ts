/**
 * When and how far the log is cut: beyond a number of entries or bytes, up to what is both applied and durable in the state store, less a
 * tail that stays for those who are a little behind. In slices, one a turn, never while the log is being written to.
 */

import type { Raft } from '../raft/raft.ts'
import { logIndex } from '../raft/types.ts'
import type { DriverOptions } from './options.ts'
import type { DriverClock, RaftLogStore, StateSnapshots } from './ports.ts'

export interface Compaction {
  /** Cuts if it is time to; cheap when it is not. */
  consider(nowMs: number): void
  /**
   * Cuts whatever can be cut, however short the log is, after the cut that is being made. `done`, once: whether everything applied is
   * durable, and the log is cut accordingly. No: also while the log is full or busy for long, too many wait, or the loop has ended.
   */
  now(done: (ok: boolean) => void): void
  /** Bytes that a persist has added. */
  added(bytes: number): void
  /** The log was replaced. */
  reset(): void
  /** Answers everybody who waits. The loop does not run any more by then. */
  stop(): void
}

export interface CompactionParts {
  readonly core: Raft
  readonly log: RaftLogStore
  readonly snapshots: StateSnapshots
  readonly clock: DriverClock
  readonly options: DriverOptions
  readonly orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A) => void
  /** The log is not being written to, and the loop runs. */
  readonly mayCut: () => boolean
  readonly running: () => boolean
  /** Entries after it are needed by a snapshot that is being made or sent. */
  readonly pinnedIndex: () => number | null
  readonly onCompacted: () => void
}

/** While the log is busy: soon, but not in every turn, and not for ever: its disk may be full. */
const busyPauseMs = 5
const busyPausesMax = 400
/** Who asks for a cut while one is being made. */
const waitingMax = 16

export function createCompaction(parts: CompactionParts): Compaction {
  const { core, log, snapshots, clock, options, orHalt } = parts
  /** Since the log's base, about; the file's own count is not known after a start. */
  let bytes = 0
  /** Ends the cut that is being made. */
  let endCut: ((whole: boolean) => void) | null = null
  const waiting: ((ok: boolean) => void)[] = []
  let notBeforeMs = 0

  const entriesAfterBase = () => core.applied() - log.base().index

  /** So many entries, or as many as so many bytes are on the average. */
  const limit = (entriesMax: number, bytesMax: number) => {
    const average = bytes / Math.max(1, log.lastIndex() - log.base().index)
    return average === 0 ? entriesMax : Math.min(entriesMax, Math.floor(bytesMax / average))
  }

  /** Nothing above it may go: not applied, not durable, needed, each of the needs within its limit. */
  const target = () => {
    const applied = core.applied()
    const kept = applied - limit(options.compactKeptEntries, options.compactKeptBytes)
    const held = Math.max(core.followersHold() ?? applied, applied - limit(options.compactHeldEntriesMax, options.compactHeldBytesMax))
    const pinned = Math.max(parts.pinnedIndex() ?? applied, applied - limit(options.compactPinnedEntriesMax, options.compactPinnedBytesMax))
    return Math.min(snapshots.durableIndex(), kept, held, pinned)
  }

  /** One at a time; `done` hears whether all of it was cut, in the end or when it could not be. */
  const cut = (to: number, done: (ok: boolean) => void) => {
    const from = log.base().index
    let pauses = 0
    const end = (whole: boolean) => {
      endCut = null
      if (log.base().index > from) parts.onCompacted()
      done(whole)
      goOn()
    }
    const slice = orHalt(() => {
      if (endCut !== end) return
      if (!parts.running()) end(false)
      else if (!parts.mayCut()) {
        if (++pauses > busyPausesMax) end(false)
        else clock.after(busyPauseMs, slice)
      } else {
        const before = log.base().index
        const held = log.lastIndex() - before
        const result = log.compact(logIndex(to), options.compactSliceEntries)
        bytes *= held === 0 ? 0 : (log.lastIndex() - log.base().index) / held
        if (result === 'more') clock.defer(slice)
        else end(result === 'done')
      }
    })
    endCut = end
    clock.defer(slice)
  }

  const cutNow = (done: (ok: boolean) => void) => {
    snapshots.checkpoint()
    const ok = snapshots.durableIndex() >= core.applied()
    const to = target()
    if (to <= log.base().index) done(ok)
    else cut(to, (whole) => done(ok && whole))
  }

  /** Those who asked while something was cut, in their order. */
  const goOn = () => {
    while (endCut === null) {
      const next = waiting.shift()
      if (next === undefined) return
      if (parts.running()) cutNow(next)
      else next(false)
    }
  }

  const rest = (nowMs: number) => {
    notBeforeMs = nowMs + options.compactRetryMs
  }

  return {
    consider(nowMs) {
      const isLong = entriesAfterBase() > options.compactEntries || bytes > options.compactBytes
      if (!isLong || endCut !== null || nowMs < notBeforeMs) return
      snapshots.checkpoint()
      const to = target()
      rest(nowMs)
      if (to > log.base().index) cut(to, () => {})
    },
    now(done) {
      if (endCut === null) cutNow(done)
      else if (waiting.length < waitingMax) waiting.push(done)
      else done(false)
    },
    added: (more) => {
      bytes += more
    },
    reset: () => {
      bytes = 0
    },
    stop: () => {
      endCut?.(false)
      goOn()
    },
  }
}
