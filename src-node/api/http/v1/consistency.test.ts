/** Reads that a majority must confirm first, over HTTP: which reads know the word, and what they say when nobody confirms. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const configs = '/nacos/v1/cs/configs'
const one = 'dataId=a&group=g'
const reads = [
  ['the content', one],
  ['the detail', `show=all&${one}`],
] as const
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
const read = (query: string) => call('GET', `${configs}?${query}`)

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  await call('POST', configs, `${one}&content=x`)
})
afterEach(() => server.close(0))

it.each(reads)('%s waits for the confirmation and is answered as any read', async (_what, query) => {
  const answer = await read(`${query}&consistency=linearizable`)
  expect([answer.status, answer.text]).toEqual([200, (await read(query)).text])
  expect(node.readIndexes()).toBe(1)
})

it('what a confirmed read does not find is missing', async () => {
  expect((await read('dataId=no&group=g&consistency=linearizable')).status).toBe(404)
})

it.each(reads)('without a majority %s is refused, unless it was asked for as this node knows it', async (_what, query) => {
  node.setReads({ kind: 'refused', code: 'no_quorum' })
  const answer = await read(`${query}&consistency=linearizable`)
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([503, 'no_quorum'])
  for (const level of ['', 'default']) expect((await read(`${query}&consistency=${level}`)).status).toBe(200)
})

it('a node that is no member says so, and not that there is no majority', async () => {
  node.setReads({ kind: 'refused', code: 'not_member' })
  const answer = await read(`${one}&consistency=linearizable`)
  expect([answer.status, answer.headers['nacos-trio-error'], answer.text]).toEqual([
    503,
    'not_member',
    expect.stringContaining('no member of the cluster'),
  ])
})

it('a search is not confirmed by anybody, and says so', async () => {
  const answer = await read(`search=accurate&${one}&pageNo=1&pageSize=10&consistency=linearizable`)
  expect([answer.status, answer.text]).toEqual([
    400,
    "caused: a search answers from this node's own state: consistency=linearizable is for one configuration;",
  ])
  expect((await read(`search=accurate&${one}&pageNo=1&pageSize=10&consistency=default`)).status).toBe(200)
})

it.each([...reads, ['a search', `search=accurate&${one}&pageNo=1&pageSize=10`] as const])(
  '%s refuses any other consistency',
  async (_what, query) => {
    expect((await read(`${query}&consistency=strong`)).status).toBe(400)
  },
)
