import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCaller, createFakeNode, md5 } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port: number

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  node.parts.polls.closeAll()
  await server.close(0)
})

const call = createCaller(() => port)
const configs = '/nacos/v1/cs/configs'
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const publish = (fields: Record<string, string> = {}, headers?: Record<string, string>) =>
  call('POST', configs, form({ dataId: 'd.yaml', group: 'G', content: 'x: 1', type: 'yaml', ...fields }), headers)
const read = (query = 'dataId=d.yaml&group=G') => call('GET', `${configs}?${query}`)

test('what was published is read back, with all headers', async () => {
  const published = await publish()
  expect([published.status, published.text]).toEqual([200, 'true'])
  expect(published.headers).toMatchObject({ 'content-type': 'application/json;charset=UTF-8', 'nacos-trio-index': '11', 'nacos-trio-node': '1' })
  const answer = await read()
  expect([answer.status, answer.text]).toEqual([200, 'x: 1'])
  expect(answer.headers).toMatchObject({
    ...{ 'content-type': 'text/plain;charset=UTF-8', 'config-type': 'yaml', 'content-md5': md5('x: 1'), 'encrypted-data-key': '' },
    ...{ 'last-modified': 'Wed, 01 May 2024 03:04:05 GMT', pragma: 'no-cache', expires: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    'cache-control': 'no-cache,no-store',
  })
})

test.each([
  ['Chinese and emoji', '中文 配置 😀🎉'],
  ['CRLF and empty lines', 'a\r\n\r\n\nb\r\n'],
  ['form characters', 'a=1&b=%41+c;d?#'],
  ['a null byte', 'a\0b'],
  ['100 KB', 'k: 值\n'.repeat(12_800)],
])('a content with %s comes back byte for byte', async (_what, content) => {
  expect((await publish({ content })).text).toBe('true')
  const answer = await read()
  expect(answer.text).toBe(content)
  expect(answer.headers['content-md5']).toBe(md5(content))
})

test('a content of 10 MiB comes back, one byte more is refused', async () => {
  const content = 'é'.repeat(5_242_880)
  expect((await publish({ content })).text).toBe('true')
  expect(md5((await read()).body)).toBe(md5(content))
  const refused = await publish({ content: `${content}!` })
  expect([refused.status, refused.text]).toEqual([400, 'caused: invalid content, over 10485760;'])
})

test('parameters may stand in the query of a POST, and of a DELETE', async () => {
  expect((await call('POST', `${configs}?dataId=q&group=G&content=v`)).text).toBe('true')
  expect((await read('dataId=q&group=G')).text).toBe('v')
  expect((await call('DELETE', `${configs}?dataId=q&group=G`)).text).toBe('true')
  const gone = await read('dataId=q&group=G')
  expect([gone.status, gone.text]).toEqual([404, 'config data not exist\n'])
  expect((await call('DELETE', configs, form({ dataId: 'q', group: 'G' }))).text).toBe('true')
})

test('public, null and nothing are one namespace', async () => {
  await publish({ tenant: 'public' })
  for (const tenant of ['', '&tenant=', '&tenant=public', '&tenant=null']) expect((await read(`dataId=d.yaml&group=G${tenant}`)).status).toBe(200)
  expect((await read('dataId=d.yaml&group=G&tenant=dev')).status).toBe(404)
})

const longName = 'a'.repeat(300)
test.each([
  ['no dataId', 'group=G&content=v', 500, 'caused: Required request parameter &#39;dataId&#39; for method parameter type String is not present;'],
  ['no content', 'dataId=d&group=G', 500, 'caused: Required request parameter &#39;content&#39; for method parameter type String is not present;'],
  ['blank dataId', 'dataId=&group=G&content=v', 400, 'caused: invalid dataId : ;'],
  ['blank content', 'dataId=d&group=G&content=%20%0A', 400, 'caused: content is blank : ;'],
  ['bad dataId', 'dataId=a/b&group=G&content=v', 400, "Param 'dataId' is illegal, illegal characters should not appear in the param.\r\n"],
  ['long dataId', `dataId=${longName}&group=G&content=v`, 400, "Param 'dataId' is illegal, the param length should not exceed 256.\r\n"],
  ['long group', `dataId=d&group=${longName}&content=v`, 400, "Param 'group' is illegal, the param length should not exceed 128.\r\n"],
  [
    'bad tenant',
    'dataId=d&group=G&content=v&tenant=a.b',
    400,
    "Param 'namespaceId/tenant' is illegal, illegal characters should not appear in the param.\r\n",
  ],
  ['long type', `dataId=d&group=G&content=v&type=${longName}`, 400, 'caused: too long type, over 32;'],
  ['many tags', 'dataId=d&group=G&content=v&config_tags=a,b,c,d,e,f', 400, 'caused: too much config_tags, over 5;'],
  ['long desc', `dataId=d&group=G&content=v&desc=${longName}`, 400, 'caused: too long desc, over 128;'],
  ['a lone surrogate', 'dataId=d&group=G&content=%ED%A0%80', 400, 'caused: the content is not valid UTF-8;'],
  ['GBK bytes', 'dataId=d&group=G&content=%D6%D0', 400, 'caused: the content is not valid UTF-8;'],
  ['a broken form', 'dataId=d&group=G&content=%zz', 400, 'caused: the form cannot be read: a broken percent sequence;'],
  ['two values', 'dataId=d&dataId=e&group=G&content=v', 400, 'caused: parameter dataId is given more than once;'],
  ['a header-breaking key', 'dataId=d&group=G&content=v&encryptedDataKey=a%0Ab', 400, 'caused: invalid param;'],
  ['a clone that is none', 'clone=yes', 400, 'caused: clone is true, or is not given;'],
  ['an export', 'export=true', 501, 'caused: export= is not served by this version;'],
])('a publish with %s is refused and proposes nothing', async (_what, body, status, text) => {
  const answer = await call('POST', configs, body)
  expect([answer.status, answer.text]).toEqual([status, text])
  expect(node.sent).toEqual([])
})

test('an unknown type is stored as text; absent tags are told from none', async () => {
  await publish({ type: 'exe' })
  await publish({ config_tags: 'a,b' })
  expect(node.sent.map((command) => command.kind === 'publish-config' && [command.type, command.tags])).toEqual([
    ['text', null],
    ['yaml', ['a', 'b']],
  ])
})

test('compare-and-set: casMd5, absence, and neither', async () => {
  const stale = await publish({}, { casMd5: '0'.repeat(32) })
  expect([stale.status, stale.text]).toEqual([500, 'caused: Cas publish fail, server md5 may have changed.;'])
  expect((await publish({}, { 'Nacos-Trio-Expect': 'absent' })).text).toBe('true')
  expect((await publish({ content: 'y' }, { 'Nacos-Trio-Expect': 'absent' })).status).toBe(500)
  expect((await publish({ content: 'y' }, { casMd5: md5('x: 1') })).text).toBe('true')
  expect((await publish({ content: 'z' }, { casMd5: ' ' })).text).toBe('true')
  expect((await call('DELETE', `${configs}?dataId=d.yaml&group=G`, undefined, { casMd5: md5('y') })).status).toBe(500)
  expect((await call('DELETE', `${configs}?dataId=d.yaml&group=G`, undefined, { casMd5: md5('z') })).text).toBe('true')
})

test.each(['no_quorum', 'overloaded', 'disk_full', 'storage_unavailable'] as const)('a write refused with %s says so', async (code) => {
  node.refuseNext({ kind: 'refused', code })
  const answer = await publish()
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([503, code])
  expect(answer.text).toMatch(/^caused: .*nothing was written.*;$/)
})

test('an unknown outcome is 504, never a failure', async () => {
  node.refuseNext({ kind: 'unknown' })
  const answer = await publish()
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([504, 'outcome_unknown'])
})

test('a body over 32 MiB is 413, whether announced or not', async () => {
  const huge = Buffer.alloc((32 << 20) + 1, 0x61)
  const announced = await call('POST', configs, huge)
  expect([announced.status, announced.text]).toEqual([413, 'caused: request body too large, over 33554432 bytes;'])
  const chunked = await call('POST', configs, huge, { 'transfer-encoding': 'chunked' })
  expect(chunked.status).toBe(413)
  expect((await publish()).text).toBe('true')
})

test.each([
  ['PUT', configs, 405],
  ['PATCH', configs, 405],
  ['PUT', `${configs}/listener`, 405],
  ['GET', `${configs}/`, 404],
  ['GET', `${configs};x`, 404],
  ['GET', '/nacos//v1/cs/configs', 404],
  ['GET', '/nacos/v1/cs/%63onfigs', 404],
  ['GET', '/nacos/v1/ns/nothing', 501],
  ['GET', '/', 404],
])('%s %s is %d, as Spring words it', async (method, path, status) => {
  const answer = await call(method, path)
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({ status, path, timestamp: '2024-05-01T03:04:05.000Z' })
})

test('foreign hosts and pages are refused before anything is done', async () => {
  for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    const answer = await publish({}, headers)
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([403, undefined])
  }
  expect(node.sent).toEqual([])
  expect((await publish({}, { origin: 'http://127.0.0.1:5' })).text).toBe('true')
})

test('bytes that are no HTTP get a clean 400', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write('\x16\x03\x01 what is this\r\n\r\n'))
    socket.on('data', (part) => {
      text += part
    })
    socket.on('end', () => resolve(text)).on('error', reject)
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(answer).not.toContain('at ')
})

const poll = (entries: string, headers: Record<string, string> = { 'Long-Pulling-Timeout': '30000' }) =>
  call('POST', `${configs}/listener`, form({ 'Listening-Configs': entries }), headers)

test('a poll that already differs is answered at once, the namespace as it was sent', async () => {
  await publish()
  expect((await poll('d.yaml\x02G\x02\x01')).text).toBe('d.yaml%02G%01\n')
  expect((await poll('d.yaml\x02G\x02\x02public\x01')).text).toBe('d.yaml%02G%02public%01\n')
  expect((await poll('a:1\x02G\x02m\x02dev\x01d.yaml\x02G\x02\x01')).text).toBe('a%3A1%02G%02dev%01d.yaml%02G%01\n')
})

test('an unchanged poll hangs, and a change answers it', async () => {
  await publish()
  const waiting = poll(`d.yaml\x02G\x02${md5('x: 1')}\x02public\x01`)
  await expect.poll(() => node.parts.polls.size()).toBe(1)
  await publish({ content: 'x: 2' })
  expect((await waiting).text).toBe('d.yaml%02G%02public%01\n')
})

test('the end of its time and no-hangup give an empty 200', async () => {
  const unknown = 'none\x02G\x02\x01'
  const waiting = poll(unknown)
  await expect.poll(() => node.parts.polls.size()).toBe(1)
  node.endPolls()
  const expired = await waiting
  expect([expired.status, expired.text]).toEqual([200, ''])
  const first = await poll(unknown, { 'Long-Pulling-Timeout': '30000', 'Long-Pulling-Timeout-No-Hangup': 'true' })
  expect([first.status, first.text]).toEqual([200, ''])
})

test('without a timeout header old clients get the result in headers', async () => {
  await publish()
  const old = await poll('d.yaml\x02G\x02\x01', {})
  expect([old.text, old.headers['probe-modify-response'], old.headers['probe-modify-response-new']]).toEqual(['', 'd.yaml:G;', 'd.yaml%02G%01'])
  const recent = await poll('d.yaml\x02G\x02\x01', { 'Client-Version': '2.1.0' })
  expect([recent.text, recent.headers['probe-modify-response']]).toEqual(['', undefined])
})

test.each([
  ['nothing', ''],
  ['two words', 'd\x02G\x01'],
  ['five words', 'd\x02G\x02m\x02t\x02x\x01'],
  ['too many entries', 'd\x02G\x02\x01'.repeat(10_001)],
])('a poll with %s is invalid', async (_what, entries) => {
  const answer = await poll(entries)
  expect([answer.status, answer.text]).toEqual([400, 'caused: invalid probeModify;'])
})

test('ten thousand entries are read; a third poll over the limit is refused', async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `d${at}\x02G\x02\x01`).join('')
  const waiting = [poll(many), poll('a\x02G\x02\x01')]
  await expect.poll(() => node.parts.polls.size()).toBe(2)
  const refused = await poll('b\x02G\x02\x01')
  expect([refused.status, refused.headers['nacos-trio-error']]).toEqual([503, 'overloaded'])
  node.endPolls()
  expect((await Promise.all(waiting)).map((answer) => answer.status)).toEqual([200, 200])
})

test('a search pages through rows in id order; without contents it has our own fields', async () => {
  for (const dataId of ['app-1', 'app-2', 'app-3', 'other']) await publish({ dataId, content: `中文 ${dataId} "quoted"` })
  const answer = await call('GET', `${configs}?search=blur&dataId=app*&group=&pageNo=2&pageSize=2`)
  const page = JSON.parse(answer.text)
  expect(page).toMatchObject({ totalCount: 3, pageNumber: 2, pagesAvailable: 2 })
  expect(page.pageItems).toEqual([
    {
      ...{ id: '13', dataId: 'app-3', group: 'G', content: '中文 app-3 "quoted"', md5: null, encryptedDataKey: '', tenant: '' },
      ...{ appName: null, type: 'yaml' },
    },
  ])
  const list = JSON.parse((await call('GET', `${configs}?search=accurate&dataId=other&group=&pageNo=1&pageSize=10&omitContent=true`)).text)
  expect(list.pageItems).toMatchObject([
    { dataId: 'other', content: null, md5: md5('中文 other "quoted"'), contentBytes: 21, modifyTime: 1_714_532_645_000 },
  ])
})

test('a search with many stars ends', async () => {
  await publish({ dataId: 'a'.repeat(256) })
  const pattern = `${'a*'.repeat(100)}b`
  const answer = await call('GET', `${configs}?search=blur&dataId=${pattern}&group=&pageNo=1&pageSize=10`)
  expect(JSON.parse(answer.text).totalCount).toBe(0)
})

test.each([
  ['search=blur&dataId=&group=', 500, 'caused: Required request parameter &#39;pageNo&#39; for method parameter type int is not present;'],
  ['search=blur&dataId=&group=&pageNo=x&pageSize=1', 400, 'caused: For input string: "x";'],
  ['search=blur&dataId=&group=&pageNo=-1&pageSize=1', 400, 'caused: For input string: "-1";'],
  ['search=blur&dataId=&group=&pageNo=1&pageSize=1e9', 400, 'caused: For input string: "1e9";'],
])('a search with %s is refused', async (query, status, text) => {
  const answer = await call('GET', `${configs}?${query}`)
  expect([answer.status, answer.text]).toEqual([status, text])
})

test('the detail of a large content arrives whole, of a missing one empty', async () => {
  const content = '值"\\\n'.repeat(100_000)
  await publish({ content, desc: 'why' })
  const detail = JSON.parse((await call('GET', `${configs}?show=all&dataId=d.yaml&group=G`)).text)
  expect(detail).toMatchObject({ dataId: 'd.yaml', md5: md5(content), desc: 'why', configTags: null, createTime: 1_000 })
  expect(detail.content).toBe(content)
  const missing = await call('GET', `${configs}?show=all&dataId=none&group=G`)
  expect([missing.status, missing.text]).toEqual([200, ''])
})

test('the state names leader, term, indexes, hash and peers', async () => {
  const state = JSON.parse((await call('GET', '/nacos/v1/ns/raft/state')).text)
  expect(state).toMatchObject({
    ...{
      leader: '127.0.0.1:8849',
      leaderId: 2,
      term: 7,
      state: 'FOLLOWER',
      commitIndex: 10,
      appliedIndex: 10,
      stateHash: '00000000deadbeef',
      services: 0,
    },
    peers: [
      { ip: '127.0.0.1:8848', state: 'FOLLOWER', voteFor: '127.0.0.1:8849', term: 7 },
      { ip: '127.0.0.1:8849', state: 'LEADER', voteFor: null },
    ],
  })
})

test('the members carry their Raft data', async () => {
  const { code, data } = JSON.parse((await call('GET', '/nacos/v1/core/cluster/nodes?keyword=127.0.0.1:8849')).text)
  expect(code).toBe(200)
  expect(data).toMatchObject([{ address: '127.0.0.1:8849', state: 'UP', extendInfo: { version: '0.1.0', raftPort: '7849' } }])
  expect(data[0].extendInfo.raftMetaData.metaDataMap.naming_persistent_service_v2).toMatchObject({ leader: '127.0.0.1:7849', term: 7 })
})

test('the members of the Raft group are its voters, whoever else is known', async () => {
  const status = node.parts.status()
  Object.assign(node.parts, { status: () => ({ ...status, voters: status.voters.slice(1), learners: status.voters.slice(0, 1) }) })
  const { data } = JSON.parse((await call('GET', '/nacos/v1/core/cluster/nodes')).text)
  expect(data.map(({ address }: { address: string }) => address)).toEqual(['127.0.0.1:8848', '127.0.0.1:8849'])
  expect(data[0].extendInfo.raftMetaData.metaDataMap.naming_persistent_service_v2.raftGroupMember).toEqual(['127.0.0.1:7849'])
})

test('probes and the landing page answer', async () => {
  expect((await call('GET', '/nacos/v1/console/health/liveness')).text).toBe('OK')
  expect((await call('GET', '/nacos/v1/console/health/readiness')).text).toBe('OK')
  for (const path of ['/nacos', '/nacos/']) {
    const page = await call('GET', path)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.text).toContain('控制台')
    expect(page.text).not.toContain('<script')
  }
})
