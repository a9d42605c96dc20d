/**
 * What an operator's switches keep from the handlers of `/v1/ns` (nacos-http 1, 8.8): a status that was set by hand, and single paths with a status of their
 * own. Must never stand before the operator's own paths: nobody could set the switch back.
 */

import type { Answer } from '../errors.ts'
import { contextPath } from '../router.ts'
import { type PlainCall, textAnswer } from './dialect.ts'

const limitOf = (limits: unknown, path: string): number | null => {
  if (typeof limits !== 'object' || limits === null || !Object.hasOwn(limits, path)) return null
  const status = Number((limits as Record<string, unknown>)[path])
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : null
}

/** null: go on. */
export const trafficRefusal = ({ port, request }: PlainCall): Answer | null => {
  const { overriddenServerStatus: status, limitedUrlMap } = port.switches()
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const limit = limitOf(limitedUrlMap, path) ?? limitOf(limitedUrlMap, path.slice(contextPath.length))
  if (limit !== null) return textAnswer(limit, '')
  if (typeof status !== 'string' || status === '' || status === 'UP') return null
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (reads ? status === 'READ_ONLY' : status === 'WRITE_ONLY') return null
  // The missing blank is Nacos's.
  return textAnswer(503, `server is ${status}now, please try again later!`)
}
