/**
 * MySQL mode on one node, beside the driver: as leader it runs the sink and tells the others how far the database is; on every node it holds
 * the answers of configuration writes until the database has them, refuses such writes while it is away, and empties the queue of what is
 * stored. It never decides what is committed, and never touches reads, elections or writes that the database does not hold.
 */

import { type LogIndex, logIndex, type Term, term } from '../raft/types.ts'
import type { ConfigChanged, SharedRecord } from '../state-machine/types.ts'
import type { SinkCandidate, SinkDataError, SinkExcess, SinkLimits, SinkRefusals, StoreSink } from '../storage/sink.ts'
import type { SinkQueue } from '../storage/types.ts'
import { createNameTwins, type NameTwinsParts } from './name-twins.ts'
import type { ForgetOthers } from './others-history.ts'
import type { Applier, DriverClock, PeerTransport, RaftDriver, RaftEvent, StoreWatch, WriteOutcome } from './ports.ts'
import { createSinkLoop, type SinkLoopParts, type StoreHealth, type StoreTrouble } from './sink-loop.ts'
import { createEarlyWaiters, createStoreGate } from './store-gate.ts'
import { type StoreLimits, storeLimits } from './store-limits.ts'
import type { StoreSync, SyncHost, SyncReport } from './store-sync.ts'

export interface SharedStoreStatus {
  readonly kind: 'mysql'
  /** Everything up to here that belongs into the database is there, as far as this node knows. */
  readonly storeAppliedIndex: number
  readonly queueLength: number
  readonly health: StoreHealth
  /** Wall time since which it has been so, ms. */
  readonly sinceMs: number
  /** What this node itself met. */
  readonly trouble: StoreTrouble | null
  /** What the database refuses of what was committed; null: the leader knows it. */
  readonly dataErrors: SinkRefusals | null
  /** The last look of this node, as leader, for rows that another program changed. */
  readonly lastSync: SyncReport | null
  /** Of this node: before, it proposes nothing for the database. */
  readonly knowsColumns: boolean
}

/** What happens to a shared database, for whoever shows it. */
export type StoreNote =
  | { readonly kind: 'away'; readonly trouble: StoreTrouble | null }
  | { readonly kind: 'back' }
  | { readonly kind: 'refused'; readonly trouble: StoreTrouble }

export interface SharedStore<R> extends StoreWatch {
  /** In place of the driver's own `write`. */
  write(payload: Uint8Array, done: (outcome: WriteOutcome<R>) => void, patienceMs?: number): void
  onEvent(event: RaftEvent): void
  /** Hears of every run that was applied, after its callers have. */
  applier(inner: Applier<R>): Applier<R>
  status(): SharedStoreStatus
  /** Tells at once, or within `undecidedMs`, whether the columns of the database are known: before, nothing may be proposed for them. */
  columnsKnown(done: (known: boolean) => void): void
  /**
   * What a column of the database cannot hold, or takes for another name; null also while its columns are not known yet. To be asked right before
   * the candidate is proposed.
   */
  tooBigFor(candidate: SinkCandidate): SinkExcess | null
  /** Configurations were published or removed. */
  changed(changes: readonly ConfigChanged[]): void
  /** The same of what stands beside the configurations. */
  tooBigForRecord(record: SharedRecord): SinkExcess | null
  /** History that others wrote before that moment goes, if this node leads and the database takes anything. */
  readonly forgetOthers: ForgetOthers
  start(): void
  stop(): Promise<void>
}

export interface SharedStoreParts<R> {
  readonly sink: StoreSink
  queue(): SinkQueue
  /** Of the same store as the queue. */
  appliedIndex(): number
  readonly adopt: boolean
  readonly clock: DriverClock
  /** They know each other; nothing is asked of it before `start`. */
  driver(): Pick<RaftDriver<R>, 'write' | 'status'>
  send: PeerTransport['send']
  /** Whether what this command does belongs into the database. */
  concerns(payload: Uint8Array): boolean
  readonly attach: SinkLoopParts['attach']
  /** The machine's memory. */
  readonly configs: NameTwinsParts['configs']
  /** Absent: rows that another program changes stay unknown. */
  readonly createSync?: (host: SyncHost) => StoreSync
  /** Absent: history that others wrote stays. */
  readonly createOthersHistory?: (host: Pick<SyncHost, 'stands'>) => ForgetOthers
  /** For the log. */
  tell(level: 'info' | 'warn' | 'error', words: string): void
  /** This database is not ours to write to, and never was since this node runs. */
  refused(trouble: StoreTrouble): void
  /** Beside the log's lines. */
  noted?(note: StoreNote): void
  readonly limits?: Partial<StoreLimits>
}

export const createSharedStore = <R>(parts: SharedStoreParts<R>): SharedStore<R> => {
  const { sink, queue, clock, driver } = parts
  const limits: StoreLimits = { ...storeLimits, ...parts.limits }
  let leads: Term | null = null
  let health: StoreHealth = 'undecided'
  let sinceMs = clock.wallMs()
  let stored: LogIndex = logIndex(0)
  let storedTerm: Term = term(0)
  let columns: SinkLimits | null = null
  const early = createEarlyWaiters(limits)
  const twins = createNameTwins({ configs: parts.configs, clock, holdMs: limits.writeTimeoutMs })
  const knowsColumns = (): boolean => columns !== null && twins.isReady()
  let trimmed = 0
  let lastTrimMs = 0
  let running = false

  const say = (): void => {
    if (leads === null || health === 'undecided') return
    const frame = { type: 'store-applied', term: leads, index: stored, available: health === 'available' } as const
    for (const { id } of driver().status().peers) parts.send(id, [frame])
  }
  const setHealth = (next: StoreHealth): boolean => {
    if (next === health) return false
    const before = health
    health = next
    sinceMs = clock.wallMs()
    if (next === 'away') {
      parts.tell('error', `the shared database is away, configuration writes are refused: ${why()}`)
      note({ kind: 'away', trouble: loop.trouble() })
    } else if (before === 'away') {
      parts.tell('info', 'the shared database is back, configuration writes go on')
      note({ kind: 'back' })
    }
    return true
  }
  const note = (happened: StoreNote): void => parts.noted?.(happened)
  const why = (): string => loop.trouble()?.words ?? 'the leader says so'
  /** Within a term it only rises; the leader of a newer one may have found an older database. */
  const setStored = (index: number, ofTerm: Term): boolean => {
    if (ofTerm === storedTerm && index <= stored) return false
    stored = logIndex(index)
    storedTerm = ofTerm
    return true
  }
  const lookAtSink = (): void => {
    if (leads === null) return
    const index = loop.storedIndex()
    const moved = index !== null && setStored(index, leads)
    if (!setHealth(loop.health()) && !moved) return
    say()
    gate.look()
  }

  const loop = createSinkLoop({
    ...{ sink, queue, clock, limits, adopt: parts.adopt, attach: parts.attach, changed: lookAtSink },
    appliedIndex: parts.appliedIndex,
    lastIndex: () => driver().status().lastIndex,
    opened: (known) => {
      columns = known
      twins.learn(known.names, () => early.settle(true))
    },
    dataErrors: (errors) => {
      for (const error of errors) parts.tell('error', dataErrorWords(error))
    },
    refused: (trouble) => {
      note({ kind: 'refused', trouble })
      parts.refused(trouble)
    },
  })
  const gate = createStoreGate<R>({ health: () => health, storedIndex: () => stored, nowMs: clock.monotonicMs, limits })

  const sync = parts.createSync?.({ stands: loop.stands, moved: loop.claimAnew }) ?? null
  const others = parts.createOthersHistory?.({ stands: loop.stands }) ?? null
  let syncDueMs = 0
  const look = (nowMs: number): void => {
    if (sync === null || limits.syncMs === 0 || nowMs < syncDueMs || sync.running() || loop.stands() === null || health !== 'available') return
    syncDueMs = nowMs + limits.syncMs
    void sync.run()
  }

  /** What may leave the queue: a leader's database may be an older one than it was, and then lacks what was stored once. */
  const surelyStored = (): number => (leads === null ? stored : Math.min(stored, loop.stands()?.index ?? 0))
  /** A full disk only postpones it. */
  const trim = (nowMs: number): void => {
    const upTo = surelyStored()
    if (nowMs - lastTrimMs < limits.trimMs || queue().length() === 0 || upTo <= trimmed || sync?.running() === true) return
    lastTrimMs = nowMs
    const before = queue().length()
    if (queue().trim(upTo, limits.trimRowsMax) === 'ok' && before - queue().length() < limits.trimRowsMax) trimmed = upTo
  }
  const tick = (): void => {
    if (!running) return
    clock.after(limits.repeatMs, tick)
    const nowMs = clock.monotonicMs()
    say()
    gate.expire(nowMs)
    early.expire(nowMs)
    trim(nowMs)
    look(nowMs)
  }

  const applied = (): void => {
    if (leads === null) return
    loop.wake()
    lookAtSink()
  }

  return {
    refuses: (payload) => health === 'away' && parts.concerns(payload),
    told(frame) {
      const moved = setStored(frame.index, frame.term)
      if (setHealth(frame.available ? 'available' : 'away') || moved) gate.look()
    },
    write(payload, done, patienceMs) {
      if (parts.concerns(payload)) gate.write((hear) => driver().write(payload, hear, patienceMs), done)
      else driver().write(payload, done, patienceMs)
    },
    onEvent(event) {
      if (event.type !== 'role') return
      if (event.role === 'leader') {
        leads = event.term
        syncDueMs = clock.monotonicMs() + limits.syncMs
        loop.lead(event.term, health)
      } else if (leads !== null) {
        leads = null
        loop.rest()
      }
    },
    applier: (inner) => ({
      ...inner,
      apply: (run, done) =>
        inner.apply(run, (result) => {
          if (result === 'disk_full') done(result)
          else
            done({
              ...result,
              afterReplies: () => {
                result.afterReplies()
                applied()
              },
            })
        }),
    }),
    status: () => ({
      ...{ kind: 'mysql', storeAppliedIndex: stored, queueLength: queue().length(), health, sinceMs, trouble: loop.trouble() },
      ...{ dataErrors: loop.refusals(), lastSync: sync?.last() ?? null },
      knowsColumns: knowsColumns(),
    }),
    columnsKnown(done) {
      if (knowsColumns() || health === 'away') done(knowsColumns())
      else early.wait(clock.monotonicMs(), done)
    },
    tooBigFor: (candidate) => columns?.tooBigFor(candidate) ?? twins.excessOf(candidate),
    changed: twins.changed,
    tooBigForRecord: (record) => columns?.tooBigForRecord(record) ?? null,
    forgetOthers: async (beforeMs, mayGoOn) => {
      const isGood = (): boolean => health === 'available' && mayGoOn()
      if (isGood()) await others?.(beforeMs, isGood)
    },
    start() {
      running = true
      loop.start()
      tick()
    },
    stop() {
      running = false
      gate.stop()
      early.settle(false)
      return loop.stop()
    },
  }
}

const dataErrorWords = ({ table, id, column, namespace, group, dataId, sqlState, message }: SinkDataError): string => {
  const place = column === null ? table : `${table}.${column}`
  return `the shared database did not take row ${id} of ${place} (${JSON.stringify([namespace, group, dataId])}), SQLSTATE ${sqlState}: ${message}; the nodes have it, and the rest goes on`
}
