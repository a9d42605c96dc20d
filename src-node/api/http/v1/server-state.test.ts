/** State, health, numbers and loggers of a server (nacos-http 10, 11.2, 12.2, 14): shapes of the reference in each generation. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const node = createFakeNode()
let serving = true
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
beforeAll(async () => {
  server = createHttpServer({ ...node.parts, status: () => ({ ...node.parts.status(), serving }) })
  port = await server.listen('127.0.0.1', 0)
})
afterAll(() => server.close(0))

const get = async (path: string) => JSON.parse((await call('GET', `/nacos${path}`)).text)

describe('the state', () => {
  it.each(['/v1/console/server/state', '/v3/console/server/state'])('%s is a bare map of texts', async (path) => {
    const state = await get(path)
    expect(state).toMatchObject({
      ...{ version: '0.1.0', startup_mode: 'cluster', function_mode: null, server_port: '8848', auth_enabled: 'false' },
      ...{ login_page_enabled: 'false', console_ui_enabled: 'true', config_retention_days: '30', datasource_platform: '' },
      ...{ maxContent: '10485760', election_timeout_ms: '150', data_sync_delayMs: null },
    })
    expect(Object.values(state).filter((value) => value !== null && typeof value !== 'string')).toEqual([])
  })

  it('tells whether somebody must log in, and whether there is nobody yet who could', async () => {
    const told = async () => {
      const { auth_enabled, login_page_enabled, auth_admin_request } = await get('/v1/console/server/state')
      return [auth_enabled, login_page_enabled, auth_admin_request]
    }
    expect(await told()).toEqual(['false', 'false', 'false'])
    node.parts.auth.switchTo(true)
    try {
      expect(await told()).toEqual(['true', 'true', 'true'])
      await call('POST', '/nacos/v1/auth/users/admin', 'password=root')
      expect(await told()).toEqual(['true', 'true', 'false'])
    } finally {
      node.parts.auth.switchTo(false)
    }
  })

  it('stands in the Result of v3 for administrators', async () => {
    expect(await get('/v3/admin/core/state')).toMatchObject({ code: 0, message: 'success', data: { startup_mode: 'cluster' } })
  })

  it.each(['announcement', 'guide'])('there is no %s', async (what) => {
    expect(await get(`/v1/console/server/${what}?language=zh-CN`)).toEqual({ code: 200, message: null, data: null })
    expect(await get(`/v3/console/server/${what}?language=zh-CN`)).toEqual({ code: 0, message: 'success', data: null })
  })
})

describe.each(['/v2/console/health', '/v3/console/health', '/v3/admin/core/state'])('%s', (base) => {
  it('lives and is ready', async () => {
    const answers = await Promise.all(['liveness', 'readiness'].map((what) => get(`${base}/${what}`)))
    expect(answers).toEqual(Array(2).fill({ code: 0, message: 'success', data: 'ok' }))
  })

  it('lives without a leader, and is not ready: a probe sees it by the status', async () => {
    serving = false
    try {
      expect(await get(`${base}/liveness`)).toMatchObject({ code: 0 })
      const { status, text } = await call('GET', `/nacos${base}/readiness`)
      expect([status, JSON.parse(text)]).toEqual([500, { code: 30_000, message: 'server error', data: 'config not in readiness' }])
    } finally {
      serving = true
    }
  })
})

it('numbers of rows stand where the machine has them', async () => {
  const info = { currentId: 0, workerId: 1 }
  const list = ['config_info_id', 'config_history_id'].map((resource) => ({ resource, info }))
  expect(await get('/v2/core/ops/ids')).toEqual({ code: 200, message: null, data: list })
  expect(await get('/v3/admin/core/ops/ids')).toEqual({ code: 0, message: 'success', data: list })
  expect((await get('/v1/core/ops/idInfo')).data).toEqual({
    config_info_id: { ...info, dataCenterId: 0 },
    config_history_id: { ...info, dataCenterId: 0 },
  })
})

describe('levels of loggers', () => {
  const json = { 'content-type': 'application/json' }
  const body = '{"logName":"core-raft","logLevel":"DEBUG"}'

  it('are asked for in the way of each generation, and noted', async () => {
    const v1 = await call('PUT', '/nacos/v1/core/ops/log?logName=core-raft&logLevel=DEBUG', '')
    const v2 = await call('PUT', '/nacos/v2/core/ops/log', body, json)
    const v3 = await call('PUT', '/nacos/v3/admin/core/ops/log', body, json)
    expect([v1.text, JSON.parse(v2.text), JSON.parse(v3.text)]).toEqual([
      '200',
      { code: 200, message: null, data: null },
      { code: 0, message: 'success', data: null },
    ])
    const configs = await Promise.all(['v1/cs', 'v3/admin/cs'].map((at) => call('PUT', `/nacos/${at}/ops/log?logName=core-raft&logLevel=DEBUG`, '')))
    expect(configs.map(({ text }) => text)).toEqual([v1.text, v3.text])
    expect(node.notes.filter((line) => line.startsWith('level DEBUG was asked for logger core-raft'))).toHaveLength(5)
  })

  it.each([
    ['/nacos/v1/core/ops/log?logName=a', '', {}, 500],
    ['/nacos/v2/core/ops/log', '{"logName":"a"}', json, 400],
    ['/nacos/v2/core/ops/log', '{', json, 400],
    ['/nacos/v3/admin/core/ops/log', 'null', json, 400],
  ])('%s with %j is refused', async (path, given, headers, status) => {
    expect((await call('PUT', path, given, headers)).status).toBe(status)
  })
})

describe('the Raft of 1.x', () => {
  const peer = (at: number, state: string, voteFor: string | null) => ({
    ...{ ip: `127.0.0.1:${at}`, voteFor, term: 7, leaderDueMs: 150, heartbeatDueMs: 50, state },
  })

  it('tells the leader as a text with JSON in it, and this node bare', async () => {
    const { leader } = await get('/v1/ns/raft/leader')
    expect(JSON.parse(leader)).toEqual(peer(8849, 'LEADER', null))
    expect(await get('/v1/ns/raft/peer')).toEqual(peer(8848, 'FOLLOWER', '127.0.0.1:8849'))
  })

  it.each([
    ['POST', 'vote'],
    ['POST', 'beat'],
    ['GET', 'datum'],
    ['POST', 'datum'],
    ['DELETE', 'datum/commit'],
    ['PUT', 'datum/reload'],
    ['GET', 'listeners'],
  ])('%s %s has stopped, as in every server since 1.4', async (method, path) => {
    const { status, text } = await call(method, `/nacos/v1/ns/raft/${path}`)
    expect([status, text]).toEqual([500, 'caused: old raft protocol already stop;'])
  })
})
