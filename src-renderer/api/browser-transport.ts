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

interface LineEvents {
  readonly onReady: (link: SocketLink<Record<never, never>>) => void
  /** Once, and not after `drop`. */
  readonly onLost: (why: 'unauthorized' | 'broken') => void
}

/** One socket: the token goes first, and a server that does not answer it in time is given up. Returns what drops it unheard. */
function openLine(token: string, { onReady, onLost }: LineEvents): () => void {
  const ws = new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}/console/socket`)
  let dropped = false
  const timer = setTimeout(() => ws.close(), readyTimeoutMs)
  const hear = (event: MessageEvent) => {
    if (dropped || event.data !== 'ready') return
    clearTimeout(timer)
    ws.removeEventListener('message', hear)
    onReady(new SocketLink({ websocket: ws }))
  }
  ws.addEventListener('open', () => ws.send(token))
  ws.addEventListener('message', hear)
  ws.addEventListener('close', (event) => {
    clearTimeout(timer)
    if (!dropped) onLost(event.code === closeUnauthorized ? 'unauthorized' : 'broken')
  })
  return () => {
    dropped = true
    clearTimeout(timer)
    ws.close()
  }
}

/** Full jitter on the upper half: many tabs must not come back in step. */
const retryDelayMs = (attempt: number): number => Math.min(longestRetryMs, firstRetryMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)

/** Calls back with every code that an address of this tab brings. Returns the function that ends it. */
function watchAddress(onCode: (code: string) => void): () => void {
  const look = () => {
    const code = takeCodeFromAddress()
    if (code !== null) onCode(code)
  }
  // `popstate` comes before `hashchange`: the code must be gone before the router, which listens to it too, takes it for a screen.
  const names = ['popstate', 'hashchange'] as const
  for (const name of names) window.addEventListener(name, look)
  return () => {
    for (const name of names) window.removeEventListener(name, look)
  }
}

export function createBrowserTransport(): Transport {
  const cell = createConnectionCell({ kind: 'connecting' })
  let dropLine: () => void = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let closed = false

  const drop = () => {
    clearTimeout(timer)
    dropLine()
  }
  const onLost = (why: 'unauthorized' | 'broken') => {
    if (why === 'unauthorized') {
      window.sessionStorage.removeItem(tokenKey)
      cell.set({ kind: 'needs-code', reason: 'expired' })
      return
    }
    attempt += 1
    const delayMs = retryDelayMs(attempt)
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
    const onReady: LineEvents['onReady'] = (link) => {
      attempt = 0
      cell.set({ kind: 'open', sinceMs: Date.now() }, link)
    }
    dropLine = openLine(token, { onReady, onLost })
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
  const stopWatching = watchAddress((code) => void begin(code))
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
      stopWatching()
      drop()
      cell.set({ kind: 'connecting' })
    },
  }
}
