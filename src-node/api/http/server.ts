/**
 * The node's HTTP server: guard, route, body, handler, and the one place where a failure becomes an answer. Listens on
 * loopback only. Must never show a stack trace, leave a request without an answer, or let one client take all connections.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isStorageFailure } from '../../storage/storage-failure.ts'
import { type BodyDone, type BodyReader, createBodyReader } from './body.ts'
import { type Answer, answerOf, caused, envelop, refuse, send, springError, storeBroken } from './errors.ts'
import { decodeQuery, type Field } from './form.ts'
import { createGate } from './gate.ts'
import { createGuard } from './guard.ts'
import { oneByOne } from './one-by-one.ts'
import { createParameters, type Parameters } from './parameters.ts'
import type { HttpParts } from './ports.ts'
import { contextPath, createRouter, type Demand, type Router, type UploadHandler } from './router.ts'
import { routesOf } from './routes.ts'
import { isMultipart } from './upload.ts'

/**
 * Not by `import`: the module facade reads every name of node:http, `WebSocket` among them, and so loads all of undici: 13 MB of
 * memory and some 30 ms of start that a server never uses.
 */
const { createServer } = process.getBuiltinModule('node:http')

export interface NodeHttpServer {
  /** Resolves once the port is open; rejects with the system's error (`EADDRINUSE` …). Port 0: any free one. */
  listen(host: string, port: number): Promise<number>
  /** No new connections; idle ones end at once, busy ones after their answer, the rest after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** A header block that is not complete after this is a slow loris. */
const headersTimeoutMs = 10_000
/** 32 MiB over loopback takes a fraction of a second; a slow link through a port-forward may take this. */
const requestTimeoutMs = 120_000
const timeoutsCheckedEveryMs = 5_000
/** Pools of the official clients close idle connections after 5 to 60 s; the server must not be first (it would reset a request under way). */
const keepAliveMs = 75_000
/** Nothing read or written for so long: a client that takes no answer. Above the longest long poll. */
const idleSocketMs = 330_000
const headersMax = 100
const idleSweepMs = 20

const noFields: readonly Field[] = []

const queryFields = (query: string): readonly Field[] => {
  if (query === '') return noFields
  const result = decodeQuery(query)
  return result.ok ? result.fields : refuse(caused(400, `the query cannot be read: ${result.problem}`))
}

const routerOf = (parts: HttpParts): Router =>
  createRouter(new Map(Object.entries(routesOf(parts)).map(([path, route]) => [contextPath + path, route])), parts.clock.wallMs)

const absoluteForm = /^http:\/\/([^/?#]*)([^#]*)/i

/** A target as proxies get it, `http://host/path`, is to be taken too (RFC 9112 3.2.2); its host counts beside the header's. */
const targetOf = (url: string): { origin: string; host: string | null } => {
  const found = url.startsWith('/') ? null : absoluteForm.exec(url)
  return found === null ? { origin: url, host: null } : { origin: found[2] ?? '', host: found[1] ?? '' }
}

/** What node:http itself could not read; written to the raw socket, since there is no response object. */
const onClientError = (error: Error & { code?: string }, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  const body = `caused: ${status.slice(4)};`
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
}

/**
 * Nacos answers a missing parameter with 500 and says so in the body. HEAD shows no body, so that its status must tell a caller's
 * mistake from a failure of ours.
 */
const seenBy = (request: IncomingMessage, answer: Answer, error: unknown): Answer =>
  request.method === 'HEAD' && answer.status === 500 && answerOf(error) !== null ? { ...answer, status: 400 } : answer

/** Whatever else may stand in `Expect`, node:http has refused it before. */
const waitsToSend = (request: IncomingMessage): boolean => request.headers.expect !== undefined && request.httpVersion === '1.1'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** A request on its route. */
interface Found {
  readonly path: string
  readonly query: string
  readonly demand: Demand
}

/** The two ways in which something that is no success leaves. */
const createRefusals = (parts: HttpParts, bodies: BodyReader) => {
  /** The one place where a failure becomes an answer. */
  const failed = (error: unknown, path: string): Answer => {
    const answer = answerOf(error)
    if (answer !== null) return answer
    if (isStorageFailure(error)) {
      parts.storeBroken(error)
      return storeBroken
    }
    parts.failed(`answering ${path.slice(0, 200)}`, error)
    return springError({ status: 500, message: 'the node failed to answer; its log says why', path, wallMs: parts.clock.wallMs() })
  }
  const early = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
    const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    if (response.destroyed) return
    if (hasBody && !request.complete) bodies.answerEarly(request, response, answer)
    else send(response, answer)
  }
  /** What `act` throws is answered. */
  const safely = (request: IncomingMessage, response: ServerResponse, path: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      const answer = seenBy(request, failed(error, path), error)
      if (response.headersSent) response.destroy()
      else early(request, response, answer)
    }
  }
  return { early, safely }
}

type Refusals = ReturnType<typeof createRefusals>

/** Hands a request's parameters on, once the gate lets it through: at once as a rule, turns later where a password is looked at. */
const createEntrance = (parts: HttpParts, { early, safely }: Refusals) => {
  const gate = createGate({ auth: parts.auth, peers: parts.peers, wallMs: parts.clock.wallMs })

  const enter =
    (request: IncomingMessage, response: ServerResponse, found: Found, go: (parameters: Parameters) => void): BodyDone['body'] =>
    (form, json) =>
      safely(request, response, found.path, () => {
        const query = queryFields(found.query)
        const parameters = createParameters(query, form, json)
        if (!gate.isClosed()) return go(parameters)
        gate.pass(
          request,
          { ...found, parameters },
          {
            through: (caller) => {
              if (!response.destroyed) safely(request, response, found.path, () => go(createParameters(query, form, json, caller)))
            },
            refused: (answer) => early(request, response, answer),
          },
        )
      })
  return { enter }
}

const createListener = (parts: HttpParts): Listener => {
  const { settings, clock } = parts
  const guard = createGuard(parts.allowedOrigins, parts.allowedHosts)
  const match = routerOf(parts)
  const bodies = createBodyReader(
    { bodyBytesMax: settings.httpBodyBytesMax, inFlightBytesMax: settings.httpBodiesInFlightBytesMax, slicedOverBytes: 256 * 1024 },
    clock.after,
  )
  const refusals = createRefusals(parts, bodies)
  const { early } = refusals
  const { enter } = createEntrance(parts, refusals)

  const readBody = (request: IncomingMessage, response: ServerResponse, jsonBytesMax: number, go: BodyDone['body']): void => {
    // Only now: a client that waits for "100 Continue" never sends the body of what is refused.
    if (waitsToSend(request) && Number(request.headers['content-length'] ?? 0) <= settings.httpBodyBytesMax) response.writeContinue()
    bodies.read(request, jsonBytesMax, { body: go, refused: (answer) => early(request, response, answer) })
  }

  /** A route that takes such bodies by itself, unless it finds that this is none of them. */
  const takeUpload = (request: IncomingMessage, response: ServerResponse, found: Found & { upload: UploadHandler }, otherwise: () => void): void =>
    enter(request, response, found, (parameters) => {
      const taken = found.upload(request, response, parameters, (answer) => early(request, response, answer))
      if (!taken) otherwise()
      else if (waitsToSend(request)) response.writeContinue()
    })(noFields, null)

  return (request, response) => {
    const { origin: url, host } = targetOf(request.url ?? '')
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const foreign = guard.check(request.headers) ?? (host === null ? null : guard.check({ host }))
    if (foreign !== null) return early(request, response, springError({ status: 403, message: foreign, path, wallMs: clock.wallMs() }))
    const route = match(request.method ?? '', path)
    if (route.kind === 'answer') return early(request, response, route.answer)
    if (route.enveloped) envelop(response)
    const { upload, handler, demand } = route
    const found: Found = { path, query: mark < 0 ? '' : url.slice(mark + 1), demand }
    const go = enter(request, response, found, (parameters) => handler(request, response, parameters))
    if (!route.readsBody) return go(noFields, null)
    const read = (): void => readBody(request, response, route.jsonBytesMax, go)
    if (upload === null || !isMultipart(request.headers['content-type'])) read()
    else takeUpload(request, response, { ...found, upload }, read)
  }
}

const listenOn = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

export const createHttpServer = (parts: HttpParts): NodeHttpServer => {
  const { settings, clock } = parts
  const server = createServer({
    maxHeaderSize: settings.httpHeaderBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: timeoutsCheckedEveryMs,
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
    insecureHTTPParser: false,
  })
  server.maxConnections = settings.httpConnectionsMax
  server.maxHeadersCount = headersMax
  server.timeout = idleSocketMs
  let closing = false
  const answer = createListener(parts)
  const listener = oneByOne((request, response) => {
    if (closing) response.shouldKeepAlive = false
    answer(request, response)
  }, idleSocketMs)
  server.on('request', listener)
  // The listener tells a client to go on, if its body will be taken.
  server.on('checkContinue', listener)
  server.on('clientError', onClientError)
  return {
    listen: (host, port) => listenOn(server, host, port),
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true
        const hurry = clock.after(graceMs, () => server.closeAllConnections())
        // A connection that finds itself idle only now would otherwise live on for its keep-alive time.
        const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
        server.close(() => {
          hurry.cancel()
          clearInterval(sweep)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
