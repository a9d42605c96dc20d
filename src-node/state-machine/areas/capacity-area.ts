/** Capacities in the state machine: area 7, kind 40. All of them are in memory; they are few and small. Owns the format of command and record. */

import type { AreaRecord } from '../types.ts'
import type { Area } from './area.ts'
import type { CapacityLimits, CapacityReply, CapacityRow, CapacityScope, PutCapacity } from './capacity-words.ts'
import { decodeTextCommand, decodeTexts, encodeTextCommand, encodeTexts } from './texts-codec.ts'
import { createUndoMap } from './undo-map.ts'

export const capacityArea = 7
const area = capacityArea
const kindPut = 40
export const capacityKinds = [kindPut, kindPut] as const
/** Far above the groups and namespaces that anybody sets something for. */
export const capacitiesMax = 10_000

export interface CapacityArea extends Area {
  find(scope: CapacityScope, name: string): CapacityRow | undefined
  /** In no order that means anything. */
  all(): IterableIterator<CapacityRow>
}

/** Order is format. */
const limitNames = ['quota', 'maxSize', 'maxAggrCount', 'maxAggrSize'] as const satisfies readonly (keyof CapacityLimits)[]
const limitsOf = (text: (name: keyof CapacityLimits, at: number) => number): CapacityLimits => {
  const [quota = 0, maxSize = 0, maxAggrCount = 0, maxAggrSize = 0] = limitNames.map(text)
  return { quota, maxSize, maxAggrCount, maxAggrSize }
}

const isScope = (text: string): text is CapacityScope => text === 'group' || text === 'tenant'
const isWhole = (text: string): boolean => /^\d{1,10}$/.test(text)

export const encodeCapacity = ({ scope, name, limits }: PutCapacity): Uint8Array =>
  encodeTextCommand(kindPut, [scope, name, ...limitNames.map((limit) => String(limits[limit] ?? ''))])

/** @returns null for what no version of ours wrote */
export const decodeCapacity = (bytes: Uint8Array): PutCapacity | null => {
  const [scope = '', name = '', ...given] = decodeTextCommand(bytes, 2 + limitNames.length) ?? []
  if (!isScope(scope) || given.some((text) => text !== '' && !isWhole(text))) return null
  const limits = limitNames.flatMap((limit, at) => (given[at] === '' ? [] : [[limit, Number(given[at])]]))
  return { kind: 'put-capacity', scope, name, limits: Object.fromEntries(limits) as Partial<CapacityLimits> }
}

export const capacityKey = (scope: CapacityScope, name: string): string => `${scope}:${name}`

export const capacityBytes = (row: CapacityRow): Uint8Array =>
  encodeTexts([row.scope, row.name, ...[row.id, row.createdMs, row.modifiedMs, ...limitNames.map((limit) => row[limit])].map(String)])

export const capacityOf = (bytes: Uint8Array): CapacityRow | null => {
  const [scope = '', name = '', id = '', created = '', modified = '', ...given] = decodeTexts(bytes) ?? []
  if (!isScope(scope) || given.length !== limitNames.length) return null
  const numbers = { id: Number(id), createdMs: Number(created), modifiedMs: Number(modified) }
  return { scope, name, ...numbers, ...limitsOf((_, at) => Number(given[at])) }
}

/** A row of a snapshot, as it comes back in the place of the one of now; the bytes of now if nothing is another. */
export const capacityAgain = (kept: AreaRecord, now: AreaRecord | null, at: { readonly index: number; readonly timeMs: number }): Uint8Array => {
  const row = capacityOf(kept.value)
  // Of another version: as it was.
  if (row === null) return kept.value
  const before = now === null ? null : capacityOf(now.value)
  if (now !== null && limitNames.every((limit) => before?.[limit] === row[limit])) return now.value
  return capacityBytes({ ...row, id: before?.id ?? at.index, createdMs: before?.createdMs ?? at.timeMs, modifiedMs: at.timeMs })
}

/** @param rowsMax another one in tests alone: all nodes must have the same */
export const createCapacityArea = (rowsMax: number = capacitiesMax): CapacityArea => {
  const rows = createUndoMap<string, CapacityRow>()
  return {
    numbers: [area],
    kinds: capacityKinds,
    load: ({ key, value }) => {
      const row = capacityOf(value)
      if (row !== null) rows.set(key, row)
      rows.publish()
    },
    apply: (payload, step): CapacityReply | { readonly kind: 'invalid-command' } => {
      const command = decodeCapacity(payload)
      if (command === null) return { kind: 'invalid-command' }
      const { scope, name, limits } = command
      const key = capacityKey(scope, name)
      const current = rows.get(key)
      if (current === undefined && rows.size() >= rowsMax) return { kind: 'capacity-too-many', rowsMax }
      const row: CapacityRow = {
        ...{ scope, name, id: current?.id ?? step.index, createdMs: current?.createdMs ?? step.timeMs, modifiedMs: step.timeMs },
        ...limitsOf((limit) => limits[limit] ?? current?.[limit] ?? 0),
      }
      rows.set(key, row)
      step.put(area, key, capacityBytes(row))
      return { kind: 'capacity-done', index: step.index }
    },
    adopt: (key, value, step) => {
      const row = value === null ? null : capacityOf(value)
      const current = rows.get(key)
      if (value !== null && (row === null || capacityKey(row.scope, row.name) !== key || (current === undefined && rows.size() >= rowsMax)))
        return false
      if (row === null) {
        rows.delete(key)
        step.drop(area, key)
        return true
      }
      const own = { ...row, id: current?.id ?? step.index }
      rows.set(key, own)
      step.put(area, key, capacityBytes(own))
      return true
    },
    publish: rows.publish,
    discard: rows.discard,
    changeOf: () => null,
    find: (scope, name) => rows.get(capacityKey(scope, name)),
    all: rows.values,
  }
}
