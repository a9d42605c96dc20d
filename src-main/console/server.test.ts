import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Cluster } from '../cluster/types.ts'
import type { ClusterUpdate, ClusterView, Contract } from '../contract/index.ts'
import { appInfo } from './app.ts'
import { type ConsoleServer, startConsoleServer } from './server.ts'

const view: ClusterView = {
  atMs: 1,
  health: { kind: 'stopped' },
  healthSinceMs: 1,
  leaderId: null,
  term: null,
  leaderSinceMs: null,
  nodes: [],
  main: { pid: 1, rssBytes: 1, cpuShare: 0 },
  dataDir: '/d',
  authOn: false,
  storage: { setting: { kind: 'sqlite', origin: 'default', commandLine: false }, refused: null },
}
let home: string
let server: ConsoleServer
let port: number
let reported: string[] = []
const sockets: WebSocket[] = []

beforeEach(async () => {
  reported = []
  home = await mkdtemp(join(tmpdir(), 'trio-server-'))
  await writeFile(join(home, 'index.html'), 'page __CSP_NONCE__')
  const cluster = {
    places: [],
    dataDir: home,
    view: () => view,
    subscribe: (listener: (update: ClusterUpdate) => void) => {
      listener({ kind: 'view', view })
      return () => {}
    },
    killNode: (id: number) => ({ ok: false, refusal: { code: 'wrong_state', nodeId: id, httpStatus: null, detail: 'it is down' } }),
    startNode: () => {
      throw new Error('secret /path of ours')
    },
  } as unknown as Cluster
  const info = appInfo({ version: '1.2.3', shell: 'browser', dataDir: home, locale: 'zh-CN' })
  server = await startConsoleServer({ cluster, rendererDir: home, info, port: 0, report: (text) => reported.push(text) })
  port = Number(new URL(server.url).port)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await server.close()
  await rm(home, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: string
}
const ask = (path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
const json = { 'content-type': 'application/json' }
const enter = async (code = server.newCode().code) => {
  const answer = await ask('/console/session', { method: 'POST', headers: json, body: JSON.stringify({ code }) })
  return (JSON.parse(answer.body) as { token: string }).token
}
const open = (headers: Record<string, string> = { origin: server.url }) => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/console/socket`, { headers })
  sockets.push(socket)
  return socket
}
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve))
const status = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.once('open', () => resolve(101))
    socket.on('error', () => {})
  })
const client = async (): Promise<ContractRouterClient<Contract>> => {
  const token = await enter()
  const socket = open()
  await new Promise((resolve) => socket.once('open', resolve))
  const ready = new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())))
  socket.send(token)
  expect(await ready).toBe('ready')
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }))
}

test('the page comes with its policy and without any cross-origin header', async () => {
  const { status, headers, body } = await ask('/')
  expect(status).toBe(200)
  expect(body).toMatch(/^page [A-Za-z0-9+/=]{20,}$/)
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  })
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test.each([{ host: 'evil.example' }, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])(
  '%j is refused everywhere',
  async (headers) => {
    for (const path of ['/', '/console/session', '/console/socket', '/assets/x.js']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) expect((await ask(path, { method, headers })).status).toBe(403)
    }
    expect(await status(open({ origin: server.url, ...headers }))).toBe(403)
  },
)

test('the address carries the code as a fragment only, and the code works once', async () => {
  const { url, code } = server.newCode()
  expect(url).toBe(`${server.url}/#code=${code}`)
  expect((await enter(code)).length).toBeGreaterThanOrEqual(43)
  expect((await ask('/console/session', { method: 'POST', headers: json, body: JSON.stringify({ code }) })).status).toBe(403)
})

test.each([
  ['GET', json, '', 405],
  ['POST', { 'content-type': 'text/plain' }, '{"code":"x"}', 415],
  ['POST', { 'content-type': 'application/x-www-form-urlencoded' }, 'code=x', 415],
  ['POST', json, '{', 400],
  ['POST', json, '{"code":1}', 400],
  ['POST', json, `{"code":"${'x'.repeat(10_000)}"}`, 413],
  ['POST', json, '{"code":"wrong"}', 403],
])('bad entry %# gets a clean answer', async (method, headers, body, expected) => {
  const answer = await ask('/console/session', { method, headers, body })
  expect(answer.status).toBe(expected)
  expect(answer.body).not.toMatch(/at |Error/)
})

test('guessing codes ends in 429', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) statuses.push((await ask('/console/session', { method: 'POST', headers: json, body: `{"code":"guess${i}"}` })).status)
  expect(statuses.slice(-2)).toEqual([429, 429])
})

test('a socket without an origin, or of another page, is refused', async () => {
  expect(await status(open({}))).toBe(403)
  expect(await status(open({ origin: 'http://127.0.0.1:8848' }))).toBe(403)
})

test.each(['', 'wrong', 'x'.repeat(5_000)])('first message %# is no token: closed before anything is answered', async (token) => {
  const socket = open()
  const heard: string[] = []
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  socket.once('open', () => socket.send(token))
  expect(await closed(socket)).toBe(4401)
  expect(heard).toEqual([])
})

test('a socket that says nothing is closed after two seconds', async () => {
  const startedMs = performance.now()
  expect(await closed(open())).toBe(4401)
  expect(performance.now() - startedMs).toBeGreaterThan(1_900)
})

test('behind the token the contract is spoken: info, stream, refusal', async () => {
  const console = await client()
  expect(await console.app.info()).toMatchObject({ version: '1.2.3', shell: 'browser', locale: 'zh-CN' })
  const stream = await console.cluster.watch()
  expect((await stream.next()).value).toEqual({ kind: 'view', view })
  await stream.return?.(undefined)
  await expect(console.cluster.killNode({ id: 2 })).rejects.toMatchObject({ code: 'REFUSED', data: { code: 'wrong_state', nodeId: 2 } })
})

test('nodes that are not there cannot be compared', async () => {
  const console = await client()
  await expect(console.cluster.compare({ first: 1, second: 2 })).rejects.toMatchObject({ code: 'REFUSED', data: { code: 'not_found', nodeId: 1 } })
})

test('an error of ours tells nothing of the inside; bad input is an answer', async () => {
  const console = await client()
  const failure = await console.cluster.startNode({ id: 1 }).catch((error: unknown) => error)
  expect(JSON.stringify(failure)).not.toMatch(/secret|path of ours/)
  expect(reported.join()).toMatch(/secret/)
  await expect(console.cluster.killNode({ id: -1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a taken port moves the console to a free one', async () => {
  const info = appInfo({ version: '1', shell: 'browser', dataDir: home, locale: null })
  const other = await startConsoleServer({
    cluster: { places: [], dataDir: home } as unknown as Cluster,
    rendererDir: home,
    info,
    port,
    report: () => {},
  })
  expect(other.url).not.toBe(server.url)
  await other.close()
})
