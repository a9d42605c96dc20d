/** Records in the words of Nacos's tables, and back. */

import { describe, expect, it } from 'vitest'
import { createStateMachine, emptyMeta } from '../state-machine.ts'
import { encodeAccountCommand } from './account-codec.ts'
import { encodeCapacity } from './capacity-area.ts'
import { encodeGray } from './gray-codec.ts'
import { encodeNamespaceCommand } from './namespace-area.ts'
import { changesShared, placeOf, sharedFacts, sharedNameOf, sharedNamesIn, sharedRecordOf, sharedValueOf } from './shared-records.ts'
import type { SharedName, SharedRecord } from './shared-words.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const key = { namespace: 'dev', group: 'g', dataId: 'd' }
const commands = [
  encodeNamespaceCommand({ kind: 'create-namespace', id: 'dev', showName: 'Dev', description: 'ä' }),
  encodeAccountCommand({ kind: 'init-admin', name: 'ann', passwordHash: 'h' }),
  encodeAccountCommand({ kind: 'add-permission', role: 'ROLE_ADMIN', resource: 'dev:*:*', action: 'rw' }),
  encodeGray({
    ...{ kind: 'publish-gray', ...key, grayName: 'tag_east', rule: { type: 'tag', expr: 'east' }, content: bytes('x'), md5: 'm', expectedMd5: null },
    ...{ type: 'json', appName: '', encryptedDataKey: '', sourceIp: '', sourceUser: '' },
  }),
  encodeCapacity({ kind: 'put-capacity', scope: 'tenant', name: 'a:b', limits: { quota: 3 } }),
]
const names: readonly SharedName[] = [
  { kind: 'namespace', id: 'dev' },
  { kind: 'user', name: 'ann' },
  { kind: 'role', role: 'ROLE_ADMIN' },
  { kind: 'gray', ...key, grayName: 'tag_east' },
  { kind: 'capacity', scope: 'tenant', name: 'a:b' },
]

const recordsOf = (): { readonly records: readonly SharedRecord[]; readonly named: readonly SharedName[] } => {
  const machine = createStateMachine([], emptyMeta())
  machine.begin()
  const writes = commands.flatMap((payload, at) => machine.apply({ index: at + 1, term: 1, stampMs: 5, payload }).writes)
  machine.publish()
  const records = writes.flatMap((write) => (write.kind === 'put-record' ? (sharedRecordOf(write) ?? expect.unreachable('not read')) : []))
  return { records, named: [...sharedNamesIn(machine.areas())] }
}

describe('what commands made', () => {
  it('is read, named and written as it was', () => {
    const { records, named } = recordsOf()
    expect(records.map(({ kind }) => kind)).toEqual(['namespace', 'user', 'role', 'gray', 'capacity'])
    expect(named).toEqual(names)
    for (const [at, record] of records.entries()) {
      const place = placeOf(record)
      expect(sharedNameOf(place.area, place.key)).toEqual(names[at])
      expect(sharedRecordOf({ ...place, value: sharedValueOf(record) })).toEqual(record)
    }
  })

  it('is what a shared database holds too; a configuration and a service are not', () => {
    expect(commands.map(changesShared)).toEqual(commands.map(() => true))
    expect([new Uint8Array([1, 1]), new Uint8Array([1, 16]), new Uint8Array()].map(changesShared)).toEqual([false, false, false])
  })

  it('agrees with what says the same, whenever it was written', () => {
    const { records } = recordsOf()
    const [namespace, user, role, gray, capacity] = records
    const later = { createdMs: 7, modifiedMs: 8 }
    const facts = (record: SharedRecord | undefined, over: object): string => sharedFacts({ ...record, ...over } as SharedRecord)
    for (const record of [namespace, gray, capacity]) expect(facts(record, later)).toBe(facts(record, {}))
    expect(facts(user, { roles: ['b', 'a'] })).toBe(facts(user, { roles: ['a', 'b'] }))
    for (const [record, over] of [
      [namespace, { showName: 'other' }],
      [user, { passwordHash: 'other' }],
      [gray, { md5: 'other' }],
      [capacity, { maxSize: 1 }],
    ] as const)
      expect(facts(record, over)).not.toBe(facts(record, {}))
    const [one, two] = ['a', 'b'].map((resource) => ({ role: 'r', resource, action: 'r' }))
    expect(facts(role, { permissions: [one, two] })).toBe(facts(role, { permissions: [two, one] }))
    expect(facts(role, { permissions: [] })).toBe('')
    expect(facts(capacity, { quota: 0 })).toBe('')
  })
})

it('what is none of them has no words', () => {
  expect([1, 3, 4, 5, 7].map((area) => sharedRecordOf({ area: area as 1, key: 'x', value: bytes('x') }))).toEqual([null, null, null, null, null])
  expect([sharedNameOf(1, 'x'), sharedNameOf(3, 'x'), sharedNameOf(7, 'x')]).toEqual([null, null, null])
  expect(sharedNameOf(7, 'group:g')).toEqual({ kind: 'capacity', scope: 'group', name: 'g' })
})
