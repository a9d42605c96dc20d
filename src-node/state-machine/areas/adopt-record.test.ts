/** Records of a shared database become the cluster's: in each area that Nacos has tables for, within its limits, and only in place of what was meant. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAttach } from '../attach-codec.ts'
import { changesConfigs } from '../command-codec.ts'
import { isPrune } from '../prune-codec.ts'
import { isSnapshotCommand } from '../snapshot-codec.ts'
import { hashRecord } from '../state-hash.ts'
import { createStateMachine, emptyMeta } from '../state-machine.ts'
import type { AreaRecord, RowWrite } from '../types.ts'
import { decodeAdoptRecord, encodeAdoptRecord, isAdoptRecord } from './adopt-record.ts'
import { createAreaHost } from './area-host.ts'
import { createCapacityArea } from './capacity-area.ts'
import { grayRecordKey } from './gray-codec.ts'
import { placeOf, sharedValueOf } from './shared-records.ts'
import type { AdoptRecord, SharedName, SharedRecord } from './shared-words.ts'

const content = new TextEncoder().encode('x: 1')
const namespace = (id: string): SharedRecord => ({ kind: 'namespace', id, showName: `the ${id}`, description: '', createdMs: 1, modifiedMs: 2 })
const user = (name: string, roles: readonly string[] = []): SharedRecord => ({ kind: 'user', name, passwordHash: `hash of ${name}`, roles })
const role = (name: string, resources: readonly string[]): SharedRecord => ({
  ...{ kind: 'role', role: name },
  permissions: resources.map((resource) => ({ role: name, resource, action: 'r' })),
})
const gray = (tag: string, md5 = 'm'): SharedRecord => ({
  ...{ kind: 'gray', namespace: '', group: 'g', dataId: 'd', grayName: `tag_${tag}`, rule: { type: 'tag', expr: tag }, id: 0, md5, type: 'yaml' },
  ...{ appName: '', encryptedDataKey: '', sourceIp: '', sourceUser: '', createdMs: 1, modifiedMs: 2, index: 0, contentBytes: 4, content },
})
const capacity = (name: string): SharedRecord => ({
  ...{ kind: 'capacity', scope: 'group', name, id: 0, createdMs: 1, modifiedMs: 2, quota: 9, maxSize: 0, maxAggrCount: 0, maxAggrSize: 0 },
})

const start = () => {
  const machine = createStateMachine([], emptyMeta())
  const stored = new Map<string, AreaRecord>()
  const placed = ({ area, key }: Pick<AreaRecord, 'area' | 'key'>): string => `${area} ${key}`
  let index = 0
  let last: readonly RowWrite[] = []
  const run = (command: AdoptRecord) => {
    machine.begin()
    const { reply, writes, effects } = machine.apply({ index: ++index, term: 1, stampMs: index, payload: encodeAdoptRecord(command) })
    machine.publish()
    for (const write of writes) {
      if (write.kind === 'put-record') stored.set(placed(write), { area: write.area, key: write.key, value: write.value })
      if (write.kind === 'drop-record') stored.delete(placed(write))
    }
    last = writes
    return { reply: reply.kind, effects }
  }
  const expectedAt = (name: SharedName): AdoptRecord['expected'] => {
    const ours = stored.get(placed(placeOf(name)))
    return ours === undefined ? null : hashRecord(ours)
  }
  const take = (record: SharedRecord, expected = expectedAt(record)) => run({ ...placeOf(record), expected, value: sharedValueOf(record) })
  const remove = (name: SharedName) => run({ ...placeOf(name), expected: expectedAt(name), value: null })
  return { areas: machine.areas, run, take, remove, writes: () => last.map(({ kind }) => kind), last: () => last }
}

describe('what a database holds', () => {
  it('becomes a namespace, a user, a role, a capacity, and goes again', () => {
    const { areas, take, remove } = start()
    const records = [namespace('dev'), user('ann', ['r']), role('r', ['dev:*:*']), capacity('g')]
    expect(records.map((record) => take(record).reply)).toEqual(Array.from(records, () => 'record-adopted'))
    expect(areas().namespaces.find('dev')).toMatchObject({ showName: 'the dev', createdMs: 1 })
    expect(areas().accounts.user('ann')).toEqual({ name: 'ann', passwordHash: 'hash of ann', roles: ['r'] })
    expect(areas().accounts.permissionsOf('r')).toEqual([{ role: 'r', resource: 'dev:*:*', action: 'r' }])
    expect(areas().accounts.isBound('r')).toBe(true)
    expect([...areas().capacities.all()]).toMatchObject([{ name: 'g', quota: 9, id: 4 }])
    expect(take(capacity('g')).reply).toBe('record-adopted')
    expect(areas().capacities.find('group', 'g')?.id).toBe(4)
    expect(records.map((record) => remove(record).reply)).toEqual(Array.from(records, () => 'record-adopted'))
    expect([areas().namespaces.size(), [...areas().accounts.users()], [...areas().accounts.permissions()], [...areas().capacities.all()]]).toEqual([
      ...[0, [], [], []],
    ])
  })

  it('becomes a gray version, whose clients hear of it; what it replaces stands in history', () => {
    const { areas, take, remove, writes } = start()
    const [key] = [{ namespace: '', group: 'g', dataId: 'd' }]
    expect(take(gray('east'))).toEqual({ reply: 'record-adopted', effects: [{ kind: 'gray-changed', ...key, index: 1 }] })
    expect(writes()).toEqual(['put-record'])
    take(gray('east', 'other'))
    expect(writes()).toEqual(['history-besides', 'put-record'])
    expect(areas().gray.of(key)).toMatchObject([{ md5: 'other', id: 1, index: 2, type: 'yaml' }])
    remove(gray('east'))
    expect(writes()).toEqual(['history-besides', 'drop-record'])
    expect(areas().gray.versions()).toBe(0)
    expect(remove(gray('east')).reply).toBe('record-adopted')
    expect(writes()).toEqual([])
  })

  it('is in the database already', () => {
    const { take, remove, last } = start()
    take(namespace('dev'))
    expect(last()).toMatchObject([{ kind: 'put-record', index: 1, apart: true }])
    remove(namespace('dev'))
    expect(last()).toMatchObject([{ kind: 'drop-record', index: 2, apart: true }])
  })

  it('never takes the place of what was written meanwhile', () => {
    const { areas, take } = start()
    take(user('ann', ['a']))
    expect(take(user('ann', ['b']), null).reply).toBe('record-changed')
    expect(take(user('bob'), { high: 1, low: 2 }).reply).toBe('record-changed')
    expect([...areas().accounts.users()]).toMatchObject([{ name: 'ann', roles: ['a'] }])
  })
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const many = (count: number, of: (at: number) => string): string[] => Array.from({ length: count }, (_, at) => of(at))

it.each<readonly [string, Pick<AdoptRecord, 'area' | 'key' | 'value'>]>([
  ['a namespace that is always there', { area: 4, key: 'public', value: sharedValueOf(namespace('public')) }],
  ['what is no namespace', { area: 4, key: 'dev', value: bytes('x') }],
  ['a user without a name', { area: 5, key: 'u', value: sharedValueOf(user('')) }],
  ['what is no user', { area: 5, key: 'uann', value: bytes('x') }],
  ['a user with too many roles', { area: 5, key: 'uann', value: sharedValueOf(user('ann', many(101, String))) }],
  ['a role without a name', { area: 5, key: 'r', value: sharedValueOf(role('', ['a'])) }],
  ['a role with too many permissions', { area: 5, key: 'rdev', value: sharedValueOf(role('dev', many(1_001, String))) }],
  ['a capacity under the name of another', { area: 7, key: 'group:other', value: sharedValueOf(capacity('g')) }],
  ['what is no gray version', { area: 3, key: grayRecordKey({ namespace: '', group: 'g', dataId: 'd', grayName: 'beta' }), value: bytes('x') }],
  ['a gray version of nothing', { area: 3, key: 'x', value: null }],
  ['a service, which no database holds', { area: 1, key: 'x', value: bytes('x') }],
])('refuses %s', (_what, command) => {
  const { run, writes } = start()
  expect(run({ ...command, expected: null }).reply).toBe('record-refused')
  expect(writes()).toEqual([])
})

it('keeps the limits of a cluster', () => {
  const { take } = start()
  for (let at = 0; at < 10; at++) expect(take(gray(`${at}`)).reply).toBe('record-adopted')
  expect(take(gray('more')).reply).toBe('record-refused')
  for (let at = 0; at < 10_000; at++) take(namespace(`n${at}`))
  expect(take(namespace('more')).reply).toBe('record-refused')
  for (let at = 0; at < 10_000; at++) take(user(`u${at}`))
  expect(take(user('more')).reply).toBe('record-refused')
  const host = createAreaHost([createCapacityArea(1)])
  const adopt = (name: string) =>
    host.apply(encodeAdoptRecord({ ...placeOf(capacity(name)), expected: null, value: sharedValueOf(capacity(name)) }), {
      ...{ index: 1, timeMs: 1, sum: { high: 0, low: 0 } },
    }).reply.kind
  expect(['a', 'b'].map(adopt)).toEqual(['record-adopted', 'record-refused'])
})

describe('as bytes', () => {
  const command: AdoptRecord = { area: 4, key: 'dev ä', expected: { high: -1, low: 7 }, value: content }
  it.each<AdoptRecord>([command, { ...command, expected: null }, { ...command, value: null }, { ...command, value: new Uint8Array(0) }])(
    'comes back: %j',
    (given) => {
      const encoded = encodeAdoptRecord(given)
      expect([isAdoptRecord(encoded), decodeAdoptRecord(encoded)]).toEqual([true, given])
      // Told from every other command by its kind.
      expect([isSnapshotCommand(encoded), isAttach(encoded), isPrune(encoded), changesConfigs(encoded)]).toEqual([false, false, false, false])
    },
  )

  it.each([
    ['another version', [2, 10]],
    ['no area', [1, 10, 0]],
    ['an area above all', [1, 10, 8]],
    ['unknown flags', [1, 10, 4, 4]],
  ])('%s is nothing', (_what, head) => {
    const encoded = encodeAdoptRecord(command)
    encoded.set(head)
    expect(decodeAdoptRecord(encoded)).toBeNull()
  })

  it('a value that is said not to be there is nothing, and so is half a number', () => {
    const encoded = encodeAdoptRecord(command)
    encoded[3] = 1
    expect(decodeAdoptRecord(encoded)).toBeNull()
    const half = encodeAdoptRecord(command)
    new DataView(half.buffer).setFloat64(4, 0.5)
    expect(decodeAdoptRecord(half)).toBeNull()
    new DataView(half.buffer).setFloat64(4, 1)
    new DataView(half.buffer).setFloat64(12, 0.5)
    expect(decodeAdoptRecord(half)).toBeNull()
  })

  it('is read, or is nothing, whatever the bytes, and the machine goes on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (rest) => {
        const payload = new Uint8Array([1, 10, ...rest])
        const decoded = decodeAdoptRecord(payload)
        const machine = createStateMachine([], emptyMeta())
        machine.begin()
        const { reply } = machine.apply({ index: 1, term: 1, stampMs: 1, payload })
        machine.publish()
        expect(decoded === null).toBe(reply.kind === 'invalid-command')
      }),
    )
  })
})
