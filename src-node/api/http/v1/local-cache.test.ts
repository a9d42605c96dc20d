import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyCacheStatus } from '../../../disk-cache/empty-status.testing.ts'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const v1 = '/nacos/v1/cs/ops/localCache'
const v3 = '/nacos/v3/admin/cs/ops/localCache'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

it('begins a full dump, answers as Nacos does, and writes down who asked', async () => {
  const answer = await call('POST', v1, '')
  expect([answer.status, answer.text]).toEqual([200, '200'])
  expect(node.dumps).toEqual(['request'])
  expect(node.notes[0]).toMatch(/^localCache, asked from 127\.0\.0\.1:\d+: a full dump has begun$/)
})

it('does so under its newer name, in its envelope', async () => {
  expect(JSON.parse((await call('POST', v3, '')).text)).toEqual({ code: 0, message: 'success', data: 'a full dump has begun' })
  expect(node.dumps).toEqual(['request'])
})

it('tells where the cache stands and what was found', async () => {
  expect(JSON.parse((await call('GET', v1)).text)).toEqual(emptyCacheStatus)
  expect(JSON.parse((await call('GET', v3)).text)).toEqual({ code: 0, message: 'success', data: emptyCacheStatus })
})

it('lets no page of another origin begin one', async () => {
  expect((await call('POST', v1, '', { origin: 'http://elsewhere.example' })).status).toBe(403)
  expect(node.dumps).toEqual([])
})
