/** Gray versions: published for addresses or a tag, read and listened to by whom they are meant for, stopped; the formal content stays what it is. */

import { expect, test } from 'vitest'
import { md5 } from './fake-node.testing.ts'
import { form, servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const configs = '/nacos/v1/cs/configs'
const key = 'dataId=d&group=G'

const beta = (content: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  call('POST', configs, form({ dataId: 'd', group: 'G', content, ...fields }), { betaIps: '10.0.0.1,10.0.0.2', ...headers })
const tagged = (tag: string, content: string) => call('POST', configs, form({ dataId: 'd', group: 'G', content, tag }))
const read = (headers: Record<string, string> = {}, query = '') => call('GET', `${configs}?${key}${query}`, undefined, headers)
const from = (ip: string) => ({ 'x-real-ip': ip })

test('a beta version is for its addresses, and says that it is one', async () => {
  await publish({ content: 'formal', type: 'yaml' })
  expect((await beta('gray', { type: 'json' })).text).toBe('true')
  const meant = await read(from('10.0.0.2'))
  expect([meant.text, meant.headers.isbeta, meant.headers['content-md5'], meant.headers['config-type']]).toEqual([
    'gray',
    'true',
    md5('gray'),
    'json',
  ])
  const other = await read(from('10.0.0.3'))
  expect([other.text, other.headers.isbeta]).toEqual(['formal', undefined])
})

test('a tag that is named is that version or nothing; one that is wished for falls back', async () => {
  await publish({ content: 'formal' })
  await tagged('blue', 'for blue')
  const named = await read({}, '&tag=blue')
  expect([named.text, named.headers.tag]).toEqual(['for blue', 'blue'])
  expect((await read({ 'vipserver-tag': 'blue' })).text).toBe('for blue')
  expect((await read({ 'vipserver-tag': 'red' })).text).toBe('formal')
  expect((await read({}, '&tag=red')).status).toBe(404)
})

test('v2 and v3 give the same versions', async () => {
  await beta('gray')
  const v2 = await call('GET', `/nacos/v2/cs/config?${key}`, undefined, from('10.0.0.1'))
  expect([JSON.parse(v2.text).data, v2.headers.isbeta]).toEqual(['gray', 'true'])
  const v3 = await call('GET', '/nacos/v3/client/cs/config?dataId=d&groupName=G', undefined, from('10.0.0.1'))
  expect(JSON.parse(v3.text).data).toMatchObject({ content: 'gray', beta: true, tag: null })
  await tagged('blue', 'for blue')
  const tag = await get('/nacos/v3/client/cs/config?dataId=d&groupName=G&tag=blue')
  expect(tag.body.data).toMatchObject({ content: 'for blue', beta: false, tag: 'blue' })
  expect((await call('GET', `/nacos/v2/cs/config?${key}`)).status).toBe(404)
})

test('a console sees the beta version and stops it', async () => {
  await publish({ content: 'formal' })
  expect((await get(`${configs}?beta=true&${key}`)).body).toEqual({ code: 200, message: 'query beta ok', data: null })
  await beta('gray', { appName: 'shop', type: 'yaml', src_user: 'me', encryptedDataKey: 'k' })
  expect((await get(`${configs}?beta=true&${key}`)).body).toEqual({
    ...{ code: 200, message: 'query beta ok' },
    data: {
      ...{ id: '12', dataId: 'd', group: 'G', content: 'gray', md5: md5('gray'), encryptedDataKey: 'k', tenant: '', appName: 'shop', type: 'yaml' },
      betaIps: '10.0.0.1,10.0.0.2',
    },
  })
  const stopped = await call('DELETE', `${configs}?beta=true&${key}`)
  expect(JSON.parse(stopped.text)).toEqual({ code: 200, message: 'stop beta ok', data: true })
  expect((await read(from('10.0.0.1'))).text).toBe('formal')
})

test('the same in v3', async () => {
  const path = '/nacos/v3/console/cs/config/beta?dataId=d&groupName=G'
  const missing = await get(path)
  expect([missing.status, missing.body]).toEqual([404, { code: 20_004, message: 'resource not found', data: 'Config is not in beta.' }])
  await beta('gray', { src_user: 'me' })
  expect((await get(path)).body.data).toEqual({
    ...{ id: '11', namespaceId: 'public', groupName: 'G', dataId: 'd', md5: md5('gray'), type: 'text', appName: null },
    ...{ createTime: 1_714_532_645_000, modifyTime: 1_714_532_645_000, content: 'gray', desc: null, encryptedDataKey: '', createUser: 'me' },
    ...{ createIp: '127.0.0.1', configTags: null, grayName: 'beta' },
    grayRule: '{"type":"beta","version":"1.0.0","expr":"10.0.0.1,10.0.0.2","priority":2147483647}',
  })
  const stopped = await call('DELETE', '/nacos/v3/admin/cs/config/beta?dataId=d&groupName=G')
  expect(JSON.parse(stopped.text)).toEqual({ code: 0, message: 'success', data: true })
})

test('a formal publish and a formal removal leave it; a removal by tag takes it, by its name or by the tag', async () => {
  await beta('gray')
  await tagged('blue', 'for blue')
  await publish({ content: 'formal' })
  await call('DELETE', `${configs}?${key}`)
  expect((await read(from('10.0.0.1'))).text).toBe('gray')
  expect((await call('DELETE', `${configs}?${key}&tag=beta`)).text).toBe('true')
  expect((await call('DELETE', `${configs}?${key}&tag=blue`)).text).toBe('true')
  expect(
    node()
      .proposed.slice(2)
      .map(({ grayName }) => grayName),
  ).toEqual(['beta', 'tag_blue'])
  expect((await read(from('10.0.0.1'))).status).toBe(404)
})

const poll = (md5s: string, headers: Record<string, string>) =>
  call('POST', `${configs}/listener`, form({ 'Listening-Configs': `d\x02G\x02${md5s}\x01` }), { 'long-pulling-timeout': '30000', ...headers })
const hanging = (count: number) => expect.poll(() => node().parts.polls.size()).toBe(count)

test('clients hear of a version that is meant for them, and of nothing else', async () => {
  await publish({ content: 'formal' })
  const [meant, other] = [poll(md5('formal'), from('10.0.0.1')), poll(md5('formal'), from('10.0.0.9'))]
  await hanging(2)
  await beta('gray')
  expect((await meant).text).toBe('d%02G%01\n')
  expect(node().parts.polls.size()).toBe(1)
  const withGray = poll(md5('gray'), from('10.0.0.1'))
  await hanging(2)
  await publish({ content: 'formal 2' })
  expect((await other).text).toBe('d%02G%01\n')
  expect(node().parts.polls.size()).toBe(1)
  await call('DELETE', `${configs}?beta=true&${key}`)
  expect((await withGray).text).toBe('d%02G%01\n')
})

test('a poll is compared with the version of its client at once', async () => {
  await publish({ content: 'formal' })
  await tagged('blue', 'for blue')
  expect((await poll(md5('formal'), { 'vipserver-tag': 'blue' })).text).toBe('d%02G%01\n')
})

test('compare-and-set and limits are those of the version', async () => {
  await beta('one')
  const stale = await beta('two', {}, { casMd5: '0'.repeat(32) })
  expect([stale.status, stale.text]).toEqual([500, 'caused: Cas publish fail, server md5 may have changed.;'])
  expect((await beta('two', {}, { casMd5: md5('one') })).text).toBe('true')
  for (let at = 1; at < 10; at++) await tagged(`t${at}`, 'x')
  const eleventh = await call('POST', '/nacos/v2/cs/config', form({ dataId: 'd', group: 'G', content: 'x', tag: 'more' }))
  expect([eleventh.status, JSON.parse(eleventh.text)]).toEqual([
    400,
    { code: 20_010, message: 'config gray version version over max count', data: 'gray config version is over max count :10' },
  ])
})

test('history has rows of it, with the content of before', async () => {
  await beta('one')
  await beta('two')
  const { pageItems } = (await get(`/nacos/v2/cs/history/list?${key}`)).body.data
  expect(pageItems).toMatchObject([
    { opType: 'U', publishType: 'gray', grayName: 'beta' },
    { opType: 'I', publishType: 'gray', grayName: 'beta' },
  ])
  expect((await get(`/nacos/v1/cs/history?nid=2&${key}`)).body).toMatchObject({ content: 'one', md5: md5('one') })
  expect((await get(`/nacos/v2/cs/history/detail?nid=2&${key}`)).body.data).toMatchObject({ originalContent: 'one', updatedContent: 'two' })
})

test('a version whose content is not what was written ends the node', async () => {
  const broken: unknown[] = []
  node().parts.storeBroken = (failure) => void broken.push(failure)
  await beta('gray')
  const [recordKey = '', value = new Uint8Array()] = [...node().records][0] ?? []
  node().records.set(recordKey, value.with(-1, 33))
  expect((await read(from('10.0.0.1'))).status).toBe(503)
  node().records.clear()
  expect((await read(from('10.0.0.1'))).status).toBe(503)
  expect(broken).toHaveLength(2)
})

test.each([
  ['no address', { betaIps: ' , ' }, '', 400, 'caused: betaIps names no address;'],
  ['too many addresses', { betaIps: '10.0.0.1,'.repeat(120) }, '', 400, 'caused: too long betaIps, over 1024;'],
  ['a long tag', {}, '&tag=12345678901234567', 400, 'caused: too long tag, over 16;'],
  ['a strange tag', {}, '&tag=a%2Fb', 400, 'caused: invalid tag : a/b;'],
  [
    'a request id',
    { betaIps: '10.0.0.1', 'nacos-trio-request-id': 'a'.repeat(20) },
    '',
    400,
    'caused: a gray version is written without Nacos-Trio-Request-Id;',
  ],
])('a publish with %s is refused', async (_what, headers, query, status, text) => {
  const answer = await call('POST', `${configs}?${key}&content=x${query}`, '', headers as Record<string, string>)
  expect([answer.status, answer.text]).toEqual([status, text])
  expect(node().proposed).toEqual([])
})

test('what the cluster refuses is told as of any write', async () => {
  node().refuseNextGray({ kind: 'refused', code: 'no_quorum' })
  expect((await beta('gray')).status).toBe(503)
  node().refuseNextGray({ kind: 'unknown' })
  expect((await call('DELETE', `${configs}?beta=true&${key}`)).status).toBe(504)
  expect((await call('GET', `${configs}?beta=yes&${key}`)).status).toBe(400)
})
