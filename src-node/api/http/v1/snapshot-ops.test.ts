/** Named snapshots over HTTP: what is listed, what is proposed, and what is said when it cannot be. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { logIndex } from '../../../raft/types.ts'
import type { NamedSnapshot, SnapshotRefusal } from '../../../state-machine/types.ts'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const path = '/nacos/v1/core/ops/snapshots'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
const order = async (command: string, value = '') => {
  const answer = await call('POST', path, JSON.stringify({ command, value }), { 'content-type': 'application/json' })
  return { ...answer, json: answer.status === 200 ? JSON.parse(answer.text) : null }
}

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  Object.assign(node.parts, { meta: () => ({ ...meta, nextHistoryId: 30 }) })
})
afterEach(() => server.close(0))
const meta = { appliedIndex: 12, appliedTerm: 7, nextConfigId: 1, lastTimeMs: 0, stateHash: '00000000deadbeef' }

const snapshot = (over: Partial<NamedSnapshot> = {}): NamedSnapshot => ({
  ...{ index: 5, kind: 'named', name: 'monday', takenMs: 1_000, historyFrom: 20, configs: 3, contentBytes: 9 },
  ...{ contentHash: '0123456789abcdef', usable: true, ...over },
})
const before = snapshot({ index: 9, kind: 'before-restore', historyFrom: 28, contentHash: 'fedcba9876543210' })

it('lists what there is, and how much was changed since', async () => {
  node.setSnapshots([snapshot(), before])
  const { historyFrom: _, ...shown } = snapshot()
  const besides = { services: 2, instances: 3, grays: 1, namespaces: 4, accounts: 6, capacities: 0 }
  const list = JSON.parse((await call('GET', path)).text)
  expect(list).toMatchObject({
    snapshots: [{ ...shown, changesSince: 10, besides }],
    undo: { name: 'monday', changesSince: 2, besides: null },
    limit: 32,
    appliedIndex: 12,
  })
  node.setSnapshots([])
  expect(JSON.parse((await call('GET', path)).text)).toMatchObject({ snapshots: [], undo: null })
})

it('takes, restores, undoes and deletes, by what this node knows under a name', async () => {
  node.setSnapshots([snapshot(), before])
  for (const [command, value] of [
    ['takeSnapshot', '周一-1.0'],
    ['restoreSnapshot', 'monday'],
    ['restoreSnapshotAndAccounts', 'monday'],
    ['undoRestore', ''],
    ['deleteSnapshot', 'monday'],
  ] as const)
    expect((await order(command, value)).json).toMatchObject({ code: 200 })
  expect(node.kept).toEqual([
    { kind: 'take-snapshot', name: '周一-1.0' },
    { kind: 'restore-snapshot', index: 5, contentHash: '0123456789abcdef', accounts: false, sourceIp: '127.0.0.1', sourceUser: '' },
    { kind: 'restore-snapshot', index: 5, contentHash: '0123456789abcdef', accounts: true, sourceIp: '127.0.0.1', sourceUser: '' },
    { kind: 'restore-snapshot', index: 9, contentHash: 'fedcba9876543210', accounts: true, sourceIp: '127.0.0.1', sourceUser: '' },
    { kind: 'drop-snapshot', index: 5 },
  ])
})

it('says what came of it', async () => {
  const besides = { brought: 4, removed: 5, left: 6 }
  node.setSnapshots([snapshot()], {
    kind: 'applied',
    index: logIndex(12),
    reply: { kind: 'snapshot-restored', index: 12, updated: 1, created: 2, removed: 3, besides },
  })
  expect((await order('restoreSnapshot', 'monday')).json).toEqual({
    code: 200,
    message: null,
    data: { index: 12, updated: 1, created: 2, removed: 3, besides },
  })
  node.setSnapshots([], { kind: 'applied', index: logIndex(12), reply: { kind: 'snapshot-taken', snapshot: snapshot() } })
  expect((await order('takeSnapshot', 'monday')).json.data).toMatchObject({ name: 'monday', contentHash: '0123456789abcdef', changesSince: 10 })
  expect(node.notes.at(-1)).toMatch(/^takeSnapshot monday, asked from 127\.0\.0\.1: \{/)
})

it.each([
  ['takeSnapshot', '../x', 'a name is 1 to 64 letters'],
  ['takeSnapshot', '', 'a name is 1 to 64 letters'],
  ['restoreSnapshot', 'nobody', 'this node knows no snapshot nobody; GET at the same place lists what there is'],
  ['deleteSnapshot', '', 'this node knows no snapshot ""'],
  ['undoRestore', '', 'no restore is there to be undone'],
  ['dropEverything', '', 'Not support command : dropEverything'],
])('%s %j is answered with a sentence and proposes nothing', async (command, value, words) => {
  expect((await order(command, value)).json).toEqual({ code: 500, message: expect.stringContaining(words), data: null })
  expect(node.kept).toEqual([])
})

it.each<[SnapshotRefusal, string]>([
  ['name-taken', 'a snapshot of this name is there already'],
  ['too-many', 'there are 32 snapshots, which is the limit'],
  ['unknown', 'this snapshot is gone by now; nothing was changed'],
  ['not-usable', 'configurations were taken over from a database since this snapshot'],
])('tells a refusal of the nodes in words: %s', async (why, words) => {
  node.setSnapshots([], { kind: 'applied', index: logIndex(12), reply: { kind: 'snapshot-refused', why } })
  expect((await order('takeSnapshot', 's')).json).toEqual({ code: 500, message: expect.stringContaining(words), data: null })
})

it('is refused as any write is, with its code', async () => {
  node.setSnapshots([], { kind: 'unknown' })
  const unknown = await order('takeSnapshot', 's')
  expect([unknown.status, unknown.headers['nacos-trio-error']]).toEqual([504, 'outcome_unknown'])
  node.setSnapshots([], { kind: 'refused', code: 'no_quorum' })
  const refused = await order('takeSnapshot', 's')
  expect([refused.status, refused.headers['nacos-trio-error']]).toEqual([503, 'no_quorum'])
})

it('takes back only so much at once where a shared database has to hold it too', async () => {
  Object.assign(node.parts, { sharedStore: {} })
  node.setSnapshots([snapshot({ historyFrom: 1 })])
  expect((await order('restoreSnapshot', 'monday')).json).toMatchObject({ code: 200 })
  Object.assign(node.parts, { meta: () => ({ ...meta, nextHistoryId: 2_002 }) })
  expect((await order('restoreSnapshot', 'monday')).json.message).toBe(
    'there were 2001 changes since this snapshot; with a shared database at most 2000 can be taken back at once; nothing was changed',
  )
})
