/** Clones into another namespace and under other names, by the policies of an import. */

import { beforeEach, expect, test } from 'vitest'
import { servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const v1 = '/nacos/v1/cs/configs?clone=true&tenant=dev'
const json = { 'content-type': 'application/json' }
const send = async (path: string, list: unknown) => {
  const body = typeof list === 'string' ? list : JSON.stringify(list)
  const { status, text } = await call('POST', path, body, { ...json, 'content-length': String(Buffer.byteLength(body)) })
  return { status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
}
const inDev = async (dataId: string, group = 'G') => (await call('GET', `/nacos/v1/cs/configs?dataId=${dataId}&group=${group}&tenant=dev`)).text

beforeEach(async () => {
  await publish({ dataId: 'a', content: 'one', type: 'yaml', appName: 'shop', desc: 'why', config_tags: 't', encryptedDataKey: 'k' })
  await publish({ dataId: 'b', content: 'two' })
  await call('POST', '/nacos/v1/console/namespaces', 'customNamespaceId=dev&namespaceName=dev')
})

test('all of a configuration goes along, under its name or another', async () => {
  const answer = await send(v1, [{ cfgId: 11 }, { cfgId: '12', dataId: 'c', group: 'H' }])
  expect(answer.body).toEqual({ code: 200, message: 'Clone Completed Successfully', data: { succCount: 2 } })
  expect(node().sent.slice(2)).toMatchObject([
    { namespace: 'dev', dataId: 'a', group: 'G', type: 'yaml', appName: 'shop', description: 'why', tags: ['t'], encryptedDataKey: 'k' },
    { namespace: 'dev', dataId: 'c', group: 'H' },
  ])
  expect([await inDev('a'), await inDev('c', 'H')]).toEqual(['one', 'two'])
})

test('ABORT writes nothing, SKIP leaves what is there, OVERWRITE replaces it', async () => {
  await publish({ dataId: 'a', content: 'theirs', tenant: 'dev' })
  const both = [{ cfgId: 11 }, { cfgId: 12 }]
  expect((await send(v1, both)).body.data).toEqual({
    ...{ succCount: 0, skipCount: 1, skipData: [{ dataId: 'b', group: 'G' }] },
    failData: [{ dataId: 'a', group: 'G', reason: 'it is there already' }],
  })
  expect(await inDev('b')).toBe('config data not exist\n')
  expect((await send(`${v1}&policy=SKIP`, both)).body.data).toMatchObject({ succCount: 1, skipCount: 1 })
  expect(await inDev('a')).toBe('theirs')
  expect((await send(`${v1}&policy=OVERWRITE`, both)).body.data).toEqual({ succCount: 2 })
  expect(await inDev('a')).toBe('one')
})

test('v3 names its target and its fields otherwise, for an operator and for the console', async () => {
  const admin = await send('/nacos/v3/admin/cs/config/clone?namespaceId=dev', [{ configId: 11, targetDataId: 'x', targetGroupName: 'H' }])
  expect(admin.body).toEqual({ code: 0, message: 'success', data: { succCount: 1 } })
  const console = await send('/nacos/v3/console/cs/config/clone?targetNamespaceId=dev&policy=SKIP', [{ cfgId: 11, dataId: '', group: '' }])
  expect(console.body.data).toEqual({ succCount: 1 })
  expect([await inDev('x', 'H'), await inDev('a')]).toEqual(['one', 'one'])
})

test.each([
  [v1.replace('tenant=dev', 'tenant=none'), { code: 100_001, data: { succCount: 0 } }],
  ['/nacos/v3/console/cs/config/clone?targetNamespaceId=none', { code: 22_001, message: 'namespace not exist', data: { succCount: 0 } }],
])('a namespace that is not there is none to clone into: %s', async (path, told) => {
  expect((await send(path, [{ cfgId: 11 }])).body).toMatchObject(told)
  expect(node().sent).toHaveLength(2)
})

test.each(['', 'public'])('the default namespace "%s" is always there', async (tenant) => {
  expect((await send(v1.replace('tenant=dev', `tenant=${tenant}`), [{ cfgId: 11, dataId: 'c' }])).body.data).toEqual({ succCount: 1 })
})

test('nothing selected, and nothing there, have codes of their own', async () => {
  expect((await send(v1, [])).body).toMatchObject({ code: 100_006, data: { succCount: 0 } })
  expect((await send(v1, [{ cfgId: 99 }])).body).toMatchObject({ code: 100_005, data: { succCount: 0 } })
})

test('a cluster that cannot be written to is found out before the first write', async () => {
  node().setReads({ kind: 'refused', code: 'no_quorum' })
  expect((await send(v1, [{ cfgId: 11 }])).status).toBe(503)
  expect(node().sent).toHaveLength(2)
})

test.each([
  ['no JSON', '[', 400],
  ['no list', '{}', 400],
  ['no number', '[{"cfgId":"x"}]', 400],
  ['a text that is none', '[{"cfgId":1,"dataId":5}]', 400],
  ['a name that no configuration may have', '[{"cfgId":1,"dataId":"a/b"}]', 400],
])('a list with %s is refused', async (_what, body, status) => {
  expect((await send(v1, body)).status).toBe(status)
})

test('an unknown policy is refused', async () => {
  expect((await send(`${v1}&policy=MERGE`, [{ cfgId: 11 }])).status).toBe(400)
  expect((await get('/nacos/v1/cs/configs?clone=true')).status).toBe(501)
})
