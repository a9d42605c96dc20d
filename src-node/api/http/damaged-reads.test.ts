import { afterEach, expect, test } from 'vitest'
import { exitCodes } from '../../observe/channel.ts'
import { type StorageFailure, storageFailure } from '../../storage/storage-failure.ts'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import type { ConfigReader } from './ports.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const configs = '/nacos/v1/cs/configs'
const queries = [
  ['a content', 'dataId=d&group=G'],
  ['a search', 'search=blur&dataId=d*&group=&pageNo=1&pageSize=10'],
  ['a detail', 'show=all&dataId=d&group=G'],
  ['an export', 'exportV2=true&tenant=&ids='],
] as const
let server: NodeHttpServer
afterEach(() => server.close(0))

/** A node whose store gives what `bend` makes of its reads. */
const openOver = async (bend: (store: ConfigReader) => Partial<ConfigReader>) => {
  const node = createFakeNode()
  const broken: StorageFailure[] = []
  const store = node.parts.configs
  server = createHttpServer({ ...node.parts, configs: { ...store, ...bend(store) }, storeBroken: (failure) => broken.push(failure) })
  const port = await server.listen('127.0.0.1', 0)
  const call = createCaller(() => port)
  const publish = (content: string, dataId = 'd') => call('POST', configs, new URLSearchParams({ dataId, group: 'G', content }).toString())
  return { publish, broken, read: (query: string) => call('GET', `${configs}?${query}`) }
}

/** The bytes as a bad disk would give them. */
const bent = (change: (content: Buffer) => Buffer) => (store: ConfigReader) => ({
  readContent: (id: number) => {
    const content = store.readContent(id)
    return content && change(Buffer.from(content))
  },
  readConfig: (key: Parameters<ConfigReader['readConfig']>[0]) => {
    const row = store.readConfig(key)
    return row && { ...row, content: change(Buffer.from(row.content)) }
  },
})
const flipped = bent((content) => {
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1
  return content
})
const cut = bent((content) => content.subarray(1))

const refused = async (node: Awaited<ReturnType<typeof openOver>>, query: string, exitCode: number) => {
  const answer = await node.read(query)
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([503, 'storage_unavailable'])
  expect(node.broken.map((failure) => failure.exitCode)).toEqual([exitCode])
}

test.each(queries)('a flipped bit in %s is never served, and ends the node', async (_what, query) => {
  const node = await openOver(flipped)
  await node.publish('a content as it was written')
  await refused(node, query, exitCodes.dataDamaged)
  expect(node.broken[0]?.message).toMatch(/content of dataId d, group G .*md5/)
})

test.each(queries)('a shortened content in %s is never served, and ends the node', async (_what, query) => {
  const node = await openOver(cut)
  await node.publish('a content as it was written')
  await refused(node, query, exitCodes.dataDamaged)
})

test.each(queries)('a row in %s that the store does not have any more ends the node', async (_what, query) => {
  const node = await openOver(() => ({ readContent: () => undefined, readConfig: () => undefined }))
  await node.publish('v')
  await refused(node, query, exitCodes.dataDamaged)
})

test.each(queries)('a disk that fails under %s is answered, and ends the node', async (_what, query) => {
  const fail = (): never => {
    throw storageFailure(exitCodes.diskError, 'state.db: SQLITE_IOERR')
  }
  const node = await openOver(() => ({ readContent: fail, readConfig: fail }))
  await node.publish('v')
  await refused(node, query, exitCodes.diskError)
})

test('a flipped bit in a large content is found before its first byte is sent', async () => {
  const node = await openOver(flipped)
  await node.publish('x'.repeat(3 << 20))
  await refused(node, queries[0][1], exitCodes.dataDamaged)
})

test('a flipped bit in a large page breaks the answer off', async () => {
  const node = await openOver(flipped)
  await node.publish('x'.repeat(3 << 20))
  await expect(node.read(queries[1][1])).rejects.toThrow()
  expect(node.broken).toHaveLength(1)
})

test('a flipped bit in an export that is under way breaks it off', async () => {
  const node = await openOver((store) => {
    const { readConfig } = flipped(store)
    return { readConfig: (key) => (key.dataId === 'd' ? readConfig(key) : store.readConfig(key)) }
  })
  const noise = Array.from({ length: 300_000 }, (_, at) => ((at * 2_654_435_761) >>> 16).toString(36)).join('')
  await node.publish(noise, 'first')
  await node.publish('v')
  await expect(node.read(queries[3][1])).rejects.toThrow()
  expect(node.broken).toHaveLength(1)
})
