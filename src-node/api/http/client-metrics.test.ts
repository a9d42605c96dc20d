/** What clients say of themselves, at this node and at all of them. */

import { expect, test } from 'vitest'
import { servedNode } from './served-node.testing.ts'

const { node, get } = servedNode()
const v1 = '/nacos/v1/cs/metrics'
const v3 = '/nacos/v3/admin/cs/metrics'

test('the clients of this node are asked by their address, about themselves or about a configuration', async () => {
  node().setClients({ 'a-1': '{"listenConfigSize":3}' })
  expect((await get(`${v1}/current?ip=10.0.0.1`)).body).toEqual({ 'a-1': '{"listenConfigSize":3}' })
  expect((await get(`${v3}/ip?ip=10.0.0.1&dataId=a+b&groupName=G&namespaceId=dev`)).status).toBe(200)
  await get(`${v1}/current?ip=10.0.0.1&dataId=a%2Bb&group=G&tenant=dev`)
  await get(`${v1}/current?ip=10.0.0.1&dataId=a&group=`)
  expect(node().metricsAsked).toEqual([
    ['10.0.0.1', null],
    ['10.0.0.1', 'a b+G+dev'],
    ['10.0.0.1', 'a%2Bb+G+dev'],
    ['10.0.0.1', null],
  ])
  expect(node().asked).toEqual([])
})

test('all nodes are asked for their own, and what they say is put together', async () => {
  node().setClients({ a: 'own', b: 'own' })
  node().setPeers([{ b: 'theirs' }, ['nonsense'], { c: { more: 1 } }])
  const all = { a: 'own', b: 'theirs', c: { more: 1 } }
  expect((await get(`${v1}/cluster?ip=10.0.0.1&dataId=a&group=G&tenant=dev`)).body).toMatchObject(all)
  expect((await get(`${v3}/cluster?ip=10.0.0.1`)).body).toMatchObject({ code: 0, message: 'success', data: all })
  expect(node().asked[0]).toEqual({ path: `${v1}/current`, fields: { ip: '10.0.0.1', dataId: 'a', group: 'G', tenant: 'dev' } })
})

test('one answer has so many names, and no more', async () => {
  node().setPeers([Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`n${at}`, at]))])
  expect(Object.keys((await get(`${v1}/cluster?ip=10.0.0.1`)).body)).toHaveLength(1_000)
})

test('an address must be named', async () => {
  for (const path of [`${v1}/cluster`, `${v1}/current`]) expect((await get(path)).text).toContain('Required request parameter &#39;ip&#39;')
  for (const path of [`${v3}/cluster`, `${v3}/ip`]) expect((await get(path)).body).toMatchObject({ code: 10_000 })
  expect(node().metricsAsked).toEqual([])
})

test('a node that asks its clients as much as it may says so', async () => {
  node().setClients(null)
  for (const path of ['current', 'cluster']) expect((await get(`${v1}/${path}?ip=10.0.0.1`)).status).toBe(503)
})
