/**
 * One endpoint of the HTTP reference as a row: where it is, what is sent to ask for it, and what must come back. Owns the words in which the tables
 * are written; nothing here asks anybody.
 */

import { type Check, is, restResult, result } from '../shape.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Area = 'configuration' | 'naming' | 'cluster' | 'namespace' | 'server' | 'operations' | 'users'

/** Words in braces, `{configId}`, are put in when it is sent; see ground.ts. */
type Fields = Readonly<Record<string, string>>

export interface Ask {
  /** Where the path of the row is no path: it has a part that is named in braces. */
  readonly at?: string
  readonly query?: Fields
  readonly form?: Fields
  readonly headers?: Fields
  readonly json?: string
  /** A zip of one configuration, as the field `file` of a multipart body; other fields stand beside it. */
  readonly zip?: Fields
}

export type Body = { readonly kind: 'text'; readonly text: RegExp } | { readonly kind: 'json'; readonly check: Check } | { readonly kind: 'zip' }

export interface Answer {
  readonly status: number
  readonly body: Body
}

export interface Endpoint {
  readonly area: Area
  readonly method: Method
  /** Below `/nacos`; where a parameter decides what is meant, with it: `/v1/cs/configs?search=`. */
  readonly path: string
  /** The lines of Nacos that have it. */
  readonly versions: string
  /** Of the reference of the HTTP API. */
  readonly section: string
  readonly ask: Ask
  readonly answers: Answer
  /** The row that makes what this one asks for: one without the other says nothing. */
  readonly needs?: string
  /** It is left out on purpose, for this reason. Not asked for. */
  readonly leftOut?: string
}

export const json = (check: Check, status = 200): Answer => ({ status, body: { kind: 'json', check } })
export const plain = (text: RegExp, status = 200): Answer => ({ status, body: { kind: 'text', text } })
export const zip: Answer = { status: 200, body: { kind: 'zip' } }

/** What most writes of naming v1 say. */
export const ok = plain(/^ok$/)
/** What most writes of configurations say. */
export const yes = json(is(true))
/** v1, in its envelope; v2 and v3 in theirs. */
export const rest = (check: Check): Answer => json(restResult(check))
export const wrapped = (check: Check): Answer => json(result(check))

type Row = Omit<Endpoint, 'area' | 'versions' | 'section'> & Partial<Pick<Endpoint, 'area' | 'versions' | 'section'>>
type More = Partial<Pick<Endpoint, 'area' | 'versions' | 'section' | 'leftOut' | 'needs'>>

const row =
  (method: Method) =>
  (path: string, ask: Ask, answers: Answer, more: More = {}): Row => ({ method, path, ask, answers, ...more })

export const GET = row('GET')
export const POST = row('POST')
export const PUT = row('PUT')
export const PATCH = row('PATCH')
export const DELETE = row('DELETE')

/** Rows of one part of the reference; a row may know better. */
export const rows = (part: Pick<Endpoint, 'area' | 'versions' | 'section'>, all: readonly Row[]): readonly Endpoint[] =>
  all.map((each) => ({ ...part, ...each }))

/** The same rows under another prefix: an alias of the reference. */
export const under = (prefix: string, other: string, all: readonly Row[]): readonly Row[] =>
  all.map((each) => ({ ...each, path: each.path.replace(prefix, other) }))

export const q = (query: Fields): Ask => ({ query })
export const f = (form: Fields): Ask => ({ form })
