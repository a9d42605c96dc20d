/** History over v1, v2 and v3: three rows of one configuration, and what is asked about them. */

import { beforeEach, expect, test } from 'vitest'
import { md5 } from './fake-node.testing.ts'
import { servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const key = 'dataId=d&group=G'

beforeEach(async () => {
  await publish({ content: 'timeout=3', type: 'properties' })
  await publish({ content: 'timeout=5', type: 'properties' })
  await publish({ content: 'timeout=7', type: 'properties' })
})

test('the list is a page, newest first, without contents', async () => {
  const { body } = await get(`/nacos/v1/cs/history?search=accurate&${key}&pageNo=1&pageSize=2`)
  expect(body).toMatchObject({ totalCount: 3, pageNumber: 1, pagesAvailable: 2 })
  expect(body.pageItems).toHaveLength(2)
  expect(body.pageItems[0]).toEqual({
    ...{ id: '3', lastId: -1, dataId: 'd', group: 'G', tenant: '', appName: null, md5: null, content: null, srcIp: '127.0.0.1', srcUser: null },
    ...{ opType: 'U', publishType: 'formal', grayName: null, extInfo: '{"type":"properties"}', createdTime: '2024-05-01T03:04:05.002+00:00' },
    ...{ lastModifiedTime: '2024-05-01T03:04:05.002+00:00', encryptedDataKey: null },
  })
  expect((await get(`/nacos/v1/cs/history?search=accurate&${key}&pageNo=2&pageSize=2`)).body.pageItems).toMatchObject([{ id: '1', opType: 'I' }])
})

test('a row has the content of before its change', async () => {
  const { body } = await get(`/nacos/v1/cs/history?nid=2&${key}`)
  expect(body).toMatchObject({ id: '2', opType: 'U', content: 'timeout=3', md5: md5('timeout=3'), encryptedDataKey: '' })
  const v2 = await get(`/nacos/v2/cs/history?nid=2&${key}&namespaceId=`)
  expect(v2.body).toEqual({ code: 0, message: 'success', data: body })
})

test('a row of v3 has its names and times', async () => {
  const { body } = await get('/nacos/v3/admin/cs/history?nid=2&dataId=d&groupName=G&namespaceId=public')
  expect(body.data).toEqual({
    ...{ id: '2', namespaceId: 'public', groupName: 'G', dataId: 'd', md5: md5('timeout=3'), type: null, appName: null },
    ...{ createTime: 1_714_532_645_001, modifyTime: 1_714_532_645_001, srcIp: '127.0.0.1', srcUser: null, opType: 'U', publishType: 'formal' },
    ...{ content: 'timeout=3', encryptedDataKey: '', grayName: null, extInfo: '{"type":"properties"}' },
  })
  const list = (await get('/nacos/v3/console/cs/history/list?dataId=d&groupName=G')).body.data
  expect(list.totalCount).toBe(3)
  expect(list.pageItems[0]).not.toHaveProperty('content')
})

test('what was before the newest change of a configuration, by its own id', async () => {
  expect((await get(`/nacos/v1/cs/history/previous?id=11&${key}`)).body).toMatchObject({ id: '3', content: 'timeout=5' })
  expect((await get(`/nacos/v1/cs/history/previous?id=0&${key}`)).text).toBe('')
  expect((await get(`/nacos/v2/cs/history/previous?id=77&${key}`)).body).toEqual({ code: 0, message: 'success', data: null })
  const v3 = await get('/nacos/v3/admin/cs/history/previous?id=77&dataId=d&groupName=G')
  expect([v3.status, v3.body]).toEqual([404, { code: 20_004, message: 'resource not found', data: 'previous config history for id = 77 not exist' }])
})

test('what a row changed from what to what: the next row knows, or the configuration as it is now', async () => {
  const detail = async (nid: number) => (await get(`/nacos/v2/cs/history/detail?nid=${nid}&${key}`)).body.data
  expect(await detail(1)).toMatchObject({ originalContent: '', originalMd5: '', originalExtInfo: '', updatedContent: 'timeout=3' })
  expect(await detail(2)).toMatchObject({ originalContent: 'timeout=3', updatedContent: 'timeout=5', updateExtInfo: '{"type":"properties"}' })
  expect(await detail(3)).toMatchObject({ originalContent: 'timeout=5', updatedContent: 'timeout=7', updateExtInfo: null })
  await call('DELETE', `/nacos/v1/cs/configs?${key}`)
  expect(await detail(4)).toMatchObject({ opType: 'D', originalContent: 'timeout=7', updatedContent: null, updatedMd5: null })
})

test('a row that is not there, and one of another configuration', async () => {
  expect(await get(`/nacos/v1/cs/history?nid=99&${key}`)).toMatchObject({ status: 200, text: '' })
  expect((await get(`/nacos/v2/cs/history?nid=99&${key}`)).body.data).toBe(null)
  expect((await get('/nacos/v3/admin/cs/history?nid=99&dataId=d&groupName=G')).body).toMatchObject({
    data: 'certain config history for nid = 99 not exist',
  })
  const other = await call('GET', '/nacos/v1/cs/history?nid=1&dataId=e&group=G')
  expect([other.status, other.text]).toEqual([403, 'caused: Please check dataId, group or namespaceId.;'])
  const detail = await get('/nacos/v2/cs/history/detail?nid=2&dataId=e&group=G')
  expect([detail.status, detail.body.code]).toEqual([403, 10_001])
})

test('the configurations of a namespace, for whoever looks for a history', async () => {
  await publish({ dataId: 'e', tenant: 'dev', appName: 'shop' })
  expect((await get('/nacos/v1/cs/history/configs?tenant=dev')).body).toEqual([
    {
      ...{ id: '14', dataId: 'e', group: 'G', content: null, md5: null, encryptedDataKey: null, tenant: 'dev', appName: 'shop', type: 'text' },
      lastModified: 1_714_532_645_000,
    },
  ])
  expect((await get('/nacos/v2/cs/history/configs?namespaceId=')).body.data).toMatchObject([{ dataId: 'd' }])
  expect((await get('/nacos/v3/admin/cs/history/configs?namespaceId=dev')).body.data).toMatchObject([{ namespaceId: 'dev', groupName: 'G' }])
  expect((await call('GET', '/nacos/v1/cs/history/configs')).status).toBe(500)
})

test('a gray row names its version, whatever stands in its words', async () => {
  const row = node().history[0]
  if (row === undefined) throw new Error('there is no history')
  node().history.push(
    { ...row, nid: 4, publishType: 'gray', extInfo: '{"gray_name":"tag_blue"}' },
    { ...row, nid: 5, publishType: 'gray', extInfo: '' },
  )
  const { pageItems } = (await get(`/nacos/v2/cs/history/list?${key}`)).body.data
  expect(pageItems.slice(0, 2)).toMatchObject([
    { publishType: 'gray', grayName: null },
    { publishType: 'gray', grayName: 'tag_blue' },
  ])
})

test.each([
  ['another search', 'search=blur&dataId=d&group=G', 400],
  ['a number that is none', 'nid=x&dataId=d&group=G', 400],
  ['no number', 'dataId=d&group=G', 500],
  ['no group', 'nid=1&dataId=d', 500],
])('%s is refused', async (_what, query, status) => {
  expect((await call('GET', `/nacos/v1/cs/history?${query}`)).status).toBe(status)
})
