/** The operations endpoint over HTTP: words and codes as Nacos has them (nacos-http 11.2), and our own refusals. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { membershipOf } from '../../../raft/membership.ts'
import { logIndex, nodeId } from '../../../raft/types.ts'
import type { MembershipOutcome } from '../../../raft-driver/membership-changes.ts'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const ops = '/nacos/v1/core/ops/raft'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
const order = (body: unknown, path = ops) =>
  call('POST', path, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': 'application/json' })

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

it('hands leadership to the member with that Raft address', async () => {
  const answer = await order({ groupId: 'naming_persistent_service_v2', command: 'transferLeader', value: '127.0.0.1:7849' })
  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { code: 200, message: null, data: null }])
  expect(node.transfers).toEqual([2])
})

it.each(['/nacos/v2/core/ops/raft', '/nacos/v3/admin/core/ops/raft'])('answers at %s too', async (path) => {
  expect(JSON.parse((await order({ command: 'transferLeader', value: '127.0.0.1:7849' }, path)).text)).toMatchObject({ code: 200 })
})

it('says why leadership did not move', async () => {
  node.setTransfers({ kind: 'refused', code: 'not_taken_over' })
  const answer = JSON.parse((await order({ command: 'transferLeader', value: '127.0.0.1:7849' })).text)
  expect(answer).toEqual({ code: 500, message: expect.stringMatching(/did not take over .*; it may still take over when it wakes$/), data: null })
})

it('removes the member with that Raft address', async () => {
  expect(JSON.parse((await order({ command: 'removePeer', value: '127.0.0.1:7849' })).text)).toEqual({ code: 200, message: null, data: null })
  expect(node.removed).toEqual([2])
})

it.each([
  [{ kind: 'refused', code: 'not_leader' }, 'only the leader removes a member: ask 127.0.0.1:8849'],
  [{ kind: 'refused', code: 'would_lose_quorum' }, 'too few of the remaining voters are alive to agree on anything'],
  [{ kind: 'refused', code: 'change_in_progress' }, 'the members cannot be changed at this moment; nothing was done, try again'],
  [{ kind: 'unknown' }, 'the removal was not settled in time: it may or may not happen; see the voters in GET /nacos/v1/ns/raft/state'],
] as const)('says why nobody was removed (%j)', async (outcome, message) => {
  node.setRemovals(outcome)
  expect(JSON.parse((await order({ command: 'removePeer', value: '127.0.0.1:7849' })).text)).toEqual({ code: 500, message, data: null })
})

it('says that nobody leads who could remove a member', async () => {
  const status = node.parts.status()
  Object.assign(node.parts, { status: () => ({ ...status, leaderId: null }) })
  node.setRemovals({ kind: 'refused', code: 'not_leader' })
  const { message } = JSON.parse((await order({ command: 'removePeer', value: '127.0.0.1:7849' })).text)
  expect(message).toBe('no leader is known, so nobody can remove a member; see GET /nacos/v1/ns/raft/state')
})

describe('removePeers', () => {
  const both = '127.0.0.1:7849, 127.0.0.1:7848'
  const removeAll = async (value: string) => JSON.parse((await order({ command: 'removePeers', value })).text).message

  it('removes one after the other', async () => {
    expect(await removeAll(both)).toBeNull()
    expect(node.removed).toEqual([2, 1])
  })

  it('stops at the first that is refused, and says who is gone', async () => {
    node.setRemovals({ kind: 'done', index: logIndex(9), membership: membershipOf([nodeId(1)]) }, { kind: 'refused', code: 'last_voter' })
    expect(await removeAll(`${both},127.0.0.1:7849`)).toBe('127.0.0.1:7848: the last voter cannot be removed; removed before: 127.0.0.1:7849')
    expect(node.removed).toEqual([2, 1])
  })

  it('says of the first alone why it was refused', async () => {
    node.setRemovals({ kind: 'refused', code: 'last_voter' })
    expect(await removeAll(both)).toBe('127.0.0.1:7849: the last voter cannot be removed')
    expect(node.removed).toEqual([2])
  })

  it('with a name that nobody has removes nobody', async () => {
    expect(await removeAll('127.0.0.1:7849,10.9.9.9:1')).toBe('no member of this cluster has the Raft address 10.9.9.9:1')
    expect(node.removed).toEqual([])
  })
})

it.each(['transferLeader', 'removePeer', 'removePeers'])('%s without a value says what is missing', async (command) => {
  for (const body of [{ command }, { command, value: ' ' }])
    expect(JSON.parse((await order(body)).text).message).toMatch(/^value is missing: ip:raftPort/)
  expect([node.transfers, node.removed]).toEqual([[], []])
})

it.each([
  [{ command: 'removePeer', value: '10.9.9.9:1' }, 'no member of this cluster has the Raft address 10.9.9.9:1'],
  [{ command: 'transferLeader', value: '10.9.9.9:1' }, 'no member of this cluster has the Raft address 10.9.9.9:1'],
  [{ command: 'noSuchThing', value: '' }, 'Not support command : noSuchThing'],
  [{ command: 'constructor', value: '' }, 'Not support command : constructor'],
  [{ groupId: 'other', command: 'transferLeader', value: '' }, 'not this raft group : other'],
])('%j is refused with code 500', async (body, message) => {
  const answer = await order(body)
  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { code: 500, message, data: null }])
  expect(node.transfers).toEqual([])
})

it.each(['', '{', '[]', 'null', '"x"', `{"a":"${'x'.repeat(70_000)}"}`])('a body that is no order (%#) is 400', async (body) => {
  expect((await order(body)).status).toBe(400)
})

it('doSnapshot makes what is applied durable, or says why not', async () => {
  expect(JSON.parse((await order({ command: 'doSnapshot', value: '' })).text)).toEqual({ code: 200, message: null, data: null })
  node.setCopying(true)
  expect(JSON.parse((await order({ command: 'doSnapshot', value: '' })).text)).toMatchObject({ code: 500 })
})

it('leaves one line for each order: what, from where, with which answer', async () => {
  await order({ command: 'transferLeader', value: '127.0.0.1:7849' })
  node.setRemovals({ kind: 'refused', code: 'last_voter' })
  await order({ command: 'removePeer', value: '127.0.0.1:7848' })
  await order({ command: 'doSnapshot', value: '' })
  await order({ command: 'removePeer', value: 'x'.repeat(5_000) })
  await order({ command: 'noSuchThing', value: '' })
  expect(node.notes).toEqual([
    expect.stringMatching(/^transferLeader 127\.0\.0\.1:7849, asked from 127\.0\.0\.1:\d+: done$/),
    expect.stringMatching(/^removePeer 127\.0\.0\.1:7848, asked from 127\.0\.0\.1:\d+: the last voter cannot be removed$/),
    expect.stringMatching(/^doSnapshot, asked from 127\.0\.0\.1:\d+: done$/),
    expect.stringMatching(/^removePeer x{200}…, asked from /),
  ])
})

const transferTo2 = JSON.stringify({ command: 'transferLeader', value: '127.0.0.1:7849' })

it.each([
  ['a form', ops, 'command=transferLeader'],
  ['a field of a form that is named like JSON', ops, `%7B%7D=${encodeURIComponent(transferTo2)}`],
  ['a field of the query that is named like JSON', `${ops}?%7B%7D=${encodeURIComponent(transferTo2)}`, ''],
])('%s is no order', async (_what, path, form) => {
  expect((await call('POST', path, form)).status).toBe(400)
  expect(node.transfers).toEqual([])
})

it.each([
  ['application/json', 200],
  ['Application/JSON; charset=UTF-8', 200],
  ['application/jsonx', 400],
  ['application/json-patch+json', 400],
  ['text/json', 400],
])('an order of type %s is answered with %d', async (type, status) => {
  expect((await call('POST', ops, transferTo2, { 'content-type': type })).status).toBe(status)
})

describe('addPeer', () => {
  type Change = Parameters<typeof node.parts.changeMembership>[0]
  const done: MembershipOutcome = { kind: 'done', index: logIndex(9), membership: membershipOf([nodeId(1)]) }
  const refused = (code: Extract<MembershipOutcome, { kind: 'refused' }>['code']): MembershipOutcome => ({ kind: 'refused', code })
  const after = (task: () => void) => {
    const soon = setImmediate(task)
    return { cancel: () => clearImmediate(soon) }
  }
  /** Asks a node whose core answers so, in turn. */
  const add = async (...outcomes: readonly MembershipOutcome[]) => {
    const asked: Change[] = []
    let nowMs = 0
    const adding = createHttpServer({
      ...node.parts,
      changeMembership: (change, answer) => {
        answer(outcomes[asked.push(change) - 1] ?? refused('not_caught_up'))
      },
      // Each look takes a quarter of a minute.
      clock: { ...node.parts.clock, monotonicMs: () => (nowMs += 15_000), after: (_ms, task) => after(task) },
    })
    const at = await adding.listen('127.0.0.1', 0)
    const body = JSON.stringify({ command: 'addPeer', value: '127.0.0.1:7849' })
    const answer = await createCaller(() => at)('POST', ops, body, { 'content-type': 'application/json' })
    await adding.close(0)
    return { asked: asked.map(({ kind, id }) => `${kind} ${id}`), message: JSON.parse(answer.text).message }
  }

  it('lets a member learn, and vote once it has caught up', async () => {
    expect(await add(done, refused('not_caught_up'), refused('change_in_progress'), done)).toEqual({
      asked: ['add-learner 2', 'promote 2', 'promote 2', 'promote 2'],
      message: null,
    })
  })

  it('goes on where an earlier one ended, and does nothing to a voter', async () => {
    expect(await add(refused('already_member'), done)).toMatchObject({ message: null })
    expect(await add(refused('already_member'), refused('already_voter'))).toMatchObject({ message: null })
  })

  it('does not wait for ever for one that does not catch up', async () => {
    expect((await add(done)).message).toBe('it learns, and has not caught up yet: ask again to let it vote, once it has')
  })

  it.each([
    [[refused('not_leader')], 'only the leader adds a member: ask 127.0.0.1:8849'],
    [[refused('too_many_members')], 'a cluster has at most 9 members'],
    [[{ kind: 'unknown' }] as const, 'the addition was not settled in time: it may or may not happen; see the voters in GET /nacos/v1/ns/raft/state'],
    [[done, refused('not_leader')], 'only the leader adds a member: ask 127.0.0.1:8849'],
  ])('says why not (%#)', async (outcomes, message) => {
    expect((await add(...outcomes)).message).toBe(message)
  })

  it('takes nobody whose address the nodes do not know', async () => {
    const { message } = JSON.parse((await order({ command: 'addPeer', value: '10.9.9.9:1' })).text)
    expect(message).toBe('no member of this cluster has the Raft address 10.9.9.9:1; every node has to know it first')
  })
})
