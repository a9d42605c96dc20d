/**
 * Calls to the endpoints of v3, which answer in Nacos's envelope, as any client would make them. A question goes on to the next node when one does not
 * answer; an order goes on only if it surely never reached the one before, and is never repeated when nobody knows what became of it.
 */

import { z } from 'zod'
import type { Cluster } from '../cluster/types.ts'
import { type Refusal, refusalSchema } from '../contract/errors.ts'
import { encodeForm } from './form.ts'
import { nodesToAsk } from './node-choice.ts'
import type { NodeAnswer, NodeHttp, NodeRequest } from './node-http.ts'

export type Outcome<T> = { readonly ok: true; readonly value: T; readonly nodeId: number } | { readonly ok: false; readonly refusal: Refusal }
type Fields = Readonly<Record<string, string>>

export interface ResultCalls {
  ask<T>(path: string, query: Fields, schema: z.ZodType<T>): Promise<Outcome<T>>
  order<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, order: { readonly fields: Fields; readonly schema: z.ZodType<T> }): Promise<Outcome<T>>
}

export interface ResultCallPorts {
  readonly cluster: Pick<Cluster, 'view' | 'places'>
  readonly http: Pick<NodeHttp, 'send'>
}

type Answered = Extract<NodeAnswer, { kind: 'answer' }>

const askTimeoutMs = 5_000
/** Above the node's own limit for a write, so that its words come first. */
const orderTimeoutMs = 15_000
const longestDetailChars = 500
const envelopeSchema = z.object({ code: z.number(), message: z.string().nullish(), data: z.unknown() })
/** What a node says of the present state, and not of the words it was given (nacos-http 12.1, 13). */
const ofTheState = /already exist|already bound|not exist|not found!|cannot delete admin|not permitted to|still holds|as many|have admin user/

const refused = (refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal })

const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const codeOf = ({ status, headers }: Answered, detail: string): Refusal['code'] => {
  const said = headers['nacos-trio-error']
  const named = refusalSchema.shape.code.safeParse(said)
  if (named.success) return named.data
  // It took nothing and never will: as good as gone, so that the next one is asked.
  if (said === 'not_member') return 'unreachable'
  if (status === 409 || ofTheState.test(detail)) return 'wrong_state'
  if (status === 503) return 'overloaded'
  if (status === 504) return 'outcome_unknown'
  return status >= 400 && status < 500 ? 'invalid' : 'internal'
}

/** Exported for its test. */
export const readFailure = (answer: Answered, nodeId: number): Refusal => {
  const envelope = envelopeSchema.safeParse(jsonOf(answer.body))
  const words = envelope.success ? (typeof envelope.data.data === 'string' ? envelope.data.data : (envelope.data.message ?? '')) : ''
  const detail = (words || answer.body.toString('utf8').trim() || `HTTP ${answer.status}`).slice(0, longestDetailChars)
  return { code: codeOf(answer, detail), nodeId, httpStatus: answer.status, detail }
}

const readSuccess = <T>(answer: Answered, nodeId: number, schema: z.ZodType<T>): Outcome<T> => {
  const envelope = envelopeSchema.safeParse(jsonOf(answer.body))
  const data = envelope.success && envelope.data.code === 0 ? schema.safeParse(envelope.data.data) : null
  if (data?.success === true) return { ok: true, value: data.data, nodeId }
  const detail = `an answer of another shape: ${answer.body.toString('utf8').slice(0, 200)}`
  return refused({ code: 'internal', nodeId, httpStatus: answer.status, detail })
}

const nobody: Refusal = { code: 'unreachable', nodeId: null, httpStatus: null, detail: 'no node is running' }

export const createResultCalls = ({ cluster, http }: ResultCallPorts): ResultCalls => {
  const send = (id: number, request: Omit<NodeRequest, 'host' | 'port'>): Promise<NodeAnswer> => {
    const place = cluster.places.find((each) => each.id === id)
    if (place === undefined) return Promise.resolve({ kind: 'failed', sent: false, detail: `there is no node-${id}` })
    return http.send({ ...request, host: place.host, port: place.httpPort })
  }
  return {
    ask: async (path, query, schema) => {
      let last = nobody
      for (const id of nodesToAsk(cluster.view(), null)) {
        const answer = await send(id, { method: 'GET', path: `${path}?${new URLSearchParams(query)}`, timeoutMs: askTimeoutMs })
        if (answer.kind === 'answer' && answer.status === 200) return readSuccess(answer, id, schema)
        last = answer.kind === 'answer' ? readFailure(answer, id) : { code: 'unreachable', nodeId: id, httpStatus: null, detail: answer.detail }
        if (answer.kind === 'answer' && answer.status < 500) break
      }
      return refused(last)
    },
    order: async (method, path, { fields, schema }) => {
      let last = nobody
      const inQuery = method === 'DELETE'
      const body = inQuery ? {} : { body: await encodeForm(fields), headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } }
      const request = { method, path: inQuery ? `${path}?${new URLSearchParams(fields)}` : path, timeoutMs: orderTimeoutMs, ...body }
      for (const id of nodesToAsk(cluster.view(), null)) {
        const answer = await send(id, request)
        if (answer.kind === 'answer' && answer.status === 200) return readSuccess(answer, id, schema)
        last =
          answer.kind === 'answer'
            ? readFailure(answer, id)
            : { code: answer.sent ? 'outcome_unknown' : 'unreachable', nodeId: id, httpStatus: null, detail: answer.detail }
        if (last.code !== 'unreachable') break
      }
      return refused(last)
    },
  }
}

/** The value of a call, or the refusal that its procedure declares. */
export function demand<T>(outcome: Outcome<T>, refuse: (options: { data: Refusal }) => Error): T {
  if (outcome.ok) return outcome.value
  throw refuse({ data: outcome.refusal })
}
