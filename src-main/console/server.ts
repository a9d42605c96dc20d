/**
 * The console for a browser on this machine: pages, the exchange of a code for a token, and the socket. Loopback only, no CORS, Host and
 * Origin checked before anything is looked at. A code or token never stands in an address or a log of ours (a fragment is not sent).
 */

import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Cluster } from '../cluster/types.ts'
import type { AppInfo } from '../contract/index.ts'
import { type Bundle, loadBundle } from './bundle.ts'
import { newNonce, securityHeaders } from './page-policy.ts'
import { refuseRequest, refuseUpgrade } from './request-rules.ts'
import { createConsole } from './router.ts'
import { createSessions, type Sessions } from './session.ts'
import { createConsoleSockets } from './socket.ts'

const host = '127.0.0.1'
const largestBodyBytes = 4_096
const headersTimeoutMs = 5_000
const requestTimeoutMs = 10_000

export interface ConsoleServerOptions {
  readonly cluster: Cluster
  /** Folder of the built renderer, with its index.html. */
  readonly rendererDir: string
  readonly info: AppInfo
  /** Tried first; another free port is taken if it is in use. 0: any free port. */
  readonly port: number
  /** Takes the words of an unexpected error, for the app's log. */
  readonly report: (text: string) => void
}

export interface ConsoleServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** A fresh single-use code and the address that carries it as a fragment (valid for 60 s). */
  newCode(): { readonly url: string; readonly code: string }
  close(): Promise<void>
}

/** Rejects when the renderer is not built or no port can be had. */
export async function startConsoleServer(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const bundle = await loadBundle(options.rendererDir)
  const sessions = createSessions({ nowMs: () => performance.now(), randomBytes })
  const console = createConsole(options)
  const sockets = createConsoleSockets({ console, sessions })
  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs })
  const port = await listen(server, options.port)
  server.on('request', (request, response) => void answer({ request, response, port, bundle, sessions }))
  server.on('upgrade', (request, socket, head) => {
    const reason = request.url === '/console/socket' ? refuseUpgrade({ method: 'GET', headers: request.headers, port }) : 'There is no socket here.'
    if (reason !== null) return refuseSocket(socket, reason)
    sockets.server.handleUpgrade(request, socket, head, (webSocket) => sockets.server.emit('connection', webSocket, request))
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  const url = `http://${host}:${port}`
  return {
    url,
    newCode() {
      const code = sessions.newCode()
      return { url: `${url}/#code=${code}`, code }
    },
    async close() {
      sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const hurry = setTimeout(() => server.closeAllConnections(), 500)
      await closed
      clearTimeout(hurry)
      await console.close()
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  const attempt = (wanted: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port: wanted, exclusive: true }, () => {
        server.removeListener('error', reject)
        resolve()
      })
    })
  await attempt(port).catch((error: NodeJS.ErrnoException) => {
    if (port === 0 || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error
    return attempt(0)
  })
  return (server.address() as AddressInfo).port
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly port: number
  readonly bundle: Bundle
  readonly sessions: Sessions
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, port, bundle } = exchange
  const method = request.method ?? ''
  try {
    const reason = refuseRequest({ method, headers: request.headers, port })
    if (reason !== null) return say(response, 403, reason)
    const pathname = (request.url ?? '').split(/[?#]/, 1)[0] ?? ''
    if (pathname === '/console/session') return await exchangeCode(exchange)
    if (pathname.startsWith('/console/')) return say(response, 404, 'not found')
    if (method !== 'GET' && method !== 'HEAD') return say(response, 405, 'method not allowed', { allow: 'GET, HEAD' })
    const file = await bundle.answer(pathname)
    response.writeHead(file.status, { ...file.headers, 'content-length': file.body.length })
    response.end(method === 'HEAD' ? undefined : file.body)
  } catch {
    if (response.headersSent) response.destroy()
    else say(response, 500, 'this page could not be read')
  }
}

async function exchangeCode({ request, response, sessions }: Exchange): Promise<void> {
  if (request.method !== 'POST') return say(response, 405, 'method not allowed', { allow: 'POST' })
  // Only this type makes a foreign page ask first (and be refused): a simple form cannot carry it.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return say(response, 415, 'application/json is expected')
  const body = await readBody(request)
  if (body === null) return say(response, 413, 'too large')
  const code = readCode(body)
  if (code === null) return say(response, 400, 'a JSON object with a code is expected')
  const result = sessions.exchange(code)
  if (result.kind === 'refused') return say(response, 403, 'this code is not valid (any more)')
  if (result.kind === 'too-many-attempts') {
    return say(response, 429, 'too many wrong codes', { 'retry-after': String(Math.ceil(result.retryAfterMs / 1_000)) })
  }
  const headers = { ...securityHeaders(newNonce()), 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(200, headers).end(JSON.stringify({ token: result.token }))
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > largestBodyBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readCode(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' ? value.code : null
  } catch {
    return null
  }
}

function say(response: ServerResponse, status: number, words: string, headers: Record<string, string> = {}): void {
  const body = `${words}\n`
  response.writeHead(status, {
    ...securityHeaders(newNonce()),
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...(status === 413 ? { connection: 'close' } : {}),
    ...headers,
  })
  response.end(body)
}

function refuseSocket(socket: Duplex, reason: string): void {
  socket.on('error', () => {})
  const body = `${reason}\n`
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
}
