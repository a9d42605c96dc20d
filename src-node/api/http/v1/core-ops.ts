/** Operations that are not Raft's: where the numbers of rows stand, and levels of loggers (nacos-http 11.2, 14). */

import type { ServerResponse } from 'node:http'
import { excerpt, missingParameter, noCache, refuse, send, textType } from '../errors.ts'
import { limitedText, type Parameters, utf8Text } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { restResultAnswer, sendResult } from '../result.ts'
import type { Handler, Route, Routes } from '../router.ts'

/** With a shared database the numbers are the database's, and Nacos lists none. */
const generators = ({ sharedStore, meta, nodeId }: HttpParts) => {
  if (sharedStore !== null) return []
  const { nextConfigId, nextHistoryId } = meta()
  return [
    { resource: 'config_info_id', info: { currentId: nextConfigId - 1, workerId: nodeId } },
    { resource: 'config_history_id', info: { currentId: nextHistoryId - 1, workerId: nodeId } },
  ]
}

const idInfo = (parts: HttpParts): object =>
  Object.fromEntries(generators(parts).map(({ resource, info }) => [resource, { ...info, dataCenterId: 0 }]))

const wordMax = 256
/** From a JSON body where there is one, else from the parameters. */
const fieldOf = (parameters: Parameters, name: 'logName' | 'logLevel'): string => {
  const json = parameters.json()
  if (json === null) return limitedText(parameters, name, wordMax) || refuse(missingParameter(name, 'String'))
  let body: unknown = null
  try {
    body = JSON.parse(utf8Text(json, 'the body'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const value = typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : null
  return typeof value === 'string' && value !== '' ? value : refuse(missingParameter(name, 'String'))
}

/** There is one log, and all of it is written: Nacos too takes a name that it does not have. */
const setLogLevel =
  (parts: HttpParts, answer: (response: ServerResponse) => void): Handler =>
  (_request, response, parameters) => {
    const [name, level] = [fieldOf(parameters, 'logName'), fieldOf(parameters, 'logLevel')]
    parts.noted(`level ${excerpt(level)} was asked for logger ${excerpt(name)}: this node has one log without levels`)
    answer(response)
  }

const inText = (response: ServerResponse): void => send(response, { status: 200, headers: ['Content-Type', textType, ...noCache], body: '200' })

export const coreOpsRoutes = (parts: HttpParts): Routes => {
  const v1Log: Route = { access: 'admin', PUT: setLogLevel(parts, inText) }
  const v3Log: Route = { access: 'admin', PUT: setLogLevel(parts, (response) => sendResult(response, null)) }
  return {
    '/v1/core/ops/idInfo': { access: 'admin', GET: (_request, response) => send(response, restResultAnswer(idInfo(parts))) },
    '/v2/core/ops/ids': { access: 'admin', GET: (_request, response) => send(response, restResultAnswer(generators(parts))) },
    '/v3/admin/core/ops/ids': { access: 'admin', GET: (_request, response) => sendResult(response, generators(parts)) },
    '/v1/core/ops/log': v1Log,
    '/v1/cs/ops/log': v1Log,
    '/v2/core/ops/log': { access: 'admin', PUT: setLogLevel(parts, (response) => send(response, restResultAnswer(null))) },
    '/v3/admin/core/ops/log': v3Log,
    '/v3/admin/cs/ops/log': v3Log,
  }
}
