/** Members over v1, v2 and v3 (nacos-http 11.1, 14.2, 14.3): shapes of the reference, and what is refused. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const node = createFakeNode()
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
beforeAll(async () => {
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterAll(() => server.close(0))

const get = async (path: string) => JSON.parse((await call('GET', `/nacos${path}`)).text)
const put = (path: string, body: string) => call('PUT', `/nacos${path}`, body, { 'content-type': 'application/json' })
const post = (path: string, body: string) => call('POST', `/nacos${path}`, body, { 'content-type': 'application/json' })

const member = {
  ...{ ip: '127.0.0.1', port: 8848, state: 'UP', address: '127.0.0.1:8848', failAccessCnt: 0, grpcReportEnabled: false },
  extendInfo: expect.objectContaining({ raftPort: '7848', version: '0.1.0', raftMetaData: { metaDataMap: expect.any(Object) } }),
  abilities: expect.any(Object),
}
const { failAccessCnt: _failures, grpcReportEnabled: _report, ...nacosMember } = member
const addresses = ['127.0.0.1:8848', '127.0.0.1:8849']

describe('v1 in its RestResult', () => {
  it('knows itself, all others, and how it is', async () => {
    expect(await get('/v1/core/cluster/self')).toEqual({ code: 200, message: null, data: member })
    expect(await get('/v1/core/cluster/simple/nodes')).toEqual({ code: 200, message: null, data: addresses })
    expect(await get('/v1/core/cluster/health')).toEqual({ code: 200, message: null, data: 'UP' })
    expect((await get('/v1/core/cluster/nodes?keyword=127.0.0.1:8849')).data).toHaveLength(1)
  })

  it('answers the heartbeat of 1.x with what it is itself, as a text', async () => {
    const { data } = JSON.parse((await post('/v1/core/cluster/report', '{"ip":"10.0.0.9","port":8848,"state":"UP"}')).text)
    expect(JSON.parse(data)).toMatchObject({ address: '127.0.0.1:8848' })
    const illegal = await post('/v1/core/cluster/report', '{"ip":"","port":8848}')
    expect([illegal.status, JSON.parse(illegal.text)]).toEqual([200, { code: 400, message: 'Node information is illegal', data: null }])
    expect((await post('/v1/core/cluster/report', '[')).status).toBe(400)
  })

  it('is looked up by a list and by nothing else', async () => {
    const lookup = async (type: string) => JSON.parse((await call('POST', '/nacos/v1/core/cluster/switch/lookup', `type=${type}`)).text)
    expect(await lookup('file')).toEqual({ code: 200, message: null, data: null })
    expect(await lookup('address-server')).toMatchObject({ code: 500, message: expect.stringContaining('just file') })
  })

  it('lets nobody leave by this way, as 2.5 does not', async () => {
    const { text } = await post('/v1/core/cluster/server/leave', '["127.0.0.1:8849"]')
    expect(JSON.parse(text)).toEqual({ code: 405, message: '/v1/core/cluster/server/leave API not allow to use temporarily.', data: null })
    expect(node.removed).toEqual([])
  })
})

describe.each([
  ['v2', '/v2/core/cluster', member],
  ['v3', '/v3/admin/core/cluster', nacosMember],
])('%s in its Result', (_version, base, own) => {
  it('knows itself and how it is', async () => {
    expect(await get(`${base}/node/self`)).toEqual({ code: 0, message: 'success', data: own })
    expect(await get(`${base}/node/self/health`)).toEqual({ code: 0, message: 'success', data: 'UP' })
  })

  it('lists by address and by state', async () => {
    const listed = async (query: string) => (await get(`${base}/node/list?${query}`)).data.map(({ address }: { address: string }) => address)
    expect(await listed('')).toEqual(addresses)
    expect(await listed('address=127.0.0.1:8849')).toEqual(['127.0.0.1:8849'])
    expect([await listed('state=up'), await listed('state=DOWN')]).toEqual([addresses, []])
    const { status, text } = await call('GET', `/nacos${base}/node/list?state=WELL`)
    expect([status, JSON.parse(text)]).toEqual([400, { code: 23_000, message: 'illegal state', data: 'Illegal state: WELL' }])
  })

  it('takes what others say of members, and goes by what it sees', async () => {
    const taken = await put(`${base}/node/list`, '[{"ip":"127.0.0.1","port":8849,"state":"DOWN"},{"ip":"10.9.9.9","port":1}]')
    expect(JSON.parse(taken.text)).toEqual({ code: 0, message: 'success', data: true })
    expect((await get(`${base}/node/list?state=UP`)).data).toHaveLength(2)
    for (const body of ['{}', 'x', '']) expect((await put(`${base}/node/list`, body)).status).toBe(400)
  })

  it('is looked up by a list and by nothing else', async () => {
    expect(JSON.parse((await call('PUT', `/nacos${base}/lookup?type=file`, '')).text)).toMatchObject({ code: 0, data: true })
    const { status, text } = await call('PUT', `/nacos${base}/lookup?type=address-server`, '')
    expect([status, JSON.parse(text).code]).toEqual([400, 20_002])
  })
})

it('v2 lets nobody be removed by this way', async () => {
  const { text } = await call('DELETE', '/nacos/v2/core/cluster/nodes?addresses=127.0.0.1:8849')
  expect(JSON.parse(text)).toMatchObject({ code: 405, message: '/v2/core/cluster/nodes API not allow to use temporarily.' })
})

it('the console of v3 has its list', async () => {
  expect(await get('/v3/console/core/cluster/nodes?keyword=127.0.0.1:8848')).toEqual({ code: 0, message: 'success', data: [nacosMember] })
})
