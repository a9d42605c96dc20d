import { afterEach, beforeEach, expect, test } from 'vitest'
import { md5 } from '../../http/fake-node.testing.ts'
import { connectGrpc, type Said, type TestClient, type TestStream } from '../client.testing.ts'
import { createFakeGrpcNode } from '../fake-node.testing.ts'
import { createGrpcServer, type NodeGrpcServer } from '../server.ts'

let node: ReturnType<typeof createFakeGrpcNode>
let server: NodeGrpcServer
let client: TestClient
let stream: TestStream
let port: number

beforeEach(async () => {
  node = createFakeGrpcNode({}, 4)
  server = createGrpcServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  client = connectGrpc(port)
  stream = await client.register()
})
afterEach(async () => {
  client.close()
  await server.close(0)
})

const named = { dataId: 'd.yaml', group: 'G', tenant: '' }
const publish = (more: object = {}) => client.call('ConfigPublishRequest', { ...named, content: 'x: 1', ...more })
const query = (more: object = {}) => client.call('ConfigQueryRequest', { ...named, ...more })
const listen = (contexts: readonly object[], on = true) => client.call('ConfigBatchListenRequest', { listen: on, configListenContexts: contexts })
const acknowledge = (push: Said, type = 'ConfigChangeNotifyResponse') =>
  stream.send(type, { resultCode: 200, success: false, requestId: push.body.requestId })

test('what was published is read back with everything that clients need', async () => {
  expect(await publish({ additionMap: { type: 'yaml', encryptedDataKey: 'k' } })).toEqual({
    ...{ type: 'ConfigPublishResponse', clientIp: '127.0.0.1', body: { resultCode: 200, errorCode: 0, success: true } },
  })
  const { type, body } = await query()
  expect(type).toBe('ConfigQueryResponse')
  expect(body).toEqual({
    ...{ resultCode: 200, errorCode: 0, content: 'x: 1', encryptedDataKey: 'k', contentType: 'yaml', md5: md5('x: 1') },
    ...{ lastModified: 1_714_532_645_000, beta: false, success: true },
  })
})

test('an answer that is kept is never an old one', async () => {
  await publish()
  await query()
  await publish({ content: 'x: 2' })
  expect((await query()).body.content).toBe('x: 2')
  expect(node.loads()).toBe(2)
  await query()
  expect(node.loads()).toBe(2)
})

test('texts come back as they were, whatever they hold', async () => {
  const content = '中文 \u0000 "quoted" \\ 😀\r\n'
  await publish({ content })
  expect((await query()).body).toMatchObject({ content, md5: md5(content) })
})

test('what is not there is told with all that the strictest client reads', async () => {
  const body = { resultCode: 500, errorCode: 300, message: 'config data not exist', lastModified: 0, beta: false, success: false }
  expect((await query()).body).toEqual(body)
  await publish()
  expect((await query({ tag: 'blue' })).body).toEqual(body)
})

test('public, null and a blank namespace are one', async () => {
  await publish({ tenant: 'public' })
  expect((await query({ tenant: null })).body.content).toBe('x: 1')
  expect((await query({ tenant: 'other' })).body.errorCode).toBe(300)
})

test('a publish that expects another content changes nothing', async () => {
  await publish()
  const refused = await publish({ content: 'x: 2', casMd5: md5('something else') })
  expect(refused.body).toEqual({ resultCode: 500, errorCode: 500, message: 'Cas publish fail, server md5 may have changed.', success: false })
  expect((await publish({ content: 'x: 3', casMd5: md5('x: 1') })).body.success).toBe(true)
})

test('texts and tags reach the command', async () => {
  await publish({ additionMap: { appName: 'shop', desc: 'for it', config_tags: 'a,b', src_user: 'ann', type: 'nonsense' } })
  expect(node.sent[0]).toMatchObject({ appName: 'shop', description: 'for it', tags: ['a', 'b'], sourceUser: 'ann', type: 'text', expectedMd5: null })
  await publish()
  expect(node.sent[1]).toMatchObject({ tags: null, sourceIp: '127.0.0.1' })
})

test.each([
  ['a dataId with a slash', { dataId: 'a/b' }, "Param check invalid:Param 'dataId' is illegal, illegal characters should not appear in the param."],
  ['a long group', { group: 'g'.repeat(129) }, "Param check invalid:Param 'group' is illegal, the param length should not exceed 128."],
  ['no dataId', { dataId: null }, 'invalid dataId : '],
  ['a blank group', { group: ' ' }, 'invalid group :  '],
  ['a blank content', { content: ' \n' }, 'content is blank : '],
  ['no content', { content: null }, 'content is blank : '],
  ['half a character', { content: 'a\ud800' }, 'the content is not valid UTF-8'],
  ['a long app', { additionMap: { appName: 'x'.repeat(129) } }, 'too long appName, over 128'],
  ['many tags', { additionMap: { config_tags: 'a,b,c,d,e,f' } }, 'too much config_tags, over 5'],
  ['a long user', { additionMap: { src_user: 'x'.repeat(129) } }, 'too long src_user, over 128'],
  ['an md5 that is none', { casMd5: 'x'.repeat(65) }, 'casMd5 is not an md5'],
])('%s is refused before anything is proposed', async (_what, fields, message) => {
  expect(await publish(fields)).toMatchObject({ type: 'ConfigPublishResponse', body: { resultCode: 500, errorCode: 400, message, success: false } })
  expect(node.sent).toEqual([])
})

test('a write without a majority says so, and one of unknown outcome does not say that it failed for certain', async () => {
  node.refuseNext({ kind: 'refused', code: 'no_quorum' })
  expect((await publish()).body).toMatchObject({ errorCode: 503, message: expect.stringContaining('no_quorum') })
  node.refuseNext({ kind: 'unknown' })
  expect((await publish()).body).toMatchObject({ errorCode: 500, message: expect.stringContaining('outcome_unknown') })
})

test('a remove succeeds whether or not there was anything', async () => {
  await publish()
  expect((await client.call('ConfigRemoveRequest', named)).body).toEqual({ resultCode: 200, errorCode: 0, success: true })
  expect((await client.call('ConfigRemoveRequest', named)).body.success).toBe(true)
  expect((await query()).body.errorCode).toBe(300)
})

test('a listener is told what differs, with the namespace as it wrote it', async () => {
  await publish()
  const mine = { ...named, md5: md5('x: 1') }
  const absent = { dataId: 'none', group: 'G', tenant: 'public', md5: '' }
  expect((await listen([mine, absent])).body).toEqual({ resultCode: 200, errorCode: 0, changedConfigs: [], success: true })
  const { body } = await listen([
    { ...mine, md5: 'old' },
    { ...absent, md5: 'had one' },
    { dataId: 'd.yaml', group: 'G', md5: 'none said' },
  ])
  expect(body.changedConfigs).toEqual([named, { group: 'G', dataId: 'none', tenant: 'public' }, { group: 'G', dataId: 'd.yaml' }])
})

test('a change is pushed to who listens, and to nobody else', async () => {
  const other = connectGrpc(port)
  const quiet = await other.register()
  await listen([{ ...named, tenant: 'public', md5: '' }])
  await publish()
  const push = await stream.next()
  expect(push).toMatchObject({
    type: 'ConfigChangeNotifyRequest',
    body: { headers: {}, dataId: 'd.yaml', group: 'G', tenant: 'public', module: 'config', requestId: expect.any(String) },
  })
  // Whatever the type of the answer is: one of the clients always sends the same.
  acknowledge(push, 'NotifySubscriberResponse')
  await publish({ content: 'x: 2' })
  expect((await stream.next()).body.requestId).not.toBe(push.body.requestId)
  expect(quiet.waiting()).toEqual([])
  other.close()
})

test('whoever listens no more is not told', async () => {
  const other = { ...named, dataId: 'other' }
  await listen([named, other].map((each) => ({ ...each, md5: '' })))
  await listen([{ ...named, md5: '' }], false)
  await publish()
  await publish({ dataId: 'other' })
  expect((await stream.next()).body.dataId).toBe('other')
  expect(stream.waiting()).toEqual([])
})

test('what a connection listened to is forgotten with it', async () => {
  await listen([{ ...named, md5: '' }])
  expect(node.watches.size()).toBe(1)
  stream.end()
  await stream.ended
  expect(node.watches.size()).toBe(0)
})

test('more than may be listened to is refused', async () => {
  const contexts = Array.from({ length: 5 }, (_, at) => ({ ...named, dataId: `d${at}`, md5: '' }))
  expect(await listen(contexts)).toMatchObject({ type: 'ConfigChangeBatchListenResponse', body: { errorCode: 503, success: false } })
})

test('ten thousand names are read in turns', async () => {
  const contexts = Array.from({ length: 10_000 }, (_, at) => ({ ...named, dataId: `d${at % 3}`, md5: 'x' }))
  expect((await listen(contexts)).body.changedConfigs).toHaveLength(10_000)
})

test.each([
  ['a name that is none', [{ dataId: 'a/b', group: 'G', tenant: '', md5: '' }]],
  ['something that is no context', ['d.yaml']],
])('%s in a list is refused', async (_what, contexts) => {
  expect((await client.call('ConfigBatchListenRequest', { listen: true, configListenContexts: contexts })).body.errorCode).toBe(400)
})
