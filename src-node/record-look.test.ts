/** Both sides of what stands beside configurations, counted and summed. */

import { expect, it } from 'vitest'
import { createOwnRecords } from './raft-driver/record-adoption.ts'
import { createRecordComparison } from './record-look.ts'
import { encodeNamespaceCommand } from './state-machine/areas/namespace-area.ts'
import { createStateMachine, emptyMeta } from './state-machine/state-machine.ts'
import type { SharedName, SharedRecord } from './state-machine/types.ts'
import type { SinkLimits } from './storage/sink.ts'

const namespace = (id: string, showName = id): SharedRecord => ({ kind: 'namespace', id, showName, description: '', createdMs: 7, modifiedMs: 8 })
const role: SharedRecord = { kind: 'role', role: 'r', permissions: [{ role: 'r', resource: 'x', action: 'r' }] }
const roomy: SinkLimits = { tooBigFor: () => null, tooBigForRecord: () => null }

/** @param ours ids of namespaces */
const look = (ours: readonly string[], theirs: readonly SharedRecord[], { limits = roomy, holds = (_name: SharedName): boolean => true } = {}) => {
  const machine = createStateMachine([], emptyMeta())
  const stored = new Map<string, Uint8Array>()
  machine.begin()
  for (const [at, id] of ours.entries()) {
    const payload = encodeNamespaceCommand({ kind: 'create-namespace', id, showName: id, description: '' })
    for (const write of machine.apply({ index: at + 1, term: 1, stampMs: 1, payload }).writes)
      if (write.kind === 'put-record') stored.set(`${write.area} ${write.key}`, write.value)
  }
  machine.publish()
  const readRecord = (area: number, key: string) => stored.get(`${area} ${key}`)
  const comparison = createRecordComparison(createOwnRecords({ store: { readRecord }, areas: machine.areas, find: () => undefined }))
  for (const record of theirs) expect(comparison.reader.wants?.(record)).toBe(false)
  while (!comparison.rest(holds, limits));
  return { ...comparison.result(), differs: comparison.differs() }
}

it('equal ones are alike, whenever they were written, and have one sum', () => {
  const ids = Array.from({ length: 120 }, (_, at) => `n${at}`)
  const found = look(
    ids,
    ids.toReversed().map((id) => namespace(id)),
  )
  expect(found).toMatchObject({ ours: 120, theirs: 120, alike: 120, unlike: 0, oursAlone: 0, theirsAlone: 0, named: [], differs: false })
  expect(found.oursHash).toBe(found.theirsHash)
})

it('what differs, and what only one side has, is named', () => {
  const found = look(['a', 'b'], [namespace('a', 'Other'), namespace('c')])
  expect(found).toMatchObject({ ours: 2, theirs: 2, alike: 0, unlike: 1, oursAlone: 1, theirsAlone: 1, differs: true })
  expect(found.named).toEqual(['namespace "a": not alike', 'namespace "c": in the database alone', 'namespace "b": in the nodes alone'])
  expect(found.areas.filter(({ unlike, oursAlone, theirsAlone }) => unlike + oursAlone + theirsAlone > 0)).toEqual([
    { area: 'namespaces', alike: 0, unlike: 1, oursAlone: 1, theirsAlone: 1, unfit: 0 },
  ])
  expect(found.areas.map(({ area }) => area)).toEqual(['namespaces', 'users', 'roles', 'gray', 'capacities'])
  expect(found.oursHash).not.toBe(found.theirsHash)
})

it('what has no table, does not fit, or is none of ours is told apart', () => {
  expect(look(['a'], [], { holds: () => false })).toMatchObject({ ours: 0, placeless: 1, oursAlone: 0, differs: false })
  const excess = { column: 'tenant_name', limit: 1, unit: 'characters', charset: 'utf8mb4' } as const
  const small = { tooBigFor: () => null, tooBigForRecord: () => excess }
  expect(look(['a'], [], { limits: small })).toMatchObject({
    tooBig: 1,
    oursAlone: 1,
    areas: expect.arrayContaining([expect.objectContaining({ area: 'namespaces', oursAlone: 1, unfit: 1 })]),
    named: [expect.stringContaining('tenant_name'), expect.any(String)],
  })
  expect(look([], [role])).toMatchObject({ theirs: 0, left: 1, differs: false })
})
