/**
 * All areas as the machine meets them: gives each its commands, and keeps of every record, whoever owns it, what it adds to the state's hash. So a
 * record is counted, saved, compared and taken over alike, and an area cannot forget it. It must never keep a value.
 */

import { addLanes, type HashLanes, hashRecord, takeLanes } from '../state-hash.ts'
import type { AreaNumber, AreaRecord, Effect, Reply, RowWrite } from '../types.ts'
import { decodeAdoptRecord, isAdoptRecord } from './adopt-record.ts'
import type { Area, AreaStep } from './area.ts'
import { createUndoMap, type UndoMap } from './undo-map.ts'

/** Kinds of commands that belong to areas, both included: those below are the machine's own. */
export const areaKinds: readonly [from: number, to: number] = [16, 255]

type Hashes = UndoMap<string, HashLanes>

export interface AreaHost {
  load(record: AreaRecord, sum: HashLanes): void
  /**
   * @param payload of one of `areaKinds`
   * @param nextHistoryId takes the next number of history, for areas that write some
   */
  apply(payload: Uint8Array, at: AreaMoment, nextHistoryId?: () => number): AreaResult
  publish(): void
  discard(): void
  /** A record that belongs to no command of its area: what a named snapshot keeps. */
  put(record: AreaRecord, sum: HashLanes): void
  /** False: it was not there. */
  drop(area: AreaNumber, key: string, sum: HashLanes): boolean
  /** What this record adds to the hash. */
  hashOf(area: AreaNumber, key: string): HashLanes | undefined
  /** By area and key, what each record adds to the hash. */
  hashes(): Iterable<readonly [AreaNumber, Hashes]>
  /** See Area. */
  changeOf(area: AreaNumber, key: string, index: number): Effect | null
}

export interface AreaMoment {
  readonly index: number
  readonly timeMs: number
  /** The batch's sum of row hashes. */
  readonly sum: HashLanes
}

export interface AreaResult {
  readonly writes: readonly RowWrite[]
  readonly reply: Reply
  readonly effects: readonly Effect[]
}

const invalid: AreaResult = { writes: [], reply: { kind: 'invalid-command' }, effects: [] }

/** What a shared database has brought it has already. */
const apart = { apart: true } as const

const noHistory = (): never => {
  throw new Error('area host: an area writes history where there is none')
}

/** A command of an area, in any envelope of the machine: its kind stands in the second byte. Or one that brings an area's record. */
export const isAreaCommand = (payload: Uint8Array): boolean => (payload[1] ?? 0) >= areaKinds[0] || isAdoptRecord(payload)

/** Records of an area that this version does not know are kept as they are. */
export const createAreaHost = (areas: readonly Area[]): AreaHost => {
  const byNumber = new Map<AreaNumber, Area>(areas.flatMap((area) => area.numbers.map((number) => [number, area] as const)))
  const byKind: (Area | undefined)[] = Array.from({ length: areaKinds[1] + 1 }, (_, kind) =>
    areas.find(({ kinds: [from, to] }) => from <= kind && kind <= to),
  )
  const hashes = new Map<AreaNumber, Hashes>()
  const hashesOf = (area: AreaNumber): Hashes => {
    const known = hashes.get(area)
    if (known !== undefined) return known
    const made: Hashes = createUndoMap()
    hashes.set(area, made)
    return made
  }
  const put = (record: AreaRecord, sum: HashLanes): void => {
    const of = hashesOf(record.area)
    const before = of.get(record.key)
    const now = hashRecord(record)
    if (before !== undefined) takeLanes(sum, before)
    addLanes(sum, now)
    of.set(record.key, now)
  }
  /** False: it was not there. */
  const drop = (area: AreaNumber, key: string, sum: HashLanes): boolean => {
    const of = hashesOf(area)
    const before = of.get(key)
    if (before === undefined) return false
    takeLanes(sum, before)
    return of.delete(key)
  }

  const adopt = (payload: Uint8Array, step: AreaStep): Reply => {
    const command = decodeAdoptRecord(payload)
    if (command === null) return { kind: 'invalid-command' }
    const { area, key, expected, value } = command
    if (!isSame(hashesOf(area).get(key), expected ?? undefined)) return { kind: 'record-changed' }
    const isTaken = byNumber.get(area)?.adopt?.(key, value, step) === true
    return isTaken ? { kind: 'record-adopted', index: step.index } : { kind: 'record-refused' }
  }

  return {
    load: (record, sum) => {
      put(record, sum)
      hashesOf(record.area).publish()
      byNumber.get(record.area)?.load(record)
    },
    apply: (payload, { index, timeMs, sum }, nextHistoryId = noHistory) => {
      const area = byKind[payload[1] ?? 0]
      if (area === undefined && !isAdoptRecord(payload)) return invalid
      const known = area === undefined ? apart : {}
      const writes: RowWrite[] = []
      const effects: Effect[] = []
      const step: AreaStep = {
        index,
        timeMs,
        put: (number, key, value) => {
          put({ area: number, key, value }, sum)
          writes.push({ kind: 'put-record', index, area: number, key, value, ...known })
        },
        drop: (number, key) => {
          if (drop(number, key, sum)) writes.push({ kind: 'drop-record', index, area: number, key, ...known })
        },
        history: (row) => void writes.push({ kind: 'history-besides', nid: nextHistoryId(), atMs: timeMs, index, ...row }),
        tell: (effect) => void effects.push(effect),
      }
      const reply = area === undefined ? adopt(payload, step) : area.apply(payload, step)
      return { writes, reply, effects }
    },
    publish: () => {
      for (const of of hashes.values()) of.publish()
      for (const area of areas) area.publish()
    },
    discard: () => {
      for (const of of hashes.values()) of.discard()
      for (const area of areas) area.discard()
    },
    put,
    drop,
    hashOf: (area, key) => hashes.get(area)?.get(key),
    hashes: () => hashes,
    changeOf: (number, key, index) => byNumber.get(number)?.changeOf(number, key, index) ?? null,
  }
}

const isSame = (a: HashLanes | undefined, b: HashLanes | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.high === b.high && a.low === b.low

/**
 * One host takes the place of another: every record that is another, gone or new, a record a step, always by what it is by then.
 * @param now the host of that moment, and the index to tell of what is gone
 */
export function* areaChanges(before: AreaHost, after: AreaHost, now: () => readonly [AreaHost, number]): Generator<Effect | null> {
  for (const [area, of] of before.hashes())
    for (const [key, hash] of of.entries()) {
      const [host, index] = now()
      yield isSame(hash, host.hashOf(area, key)) ? null : host.changeOf(area, key, index)
    }
  for (const [area, of] of after.hashes())
    for (const key of of.keys()) {
      const [host, index] = now()
      yield before.hashOf(area, key) === undefined ? host.changeOf(area, key, index) : null
    }
}
