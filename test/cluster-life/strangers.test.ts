/** Loopback is no protection from a page in the user's browser: foreign Host and Origin are refused, and the console asks for its code. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { exchangeCode, openConsole, openSocket } from '../support/console-client.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { configsPath, publish, read } from '../support/nacos.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const foreignHosts = ['evil.example', 'evil.example:8848', '127.0.0.1.evil.example', '10.1.2.3:8848']
const foreignOrigins = ['http://evil.example', 'https://127.0.0.1.evil.example', 'null', 'http://127.0.0.1:1']

let cluster: HeadlessCluster
let consoleUrl = ''
beforeAll(async () => {
  cluster = await startHeadless()
  consoleUrl = new URL(cluster.ready.console ?? '').origin
})
afterAll(() => cluster?.stop())

describe('a node', () => {
  it.each(foreignHosts)('refuses the Host %s', async (host) => {
    for (const base of cluster.bases) {
      expect((await send(base, { path: `${configsPath}?dataId=d&group=g`, headers: { host } })).status).toBe(403)
    }
  })

  it.each(foreignOrigins)('refuses the Origin %s, and writes nothing for it', async (origin) => {
    for (const base of cluster.bases) {
      const body = 'dataId=from-afar&group=DEFAULT_GROUP&content=c'
      expect((await send(base, { method: 'POST', path: configsPath, headers: { ...form, origin }, body })).status).toBe(403)
      expect((await send(base, { path: `${configsPath}?dataId=d&group=g`, headers: { origin } })).status).toBe(403)
      expect((await read(base, { dataId: 'from-afar' })).status).toBe(404)
    }
  })

  it('names the console on its page, and takes no request of the console’s pages either, in its first life and its next', async () => {
    const refuses = async (): Promise<void> => {
      const base = cluster.baseOf(3)
      expect((await send(base, { path: '/nacos' })).text).toContain(`<a href="${consoleUrl}"`)
      expect((await send(base, { path: `${configsPath}?dataId=d&group=g`, headers: { origin: consoleUrl } })).status).toBe(403)
    }
    await refuses()
    const seen = cluster.events().length
    cluster.killNode(3)
    await cluster.nextEvent('node 3 back', ({ event, id }) => event === 'node-ready' && id === 3, 10_000, seen)
    await refuses()
  })

  it('serves programs: no Origin, by number or by name, and Node’s own fetch', async () => {
    const base = cluster.bases[0]!
    expect((await publish(base, { dataId: 'from-here' }, 'welcome')).status).toBe(200)
    const { port } = new URL(base)
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect((await send(base, { path: `${configsPath}?dataId=from-here&group=DEFAULT_GROUP`, headers: { host } })).status).toBe(200)
    }
    expect((await fetch(`${base}${configsPath}?dataId=from-here&group=DEFAULT_GROUP`)).status).toBe(200)
  })
})

describe('the console', () => {
  const closeCode = (url: string, firstMessage: string | null, origin: string): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, { origin })
      socket.on('open', () => firstMessage !== null && socket.send(firstMessage))
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
      socket.on('close', (code) => resolve(code))
      socket.on('error', () => undefined)
    })
  const socketUrl = (): string => `${consoleUrl.replace(/^http/, 'ws')}/console/socket`

  it.each(foreignHosts)('refuses the Host %s', async (host) => {
    expect((await send(consoleUrl, { path: '/', headers: { host } })).status).toBe(403)
  })

  it.each(foreignOrigins)('refuses the Origin %s', async (origin) => {
    expect((await exchangeCode(consoleUrl, 'whatever', origin)).status).toBe(403)
    expect(await closeCode(socketUrl(), null, origin)).toBe(403)
  })

  it('refuses a socket without a token that it gave', async () => {
    expect(await closeCode(socketUrl(), 'made-up-token', consoleUrl)).toBe(4401)
    await expect(openSocket(consoleUrl, '')).rejects.toThrow('4401')
  })

  it('gives a token for its code once, and never again for the same', async () => {
    const code = cluster.ready.consoleCode ?? ''
    await using line = await openConsole(consoleUrl, code)
    expect((await line.client.app.info()).shell).toBe('browser')
    expect((await exchangeCode(consoleUrl, code)).status).toBe(403)
  })

  it('gives nothing but its page without a token: no folder, no listing, no file from outside', async () => {
    for (const path of ['/console/', '/console/session', '/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/package.json']) {
      const answer = await send(consoleUrl, { path })
      expect(answer.text).not.toContain('"devDependencies"')
    }
    const page = await send(consoleUrl, { path: '/' })
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toMatch(/default-src|script-src/)
    expect(page.headers['content-security-policy']).not.toContain('unsafe-eval')
  })

  it('refuses guesses, soon all of them', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 40; guess++) statuses.push((await exchangeCode(consoleUrl, `guess-${guess}`)).status)
    expect(statuses.every((status) => status === 403 || status === 429)).toBe(true)
    expect(statuses).toContain(429)
  })
})
