import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NamingServer, startNamingServer, success } from './naming-server.testing.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const service = '/v1/ns/service'
const create = (fields: Record<string, string | number> = {}) => server.ask('POST', service, { serviceName: 'svc', ...fields })
const none = { type: 'none', contextType: 'NONE' }

test('a service is created once, shown, changed, and removed', async () => {
  expect(await create({ protectThreshold: 0.5, metadata: 'a=b' })).toEqual([200, 'ok'])
  expect(await create()).toEqual([400, 'specified service DEFAULT_GROUP@@svc already exists!'])
  expect(await server.ask('GET', service, { serviceName: 'svc' })).toEqual([
    200,
    '{"namespaceId":"public","groupName":"DEFAULT_GROUP","name":"svc","protectThreshold":0.5,"metadata":{"a":"b"},' +
      '"selector":{"type":"none","contextType":"NONE"},"clusters":[]}',
  ])
  expect(await server.ask('PUT', service, { serviceName: 'svc', protectThreshold: 1 })).toEqual([200, 'ok'])
  expect((await server.json('GET', service, { serviceName: 'svc' }))[1]).toMatchObject({ protectThreshold: 1, metadata: {} })
  expect(await server.ask('DELETE', service, { serviceName: 'svc' })).toEqual([200, 'ok'])
  expect(await server.ask('DELETE', service, { serviceName: 'svc' })).toEqual([400, 'service DEFAULT_GROUP@@svc not found!'])
})

test('a whole number of a double keeps its point', async () => {
  await create()
  expect((await server.ask('GET', service, { serviceName: 'svc' }))[1]).toContain('"protectThreshold":0.0,')
})

test('what is not there is not shown and not changed', async () => {
  expect(await server.ask('GET', service, { serviceName: 'svc' })).toEqual([
    400,
    'service not found, namespace: public, serviceName: DEFAULT_GROUP@@svc',
  ])
  expect(await server.ask('PUT', service, { serviceName: 'svc', protectThreshold: 0 })).toEqual([400, 'service DEFAULT_GROUP@@svc not found!'])
  expect(await server.ask('PUT', service, { serviceName: 'svc' })).toEqual([400, "Param 'protectThreshold' is required."])
  expect((await server.json('GET', '/v3/admin/ns/service', { serviceName: 'svc' }))[1]).toMatchObject({ code: 21_008, message: 'service not exist' })
})

test('a service with instances stays', async () => {
  await server.register()
  expect(await server.ask('DELETE', service, { serviceName: 'svc' })).toEqual([
    400,
    "Service DEFAULT_GROUP@@svc is not empty, can't be delete. Please unregister instance first",
  ])
  expect((await server.json('DELETE', '/v2/ns/service', { serviceName: 'svc' }))[1].code).toBe(21_009)
})

test('made by hand it is one of persistent instances, unless v2 or v3 say otherwise', async () => {
  await create()
  expect((await server.register())[0]).toBe(400)
  expect(await server.json('POST', '/v2/ns/service', { serviceName: 'e', ephemeral: 'true' })).toEqual(success('ok'))
  expect(await server.register({ serviceName: 'e' })).toEqual([200, 'ok'])
})

test('details of v2 and v3 differ in a name and in what they say of clusters', async () => {
  await server.register()
  const v2 = (await server.json('GET', '/v2/ns/service', { serviceName: 'svc' }))[1].data
  expect(v2).toEqual({
    ...{ namespace: 'public', serviceName: 'svc', groupName: 'DEFAULT_GROUP', metadata: {}, protectThreshold: 0, selector: none, ephemeral: true },
    clusterMap: { DEFAULT: { hosts: null, clusterName: 'DEFAULT', healthChecker: { type: 'TCP' }, metadata: {} } },
  })
  const v3 = (await server.json('GET', '/v3/console/ns/service', { serviceName: 'svc' }))[1].data
  expect(v3.namespaceId).toBe('public')
  expect(v3.clusterMap.DEFAULT).toEqual({
    ...{ clusterName: 'DEFAULT', healthChecker: { type: 'TCP' }, healthyCheckPort: 80, useInstancePortForCheck: true, metadata: {}, hosts: null },
  })
})

test.each([
  ['a selector of no known type', { selector: '{"type":"magic"}' }, 21_006],
  ['a selector that is no JSON', { selector: 'none' }, 21_006],
  ['a threshold above everything', { protectThreshold: 2 }, 20_002],
])('%s is refused', async (_what, fields, code) => {
  const [status, body] = await server.json('POST', '/v3/admin/ns/service', { serviceName: 'svc', ...fields })
  expect([status, body.code]).toEqual([400, code])
})

test('a label selector is kept and shown', async () => {
  await create({ selector: '{"type":"label","expression":"CONSUMER.label.a=PROVIDER.label.a"}' })
  expect((await server.json('GET', service, { serviceName: 'svc' }))[1].selector).toEqual({
    ...{ type: 'label', labels: [], expression: 'CONSUMER.label.a=PROVIDER.label.a', contextType: 'CMDB' },
  })
})

test('names are listed page by page, with the count of the group', async () => {
  for (const name of ['a', 'b', 'c']) await create({ serviceName: name })
  await create({ serviceName: 'd', groupName: 'G' })
  expect(await server.ask('GET', `${service}/list`, { pageNo: 1, pageSize: 2 })).toEqual([200, '{"count":3,"doms":["a","b"]}'])
  expect(await server.json('GET', `${service}/list`, { pageNo: 2, pageSize: 2 })).toEqual([200, { count: 3, doms: ['c'] }])
  expect(await server.json('GET', `${service}/list`, { pageNo: 9, pageSize: 2 })).toEqual([200, { count: 3, doms: [] }])
  expect(await server.ask('GET', `${service}/list`)).toEqual([400, "Param 'pageNo' is required."])
  expect(await server.json('GET', '/v2/ns/service/list', { groupName: 'G' })).toEqual(success({ count: 1, services: ['d'] }))
})

test('names that hold a text, grouped, under an odd member', async () => {
  await create({ serviceName: 'order-api' })
  await create({ serviceName: 'other' })
  expect(await server.json('GET', `${service}/names`, { namespaceId: 'public', expr: 'order' })).toEqual([
    200,
    { 'META-INF/services': { public: ['DEFAULT_GROUP@@order-api'] }, count: 1 },
  ])
})

test('names of all namespaces that have services, if none is named', async () => {
  await create({ serviceName: 'order-api' })
  await create({ serviceName: 'order-web', namespaceId: 'dev' })
  await create({ serviceName: 'other', namespaceId: 'test' })
  const all = { public: ['DEFAULT_GROUP@@order-api'], dev: ['DEFAULT_GROUP@@order-web'], test: [] }
  for (const asked of [{ expr: 'order' }, { expr: 'order', namespaceId: '' }])
    expect(await server.json('GET', `${service}/names`, asked)).toEqual([200, { 'META-INF/services': all, count: 2 }])
})

test('selectors are told, in v1 in its own envelope', async () => {
  expect(await server.json('GET', `${service}/selector/types`)).toEqual([200, { code: 200, message: null, data: ['none', 'label'] }])
  expect(await server.json('GET', '/v3/console/ns/service/selector/types')).toEqual(success(['none', 'label']))
})

test('the catalog searches by pieces of name and group, and hides empty services when asked', async () => {
  await server.register({ serviceName: 'order-api' })
  await server.register({ serviceName: 'order-api', port: 1, healthy: 'false' })
  await create({ serviceName: 'order-empty' })
  const ask = (fields: Record<string, string | number>) =>
    server.json('GET', '/v1/ns/catalog/services', { withInstances: 'false', pageNo: 1, pageSize: 10, ...fields })
  const row = { name: 'order-api', groupName: 'DEFAULT_GROUP', clusterCount: 1, ipCount: 2, healthyInstanceCount: 1, triggerFlag: 'false' }
  expect(await ask({ hasIpCount: 'true', serviceNameParam: 'der', groupNameParam: 'FAULT' })).toEqual([200, { count: 1, serviceList: [row] }])
  expect((await ask({ serviceNameParam: 'order' }))[1].count).toBe(2)
  expect((await ask({ serviceNameParam: 'none' }))[1]).toEqual({ count: 0, serviceList: [] })
  expect((await ask({ pageNo: 5 }))[1].serviceList).toHaveLength(2)
  expect(await server.ask('GET', '/v1/ns/catalog/services', { withInstances: 'false' })).toEqual([400, "Parameter 'pageNo' is missing"])
  const [, page] = await server.json('GET', '/v3/console/ns/service/list', { pageNo: 1, pageSize: 10 })
  expect(page.data).toEqual({ totalCount: 1, pageNumber: 1, pagesAvailable: 1, pageItems: [row] })
})

test('the catalog with instances shows them by cluster', async () => {
  await server.register({ weight: 2, metadata: 'a=b' })
  const [, list] = await server.json('GET', '/v1/ns/catalog/services', { withInstances: 'true', pageNo: 1, pageSize: 10 })
  const host = { valid: true, metadata: { a: 'b' }, port: 8080, ip: '10.0.0.5', weight: 2, enabled: true }
  expect(list).toEqual([{ serviceName: 'svc', groupName: 'DEFAULT_GROUP', clusterMap: { DEFAULT: { hosts: [host] } }, metadata: {} }])
  const [, page] = await server.json('GET', '/v3/admin/ns/service/list', { withInstances: 'true' })
  expect(page.data.pageItems[0].clusterMap.DEFAULT.hosts).toMatchObject([{ port: 8080 }])
})

test('the catalog shows one service with its clusters, and their instances', async () => {
  await server.register({ enabled: 'false' })
  const key = { serviceName: 'svc', groupName: 'DEFAULT_GROUP' }
  expect(await server.json('GET', '/v1/ns/catalog/service', key)).toEqual([
    200,
    {
      service: { name: 'svc', groupName: 'DEFAULT_GROUP', protectThreshold: 0, selector: none, metadata: {} },
      clusters: [
        {
          ...{ serviceName: 'DEFAULT_GROUP@@svc', name: 'DEFAULT', healthChecker: { type: 'TCP' }, defaultPort: 80, defaultCheckPort: 80 },
          ...{ useIPPort4Check: true, metadata: {} },
        },
      ],
    },
  ])
  const instances = '/v1/ns/catalog/instances'
  expect((await server.json('GET', instances, { ...key, clusterName: 'DEFAULT', pageNo: 1, pageSize: 5 }))[1]).toMatchObject({
    list: [{ enabled: false }],
    count: 1,
  })
  expect(await server.ask('GET', instances, { ...key, clusterName: 'X', pageNo: 1, pageSize: 5 })).toEqual([404, 'cluster X is not found!'])
  expect(await server.ask('GET', '/v1/ns/catalog/service', { serviceName: 'none' })).toEqual([404, 'service DEFAULT_GROUP@@none is not found!'])
  const enabledOnly = { ...key, pageNo: 1, pageSize: 5, enabledOnly: 'true' }
  expect(await server.json('GET', '/v2/ns/catalog/instances', enabledOnly)).toEqual(success({ instances: [], count: 0 }))
})

const checker = JSON.stringify({ type: 'NONE' })
const cluster = { serviceName: 'svc', clusterName: 'DEFAULT', checkPort: 81, useInstancePort4Check: 'false', healthChecker: checker }

test('a cluster gets another checker, and then health is for people to set', async () => {
  const health = { serviceName: 'svc', ip: '10.0.0.5', port: 8080, healthy: 'false' }
  await server.register({ ephemeral: 'false' })
  expect(await server.ask('PUT', '/v1/ns/health/instance', health)).toEqual([
    400,
    'health check is still working, service: DEFAULT_GROUP@@svc, cluster: DEFAULT',
  ])
  expect(await server.ask('PUT', '/v1/ns/cluster', cluster)).toEqual([200, 'ok'])
  expect((await server.json('GET', service, { serviceName: 'svc' }))[1].clusters).toEqual([
    { name: 'DEFAULT', healthChecker: { type: 'NONE' }, metadata: {} },
  ])
  expect(await server.ask('PUT', '/v1/ns/health', { ...health, healthy: '', valid: 'false' })).toEqual([200, 'ok'])
  expect((await server.hosts())[0].healthy).toBe(false)
  expect(await server.json('PUT', '/v2/ns/health', { ...health, healthy: 'true' })).toEqual(success('ok'))
  expect((await server.hosts())[0].healthy).toBe(true)
  expect(await server.json('PUT', '/v3/admin/ns/health/instance', { ...health, port: 1 })).toEqual(success('ok'))
})

test('health without a word of health: each version says it in its way', async () => {
  const health = { serviceName: 'svc', ip: '10.0.0.5', port: 8080 }
  expect(await server.ask('PUT', '/v1/ns/health', health)).toEqual([400, "Param 'healthy' is required."])
  expect((await server.json('PUT', '/v2/ns/health', health))[1].code).toBe(21_010)
  expect((await server.json('PUT', '/v3/admin/ns/health/instance', health))[1].code).toBe(10_000)
})

test.each([
  ['no such service', {}, 'service not found groupName: DEFAULT_GROUP,serviceName: svc'],
  ['no checker', { healthChecker: '' }, "Param 'healthChecker' is required."],
  ['a checker of no known type', { healthChecker: '{"type":"DNS"}' }, 'unknown type of healthChecker: DNS'],
  ['a port out of bounds', { checkPort: 70_000 }, 'checkPort must be from 0 to 65535'],
  ['a port that is no number', { checkPort: 'x' }, 'For input string: "x"'],
])('a cluster with %s is refused', async (_what, fields, words) => {
  expect(await server.ask('PUT', '/v1/ns/cluster', { ...cluster, ...fields })).toEqual([400, words])
})

test('an HTTP checker keeps its path, headers and code', async () => {
  await server.register({ ephemeral: 'false' })
  const http = { type: 'HTTP', path: '/h', headers: 'A:b', expectedResponseCode: 204 }
  await server.ask('PUT', '/v3/console/ns/service/cluster', { ...cluster, healthChecker: JSON.stringify(http) })
  expect((await server.json('GET', service, { serviceName: 'svc' }))[1].clusters[0].healthChecker).toEqual(http)
})
