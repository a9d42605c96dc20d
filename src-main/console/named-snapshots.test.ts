/** Orders and lists of named snapshots over a node's HTTP API: which node is asked, and what becomes of refusals. */

import { expect, it } from 'vitest'
import type { Cluster } from '../cluster/types.ts'
import { snapshotLines } from '../headless/snapshot-commands.ts'
import { createNamedSnapshots } from './named-snapshots.ts'
import type { NodeAnswer, NodeRequest } from './node-http.ts'

const monday = {
  ...{ name: 'monday', kind: 'named', index: 5, takenMs: 1_714_532_645_000, configs: 3, contentBytes: 9, contentHash: '0123456789abcdef' },
  ...{ changesSince: 7, usable: true, besides: { services: 2, instances: 3, grays: 1, namespaces: 4, accounts: 5, capacities: 0 } },
}
const restored = { index: 9, updated: 1, created: 2, removed: 3, besides: { brought: 4, removed: 5, left: 6 } }
const answer = (status: number, body: unknown, headers = {}): NodeAnswer => ({
  ...{ kind: 'answer', status, headers },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})
const done = (data: unknown): NodeAnswer => answer(200, { code: 200, message: null, data })

/** Node 2 leads, node 1 serves; each request gets the next answer. */
const setUp = (...answers: NodeAnswer[]) => {
  const asked: NodeRequest[] = []
  const places = [1, 2].map((id) => ({ id, host: '127.0.0.1', httpPort: 8847 + id }))
  const nodes = [1, 2].map((id) => ({ id, process: 'running', report: { serving: true } }))
  const cluster = { places, view: () => ({ leaderId: 2, nodes }) } as unknown as Cluster
  const send = async (request: NodeRequest): Promise<NodeAnswer> => {
    asked.push(request)
    return answers.shift() ?? answer(500, 'nothing more')
  }
  const http = { send }
  return { snapshots: createNamedSnapshots({ cluster, http }), asked, ports: () => asked.map(({ port }) => port) }
}

it('asks the leader, with the order as JSON', async () => {
  const { snapshots, asked } = setUp(done(restored))
  expect(await snapshots.restore('monday', false)).toEqual({ ok: true, value: restored })
  expect(asked[0]).toMatchObject({
    port: 8849,
    method: 'POST',
    path: '/nacos/v1/core/ops/snapshots',
    headers: { 'content-type': 'application/json' },
  })
  expect(JSON.parse(`${asked[0]?.body}`)).toEqual({ command: 'restoreSnapshot', value: 'monday' })
  const withAccounts = setUp(done(restored))
  await withAccounts.snapshots.restore('monday', true)
  expect(JSON.parse(`${withAccounts.asked[0]?.body}`)).toEqual({ command: 'restoreSnapshotAndAccounts', value: 'monday' })
})

it('goes to the next node with an order that surely never arrived, and with no other', async () => {
  const refusedPort: NodeAnswer = { kind: 'failed', sent: false, detail: 'ECONNREFUSED' }
  const first = setUp(refusedPort, done(monday))
  expect(await first.snapshots.take('monday')).toMatchObject({ ok: true, value: { name: 'monday' } })
  expect(first.ports()).toEqual([8849, 8848])
  const second = setUp({ kind: 'failed', sent: true, detail: 'reset' })
  expect(await second.snapshots.take('monday')).toMatchObject({ ok: false, refusal: { code: 'outcome_unknown', nodeId: 2 } })
  expect(second.ports()).toEqual([8849])
  expect(await setUp(refusedPort, refusedPort).snapshots.undo()).toMatchObject({ ok: false, refusal: { code: 'unreachable' } })
})

it('lists from any node that answers', async () => {
  const { snapshots } = setUp(
    { kind: 'failed', sent: true, detail: 'reset' },
    answer(200, { snapshots: [monday], undo: null, limit: 32, appliedIndex: 12 }),
  )
  expect(await snapshots.list()).toMatchObject({
    ok: true,
    value: { nodeId: 1, limit: 32, undo: null, snapshots: [{ name: 'monday', changesSince: 7 }] },
  })
})

it.each([
  ['this node knows no snapshot x; GET at the same place lists what there is', 'not_found'],
  ['no restore is there to be undone', 'not_found'],
  ['a name is 1 to 64 letters', 'invalid'],
  ['a snapshot of this name is there already', 'wrong_state'],
])('has a code for the sentence "%s"', async (message, code) => {
  expect(await setUp(answer(200, { code: 500, message, data: null })).snapshots.take('x')).toMatchObject({
    ok: false,
    refusal: { code, detail: message },
  })
})

it('keeps the code of a refusal, and calls an answer of another shape what it is', async () => {
  const refused = answer(503, 'caused: no majority of the nodes can be reached, nothing was written;', { 'nacos-trio-error': 'no_quorum' })
  expect(await setUp(refused).snapshots.remove('x')).toMatchObject({
    ...{ ok: false, refusal: { code: 'no_quorum', httpStatus: 503, detail: 'no majority of the nodes can be reached, nothing was written' } },
  })
  expect(await setUp(answer(200, '<html>')).snapshots.list()).toMatchObject({ ok: false, refusal: { code: 'internal' } })
  expect(await setUp(done({ index: 'x' })).snapshots.undo()).toMatchObject({ ok: false, refusal: { code: 'internal' } })
})

it('is told to a person in both languages', () => {
  const list = { nodeId: 1, limit: 32, snapshots: [monday, { ...monday, name: 'old', usable: false, besides: null }], undo: monday }
  expect(snapshotLines({ list }, false)).toEqual([
    'monday: 3 configurations, 9 bytes, 2 services with 3 instances, 1 gray versions, 4 namespaces, 5 users and roles, taken 2024-05-01 03:04:05 UTC, 7 changes since',
    expect.stringMatching(/^old: 3 configurations, 9 bytes, taken .*; configurations were taken over from a database since, it cannot be restored$/),
    'undo goes back to before monday was restored',
  ])
  expect(snapshotLines({ list: { ...list, snapshots: [], undo: null } }, true)).toEqual(['没有快照'])
  expect(snapshotLines({ restored: { ...restored, besides: { brought: 0, removed: 0, left: 0 } } }, true)).toEqual([
    '已恢复（日志索引 9）：替换 1，恢复 2，移除 3；输入 undo 可撤销',
  ])
  expect(snapshotLines({ restored }, false)).toEqual([
    'restored at log index 9: 1 replaced, 2 brought back, 3 removed; besides them 4 records brought back, 5 removed; 6 persistent services or instances stayed away: a service of their name is ephemeral now; "undo" takes it back',
  ])
})
