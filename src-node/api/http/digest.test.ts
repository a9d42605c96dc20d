/** What a node says it holds, at one applied index. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCaller, createFakeNode, md5 } from './fake-node.testing.ts'
import type { HttpParts } from './ports.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const digest = '/nacos/v1/core/ops/digest'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port: number
const call = createCaller(() => port)
const listen = async (change: (parts: HttpParts) => Partial<HttpParts> = () => ({})) => {
  server = createHttpServer({ ...node.parts, ...change(node.parts) })
  port = await server.listen('127.0.0.1', 0)
}
beforeEach(() => {
  node = createFakeNode()
})
afterEach(() => server.close(0))

const publish = (dataId: string) => call('POST', '/nacos/v1/cs/configs', new URLSearchParams({ dataId, group: 'G', content: dataId }).toString())
const linesOf = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

it('is a head, a line a configuration in the order of ids, and an end', async () => {
  await listen()
  for (const dataId of ['a', 'b']) await publish(dataId)
  const { status, text } = await call('GET', digest)
  expect(status).toBe(200)
  expect(linesOf(text)).toEqual([
    { node: 1, appliedIndex: 12, appliedTerm: 7, stateHash: '00000000deadbeef', rows: 2 },
    [11, '', 'G', 'a', md5('a'), 'text', '', 1_000, 1_714_532_645_000, 11, 1],
    [12, '', 'G', 'b', md5('b'), 'text', '', 1_000, 1_714_532_645_000, 12, 1],
    { end: 2 },
  ])
})

it('of a state that changes while it is read is taken anew', async () => {
  let nowMs = 0
  let changes = 0
  // Each look at the clock finds the turn over; the first three times somebody writes in between.
  await listen((parts) => ({
    clock: {
      ...parts.clock,
      monotonicMs: () => (nowMs += 100),
      defer: (task) => setImmediate(() => (changes++ < 3 ? parts.write(deletion(changes), task) : task())),
    },
  }))
  for (let at = 0; at < 600; at++) await publish(`k${at}`)
  const lines = linesOf((await call('GET', digest)).text) as [{ appliedIndex: number; rows: number }]
  expect(lines[0].appliedIndex).toBe(node.parts.meta().appliedIndex)
  expect(lines[0].rows).toBe(lines.length - 2)
  expect(changes).toBeGreaterThan(3)
})

it('of a state that never stands still is refused', async () => {
  let index = 0
  let nowMs = 0
  await listen((parts) => ({
    meta: () => ({ ...parts.meta(), appliedIndex: ++index }),
    clock: { ...parts.clock, monotonicMs: () => (nowMs += 100) },
  }))
  for (let at = 0; at < 300; at++) await publish(`k${at}`)
  const { status, headers, text } = await call('GET', digest)
  expect([status, headers['nacos-trio-error']]).toEqual([503, 'overloaded'])
  expect(text).toContain('changes faster')
})

const deletion = (at: number) =>
  ({ kind: 'delete-config', namespace: '', group: 'G', dataId: `k${at}`, expectedMd5: null, sourceIp: '', sourceUser: '' }) as const
