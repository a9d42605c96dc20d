/**
 * One unary request to one answer (nacos-grpc 3, steps 1, 5, 6): is this node ready, is there a handler, is the caller registered, can the body be read.
 * The one place where a failure becomes an answer. Must never answer twice, show a cause, or look into a body before the caller is known.
 */

import { isUtf8 } from 'node:buffer'
import { isStorageFailure } from '../../storage/storage-failure.ts'
import {
  broken,
  errorCodes,
  failedAs,
  type GrpcAnswer,
  noHandler,
  refusedAs,
  serversOnly,
  starting,
  succeeded,
  unreadable,
  unregistered,
} from './answers.ts'
import type { Line, Unary } from './connections.ts'
import { createGate } from './gate.ts'
import { isObject, type JsonObject } from './json-fields.ts'
import type { Payload } from './payload.ts'
import type { GrpcParts } from './ports.ts'
import type { GrpcCall, RequestHandler, Respond } from './requests.ts'

/** What servers send each other over a port that this node does not have (nacos-grpc 8). */
const betweenServers: ReadonlySet<string> = new Set([
  'ConfigChangeClusterSyncRequest',
  'DistroDataRequest',
  'MemberReportRequest',
  'ServerLoaderInfoRequest',
  'ServerReloadRequest',
])

/** Parsing it takes a few milliseconds. */
const usualBodyBytesMax = 1024 * 1024

const serverCheck = (line: Line): GrpcAnswer => succeeded('ServerCheckResponse', { connectionId: line.id(), supportAbilityNegotiation: true })

const parse = ({ value }: Payload): JsonObject | null => {
  if (!isUtf8(value)) return null
  try {
    const body: unknown = JSON.parse(value.toString('utf8'))
    return isObject(body) ? body : null
  } catch {
    return null
  }
}

const tooLarge = (handler: RequestHandler, bytesMax: number): GrpcAnswer =>
  failedAs(handler.responseType, errorCodes.badRequest, `the request is larger than ${bytesMax} bytes`, handler.alwaysSaid)

export const createDispatch = (
  parts: Pick<GrpcParts, 'auth' | 'failed' | 'storeBroken' | 'starting'>,
  handlers: readonly RequestHandler[],
): Unary => {
  const gate = createGate(parts.auth)
  const byType = new Map(handlers.map((handler) => [handler.type, handler]))

  const failed = (handler: RequestHandler, error: unknown): GrpcAnswer => {
    if (isStorageFailure(error)) {
      parts.storeBroken(error)
      return refusedAs(handler.responseType, 'storage_unavailable', handler.alwaysSaid)
    }
    parts.failed(`answering ${handler.type}`, error)
    return broken
  }

  const attempt = (handler: RequestHandler, call: GrpcCall, respond: Respond): void => {
    try {
      handler.handle(call, respond)
    } catch (error) {
      respond(failed(handler, error))
    }
  }

  const run = (handler: RequestHandler, line: Line, payload: Payload, respond: Respond): void => {
    const connection = line.connection()
    if (connection === null) {
      respond(unregistered)
      return
    }
    const { bodyBytesMax = usualBodyBytesMax } = handler
    if (payload.value.length > bodyBytesMax) {
      respond(tooLarge(handler, bodyBytesMax))
      return
    }
    const body = parse(payload)
    if (body === null) {
      respond(unreadable)
      return
    }
    const asked = { connection, payload, body }
    gate.pass(handler, asked, { through: (user) => attempt(handler, { ...asked, user }, respond), refused: respond })
  }

  return (line, payload, answer) => {
    let answered = false
    const respond: Respond = (given) => {
      if (answered) return
      answered = true
      answer(given)
    }
    if (parts.starting()) return respond(starting)
    const { type } = payload
    if (type === 'ServerCheckRequest') return respond(serverCheck(line))
    const handler = byType.get(type)
    if (handler !== undefined) return run(handler, line, payload, respond)
    respond(betweenServers.has(type) ? serversOnly(type) : noHandler)
  }
}
