import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBrowserTransport } from './browser-transport.ts'
import type { Transport } from './connection.ts'

/** A socket that the test plays the server of. */
class FakeSocket extends EventTarget {
  static all: FakeSocket[] = []
  readyState = 1
  readonly sent: unknown[] = []
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    FakeSocket.all.push(this)
  }
  send(data: unknown) {
    this.sent.push(data)
  }
  close(code = 1000) {
    if (this.readyState === 3) return
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
  open() {
    this.dispatchEvent(new Event('open'))
  }
  say(data: string) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

const tokenKey = 'nacos-trio.console-token'
let transport: Transport
const start = () => {
  transport = createBrowserTransport()
  return transport
}
const socket = () => FakeSocket.all.at(-1)!
const exchange = vi.fn(async (_url: string, init: { body: string }) => {
  const { code } = JSON.parse(init.body) as { code: string }
  if (code === 'busy') return new Response('', { status: 429 })
  return code === 'good' ? Response.json({ token: 'the-token' }) : new Response('', { status: 403 })
})

beforeEach(() => {
  FakeSocket.all = []
  exchange.mockClear()
  window.sessionStorage.clear()
  window.history.replaceState(null, '', '/')
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('fetch', exchange)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  transport.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('without a code or a token it asks for one', () => {
  expect(start().state()).toEqual({ kind: 'needs-code', reason: 'absent' })
  expect(FakeSocket.all).toEqual([])
})

test('the code leaves the address at once, becomes a token, and the token is the first message', async () => {
  window.history.replaceState(null, '', '/?x=1#code=good')
  start()
  expect(window.location.href).not.toContain('code')
  expect(window.location.search).toBe('?x=1')
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1))
  expect(window.sessionStorage.getItem(tokenKey)).toBe('the-token')
  expect(socket().url).toBe(`${window.location.origin.replace('http', 'ws')}/console/socket`)
  expect(socket().sent).toEqual([])
  socket().open()
  expect(socket().sent).toEqual(['the-token'])
  expect(transport.link()).toBeNull()
  socket().say('ready')
  expect(transport.state().kind).toBe('open')
  expect(transport.link()).not.toBeNull()
})

test.each([
  ['bad', 'refused', 'refused'],
  ['busy', 'too-many-attempts', 'absent'],
])('code %s: %s', async (code, outcome, reason) => {
  start()
  expect(await transport.submitCode(code)).toBe(outcome)
  expect(transport.state()).toEqual({ kind: 'needs-code', reason })
})

test('a stale code in the address does not throw away a token that works', async () => {
  window.sessionStorage.setItem(tokenKey, 'old-token')
  window.history.replaceState(null, '', '/#code=used')
  start()
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1))
  socket().open()
  expect(socket().sent).toEqual(['old-token'])
})

test.each(['popstate', 'hashchange'])('a code that arrives in an open tab is taken up (%s)', async (name) => {
  start()
  window.history.replaceState(null, '', '/#code=good')
  window.dispatchEvent(new Event(name))
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1))
  expect(window.location.hash).toBe('')
})

test('an unknown token is forgotten and a code asked for', () => {
  window.sessionStorage.setItem(tokenKey, 'of the run before')
  start()
  socket().close(4401)
  expect(transport.state()).toEqual({ kind: 'needs-code', reason: 'expired' })
  expect(window.sessionStorage.getItem(tokenKey)).toBeNull()
})

test('a lost line is tried again, ever more slowly up to five seconds', () => {
  window.sessionStorage.setItem(tokenKey, 't')
  start()
  const waits: number[] = []
  for (let attempt = 1; attempt <= 8; attempt++) {
    socket().close(1006)
    const state = transport.state()
    expect(state).toMatchObject({ kind: 'lost', attempt })
    waits.push(state.kind === 'lost' ? state.retryAtMs - Date.now() : 0)
    vi.advanceTimersByTime(5_000)
    expect(FakeSocket.all).toHaveLength(attempt + 1)
  }
  expect(waits[0]).toBeLessThanOrEqual(250)
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(2_500)
})

test('retry now does not wait', () => {
  window.sessionStorage.setItem(tokenKey, 't')
  start()
  socket().close(1006)
  transport.retryNow()
  expect(FakeSocket.all).toHaveLength(2)
})

test('a server that never says ready is given up', () => {
  window.sessionStorage.setItem(tokenKey, 't')
  start()
  socket().open()
  vi.advanceTimersByTime(5_000)
  expect(transport.state().kind).toBe('lost')
})
