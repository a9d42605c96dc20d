import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NamingServer, startNamingServer, success } from './naming-server.testing.ts'

let server: NamingServer
beforeEach(async () => {
  server = await startNamingServer()
})
afterEach(() => server.close())

const path = '/v1/ns/instance/beat'
const full = (more: object = {}) =>
  JSON.stringify({ ip: '10.0.0.5', port: 8080, cluster: 'DEFAULT', serviceName: 'G@@svc', weight: 2, metadata: { a: 'b' }, scheduled: true, ...more })
const taken = { clientBeatInterval: 5000, code: 10_200, lightBeatEnabled: true }

test('a light beat of an unknown instance must register again', async () => {
  expect(await server.ask('PUT', path, { serviceName: 'svc', ip: '10.9.9.9', port: 1 })).toEqual([
    200,
    '{"clientBeatInterval":5000,"code":20404,"lightBeatEnabled":true}',
  ])
})

test('a light beat of a known one is taken, in v1 and v2', async () => {
  await server.register()
  for (const at of [path, '/v2/ns/instance/beat'])
    expect(await server.json('PUT', at, { serviceName: 'DEFAULT_GROUP@@svc', ip: '10.0.0.5', port: 8080 })).toEqual([200, taken])
})

test('a full beat registers an instance that is unknown, as the beat describes it', async () => {
  expect(await server.json('PUT', path, { serviceName: 'G@@svc', beat: full() })).toEqual([200, taken])
  expect(await server.hosts('G@@svc')).toMatchObject([
    { ip: '10.0.0.5', port: 8080, weight: 2, metadata: { a: 'b' }, ephemeral: true, healthy: true },
  ])
})

test('a full beat whose registration is refused says so', async () => {
  await server.register({ ephemeral: 'false', port: 1 })
  expect((await server.ask('PUT', path, { serviceName: 'svc', beat: full() }))[0]).toBe(400)
  server.node.naming.outcomeOfNext({ kind: 'unknown' })
  expect((await server.ask('PUT', path, { serviceName: 'other', beat: full() }))[0]).toBe(504)
})

test.each(['{', '[]', '{}', '{"ip":"1.1.1.1"}', full({ port: 70_000 }), full({ metadata: { a: {} } })])('a beat of %s is refused', async (beat) => {
  expect((await server.ask('PUT', path, { serviceName: 'svc', beat }))[0]).toBe(400)
})

test('clients of 3.x beat where they register: an unknown instance is code 21003', async () => {
  const beat = { serviceName: 'svc', ip: '10.0.0.5', port: 8080, heartBeat: 'true' }
  const instance = '/v3/client/ns/instance'
  expect(await server.json('POST', instance, beat)).toEqual([200, { code: 21_003, message: 'instance not found', data: null }])
  expect(await server.json('POST', instance, { ...beat, heartBeat: 'false' })).toEqual(success('ok'))
  expect(await server.json('POST', instance, beat)).toEqual(success('ok'))
})

test('agents from before 1.0 speak of a dom', async () => {
  expect(await server.ask('GET', '/v1/ns/api/hello')).toEqual([200, 'ok'])
  expect(await server.json('PUT', '/v1/ns/api/clientBeat', { dom: 'svc', beat: full() })).toEqual([200, taken])
  const [, list] = await server.json('GET', '/v1/ns/api/srvIPXT', { dom: 'svc' })
  expect(list).toMatchObject({
    dom: 'svc',
    name: 'DEFAULT_GROUP@@svc',
    useSpecifiedURL: false,
    env: '',
    metadata: {},
    hosts: [{ valid: true, marked: false }],
  })
  expect(await server.json('GET', '/v1/ns/api/allDomNames')).toEqual([200, { doms: { public: ['svc'] }, count: 1 }])
  expect(await server.ask('GET', '/v1/ns/api/srvIPXT')).toEqual([400, "Param 'dom' is required."])
})
