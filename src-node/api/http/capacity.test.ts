/** What a group or a namespace holds, and what an operator has set for it. */

import { expect, test } from 'vitest'
import { form, servedNode } from './served-node.testing.ts'

const { node, call, get, publish } = servedNode()
const path = '/nacos/v1/cs/capacity'
const set = async (fields: Record<string, string>, to = path) => {
  const { status, text } = await call('POST', to, form(fields))
  return { status, text, body: /^{/.test(text) ? JSON.parse(text) : undefined }
}

test('a group has the limits of Nacos and what is counted in it', async () => {
  for (const dataId of ['a', 'b']) await publish({ dataId })
  await publish({ dataId: 'c', group: 'H', tenant: 'dev' })
  expect((await get(`${path}?group=G`)).body).toEqual({
    ...{ code: 200, message: null },
    data: {
      ...{ id: 0, gmtCreate: null, gmtModified: null, quota: 200, usage: 2, maxSize: 102_400, maxAggrCount: 10_000, maxAggrSize: 1_024 },
      group: 'G',
    },
  })
  expect((await get(`${path}?tenant=dev`)).body.data).toMatchObject({ usage: 1, tenant: 'dev' })
  expect((await get('/nacos/v3/admin/cs/capacity?namespaceId=public')).body).toMatchObject({ code: 0, data: { usage: 2, tenant: 'public' } })
})

test('what is set stays, and the rest with it', async () => {
  expect((await set({ group: 'G', quota: '50', maxSize: '1000' })).body).toEqual({ code: 200, message: null, data: true })
  expect((await set({ groupName: 'G', quota: '60' }, '/nacos/v3/admin/cs/capacity')).body).toEqual({ code: 0, message: 'success', data: true })
  expect((await get(`${path}?group=G`)).body.data).toMatchObject({
    ...{
      id: 11,
      quota: 60,
      maxSize: 1_000,
      maxAggrCount: 10_000,
      gmtCreate: '1970-01-01T00:00:01.011+00:00',
      gmtModified: '1970-01-01T00:00:01.012+00:00',
    },
  })
  await set({ tenant: 'public', quota: '7' })
  expect((await get(`${path}?tenant=`)).body.code).toBe(400)
  expect((await get(`${path}?tenant=public`)).body.data).toMatchObject({ quota: 7 })
})

test('nothing named, and nothing to set, are told as each generation tells it', async () => {
  expect((await get(path)).body).toEqual({ code: 400, message: 'The parameter group and tenant cannot be empty at the same time', data: null })
  const v3 = await get('/nacos/v3/admin/cs/capacity')
  expect([v3.status, v3.body]).toEqual([
    400,
    { code: 10_000, message: 'parameter missing', data: 'At least one of the parameters (groupName or namespaceId) must be provided' },
  ])
  expect((await set({ group: 'G' })).body).toMatchObject({ code: 400, message: expect.stringContaining('quota, maxSize') })
  expect(await set({ quota: '1' })).toMatchObject({ status: 200, body: { code: 400 } })
  expect(await set({ group: 'G', quota: '-1' })).toMatchObject({ status: 400, text: 'caused: For input string: "-1";' })
  node().refuseNext({ kind: 'refused', code: 'no_quorum' })
  expect((await set({ group: 'G', quota: '1' })).status).toBe(503)
})
