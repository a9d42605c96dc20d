/**
 * `POST /v1/cs/ops/localCache`: a full dump, now (nacos-http 6): all files of this node's disk cache are compared with what it has applied. Answered
 * as Nacos does, once it has begun; `GET` at the same place is ours: where it stands, and what the last one found. `/v3/admin` has both in its envelope.
 */

import type { ServerResponse } from 'node:http'
import { noCache, send, textType } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, sendResult } from '../result.ts'
import type { Handler, Route } from '../router.ts'

export const createLocalCacheRoutes = (parts: HttpParts): { readonly v1: Route; readonly v3: Route } => {
  /** Files that were changed by hand are repaired on somebody's word: the log tells whose. */
  const begin = (from: string): string => {
    const joined = parts.cache.status().running
    const words = joined === null ? 'a full dump has begun' : `a full dump (${joined.reason}) was running already, its report is the answer`
    parts.noted(`localCache, asked from ${from}: ${words}`)
    void parts.cache.fullDump('request')
    return words
  }
  const post =
    (answer: (response: ServerResponse, words: string) => void): Handler =>
    (request, response) =>
      answer(response, begin(`${request.socket.remoteAddress}:${request.socket.remotePort}`))
  const text = (response: ServerResponse): void => send(response, { status: 200, headers: ['Content-Type', textType, ...noCache], body: '200' })
  return {
    v1: { access: 'admin', POST: post(text), GET: (_request, response) => send(response, jsonAnswer(parts.cache.status())) },
    v3: { access: 'admin', POST: post(sendResult), GET: (_request, response) => sendResult(response, parts.cache.status()) },
  }
}
