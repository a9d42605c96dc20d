/** What a shared database holds beside configurations, and what the cluster makes of it: a real machine behind, the database in the test's hand. */

import { expect, it } from 'vitest'
import { encodeAccountCommand } from '../state-machine/areas/account-codec.ts'
import { encodeGray } from '../state-machine/areas/gray-codec.ts'
import { encodeNamespaceCommand } from '../state-machine/areas/namespace-area.ts'
import { placeOf } from '../state-machine/areas/shared-records.ts'
import type { SharedName, SharedRecord } from '../state-machine/areas/shared-words.ts'
import { createStateMachine, emptyMeta } from '../state-machine/state-machine.ts'
import type { Reply } from '../state-machine/types.ts'
import { createFakeQueue, noRefusedRecords } from './fake-sink.testing.ts'
import { createRecordAdoption } from './record-adoption.ts'
import { createRecordSync, type RecordSyncParts } from './record-sync.ts'

const seeded = '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu'
const namespace = (id: string, showName = id): SharedRecord => ({ kind: 'namespace', id, showName, description: '', createdMs: 1, modifiedMs: 2 })
const user = (name: string, roles: readonly string[] = [], passwordHash = 'hash'): SharedRecord => ({ kind: 'user', name, passwordHash, roles })
const role = (name: string): SharedRecord => ({ kind: 'role', role: name, permissions: [{ role: name, resource: 'x', action: 'r' }] })
const capacity = (name: string): SharedRecord => ({
  ...{ kind: 'capacity', scope: 'group', name, id: 0, createdMs: 1, modifiedMs: 2, quota: 1, maxSize: 0, maxAggrCount: 0, maxAggrSize: 0 },
})
const key = { namespace: '', group: 'g', dataId: 'd' }
const beta = (md5: string): SharedRecord => ({
  ...{ kind: 'gray', ...key, grayName: 'beta', rule: { type: 'beta', expr: '1.2.3.4' }, id: 0, md5, type: 'text', appName: '', encryptedDataKey: '' },
  ...{ sourceIp: '', sourceUser: '', createdMs: 1, modifiedMs: 2, index: 0, contentBytes: 0, content: new Uint8Array(0) },
})

const setUp = (...before: readonly Uint8Array[]) => {
  const machine = createStateMachine([], emptyMeta())
  const stored = new Map<string, Uint8Array>()
  const lines: string[] = []
  const queue = createFakeQueue()
  let index = 0
  const apply = (payload: Uint8Array): Reply => {
    machine.begin()
    const { writes, reply } = machine.apply({ index: ++index, term: 1, stampMs: index, payload })
    machine.publish()
    for (const write of writes) {
      if (write.kind === 'put-record') stored.set(`${write.area} ${write.key}`, write.value)
      if (write.kind === 'drop-record') stored.delete(`${write.area} ${write.key}`)
    }
    return reply
  }
  for (const payload of before) apply(payload)
  const find = () => ({ type: 'yaml' as const })
  const view = { store: { readRecord: (area: number, of: string) => stored.get(`${area} ${of}`) }, areas: machine.areas, find }
  const adoption = createRecordAdoption(view, (payload) => Promise.resolve(apply(payload)))
  /** @param keeps as an attachment does */
  const look = async (
    theirs: readonly SharedRecord[],
    { keeps = 'nothing' as RecordSyncParts['keeps'] & string, since = 10, summary = {}, meanwhile = () => {} } = {},
  ) => {
    const clock = { defer: (task: () => void) => task() }
    const tell = (_level: string, words: string): void => void lines.push(words)
    const sync = createRecordSync({ adoption, queue: () => queue.queue, clock, tell, keeps }, () => since)
    for (const record of theirs) {
      if (sync.reader.wants?.(record) !== true) continue
      meanwhile()
      await sync.reader.page([record])
    }
    await sync.removeGone({ ...noRefusedRecords, ...summary })
    return { ...sync.counts(), reader: sync.reader }
  }
  return { areas: machine.areas, apply, look, lines, queue }
}
const create = (id: string) => encodeNamespaceCommand({ kind: 'create-namespace', id, showName: id, description: '' })
const make = (name: string, passwordHash: string) => encodeAccountCommand({ kind: 'create-user', name, passwordHash })

it('new and changed ones are taken over, equal ones not', async () => {
  const { areas, look } = setUp(create('same'), create('changed'))
  const theirs = [namespace('same'), namespace('changed', 'Other'), namespace('new'), user('ann', ['r']), role('r'), beta('m'), capacity('g')]
  expect(await look(theirs)).toMatchObject({ taken: 6, removed: 0, left: 0 })
  expect(areas().namespaces.find('changed')?.showName).toBe('Other')
  expect(areas().accounts.permissionsOf('r')).toHaveLength(1)
  // As its configuration is, since no table says it.
  expect(areas().gray.of(key)).toMatchObject([{ grayName: 'beta', type: 'yaml' }])
  expect(await look(theirs)).toMatchObject({ taken: 0, removed: 0, left: 0 })
})

it('a gray version that is here keeps what no table says', async () => {
  const texts = { appName: '', encryptedDataKey: '', sourceIp: '', sourceUser: '' }
  const rule = { type: 'beta', expr: '1.2.3.4' } as const
  const content = new Uint8Array(0)
  const { areas, look } = setUp(
    encodeGray({ kind: 'publish-gray', ...key, grayName: 'beta', rule, content, md5: 'm', expectedMd5: null, type: 'json', ...texts }),
  )
  expect(await look([beta('other')])).toMatchObject({ taken: 1 })
  expect(areas().gray.of(key)).toMatchObject([{ md5: 'other', type: 'json' }])
})

it('what is gone there goes here', async () => {
  const { areas, look } = setUp(create('a'), create('b'), make('ann', 'h'))
  expect(await look([namespace('a')])).toMatchObject({ taken: 0, removed: 2 })
  expect([areas().namespaces.size(), [...areas().accounts.users()]]).toEqual([1, []])
})

it.each<readonly [string, object]>([
  ['the database refused', { summary: { refusedRecord: () => true } }],
  ['the database refused, with more than can be named', { summary: { refusedRecord: null } }],
  ['the database has no table for', { summary: { holds: (name: SharedName) => name.kind !== 'namespace' } }],
])('what %s is not gone', async (_what, over) => {
  const { look } = setUp(create('a'))
  expect(await look([], over)).toMatchObject({ removed: 0 })
})

it('what was written here since stands', async () => {
  const { look, queue } = setUp(create('changed'), create('new'))
  for (const id of ['changed', 'new', 'removed']) queue.hold(placeOf({ kind: 'namespace', id }).key, 11)
  expect(await look([namespace('changed', 'Other'), namespace('removed')])).toMatchObject({ taken: 0, removed: 0 })
})

it('what is written between the look and the command stands as well', async () => {
  const { areas, apply, look, queue } = setUp(create('a'))
  const meanwhile = (): void => {
    apply(encodeNamespaceCommand({ kind: 'update-namespace', id: 'a', showName: 'ours', description: '' }))
    queue.hold('a', 11)
  }
  expect(await look([namespace('a', 'theirs')], { meanwhile })).toMatchObject({ taken: 0, left: 0 })
  expect(areas().namespaces.find('a')?.showName).toBe('ours')
})

it('an attachment brings users, and leaves those that are here what they are', async () => {
  const { areas, look, lines } = setUp(make('nacos', 'ours'))
  expect(await look([user('nacos', [], seeded), user('ann')], { keeps: 'accounts' })).toMatchObject({ taken: 1 })
  expect(areas().accounts.user('nacos')?.passwordHash).toBe('ours')
  expect(lines).toEqual([expect.stringContaining('user "nacos": what this cluster has stays')])
})

it('a move that overwrites leaves all that is here, and brings the rest', async () => {
  const { areas, look } = setUp(create('a'))
  expect(await look([namespace('a', 'theirs'), namespace('b')], { keeps: 'everything' })).toMatchObject({ taken: 1 })
  expect([...areas().namespaces.all()].map(({ showName }) => showName)).toEqual(['a', 'b'])
})

it('a password that everybody knows is said to be one', async () => {
  const { look, lines } = setUp()
  await look([user('nacos', [], seeded)])
  expect(lines).toEqual([expect.stringContaining('user "nacos" of the shared database has the password that Nacos came with')])
})

it('permissions of a role that nobody has are left, and so is what is over a limit', async () => {
  const { look, lines, areas } = setUp()
  const many = Array.from({ length: 101 }, (_, at) => `r${at}`)
  expect(await look([role('r'), user('ann', many)])).toMatchObject({ taken: 0, left: 2 })
  expect(areas().accounts.permissionsOf('r')).toEqual([])
  expect(lines).toEqual([
    'permissions of role "r" in the shared database are given to nobody; it stays in the database as it is',
    'user "ann" of the shared database is over a limit of the cluster; it stays in the database as it is',
  ])
})

it('a row that can be no record is named, and what we have under its name is not gone', async () => {
  const { look, lines } = setUp(create('a'))
  const { reader } = await look([namespace('a')])
  reader.remarks?.(Array.from({ length: 30 }, (_, at) => ({ table: 'config_info_gray', reason: 'rule', row: `row ${at}`, name: null })))
  expect(lines).toHaveLength(20)
  expect(lines[0]).toBe('a row of config_info_gray, row 0, has a rule of a kind that is not known here; it stays in the database as it is')
})

it('tables that were emptied take nothing away from the cluster', async () => {
  const { look, lines } = setUp(...Array.from({ length: 30 }, (_, at) => create(`n${at}`)))
  expect(await look([])).toMatchObject({ removed: 0, left: 30 })
  expect(lines).toEqual([expect.stringContaining('30 of 30 namespaces')])
})
