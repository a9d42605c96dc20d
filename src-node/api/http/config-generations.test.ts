/** The same configuration over v2 and v3: its names, its envelope, its failures. */

import { expect, test } from 'vitest'
import { md5 } from './fake-node.testing.ts'
import { form, servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const success = (data: unknown) => ({ code: 0, message: 'success', data })

test('v2 publishes, reads and removes', async () => {
  const fields = { dataId: 'd', group: 'G', content: '中 "x"', namespaceId: 'dev', type: 'json', configTags: 'a,b', srcUser: 'me', desc: 'why' }
  const published = await call('POST', '/nacos/v2/cs/config', form(fields))
  expect([published.status, JSON.parse(published.text)]).toEqual([200, success(true)])
  expect(node().sent[0]).toMatchObject({ namespace: 'dev', tags: ['a', 'b'], sourceUser: 'me', description: 'why', type: 'json' })
  const read = await call('GET', '/nacos/v2/cs/config?dataId=d&group=G&namespaceId=dev')
  expect(JSON.parse(read.text)).toEqual(success('中 "x"'))
  expect(read.headers).toMatchObject({
    ...{ 'content-type': 'application/json;charset=UTF-8', 'config-type': 'json', 'content-md5': md5('中 "x"'), 'encrypted-data-key': '' },
    ...{ 'last-modified': 'Wed, 01 May 2024 03:04:05 GMT', 'cache-control': 'no-cache,no-store' },
  })
  const removed = await call('DELETE', '/nacos/v2/cs/config?dataId=d&group=G&namespaceId=dev')
  expect(JSON.parse(removed.text)).toEqual(success(true))
  const missing = await call('GET', '/nacos/v2/cs/config?dataId=d&group=G&namespaceId=dev')
  expect([missing.status, missing.text]).toEqual([404, '{"code":20004,"message":"resource not found","data":"config data not exist"}\n'])
})

test('v3 reads for a client, who gets 200 for what is not there', async () => {
  await publish({ content: 'v', type: 'yaml' })
  expect((await get('/nacos/v3/client/cs/config?dataId=d&groupName=G&namespaceId=public')).body).toEqual(
    success({
      ...{ resultCode: 200, errorCode: 0, message: null, requestId: null, content: 'v', encryptedDataKey: '', contentType: 'yaml', md5: md5('v') },
      ...{ lastModified: 1_714_532_645_000, tag: null, beta: false, success: true },
    }),
  )
  expect(await get('/nacos/v3/client/cs/config?dataId=none&groupName=G')).toMatchObject({
    status: 200,
    body: { code: 20_004, message: 'resource not found', data: 'config data not exist' },
  })
})

test.each(['admin', 'console'])('v3/%s publishes, shows and removes', async (who) => {
  const path = `/nacos/v3/${who}/cs/config`
  const fields = { dataId: 'd', groupName: 'G', content: 'v', configTags: 'a', desc: 'why', appName: 'shop' }
  expect(JSON.parse((await call('POST', path, form(fields))).text)).toEqual(success(true))
  expect((await get(`${path}?dataId=d&groupName=G`)).body).toEqual(
    success({
      ...{ id: '11', namespaceId: 'public', groupName: 'G', dataId: 'd', md5: md5('v'), type: 'text', appName: 'shop', createTime: 1_000 },
      ...{ modifyTime: 1_714_532_645_000, content: 'v', desc: 'why', encryptedDataKey: '', createUser: null, createIp: '127.0.0.1', configTags: 'a' },
    }),
  )
  expect(JSON.parse((await call('DELETE', `${path}?dataId=d&groupName=G`)).text)).toEqual(success(true))
})

test('v3 changes what is said of a configuration, without its content', async () => {
  await publish({ content: 'v', type: 'yaml', appName: 'shop', desc: 'why', config_tags: 'a,b', src_user: 'me' })
  const path = '/nacos/v3/admin/cs/config'
  const describeIt = (fields: Record<string, string>) => call('PUT', `${path}/metadata`, form({ dataId: 'd', groupName: 'G', ...fields }))
  const shown = async () => (await get(`${path}?dataId=d&groupName=G`)).body.data
  expect(JSON.parse((await describeIt({ desc: 'because', configTags: 'c' })).text)).toEqual(success(true))
  const whole = { content: 'v', md5: md5('v'), type: 'yaml', appName: 'shop', createUser: 'me' }
  expect(await shown()).toMatchObject({ ...whole, desc: 'because', configTags: 'c' })
  // Somebody who publishes meanwhile wins.
  expect(node().sent.at(-1)).toMatchObject({ expectedMd5: md5('v') })
  await describeIt({ configTags: 'x,y' })
  expect(await shown()).toMatchObject({ ...whole, desc: 'because', configTags: 'x,y' })
  await describeIt({ desc: 'well' })
  expect(await shown()).toMatchObject({ ...whole, desc: 'well', configTags: 'x,y' })
  const missing = await call('PUT', `${path}/metadata`, form({ dataId: 'none', groupName: 'G', desc: 'x' }))
  expect([missing.status, JSON.parse(missing.text).code]).toEqual([404, 20_004])
  expect(JSON.parse((await describeIt({ desc: 'x'.repeat(129) })).text).data).toBe('too long desc, over 128')
})

test('a configuration that is missing: 404 for an operator, nothing for the console', async () => {
  const admin = await get('/nacos/v3/admin/cs/config?dataId=d&groupName=G')
  expect([admin.status, admin.body]).toEqual([
    404,
    { code: 20_004, message: 'resource not found', data: 'Config not exist, please publish Config first.' },
  ])
  expect(await get('/nacos/v3/console/cs/config?dataId=d&groupName=G')).toMatchObject({ status: 200, body: success(null) })
  expect((await get('/nacos/v1/cs/configs/catalog?dataId=d&group=G')).body).toEqual({ code: 200, message: null, data: null })
})

test('the catalog of v1 has all but the content', async () => {
  await publish({ desc: 'why', config_tags: 'a,b', src_user: 'me' })
  expect((await get('/nacos/v1/cs/configs/catalog?dataId=d&group=G')).body).toEqual({
    ...{ code: 200, message: null },
    data: {
      ...{ createTime: 1_000, modifyTime: 1_714_532_645_000, createUser: 'me', createIp: '127.0.0.1', desc: 'why', use: null, effect: null },
      ...{ type: 'text', schema: null, configTags: 'a,b' },
    },
  })
})

test.each([
  ['no dataId', 'groupName=G&content=v', 400, 10_000, "Required request parameter 'dataId' for method parameter type String is not present"],
  [
    'a blank group',
    'dataId=d&groupName=&content=v',
    400,
    10_000,
    "Required request parameter 'groupName' for method parameter type String is not present",
  ],
  ['a long description', `dataId=d&groupName=G&content=v&desc=${'x'.repeat(129)}`, 400, 20_002, 'too long desc, over 128'],
])('a publish of v3 with %s is refused in the envelope', async (_what, body, status, code, data) => {
  const answer = await call('POST', '/nacos/v3/admin/cs/config', body)
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { code, data }])
})

test('a conflict and a refusal of the cluster are in it too', async () => {
  const body = form({ dataId: 'd', group: 'G', content: 'v' })
  const conflict = await call('POST', '/nacos/v2/cs/config', body, { casMd5: '0'.repeat(32) })
  expect([conflict.status, JSON.parse(conflict.text)]).toEqual([
    500,
    { code: 20_005, message: 'resource conflict', data: 'Cas publish fail, server md5 may have changed.' },
  ])
  node().refuseNext({ kind: 'refused', code: 'no_quorum' })
  const refused = await call('POST', '/nacos/v2/cs/config', body)
  expect([refused.status, refused.headers['nacos-trio-error'], JSON.parse(refused.text).code]).toEqual([503, 'no_quorum', 30_000])
})

test('what only a server with Derby has is refused by name, and the store says how it is', async () => {
  expect((await get('/nacos/v1/cs/ops/derby?sql=select')).body).toEqual({ code: 500, message: 'The current storage mode is not Derby', data: null })
  expect(JSON.parse((await call('POST', '/nacos/v3/admin/cs/ops/derby/import')).text).message).toBe('Limited to embedded storage mode')
  expect((await call('GET', '/nacos/v1/cs/health')).text).toBe('UP')
})
