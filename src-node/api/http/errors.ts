/**
 * Every answer that is not a success, in the shapes of Nacos (nacos-http 2.2): `caused: …;` text of config v1, the parameter
 * filter's text, Spring's error JSON, and the envelope of v2 and v3, in which the same failure goes out where the path belongs to them.
 * Owns the words; must never carry a stack trace or more than a bounded piece of input.
 */

import type { Refusal } from '../../raft-driver/ports.ts'
import { type ErrorName, errorCodes, nameOfStatus } from './error-codes.ts'
import type { PlainResponse } from './plain/plain-port.ts'

/** What of a failure stands in the envelope of v2 and v3. */
export interface Problem {
  readonly name: ErrorName
  readonly detail: string
  /** Where it is not that of the answer in v1. */
  readonly status?: number
}

/** Headers are a flat list of names and values, as `writeHead` takes them fastest; `Content-Length` is added on sending. */
export interface Answer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string | Buffer
  /** Of a failure that v2 and v3 wrap. */
  readonly problem?: Problem
}

/** Default of `/v1/cs/*`, text bodies included (nacos-http 1). */
export const jsonType = 'application/json;charset=UTF-8'
export const textType = 'text/plain;charset=UTF-8'
export const noCache = ['Pragma', 'no-cache', 'Expires', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Cache-Control', 'no-cache,no-store'] as const

const json = ['Content-Type', jsonType, 'X-Content-Type-Options', 'nosniff'] as const
const text = ['Content-Type', textType, 'X-Content-Type-Options', 'nosniff'] as const

/** What of a caller's own words is echoed at most. */
const echoMax = 200

export const excerpt = (words: string): string => (words.length > echoMax ? `${words.slice(0, echoMax)}…` : words)

/** Responses to requests under `/v2` and `/v3`. */
const enveloped = new WeakSet<PlainResponse>()

/** From now on a failure is sent to this client in the envelope `{code,message,data}`. */
export const envelop = (response: PlainResponse): void => void enveloped.add(response)

/** Any failure in the envelope: the text of its code, and what it is in detail. */
export const resultFailure = (status: number, name: ErrorName, detail: string | null): Answer => ({
  status,
  headers: json,
  body: JSON.stringify({ code: errorCodes[name], message: name, data: detail }),
})

const inEnvelope = (answer: Answer, { status, name, detail }: Problem): Answer => ({
  ...resultFailure(status ?? answer.status, name, detail),
  headers: answer.headers,
})

export const send = (response: PlainResponse, given: Answer): void => {
  const answer = given.problem !== undefined && enveloped.has(response) ? inEnvelope(given, given.problem) : given
  const length = typeof answer.body === 'string' ? Buffer.byteLength(answer.body) : answer.body.length
  response.writeHead(answer.status, [...answer.headers, 'Content-Length', String(length)])
  response.end(answer.body)
}

/** Config v1: `NacosException` and illegal arguments. `name`: of its code in v2 and v3. */
export const caused = (status: number, message: string, name: ErrorName = nameOfStatus(status)): Answer => ({
  status,
  headers: json,
  body: `caused: ${message};`,
  problem: { name, detail: message },
})

/** The parameter filter of 2.3+ (nacos-http 3.2). */
export const filterRefusal = (message: string): Answer => ({ status: 400, headers: [...text, ...noCache], body: `${message}\r\n` })

/** A required parameter that is absent: 500 in config v1, HTML-escaped, as the console-wide handler of Nacos words it; 400 in v2 and v3. */
export const missingParameter = (name: string, type: 'String' | 'int' | 'Long'): Answer => ({
  ...caused(500, `Required request parameter &#39;${name}&#39; for method parameter type ${type} is not present`),
  problem: {
    name: 'parameter missing',
    status: 400,
    detail: `Required request parameter '${name}' for method parameter type ${type} is not present`,
  },
})

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Payload Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

export interface SpringError {
  readonly status: number
  readonly message: string
  readonly path: string
  readonly wallMs: number
}

/** What Spring's `sendError` gives (nacos-http 1). */
export const springError = (error: SpringError): Answer => {
  const { status, message, path, wallMs } = error
  const body = { timestamp: new Date(wallMs).toISOString(), status, error: reasons[status] ?? 'Error', message, path: excerpt(path) }
  const answer = { status, headers: json, body: JSON.stringify(body) }
  return status === 500 ? { ...answer, problem: { name: 'server error', detail: message } } : answer
}

export const refusalWords: Readonly<Record<Refusal, string>> = {
  no_quorum: 'no majority of the nodes can be reached, nothing was written',
  outcome_unknown: 'the outcome of this write is unknown: it may or may not have happened',
  storage_unavailable: 'the storage cannot be reached, nothing was written',
  overloaded: 'this node has too much to do, nothing was written; try again',
  disk_full: 'the disk is full, nothing was written',
  not_member: 'this node is no member of the cluster (any more, or yet), nothing was written; ask another node',
}

/** Our own refusals: 503, or 504 if the outcome is unknown, with the code in a header. */
export const refusal = (code: Refusal, words: string = refusalWords[code]): Answer => ({
  status: code === 'outcome_unknown' ? 504 : 503,
  headers: [...json, 'Nacos-Trio-Error', code],
  body: `caused: ${words};`,
  problem: { name: code === 'storage_unavailable' ? 'data access error' : 'server error', detail: words },
})

/** A caller's mistake that a program must tell from others of its status. */
export const coded = (code: 'request_id_reused' | 'column_limit', answer: Answer): Answer => ({
  ...answer,
  headers: [...answer.headers, 'Nacos-Trio-Error', code],
})

/** The store failed under a read: the answer of a node that is about to end. */
export const storeBroken = refusal('storage_unavailable', "this node's own storage failed and the node ends; ask another node")

/** A caller's mistake on its way up to the one place that answers it. */
export interface AnswerError extends Error {
  readonly answer: Answer
}

export const refuse = (answer: Answer): never => {
  throw Object.assign(new Error(`refused with ${answer.status}`), { answer })
}

export const answerOf = (error: unknown): Answer | null => (error instanceof Error && 'answer' in error ? (error as AnswerError).answer : null)
