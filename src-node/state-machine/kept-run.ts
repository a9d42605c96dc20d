/**
 * What a named snapshot holds besides configurations, a step at a time: copies of the areas' records are put beside them, or the records become those of
 * a snapshot's copies. Both are read from the store in one order, so that no more than a part of either is in memory; what is read must be what the
 * state's hash says, or the node is not what it was.
 */

import { type AreaHost, createAreaHost } from './areas/area-host.ts'
import { type Areas, type AreaWorld, areaList, createAreas } from './areas/areas.ts'
import { accountsArea, type Bringing, keepingOf, type Pair } from './areas/keeping.ts'
import { compareRecords, copiesIn, createPartWriter, headKey, headValue, type KeptHead, keptArea, partKey, partsPrefix } from './areas/kept-codec.ts'
import type { Batch } from './batch.ts'
import { addLanes, type HashLanes, hashRecord, takeLanes } from './state-hash.ts'
import type { AreaRecord, BesidesRestored, RowWrite, StepLimits, StoredRecords } from './types.ts'

/** What a command has at hand besides configurations. */
export interface KeptParts {
  readonly batch: Batch
  readonly areas: Areas
  readonly host: AreaHost
  readonly world: AreaWorld
  readonly records: StoredRecords
}

/** A part is put as soon as it is so large. */
const partBytes = 256 * 1024

const noWrites: readonly RowWrite[] = []

const putKept = ({ host, batch }: KeptParts, key: string, value: Uint8Array): RowWrite => {
  const record: AreaRecord = { area: keptArea, key, value }
  host.put(record, batch.sum)
  return { kind: 'put-record', index: batch.counters.appliedIndex, ...record }
}

/** What snapshots keep that are none any more. */
export const dropKept = (parts: Omit<KeptParts, 'world' | 'records'>): RowWrite[] => {
  const { areas, batch, host } = parts
  const at = batch.counters.appliedIndex
  const gone = [...areas.kept.heads()].filter(({ index }) => !batch.snapshots.some((snapshot) => snapshot.index === index))
  return gone.flatMap(({ index, parts: count }) => {
    areas.kept.drop(index)
    const keys = [headKey(index), ...Array.from({ length: count }, (_, part) => partKey(index, part))]
    return keys.map((key): RowWrite => {
      host.drop(keptArea, key, batch.sum)
      return { kind: 'drop-record', index: at, area: keptArea, key }
    })
  })
}

/** Something that is done in steps. */
export interface Stepper {
  /** Null: that was all. */
  step(limits: StepLimits): readonly RowWrite[] | null
}

/** One record after the other, each what the state's hash says of it. */
interface Checked {
  /** Null: there is no other. Stays until `next` is called. */
  head(): AreaRecord | null
  next(): void
  /** Something was read that was never written. */
  isBad(): boolean
}

const isSameHash = (a: HashLanes, b: HashLanes | undefined): boolean => a.high === b?.high && a.low === b.low

/** Of the areas before that of the copies. */
const currentRecords = ({ records, host }: Pick<KeptParts, 'records' | 'host'>): Checked => {
  const rows = records(0, '')
  let head: AreaRecord | null = null
  let bad = false
  const next = (): void => {
    const each = rows.next()
    head = each.done === true || each.value.area >= keptArea ? null : each.value
    if (head !== null && !isSameHash(hashRecord(head), host.hashOf(head.area, head.key))) bad = true
  }
  next()
  return { head: () => head, next, isBad: () => bad }
}

/** The copies that a snapshot keeps. */
const keptRecords = ({ records, host }: Pick<KeptParts, 'records' | 'host'>, { index, parts }: KeptHead): Checked => {
  const rows = records(keptArea, partsPrefix(index))
  let copies: readonly AreaRecord[] = []
  let at = 0
  let seen = 0
  let bad = false
  const nextPart = (): void => {
    const each = rows.next()
    seen++
    const isPart = each.done !== true && each.value.key === partKey(index, seen - 1)
    const known = isPart && isSameHash(hashRecord(each.value), host.hashOf(keptArea, each.value.key)) ? copiesIn(each.value.value) : null
    if (known === null) bad = true
    copies = known ?? []
    at = 0
  }
  const settle = (): void => {
    while (at >= copies.length && seen < parts) nextPart()
  }
  settle()
  return {
    head: () => copies[at] ?? null,
    next: () => {
      at++
      settle()
    },
    isBad: () => bad,
  }
}

/** Copies of all that a snapshot holds are put beside it. */
export const createKeeping = (parts: KeptParts, accounts: boolean): Stepper & { isBad(): boolean } => {
  const { appliedIndex: index } = parts.batch.counters
  const rows = currentRecords(parts)
  const part = createPartWriter()
  const counts: Record<number, number> = {}
  let count = 0
  let isOver = false

  const flush = (): RowWrite => putKept(parts, partKey(index, count++), part.take())
  const add = (record: AreaRecord): void => {
    if (keepingOf(record.area)?.keeps(record) !== true || (record.area === accountsArea && !accounts)) return
    part.add(record)
    counts[record.area] = (counts[record.area] ?? 0) + 1
  }
  const end = (): readonly RowWrite[] => {
    isOver = true
    const last = part.bytes() > 0 ? [flush()] : []
    const head: KeptHead = { index, accounts, parts: count, counts }
    parts.areas.kept.put(head)
    return [...last, putKept(parts, headKey(index), headValue(head))]
  }
  return {
    isBad: rows.isBad,
    step: ({ walked, bytes: bytesMax }) => {
      if (isOver) return null
      let bytes = 0
      for (let seen = 0; seen < walked && bytes < bytesMax; seen++) {
        const record = rows.head()
        if (record === null) return end()
        bytes += record.value.length
        add(record)
        rows.next()
        if (part.bytes() >= partBytes) return [flush()]
      }
      return noWrites
    },
  }
}

/** The areas as a restore makes them. */
export interface BroughtMemory extends Pick<KeptParts, 'areas' | 'host'> {
  /** What is another than before, or gone. */
  readonly changed: readonly Pick<AreaRecord, 'area' | 'key'>[]
}

/** After its last step nothing is kept any more of snapshots that are none. */
export interface Bringer extends Stepper {
  /** Null: nothing changed. */
  memory(): BroughtMemory | null
  isBad(): boolean
}

/** A snapshot of a version that kept configurations alone. */
export const bringsNothing = (parts: KeptParts): Bringer => {
  let isOver = false
  return {
    memory: () => null,
    isBad: () => false,
    step: () => {
      if (isOver) return null
      isOver = true
      return dropKept(parts)
    },
  }
}

const pairOf = (kept: AreaRecord | null, now: AreaRecord | null): Pair => {
  if (kept === null || now === null) return { kept, now }
  const order = compareRecords(kept, now)
  return { kept: order <= 0 ? kept : null, now: order >= 0 ? now : null }
}

/** Of a restore. */
export interface BringingOrigin extends Pick<Bringing, 'sourceIp' | 'sourceUser'> {
  readonly accounts: boolean
  /** Counted up. */
  readonly counts: { -readonly [K in keyof BesidesRestored]: BesidesRestored[K] }
}

export const createBringer = (parts: KeptParts, head: KeptHead, origin: BringingOrigin): Bringer => {
  const { batch, areas } = parts
  const { counters } = batch
  const { sourceIp, sourceUser, accounts, counts } = origin
  const at: Bringing = { index: counters.appliedIndex, timeMs: counters.lastTimeMs, sourceIp, sourceUser, areas }
  const kept = keptRecords(parts, head)
  const now = currentRecords(parts)
  const touched: Pick<AreaRecord, 'area' | 'key'>[] = []
  /** Filled beside the one that all read, once it is known what changes. */
  let loading: { readonly areas: Areas; readonly host: AreaHost; readonly rows: Iterator<AreaRecord>; readonly sum: HashLanes } | null = null
  let phase: 'records' | 'memory' | 'over' = 'records'

  const write = (pair: Pair, value: Uint8Array | null): RowWrite[] => {
    const { area, key } = (pair.now ?? pair.kept) as AreaRecord
    const history = keepingOf(area)?.history?.(pair, value, at)
    const row: RowWrite[] =
      history === undefined
        ? []
        : [{ kind: 'history-besides', nid: counters.nextHistoryId++, atMs: counters.lastTimeMs, index: counters.appliedIndex, ...history }]
    touched.push({ area, key })
    if (pair.now !== null) takeLanes(batch.sum, hashRecord(pair.now))
    if (value === null) {
      counts.removed++
      return [...row, { kind: 'drop-record', index: at.index, area, key }]
    }
    counts.brought++
    addLanes(batch.sum, hashRecord({ area, key, value }))
    return [...row, { kind: 'put-record', index: at.index, area, key, value }]
  }
  const bring = (pair: Pair): RowWrite[] => {
    const { area } = (pair.now ?? pair.kept) as AreaRecord
    const rule = keepingOf(area)
    if (rule === undefined || (area === accountsArea && !accounts)) return []
    if (pair.kept === null && pair.now !== null && !rule.keeps(pair.now)) return []
    const value = rule.again(pair, at)
    if (value === 'left') counts.left++
    return value === 'left' || value === (pair.now?.value ?? null) ? [] : write(pair, value)
  }
  const bringSome = ({ walked, changed, bytes: bytesMax }: StepLimits): readonly RowWrite[] => {
    const writes: RowWrite[] = []
    let bytes = 0
    for (let seen = 0; seen < walked && writes.length < changed && bytes < bytesMax; seen++) {
      const pair = pairOf(kept.head(), now.head())
      if (pair.kept === null && pair.now === null) {
        phase = touched.length > 0 ? 'memory' : 'over'
        return [...writes, ...dropKept(parts)]
      }
      writes.push(...bring(pair))
      bytes += (pair.kept?.value.length ?? 0) + (pair.now?.value.length ?? 0)
      if (pair.kept !== null) kept.next()
      if (pair.now !== null) now.next()
    }
    return writes
  }
  const loadSome = ({ walked, bytes: bytesMax }: StepLimits): readonly RowWrite[] => {
    const fresh = loading?.areas ?? createAreas(parts.world)
    loading ??= { areas: fresh, host: createAreaHost(areaList(fresh)), rows: parts.records(0, ''), sum: { high: 0, low: 0 } }
    let bytes = 0
    for (let seen = 0; seen < walked && bytes < bytesMax; seen++) {
      const each = loading.rows.next()
      if (each.done === true) {
        phase = 'over'
        break
      }
      loading.host.load(each.value, loading.sum)
      bytes += each.value.value.length
    }
    return noWrites
  }
  return {
    memory: () => loading && { areas: loading.areas, host: loading.host, changed: touched },
    isBad: () => kept.isBad() || now.isBad(),
    step: (limits) => {
      if (phase === 'over') return null
      return phase === 'records' ? bringSome(limits) : loadSome(limits)
    },
  }
}
