import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NamingServer, startNamingServer, success } from './naming-server.testing.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const instance = '/v1/ns/instance'
const key = { serviceName: 'svc', ip: '10.0.0.5', port: 8080 }

test('what was registered is listed, with every member in its place', async () => {
  expect(await server.register()).toEqual([200, 'ok'])
  expect(await server.ask('GET', `${instance}/list`, { serviceName: 'svc', healthyOnly: 'false' })).toEqual([
    200,
    '{"name":"DEFAULT_GROUP@@svc","groupName":"DEFAULT_GROUP","clusters":"","cacheMillis":10000,"hosts":[' +
      '{"instanceId":"10.0.0.5#8080#DEFAULT#DEFAULT_GROUP@@svc","ip":"10.0.0.5","port":8080,"weight":1.0,"healthy":true,"enabled":true,' +
      '"ephemeral":true,"clusterName":"DEFAULT","serviceName":"DEFAULT_GROUP@@svc","metadata":{},"instanceHeartBeatInterval":5000,' +
      '"instanceHeartBeatTimeOut":15000,"ipDeleteTimeout":30000,"instanceIdGenerator":"simple"}],' +
      '"lastRefTime":1714532645000,"checksum":"","allIPs":false,"reachProtectionThreshold":false,"valid":true}',
  ])
})

test('a list of an unknown service is empty, and echoes name and clusters as they were asked for', async () => {
  const [status, list] = await server.json('GET', `${instance}/list`, { serviceName: 'G@@none', clusters: 'a,b' })
  expect(status).toBe(200)
  expect(list).toMatchObject({ name: 'G@@none', groupName: 'G', clusters: 'a,b', hosts: [] })
})

test('a grouped name means its own group, whatever groupName says', async () => {
  await server.register({ serviceName: 'G@@svc', groupName: 'other' })
  expect(await server.hosts('G@@svc')).toHaveLength(1)
  expect(await server.hosts('other@@svc')).toEqual([])
})

test('all fields of a register are kept, under the names and aliases of 1.x', async () => {
  await server.register({ cluster: 'c1', weight: 2.5, enable: 'yes', healthy: 'false', metadata: 'a=1,b=2' })
  const [host] = await server.hosts()
  expect(host).toMatchObject({ clusterName: 'c1', weight: 2.5, enabled: true, healthy: false, metadata: { a: '1', b: '2' } })
  await server.register({ metadata: '{"n":1,"flag":true,"gone":null}' })
  expect((await server.hosts())[0].metadata).toEqual({ n: '1', flag: 'true' })
})

test('words of 1.x: true, on, yes, y and t are true, and everything else is false', async () => {
  for (const enabled of ['TRUE', 'on', 'Yes', 'y', 't']) {
    await server.register({ enabled })
    expect(await server.hosts()).toHaveLength(1)
  }
  for (const enabled of ['1', 'false', 'maybe']) {
    await server.register({ enabled })
    expect(await server.hosts()).toEqual([])
  }
})

test.each([
  ['no ip', { ip: '' }, "Param 'ip' is required."],
  ['no service', { serviceName: '' }, "Param 'serviceName' is required."],
  ['no port', { port: '' }, "Param 'port' is required."],
  ['a weight out of bounds', { weight: 10_001 }, 'instance format invalid: The weights range from 0.0 to 10000.0'],
  ['a weight that is no number', { weight: 'x' }, 'For input string: "x"'],
  ['metadata that is neither', { metadata: 'abc' }, 'metadata format incorrect:abc'],
  ['nested metadata', { metadata: '{"a":{}}' }, 'metadata format incorrect:{"a":{}}'],
  ['an underscore in the cluster', { clusterName: 'a_b' }, "Instance 'clusterName' should be characters with only 0-9a-zA-Z-. (current: a_b)"],
  [
    'beats rarer than their timeout',
    { metadata: '{"preserved.heart.beat.interval":"20000"}' },
    "Instance 'heart beat interval' must less than 'heart beat timeout' and 'ip delete timeout'.",
  ],
])('v1 refuses %s in plain words', async (_what, fields, words) => {
  expect(await server.register(fields)).toEqual([400, words])
})

test.each([
  ['a port too high', { port: 70_000 }, "Param 'port' is illegal, the value should be between 0 and 65535."],
  ['a blank in the name', { serviceName: 'a b' }, "Param 'serviceName' is illegal, illegal characters should not appear in the param."],
  ['a long name', { serviceName: 'a'.repeat(513) }, "Param 'serviceName' is illegal, the param length should not exceed 512."],
  ['a long group', { groupName: 'a'.repeat(129) }, "Param 'group' is illegal, the param length should not exceed 128."],
  ['a strange namespace', { namespaceId: 'a/b' }, "Param 'namespaceId/tenant' is illegal, illegal characters should not appear in the param."],
  ['a strange cluster', { clusterName: 'a/b' }, "Param 'cluster' is illegal, illegal characters should not appear in the param."],
  ['an ip with a blank', { ip: '1 2' }, "Param 'ip' is illegal, illegal characters should not appear in the param."],
  ['much metadata', { metadata: `{"a":"${'x'.repeat(1024)}"}` }, "Param 'Metadata' is illegal, the param length should not exceed 1024."],
])('the filter refuses %s, whatever the version', async (_what, fields, words) => {
  const all = { serviceName: 'svc', ip: '10.0.0.5', port: 8080, ...fields }
  for (const path of [instance, '/v2/ns/instance', '/v3/client/ns/instance'])
    expect(await server.ask('POST', path, all)).toEqual([400, `${words}\r\n`])
})

test('a grouped name without group or name is refused by the name filter', async () => {
  const [status, error] = await server.json('POST', instance, { ...key, serviceName: '@@svc' })
  expect([status, error.status, error.message]).toEqual([
    400,
    400,
    "Service name filter error,caused: Param 'serviceName' is illegal, it should be format as 'groupName@@serviceName';",
  ])
})

test('v2 and v3 answer in their envelope, refusals with code and text', async () => {
  for (const path of ['/v2/ns/instance', '/v3/client/ns/instance', '/v3/admin/ns/instance']) {
    expect(await server.json('POST', path, key)).toEqual(success('ok'))
    expect(await server.json('POST', path, { ...key, ip: '' })).toEqual([
      400,
      { code: 10_000, message: 'parameter missing', data: "Required parameter 'ip' type String is not present" },
    ])
    expect(await server.json('POST', path, { ...key, weight: -1 })).toEqual([
      400,
      { code: 21_001, message: 'weight error', data: 'instance format invalid: The weights range from 0.0 to 10000.0' },
    ])
    expect(await server.json('DELETE', path, key)).toEqual(success('ok'))
  }
})

test('v2 takes names apart: no @@ in a service name', async () => {
  expect((await server.ask('POST', '/v2/ns/instance', { ...key, serviceName: 'G@@svc' }))[0]).toBe(400)
  expect(await server.json('POST', '/v2/ns/instance', { ...key, groupName: 'G' })).toEqual(success('ok'))
  expect(await server.hosts('G@@svc')).toHaveLength(1)
})

test('v2 and v3 know what is false, and refuse what is neither', async () => {
  await server.json('POST', '/v2/ns/instance', { ...key, enabled: '0' })
  expect(await server.hosts()).toEqual([])
  const [status, refused] = await server.json('POST', '/v2/ns/instance', { ...key, enabled: 'perhaps' })
  expect([status, refused.code]).toEqual([400, 20_002])
})

test('a service holds one kind of instances', async () => {
  await server.register()
  expect(await server.register({ ephemeral: 'false', port: 1 })).toEqual([
    400,
    "errCode: 400, errMsg: Current service DEFAULT_GROUP@@svc is ephemeral service, can't register persistent instance. ",
  ])
  await server.register({ serviceName: 'kept', ephemeral: 'false' })
  expect(await server.register({ serviceName: 'kept', port: 1 })).toEqual([
    400,
    "errCode: 400, errMsg: Current service DEFAULT_GROUP@@kept is persistent service, can't register ephemeral instance. ",
  ])
})

test('what Raft refuses is answered with its code, in the shape of each version', async () => {
  server.node.naming.outcomeOfNext({ kind: 'refused', code: 'no_quorum' })
  const v1 = await server.call('POST', `/nacos${instance}?serviceName=svc&ip=1.1.1.1&port=1`)
  expect([v1.status, v1.headers['nacos-trio-error']]).toEqual([503, 'no_quorum'])
  server.node.naming.outcomeOfNext({ kind: 'unknown' })
  const v2 = await server.call('POST', '/nacos/v2/ns/instance?serviceName=svc&ip=1.1.1.1&port=1')
  expect([v2.status, v2.headers['nacos-trio-error'], JSON.parse(v2.text).code]).toEqual([504, 'outcome_unknown', 30_000])
})

test('a limit of the cluster is 503 and says what to do', async () => {
  server.node.naming.refuseNext('too-many')
  const [status, words] = await server.register()
  expect(status).toBe(503)
  expect(words).toContain('a limit of this cluster is reached')
})

test('removing an unknown instance is a success', async () => {
  expect(await server.ask('DELETE', instance, key)).toEqual([200, 'ok'])
  await server.register()
  expect(await server.ask('DELETE', instance, key)).toEqual([200, 'ok'])
  expect(await server.hosts()).toEqual([])
})

test('one instance is shown by its address', async () => {
  await server.register({ metadata: '{"a":"b"}', weight: 3 })
  expect(await server.ask('GET', instance, key)).toEqual([
    200,
    '{"service":"DEFAULT_GROUP@@svc","ip":"10.0.0.5","port":8080,"clusterName":"DEFAULT","weight":3.0,"healthy":true,' +
      '"instanceId":"10.0.0.5#8080#DEFAULT#DEFAULT_GROUP@@svc","metadata":{"a":"b"}}',
  ])
  const [, { data }] = await server.json('GET', '/v2/ns/instance', key)
  expect(data).toMatchObject({ serviceName: 'DEFAULT_GROUP@@svc', ip: '10.0.0.5', weight: 3 })
  expect((await server.json('GET', '/v3/admin/ns/instance', key))[1].data).toMatchObject({ enabled: true, ephemeral: true, clusterName: 'DEFAULT' })
})

test('an instance that is not there is 404: the service is empty, or has no such address', async () => {
  expect(await server.ask('GET', instance, key)).toEqual([404, 'no ips found for cluster DEFAULT in service DEFAULT_GROUP@@svc'])
  await server.register()
  expect(await server.ask('GET', instance, { ...key, port: 1 })).toEqual([404, 'no matched ip found!'])
  expect(await server.json('GET', '/v2/ns/instance', { ...key, port: 1 })).toEqual([
    404,
    { code: 20_004, message: 'resource not found', data: 'no matched ip found!' },
  ])
})

test('an update changes weight, switch and metadata; of an unknown service it is refused, of an unknown instance not', async () => {
  await server.register()
  expect(await server.ask('PUT', instance, { ...key, weight: 7, metadata: 'a=b' })).toEqual([200, 'ok'])
  expect((await server.hosts())[0]).toMatchObject({ weight: 7, metadata: { a: 'b' } })
  expect(await server.ask('PUT', instance, { ...key, port: 1 })).toEqual([200, 'ok'])
  expect(await server.ask('PUT', instance, { ...key, serviceName: 'none' })).toEqual([
    400,
    "service not found, namespace: public, service: Service{namespace='public', group='DEFAULT_GROUP', name='none', ephemeral=true, revision=0}",
  ])
  expect((await server.json('PUT', '/v2/ns/instance', { ...key, serviceName: 'none' }))[1].code).toBe(21_004)
})

test('a patch changes what it names and nothing else', async () => {
  await server.register({ weight: 7, metadata: 'a=b' })
  expect(await server.ask('PATCH', instance, { ...key, enabled: 'true', weight: 3 })).toEqual([200, 'ok'])
  expect((await server.hosts())[0]).toMatchObject({ weight: 3, metadata: { a: 'b' } })
  expect(await server.ask('PATCH', instance, { ...key, port: 1, weight: 3 })).toEqual([404, 'no matched ip found!'])
  expect(await server.ask('PATCH', '/v2/ns/instance', { ...key, serviceName: 'DEFAULT_GROUP@@svc', weight: 4 })).toEqual([200, 'ok'])
  expect(await server.json('PUT', '/v3/admin/ns/instance/partial', { ...key, weight: 5 })).toEqual(success('ok'))
  expect((await server.hosts())[0].weight).toBe(5)
})

test('metadata of many instances at once: put, then dropped', async () => {
  await server.register()
  await server.register({ port: 8081 })
  const batch = `${instance}/metadata/batch`
  const one = JSON.stringify([{ ip: '10.0.0.5', port: 8080 }])
  expect(await server.json('PUT', batch, { serviceName: 'svc', metadata: '{"a":"b"}', instances: one })).toEqual([
    200,
    { updated: ['10.0.0.5:8080:unknown:DEFAULT:ephemeral'] },
  ])
  expect((await server.json('PUT', `/v2/ns/instance/metadata/batch`, { serviceName: 'svc', metadata: 'c=d' }))[1].data.updated).toHaveLength(2)
  expect((await server.hosts())[0].metadata).toEqual({ a: 'b', c: 'd' })
  await server.ask('DELETE', batch, { serviceName: 'svc', metadata: '{"a":""}' })
  expect((await server.hosts())[0].metadata).toEqual({ c: 'd' })
  expect(await server.ask('PUT', batch, { serviceName: 'svc' })).toEqual([400, "Param 'metadata' is required."])
  expect(await server.json('PUT', batch, { serviceName: 'none', metadata: 'a=b' })).toEqual([200, { updated: [] }])
})

test.each(['[{', '{}', '[1]', '[{"ip":"1.1.1.1"}]'])('instances=%s changes nothing, where Nacos would change all', async (instances) => {
  await server.register()
  expect((await server.ask('PUT', `${instance}/metadata/batch`, { serviceName: 'svc', metadata: 'a=b', instances }))[0]).toBe(400)
  expect((await server.hosts())[0].metadata).toEqual({})
})

test('statuses of a service by its key, in v2 at the end of the path', async () => {
  await server.register({ serviceName: 'G@@svc', namespaceId: 'dev', healthy: 'false' })
  await server.register()
  expect(await server.json('GET', `${instance}/statuses`, { key: 'dev##G@@svc' })).toEqual([200, { ips: ['10.0.0.5:8080_false'] }])
  expect(await server.json('GET', '/v2/ns/instance/statuses/DEFAULT_GROUP%40%40svc')).toEqual([200, { ips: ['10.0.0.5:8080_true'] }])
  expect((await server.json('GET', '/v2/ns/instance/statuses/a%2'))[1].code).toBe(20_002)
})

test('lists of 3.x: enabled ones for clients, everything for consoles', async () => {
  await server.register({ enabled: 'false' })
  await server.register({ port: 8081, healthy: 'false' })
  const list = { serviceName: 'svc' }
  expect((await server.json('GET', '/v3/client/ns/instance/list', list))[1].data).toMatchObject([{ port: 8081 }])
  expect((await server.json('GET', '/v3/client/ns/instance/list', { ...list, healthyOnly: 'true' }))[1].data).toEqual([])
  expect((await server.json('GET', '/v3/admin/ns/instance/list', list))[1].data).toHaveLength(2)
  const [, { data }] = await server.json('POST', '/v3/console/ns/instance/list', { ...list, pageNo: 2, pageSize: 1 })
  expect(data).toMatchObject({ totalCount: 2, pageNumber: 2, pagesAvailable: 2, pageItems: [{ port: 8081 }] })
  expect((await server.json('GET', '/v3/admin/ns/instance/list', { serviceName: 'none' }))[1]).toMatchObject({ code: 20_004 })
})

test('a list of thousands of instances comes whole, in pieces', async () => {
  const service = { namespace: 'public', group: 'DEFAULT_GROUP', name: 'many' }
  const spec = { ip: '10.0.0.5', cluster: 'DEFAULT', weight: 1, enabled: true, healthy: true, metadata: {} }
  const put = (port: number) => new Promise((resolve) => server.node.naming.port.register(service, { ...spec, port }, true, resolve))
  await Promise.all(Array.from({ length: 3_000 }, (_, at) => put(at + 1)))
  const ports = (list: readonly { port: number }[]) => list.map(({ port }) => port)
  const wanted = Array.from({ length: 3_000 }, (_, at) => at + 1)
  expect(ports(await server.hosts('many'))).toEqual(wanted)
  const [, { data }] = await server.json('GET', '/v3/admin/ns/service/list', { withInstances: 'true' })
  expect(ports(data.pageItems[0].clusterMap.DEFAULT.hosts)).toEqual(wanted)
})

test('consoles of 3.x take no ephemeral instance away', async () => {
  await server.register()
  expect((await server.json('DELETE', '/v3/console/ns/instance', { ...key, ephemeral: 'true' }))[0]).toBe(400)
  expect(await server.hosts()).toHaveLength(1)
})
