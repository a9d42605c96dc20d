/** Persistent instances, checked by the leader. */

import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ProbeAnswer } from './health-checks.ts'
import type { ClusterSpec, HealthChecker } from './naming-port.ts'
import { createWorld, instance, service } from './naming-world.testing.ts'
import { createProbe, headersOf } from './probes.ts'

const setUp = () => {
  const w = createWorld()
  const one = w.start(1)
  const register = (port: number): string => w.outcomeOf((done) => one.naming.register(service(), instance(port), false, done))
  const check = (checker: HealthChecker, over: Partial<ClusterSpec> = {}): string =>
    w.outcomeOf((done) =>
      one.naming.updateCluster(service(), 'DEFAULT', { checker, checkPort: 9999, useInstancePort: true, metadata: {}, ...over }, done),
    )
  return { ...w, one, register, check }
}

describe('a persistent instance', () => {
  it('is unhealthy at once when nobody listens, and healthy after three good checks; it never goes', () => {
    const { one, register, probed, run } = setUp()
    register(80)
    register(81)
    probed.set('10.0.0.1:80', 'refused')
    run(2_500)
    expect(one.hosts()).toEqual(['80!', '81'])
    probed.set('10.0.0.1:80', 'ok')
    run(5_000)
    expect(one.hosts()).toEqual(['80!', '81'])
    run(5_000)
    expect(one.hosts()).toEqual(['80', '81'])
    run(120_000)
    expect(one.hosts()).toEqual(['80', '81'])
  })

  it('is unhealthy after three checks without an answer', () => {
    const { one, register, probed, run } = setUp()
    register(80)
    probed.set('10.0.0.1:80', 'failed')
    run(5_500)
    expect(one.hosts()).toEqual(['80'])
    run(4_000)
    expect(one.hosts()).toEqual(['80!'])
  })

  it('is asked as its cluster says: over HTTP, at another port, or not at all', () => {
    const { register, check, asked, run, outcomeOf, one } = setUp()
    register(80)
    check({ type: 'HTTP', path: '/health', headers: '', expectedResponseCode: 200 }, { useInstancePort: false })
    run(1_500)
    expect(asked).toEqual(['http://10.0.0.1:9999/health'])
    check({ type: 'TCP' })
    run(3_000)
    expect(asked.slice(1)).toEqual(['10.0.0.1:80'])
    check({ type: 'NONE' })
    run(10_000)
    expect(asked).toHaveLength(2)
    expect(outcomeOf((done) => one.naming.setHealth(service(), instance(80), false, done))).toBe('done')
    run(10_000)
    expect(one.hosts()).toEqual(['80!'])
  })

  it('is asked by the leader alone, and not while checks are switched off', () => {
    const { register, asked, run, lead, start, one, outcomeOf } = setUp()
    start(2)
    register(80)
    lead(2)
    run(1_500)
    expect(asked).toHaveLength(1)
    outcomeOf((done) => one.naming.setSwitch('check', 'false', done))
    run(10_000)
    expect(asked.length).toBeLessThan(3)
  })
})

describe('a probe', () => {
  const servers: Server[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  })
  const listening = async (server: Server): Promise<number> => {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const tcp = (port: number): Promise<ProbeAnswer> => new Promise((resolve) => createProbe().tcp('127.0.0.1', port, 2_000, resolve))
  const http = (port: number, path: string, over = {}): Promise<ProbeAnswer> =>
    new Promise((resolve) =>
      createProbe().http({ ip: '127.0.0.1', port, path, headers: 'x-a:1|y', expectedResponseCode: 204, ...over }, 2_000, resolve),
    )

  it('over TCP tells who listens from who does not', async () => {
    const port = await listening(createServer((socket) => socket.on('error', () => {})))
    expect(await tcp(port)).toBe('ok')
    const server = servers.pop()
    await new Promise((resolve) => server?.close(resolve))
    expect([await tcp(port), await tcp(70_000)]).toEqual(['refused', 'failed'])
  })

  it('over HTTP wants the code that it expects, sends its headers, and fails where it cannot even ask', async () => {
    const port = await listening(
      createHttpServer((request, response) => {
        response.statusCode = request.url === '/up%20there' && request.headers['x-a'] === '1' ? 204 : 500
        response.end()
      }),
    )
    expect([await http(port, 'up there'), await http(port, '/down'), await http(port, '/\ud800')]).toEqual(['ok', 'failed', 'failed'])
    expect([await http(port, '/', { ip: 'not a host' }), await http(1, '/')]).toEqual(['failed', 'refused'])
    expect(headersOf('a:1|b: two | c|d e:3')).toEqual({ a: '1', b: 'two' })
  })

  it('over HTTP does not wait for ever', async () => {
    const port = await listening(createServer((socket) => void socket.on('error', () => {}).resume()))
    const answer = await new Promise((resolve) =>
      createProbe().http({ ip: '127.0.0.1', port, path: '/', headers: '', expectedResponseCode: 200 }, 50, resolve),
    )
    expect(answer).toBe('failed')
  })
})
