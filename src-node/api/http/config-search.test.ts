/** Searches by what only the store knows, and batch removal by the ids they give. */

import { expect, test } from 'vitest'
import { servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const search = (query: string) => get(`/nacos/v1/cs/configs?search=blur&dataId=&group=&pageNo=1&pageSize=10&${query}`)
const names = (page: { pageItems: { dataId: string }[] }) => page.pageItems.map(({ dataId }) => dataId)

const fill = async () => {
  await publish({ dataId: 'a', content: 'timeout=3', appName: 'shop', config_tags: 'red,blue', type: 'yaml' })
  await publish({ dataId: 'b', content: 'port=80', appName: 'shop', config_tags: 'green' })
  await publish({ dataId: 'c', content: 'timeout=5', appName: 'bank', encryptedDataKey: 'key' })
  await publish({ dataId: 'd', content: 'timeout=3', tenant: 'dev', config_tags: 'red' })
}

test('an application, and any of some tags', async () => {
  await fill()
  expect(names((await search('appName=shop')).body)).toEqual(['a', 'b'])
  expect(names((await search('config_tags=blue,green')).body)).toEqual(['a', 'b'])
  expect(names((await search('config_tags=red&tenant=dev')).body)).toEqual(['d'])
  expect(names((await search('appName=shop&config_tags=green')).body)).toEqual(['b'])
})

test('what a query with tags leaves out is null, more of it in an exact one', async () => {
  await fill()
  expect((await search('config_tags=red')).body.pageItems).toMatchObject([{ type: 'yaml', encryptedDataKey: null, md5: null }])
  const exact = await get('/nacos/v1/cs/configs?search=accurate&dataId=a&group=G&pageNo=1&pageSize=10&config_tags=red')
  expect(exact.body.pageItems).toMatchObject([{ type: null, encryptedDataKey: null, content: 'timeout=3' }])
  const plain = await get('/nacos/v1/cs/configs?search=accurate&dataId=c&group=G&pageNo=1&pageSize=10')
  expect(plain.body.pageItems).toMatchObject([{ type: 'text', encryptedDataKey: 'key' }])
})

test('by content: a bare page in v2, the same in the envelope of v3', async () => {
  await fill()
  const v2 = (detail: string) => get(`/nacos/v2/cs/config/searchDetail?dataId=&group=&pageNo=1&pageSize=10&config_detail=${detail}`)
  expect(names((await v2('timeout*')).body)).toEqual(['a', 'c'])
  expect(names((await v2('*=3')).body)).toEqual(['a'])
  expect(names((await v2('meou')).body)).toEqual(['a', 'c'])
  expect(names((await v2('')).body)).toEqual(['a', 'b', 'c'])
  const v3 = await get('/nacos/v3/console/cs/config/searchDetail?dataId=&groupName=&configDetail=port&namespaceId=public')
  expect(v3.body).toEqual({
    code: 0,
    message: 'success',
    data: {
      ...{ totalCount: 1, pageNumber: 1, pagesAvailable: 1 },
      pageItems: [
        {
          ...{ id: '12', namespaceId: 'public', groupName: 'G', dataId: 'b', md5: expect.any(String), type: 'text', appName: 'shop' },
          ...{ createTime: 1_000, modifyTime: 1_714_532_645_000 },
        },
      ],
    },
  })
  expect((await get('/nacos/v3/admin/cs/config/list?dataId=*&groupName=G&type=yaml,json')).body.data.totalCount).toBe(1)
})

test('a store that cannot be asked now says so, and a store that fails is in the log', async () => {
  await fill()
  node().failLookup({ kind: 'busy' })
  expect(await search('appName=shop')).toMatchObject({ status: 503, text: expect.stringContaining('looks up as much in its store as it may') })
  const failures: unknown[] = []
  node().parts.failed = (what) => void failures.push(what)
  node().failLookup({ kind: 'failed', words: 'disk I/O error' })
  expect((await search('appName=shop')).status).toBe(500)
  expect(failures).toEqual(['looking something up in the store'])
})

test('ids that are there are removed, in v1 and in v3; others are skipped', async () => {
  await fill()
  const v1 = await call('DELETE', '/nacos/v1/cs/configs?delType=ids&ids=11,13,99,')
  expect([v1.status, JSON.parse(v1.text)]).toEqual([200, { code: 200, message: null, data: true }])
  expect(node().sent.slice(4)).toMatchObject([
    { kind: 'delete-config', dataId: 'a' },
    { kind: 'delete-config', dataId: 'c' },
  ])
  const v3 = await call('DELETE', '/nacos/v3/console/cs/config/batchDelete?ids=12')
  expect(JSON.parse(v3.text)).toEqual({ code: 0, message: 'success', data: true })
  expect(names((await search('')).body)).toEqual([])
})

test('a removal that is refused ends the rest, and says why', async () => {
  await fill()
  node().refuseNext({ kind: 'refused', code: 'no_quorum' })
  const answer = await call('DELETE', '/nacos/v3/admin/cs/config/batch?ids=11')
  expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 30_000])
})

test.each([
  ['no ids', 'delType=ids', 500, 'caused: Required request parameter &#39;ids&#39; for method parameter type String is not present;'],
  ['a word for an id', 'delType=ids&ids=1,x', 400, 'caused: For input string: "x";'],
  ['another way', 'delType=tags', 400, 'caused: delType is ids, or is not given;'],
])('a batch removal with %s is refused', async (_what, query, status, text) => {
  const answer = await call('DELETE', `/nacos/v1/cs/configs?${query}`)
  expect([answer.status, answer.text]).toEqual([status, text])
})
