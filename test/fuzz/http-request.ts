/**
 * Requests as bytes, made from the rows of the endpoint table: each is right to begin with, and then up to three things about it are not. The number
 * of a request and the seed decide all of it.
 */

import type { Endpoint } from '../api/endpoints/row.ts'
import { endpoints } from '../api/endpoints.ts'
import { createDice, type Dice } from '../sim/world.ts'
import { bent, oddPath, oddValue } from './odd-values.ts'

export interface FuzzRequest {
  readonly number: number
  /** Which endpoint, and what is odd about it. */
  readonly what: string
  readonly bytes: Buffer
  /** It lies about its own length or form: the server may hang up without an answer, and the connection is of no use afterwards. */
  readonly lies: boolean
}

type Fields = [name: string, value: string][]

interface Draft {
  method: string
  path: string
  query: Fields
  form: Fields | null
  json: string | null
  readonly headers: Fields
  /** Put before and behind the bytes of the body. */
  length: 'right' | 'short' | 'long' | 'chunked' | 'bad-chunks' | 'twice'
  lies: boolean
}

/** Never sent: they end, stop or move what is to be looked at. */
const leftAlone = /\/raft$|reload|smartReload|\/communication\/notices/

const targets: readonly Endpoint[] = endpoints.filter(({ path }) => !leftAlone.test(path))

const plain = (fields: Readonly<Record<string, string>> | undefined): Fields =>
  Object.entries(fields ?? {}).map(([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)])

const draftOf = ({ method, path, ask }: Endpoint): Draft => ({
  ...{
    method,
    path: `/nacos${ask.at ?? path.replace(/[ ?].*$/, '')}`,
    query: plain(ask.query),
    form: ask.form === undefined ? null : plain(ask.form),
  },
  ...{ json: ask.json ?? null, headers: Object.entries(ask.headers ?? {}), length: 'right', lies: false },
})

/** The fields that one of them is done to. */
const someFields = (draft: Draft, dice: Dice): Fields => (draft.form !== null && dice.chance(0.5) ? draft.form : draft.query)

const fieldBends: Readonly<Record<string, (fields: Fields, at: number, dice: Dice) => void>> = {
  'a field is gone': (fields, at) => void fields.splice(at, 1),
  'a field comes twice': (fields, at) => void fields.push(fields[at] ?? ['a', 'b']),
  'a field has an odd value': (fields, at, dice) => {
    const field = fields[at]
    if (field === undefined) fields.push(['dataId', oddValue(dice)])
    else field[1] = oddValue(dice)
  },
  'a field has an odd name': (fields, at, dice) => {
    const field = fields[at]
    if (field !== undefined) field[0] = oddValue(dice).slice(0, 2_000)
  },
  'there are many fields': (fields, _at, dice) => {
    for (let more = dice.between(50, 2_000); more > 0; more--) fields.push([`f${more}`, 'x'])
  },
}

const bends: Readonly<Record<string, (draft: Draft, dice: Dice) => void>> = {
  'the path is odd': (draft, dice) => {
    draft.path = oddPath(draft.path, dice)
  },
  'another method': (draft, dice) => {
    draft.method = dice.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'NOPE'])
    if (draft.method === 'NOPE') draft.lies = true
  },
  'another content type': (draft, dice) => {
    const types = [
      'application/x-www-form-urlencoded;charset=GBK',
      'text/plain',
      'application/json',
      'multipart/form-data; boundary=x',
      'multipart/form-data',
      '\u00ff',
      '',
    ]
    draft.headers.push(['Content-Type', dice.pick(types)])
  },
  'the JSON is damaged': (draft, dice) => {
    draft.json = bent(draft.json ?? '{"a":1}', dice)
  },
  'the JSON is deep': (draft, dice) => {
    draft.json = dice.pick(['[', '{"a":']).repeat(dice.between(100, 50_000))
  },
  'the length is a lie': (draft, dice) => {
    draft.length = dice.pick(['short', 'long', 'chunked', 'bad-chunks', 'twice'])
    draft.lies = draft.length !== 'chunked'
  },
  'many headers': (draft, dice) => {
    for (let more = dice.between(20, 150); more > 0; more--) draft.headers.push([`X-${more}`, 'y'])
    draft.lies = true
  },
  'an odd header': (draft, dice) => {
    const name = dice.pick([
      'casMd5',
      'betaIps',
      'Vipserver-Tag',
      'Client-Version',
      'User-Agent',
      'accessToken',
      'Authorization',
      'X-Forwarded-For',
      'Nacos-Trio-Request-Id',
      'Expect',
      'Cookie',
    ])
    draft.headers.push([name, decodeURIComponentOr(oddValue(dice).slice(0, 4_000)).replace(/[\r\n\0]/g, ' ')])
    if (name === 'Expect') draft.lies = true
  },
  'a poll that waits for nothing': (draft) => void draft.headers.push(['Long-Pulling-Timeout-No-Hangup', 'true'], ['Long-Pulling-Timeout', '30000']),
}

const decodeURIComponentOr = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const fieldBendNames = Object.keys(fieldBends)
const bendNames = Object.keys(bends)

const bend = (draft: Draft, dice: Dice): string => {
  if (dice.chance(0.7)) {
    const name = dice.pick(fieldBendNames)
    const fields = someFields(draft, dice)
    fieldBends[name]?.(fields, dice.between(0, Math.max(0, fields.length - 1)), dice)
    return name
  }
  const name = dice.pick(bendNames)
  bends[name]?.(draft, dice)
  return name
}

const joined = (fields: Fields): string => fields.map(([name, value]) => `${name}=${value}`).join('&')

const chunked = (body: string, dice: Dice): string => {
  const cut = dice.between(0, body.length)
  return [body.slice(0, cut), body.slice(cut), '']
    .map((piece, at) => (piece === '' && at < 2 ? '' : `${piece.length.toString(16)}\r\n${piece}\r\n`))
    .join('')
}

const lengthLines = (draft: Draft, body: string): readonly string[] => {
  const length = Buffer.byteLength(body, 'latin1')
  switch (draft.length) {
    case 'right':
      return [`Content-Length: ${length}`]
    case 'short':
      return [`Content-Length: ${Math.floor(length / 2)}`]
    case 'long':
      return [`Content-Length: ${length + 100}`]
    case 'twice':
      return [`Content-Length: ${length}`, `Content-Length: ${length + 1}`]
    case 'chunked':
    case 'bad-chunks':
      return ['Transfer-Encoding: chunked']
  }
}

const bytesOf = (draft: Draft, dice: Dice): Buffer => {
  const target = draft.query.length === 0 ? draft.path : `${draft.path}?${joined(draft.query)}`
  const body = draft.json ?? (draft.form === null ? '' : joined(draft.form))
  const type = draft.json === null ? 'application/x-www-form-urlencoded; charset=UTF-8' : 'application/json'
  const typed = draft.headers.some(([name]) => name === 'Content-Type') ? [] : [`Content-Type: ${type}`]
  const head = [
    ...[`${draft.method} ${target.replace(/[ \r\n]/g, '%20')} HTTP/1.1`, 'Host: 127.0.0.1'],
    ...[...typed, ...draft.headers.map(([name, value]) => `${name}: ${value}`), ...lengthLines(draft, body)],
  ]
  const sent = draft.length === 'chunked' ? chunked(body, dice) : draft.length === 'bad-chunks' ? `zz\r\n${body}\r\n-1\r\n` : body
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${sent}`, 'latin1')
}

export const requestNumber = (seed: number, number: number): FuzzRequest => {
  const dice = createDice((seed ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0)
  const endpoint = dice.pick(targets)
  const draft = draftOf(endpoint)
  const done = Array.from({ length: dice.between(0, 3) }, () => bend(draft, dice))
  const bytes = bytesOf(draft, dice)
  // Beyond what a server reads of a head it may hang up.
  const lies = draft.lies || bytes.indexOf('\r\n\r\n') > 16_000
  return { number, what: [`${endpoint.method} ${endpoint.path}`, ...done].join('; '), bytes, lies }
}
