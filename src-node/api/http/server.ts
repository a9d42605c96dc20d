/**
 * The node's HTTP server: guard, route, body, handler, and the one place where a failure becomes an answer. Listens on
 * loopback only. Must never show a stack trace, leave a request without an answer, or let one client take all connections.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type BodyDone, createBodyReader } from './body.ts'
import { createEntrance, type Found, queryFields } from './entrance.ts'
import { type Answer, envelop, send, springError } from './errors.ts'
import { noFields } from './form.ts'
import { createGuard, type Guard } from './guard.ts'
import { oneByOne } from './one-by-one.ts'
import { createParameters, type Parameters } from './parameters.ts'
import type { PlainConnectionParts } from './plain/plain-connection.ts'
import { createPlainLane, type PlainLane } from './plain/plain-lane.ts'
import { createPlainService } from './plain/plain-service.ts'
import type { HttpParts } from './ports.ts'
import { contextPath, createRouter, type Router, splitTarget, type UploadHandler } from './router.ts'
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

const routerOf = (parts: HttpParts): Router =>
  createRouter(new Map(Object.entries(routesOf(parts)).map(([path, route]) => [contextPath + path, route])), parts.clock.wallMs)

const absoluteForm = /^http:\/\/([^/?#]*)([^#]*)/i

/** A target as proxies get it, `http://host/path`, is to be taken too (RFC 9112 3.2.2); its host counts beside the header's. */
const targetOf = (url: string): { origin: string; host: string | null } => {
  const found = url.startsWith('/') ? null : absoluteForm.exec(url)
  return found === null ? { origin: url, host: null } : { origin: found[2] ?? '', host: found[1] ?? '' }
}

const clientErrorAnswer = (status: string): string => {
  const body = `caused: ${status.slice(4)};`
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
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
  socket.end(clientErrorAnswer(status))
}

/** Whatever else may stand in `Expect`, node:http has refused it before. */
const waitsToSend = (request: IncomingMessage): boolean => request.headers.expect !== undefined && request.httpVersion === '1.1'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Requests as node:http hands them over. */
const createListener = (parts: HttpParts, guard: Guard, match: Router): Listener => {
  const { settings, clock } = parts
  const bodies = createBodyReader(
    { bodyBytesMax: settings.httpBodyBytesMax, inFlightBytesMax: settings.httpBodiesInFlightBytesMax, slicedOverBytes: 256 * 1024 },
    clock.after,
  )
  const early = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
    const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    if (response.destroyed) return
    if (hasBody && !request.complete) bodies.answerEarly(request, response, answer)
    else send(response, answer)
  }
  const { admit } = createEntrance(parts, early)
  const enter =
    (request: IncomingMessage, response: ServerResponse, found: Found, go: (parameters: Parameters) => void): BodyDone['body'] =>
    (form, json) =>
      admit(request, response, found, (caller) => createParameters(queryFields(found.query), form, json, caller), go)

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
    const { path, query } = splitTarget(url)
    const foreign = guard.check(request.headers) ?? (host === null ? null : guard.check({ host }))
    if (foreign !== null) return early(request, response, springError({ status: 403, message: foreign, path, wallMs: clock.wallMs() }))
    const route = match(request.method ?? '', path)
    if (route.kind === 'answer') return early(request, response, route.answer)
    if (route.enveloped) envelop(response)
    const { upload, handler, demand } = route
    const found: Found = { path, query, demand }
    const go = enter(request, response, found, (parameters) => handler(request, response, parameters))
    if (!route.readsBody) return go(noFields, null)
    const read = (): void => readBody(request, response, route.jsonBytesMax, go)
    if (upload === null || !isMultipart(request.headers['content-type'])) read()
    else takeUpload(request, response, { ...found, upload }, read)
  }
}

/** New connections begin on the plain lane; node:http gets each with the first request that is not plain, as if it had come just then. */
const laneBefore = (server: Server, { clock, settings }: HttpParts, serve: PlainConnectionParts['serve']): PlainLane => {
  const [takeOver, ...others] = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  if (takeOver === undefined || others.length > 0) throw new Error('node:http takes its connections in another way than it did')
  const lane = createPlainLane({
    ...{ serve, clock, keepAliveMs, requestMs: headersTimeoutMs, answerMs: idleSocketMs, untakenMs: idleSocketMs },
    limits: { headBytesMax: settings.httpHeaderBytesMax, bodyBytesMax: settings.httpBodyBytesMax },
    tooLate: clientErrorAnswer('408 Request Timeout'),
    handOver: (socket, bytes) => {
      takeOver.call(server, socket)
      socket.emit('data', bytes)
    },
  })
  server.removeAllListeners('connection')
  server.on('connection', lane.take)
  return lane
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
  const guard = createGuard(parts.allowedOrigins, parts.allowedHosts)
  const match = routerOf(parts)
  const answer = createListener(parts, guard, match)
  const listener = oneByOne((request, response) => {
    if (closing) response.shouldKeepAlive = false
    answer(request, response)
  }, idleSocketMs)
  server.on('request', listener)
  // The listener tells a client to go on, if its body will be taken.
  server.on('checkContinue', listener)
  server.on('clientError', onClientError)
  const lane = laneBefore(server, parts, createPlainService(parts, guard, match))
  return {
    listen: (host, port) => listenOn(server, host, port),
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true
        const hurry = clock.after(graceMs, () => {
          lane.destroyAll()
          server.closeAllConnections()
        })
        // A connection that finds itself idle only now would otherwise live on for its keep-alive time.
        const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
        server.close(() => {
          hurry.cancel()
          clearInterval(sweep)
          resolve()
        })
        lane.close()
        server.closeIdleConnections()
      }),
  }
}
