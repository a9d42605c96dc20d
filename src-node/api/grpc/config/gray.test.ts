import { afterEach, beforeEach, expect, test } from 'vitest'
import { md5 } from '../../http/fake-node.testing.ts'
import { connectGrpc, type TestClient, type TestStream } from '../client.testing.ts'
import { createFakeGrpcNode } from '../fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../server.ts'

let node: ReturnType<typeof createFakeGrpcNode>
let server: NodeGrpcServer
let port: number
/** One whose address a beta version is for, and one who gets the formal content. */
let chosen: TestClient
let other: TestClient
let chosenStream: TestStream

beforeEach(async () => {
  node = createFakeGrpcNode()
  server = createGrpcServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  chosen = connectGrpc(port)
  other = connectGrpc(port)
  chosenStream = await chosen.register({}, '10.0.0.7')
  await other.register({}, '10.0.0.8')
  await publish('formal')
})
afterEach(async () => {
  for (const client of [chosen, other]) client.close()
  await server.close(0)
})

const named = { dataId: 'd', group: 'G', tenant: '' }
const publish = (content: string, additionMap: object = {}, more: object = {}) =>
  other.call('ConfigPublishRequest', { ...named, content, additionMap, ...more })
const read = async (client: TestClient, more: object = {}, headers: Record<string, string> = {}) =>
  (await client.call('ConfigQueryRequest', { ...named, ...more }, headers)).body
const remove = (more: object = {}) => other.call('ConfigRemoveRequest', { ...named, ...more })
const ok = { resultCode: 200, errorCode: 0, success: true }

test('a beta version is for the addresses that it names, and for nobody else', async () => {
  expect((await publish('beta', { betaIps: '10.0.0.7, 10.0.0.9', type: 'yaml' })).body).toEqual(ok)
  expect(await read(chosen)).toMatchObject({ content: 'beta', beta: true, contentType: 'yaml', md5: md5('beta') })
  expect(await read(chosen)).not.toHaveProperty('tag')
  expect(await read(other)).toMatchObject({ content: 'formal', beta: false })
})

test('a tag version is for who wishes for it, or asks for nothing else', async () => {
  expect((await publish('blue', { tag: 'blue' })).body).toEqual(ok)
  expect(await read(other, {}, { 'Vipserver-Tag': 'blue' })).toMatchObject({ content: 'blue', beta: false, tag: 'blue' })
  expect(await read(other, { tag: 'blue' })).toMatchObject({ content: 'blue' })
  expect(await read(other, {}, { 'Vipserver-Tag': 'red' })).toMatchObject({ content: 'formal' })
  expect(await read(other, { tag: 'red' })).toMatchObject({ errorCode: 300 })
})

test.each(['app_Vipserver-Tag', 'Vipserver-Tag'])('who bears a tag by its label %s gets that version, and is told of it', async (label) => {
  const tagged = connectGrpc(port)
  try {
    const stream = await tagged.register({ labels: { source: 'sdk', [label]: 'blue' } }, '10.0.0.8')
    const listen = async (content: string) => {
      const contexts = [{ ...named, md5: md5(content) }]
      return (await tagged.call('ConfigBatchListenRequest', { listen: true, configListenContexts: contexts })).body.changedConfigs
    }
    expect([await listen('formal'), (await read(tagged)).content]).toEqual([[], 'formal'])
    await publish('blue', { tag: 'blue' })
    expect(await stream.next()).toMatchObject({ type: 'ConfigChangeNotifyRequest', body: named })
    expect([await listen('formal'), await listen('blue')]).toEqual([[named], []])
    expect(await read(tagged)).toMatchObject({ content: 'blue', tag: 'blue' })
    expect(await read(tagged, {}, { 'Vipserver-Tag': 'red' })).toMatchObject({ content: 'formal' })
    expect(await read(other)).toMatchObject({ content: 'formal' })
  } finally {
    tagged.close()
  }
})

test('a listener is compared with what it gets, and told when that changes', async () => {
  const listen = async (client: TestClient, content: string) => {
    const context = { ...named, md5: md5(content) }
    return (await client.call('ConfigBatchListenRequest', { listen: true, configListenContexts: [context] })).body.changedConfigs
  }
  expect(await listen(chosen, 'formal')).toEqual([])
  await publish('beta', { betaIps: '10.0.0.7' })
  expect(await chosenStream.next()).toMatchObject({ type: 'ConfigChangeNotifyRequest', body: named })
  expect(await listen(chosen, 'formal')).toEqual([named])
  expect(await listen(chosen, 'beta')).toEqual([])
  expect(await listen(other, 'formal')).toEqual([])
})

test('a removal by tag leaves the formal content, and a formal removal the version', async () => {
  await publish('blue', { tag: 'blue' })
  expect((await remove({ tag: 'blue' })).body).toEqual(ok)
  expect(await read(other, { tag: 'blue' })).toMatchObject({ errorCode: 300 })
  expect(await read(other)).toMatchObject({ content: 'formal' })
})

test('a version that is expected to be another is not changed', async () => {
  await publish('blue', { tag: 'blue' })
  const refused = await publish('more blue', { tag: 'blue' }, { casMd5: md5('green') })
  expect(refused.body).toMatchObject({ errorCode: 500, message: 'Cas publish fail, server md5 may have changed.' })
  expect((await publish('more blue', { tag: 'blue' }, { casMd5: md5('blue') })).body).toEqual(ok)
})

test('there are so many versions of a configuration, and no more', async () => {
  for (let at = 0; at < 10; at++) expect((await publish('x', { tag: `t${at}` })).body).toEqual(ok)
  expect((await publish('x', { tag: 'more' })).body).toMatchObject({ errorCode: 400, message: 'gray config version is over max count :10' })
})

test.each([
  ['a tag with blanks', { tag: 'a b' }],
  ['a long tag', { tag: 'x'.repeat(17) }],
  ['addresses that name nobody', { betaIps: ',' }],
  ['many addresses', { betaIps: '10.0.0.1,'.repeat(200) }],
])('%s is refused, and nothing is published', async (_what, additionMap) => {
  expect((await publish('x', additionMap)).body).toMatchObject({ errorCode: 400, success: false })
  expect(await read(other)).toMatchObject({ content: 'formal' })
})

test('a removal by a tag that is none is refused', async () => {
  expect((await remove({ tag: 'a b' })).body).toMatchObject({ errorCode: 400 })
})
