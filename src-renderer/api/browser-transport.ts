/**
 * The browser's line to a headless cluster: a single-use code from the address becomes a token, the token opens a WebSocket.
 * The token lives in sessionStorage only and travels only in the socket's first message; the address is cleaned before anything else.
 */

import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { type CodeOutcome, createConnectionCell, type Transport } from './connection.ts'

const tokenKey = 'nacos-trio.console-token'
const firstRetryMs = 250
const longestRetryMs = 5_000
const readyTimeoutMs = 5_000
/** Close code by which the server says that the token is not known (any more). */
const closeUnauthorized = 4401

/** Takes `#code=…` out of the address, so that it is neither copied, kept in the history nor sent on. */
function takeCodeFromAddress(): string | null {
  const match = /^#code=([A-Za-z0-9_-]{1,128})$/.exec(window.location.hash)
  if (!match) return null
  window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
  return match[1] ?? null
}

async function exchange(code: string): Promise<{ outcome: CodeOutcome; token: string | null }> {
  try {
    const response = await fetch('/console/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
      credentials: 'omit',
      cache: 'no-store',
    })
    if (response.status === 429) return { outcome: 'too-many-attempts', token: null }
    if (!response.ok) return { outcome: 'refused', token: null }
    const body: unknown = await response.json()
    const token = typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string' ? body.token : null
    return token === null ? { outcome: 'refused', token } : { outcome: 'accepted', token }
  } catch {
    return { outcome: 'unreachable', token: null }
  }
}

export function createBrowserTransport(): Transport {
  const cell = createConnectionCell({ kind: 'connecting' })
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let closed = false

  const drop = () => {
    clearTimeout(timer)
    const old = socket
    socket = null
    old?.close()
  }
  const retryLater = () => {
    attempt += 1
    // Full jitter on the upper half: many tabs must not come back in step.
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
    cell.set({ kind: 'lost', attempt, retryAtMs: Date.now() + delayMs })
    timer = setTimeout(connect, delayMs)
  }
  const connect = () => {
    drop()
    if (closed) return
    const token = window.sessionStorage.getItem(tokenKey)
    if (token === null) {
      cell.set({ kind: 'needs-code', reason: 'absent' })
      return
    }
    const ws = new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}/console/socket`)
    socket = ws
    timer = setTimeout(() => ws.close(), readyTimeoutMs)
    ws.addEventListener('open', () => ws.send(token))
    const onReady = (event: MessageEvent) => {
      if (socket !== ws || event.data !== 'ready') return
      clearTimeout(timer)
      ws.removeEventListener('message', onReady)
      attempt = 0
      cell.set({ kind: 'open', sinceMs: Date.now() }, new SocketLink({ websocket: ws }))
    }
    ws.addEventListener('message', onReady)
    ws.addEventListener('close', (event) => {
      if (socket !== ws) return
      socket = null
      clearTimeout(timer)
      if (event.code === closeUnauthorized) {
        window.sessionStorage.removeItem(tokenKey)
        cell.set({ kind: 'needs-code', reason: 'expired' })
      } else retryLater()
    })
  }
  const submitCode = async (code: string): Promise<CodeOutcome> => {
    const { outcome, token } = await exchange(code)
    if (token !== null) {
      window.sessionStorage.setItem(tokenKey, token)
      attempt = 0
      connect()
    } else if (outcome === 'refused' && window.sessionStorage.getItem(tokenKey) === null) {
      cell.set({ kind: 'needs-code', reason: 'refused' })
    }
    return outcome
  }
  /** A stale code in the address (a reloaded bookmark) must not throw away a token that still works. */
  const begin = async (code: string | null) => {
    if (code === null) return connect()
    const outcome = await submitCode(code)
    if (outcome !== 'accepted' && cell.state().kind !== 'needs-code') connect()
  }
  const onNewAddress = () => {
    const code = takeCodeFromAddress()
    if (code !== null) void begin(code)
  }
  // `popstate` comes before `hashchange`: the code must be gone before the router, which listens to it too, takes it for a screen.
  window.addEventListener('popstate', onNewAddress)
  window.addEventListener('hashchange', onNewAddress)
  void begin(takeCodeFromAddress())
  return {
    state: cell.state,
    subscribe: cell.subscribe,
    link: cell.link,
    submitCode,
    retryNow() {
      if (cell.state().kind === 'lost') connect()
    },
    close() {
      closed = true
      window.removeEventListener('popstate', onNewAddress)
      window.removeEventListener('hashchange', onNewAddress)
      drop()
      cell.set({ kind: 'connecting' })
    },
  }
}
