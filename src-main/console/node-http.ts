/**
 * A small HTTP client for a node's public API on loopback. Never goes through a proxy, never follows a redirect, reads a bounded answer
 * within a bounded time, and always says whether a request that failed may have reached the node.
 */

import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { identityHeaders } from '../cluster/own-identity.ts'

/** A page of 500 configurations may be large; beyond this something is wrong. */
const largestAnswerBytes = 256 * 1024 * 1024
const idleSocketsPerNode = 4
const connectTimeoutMs = 1_000

export interface NodeRequest {
  readonly host: string
  readonly port: number
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With query, already encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly timeoutMs: number
}

export type NodeAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer }
  /** `sent` false: the node surely never saw it. */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly detail: string }

export interface NodeHttp {
  send(options: NodeRequest): Promise<NodeAnswer>
  close(): void
}

export function createNodeHttp(): NodeHttp {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: idleSocketsPerNode })
  return {
    async send(options) {
      // A write never uses a kept connection: when the node closes it at the wrong moment, nobody could tell whether the write arrived.
      if (options.method !== 'GET') return exchange(options, false)
      const first = await exchange(options, agent)
      return first.kind === 'failed' && first.sent ? exchange(options, false) : first
    },
    close: () => agent.destroy(),
  }
}

function exchange(options: NodeRequest, agent: Agent | false): Promise<NodeAnswer> {
  return new Promise((resolve) => {
    let sent = false
    let timedOut = false
    const { host, port, method, path } = options
    const length: Record<string, string> = options.body ? { 'content-length': String(options.body.length) } : {}
    const headers = { ...options.headers, ...identityHeaders({ host, httpPort: port }), ...length }
    const outgoing = request({ host, port, method, path, agent, headers })
    const timer = setTimeout(() => {
      timedOut = true
      outgoing.destroy()
    }, options.timeoutMs)
    const finish = (answer: NodeAnswer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const fail = (error: Error) =>
      finish({ kind: 'failed', sent, detail: timedOut ? `no answer within ${options.timeoutMs} ms` : error.message || error.name })
    onceConnected(outgoing, () => {
      sent = true
    })
    outgoing.on('error', fail)
    outgoing.on('response', (response) => collect(response, (body) => finish(answerOf(response, body)), fail))
    outgoing.end(options.body)
  })
}

function answerOf(response: IncomingMessage, body: Buffer): NodeAnswer {
  return { kind: 'answer', status: response.statusCode ?? 0, headers: response.headers, body }
}

function onceConnected(outgoing: ClientRequest, connected: () => void): void {
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) return connected()
    const timer = setTimeout(() => outgoing.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)), connectTimeoutMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      connected()
    })
    socket.once('close', () => clearTimeout(timer))
  })
}

function collect(response: IncomingMessage, done: (body: Buffer) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > largestAnswerBytes) response.destroy(new Error('the answer is larger than the console reads'))
    else chunks.push(chunk)
  })
  response.on('end', () => done(Buffer.concat(chunks)))
  response.on('error', fail)
  response.on('close', () => {
    if (!response.complete) fail(new Error('the node closed the connection in the middle of its answer'))
  })
}
