/**
 * One request out of the bytes of a connection, if it is whole and as plain as requests get: a form or nothing as its body, its length given, no header twice, nothing
 * to negotiate. Everything else is `other`, and node:http judges it: must never read anything in another way than node:http does, never refuse, and never take longer
 * than the bytes are long.
 */

import type { IncomingHttpHeaders } from 'node:http'

export interface WholeRequest {
  readonly method: string
  readonly url: string
  /** Shared with other requests that sent the same, and frozen. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Shares memory with what was read. */
  readonly body: Buffer
  /** Of the request as it was sent, head and body. */
  readonly bytes: number
}

/** `part`: it may become one with the bytes that are still to come. */
export type Reading = WholeRequest | 'part' | 'other'

export type RequestReader = (bytes: Buffer) => Reading

export interface RequestLimits {
  readonly headBytesMax: number
  readonly bodyBytesMax: number
}

const lineEnd = '\r\n'
const headEnd = '\r\n\r\n'
const requestLine = /^(POST|PUT|DELETE|GET) (\/[!-~]*) HTTP\/1\.1$/
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/
const formType = 'application/x-www-form-urlencoded'
/** As node:http counts them (`maxHeadersCount`); what is more it leaves out, and that is its to say. */
const linesMax = 100
/** A client sends the same lines each time, but for the length: of the last ones up to twice so many are remembered, each up to such a size. */
const generationMax = 128
const knownBytesMax = 1024

/** What these say changes how a request is read or answered, or what a handler is given. `__proto__` is no name for a member of an object. */
const negotiating: ReadonlySet<string> = new Set(['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'set-cookie', '__proto__'])
/** Heads with these are not remembered. */
const secret = ['authorization', 'accesstoken'] as const

const isPlain = (name: string, value: string): boolean => {
  if (name === 'connection') return value.toLowerCase() === 'keep-alive'
  if (name === 'content-type') return value.toLowerCase().startsWith(formType)
  if (name === 'content-length') return /^\d{1,7}$/.test(value)
  return !negotiating.has(name)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
/** Without blanks and tabs around it; no pattern, which would try each run of blanks from each of its places. */
const trimmed = (value: string): string => {
  let [from, to] = [0, value.length]
  while (from < to && isBlank(value.charCodeAt(from))) from++
  while (to > from && isBlank(value.charCodeAt(to - 1))) to--
  return value.slice(from, to)
}

/** null: something in it is not plain. */
const headersIn = (block: string): Readonly<IncomingHttpHeaders> | null => {
  const lines = block.split(lineEnd)
  if (lines.length > linesMax) return null
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const found = headerLine.exec(line)
    if (found === null) return null
    const name = (found[1] as string).toLowerCase()
    const value = trimmed(found[2] as string)
    // Given twice, some are joined, some count once, and some are an error.
    if (Object.hasOwn(headers, name) || !isPlain(name, value)) return null
    headers[name] = value
  }
  return headers.host === undefined ? null : Object.freeze(headers)
}

/** Two generations: who sends other lines each time turns out nobody who sends the same. */
const createKnownHeads = () => {
  let recent = new Map<string, Readonly<IncomingHttpHeaders>>()
  let older: typeof recent = new Map()
  const keep = (block: string, headers: Readonly<IncomingHttpHeaders>): void => {
    if (recent.size >= generationMax) {
      older = recent
      recent = new Map()
    }
    recent.set(block, headers)
  }
  return (block: string): Readonly<IncomingHttpHeaders> | null => {
    const known = recent.get(block)
    if (known !== undefined) return known
    const headers = older.get(block) ?? headersIn(block)
    if (headers !== null && block.length <= knownBytesMax && secret.every((name) => headers[name] === undefined)) keep(block, headers)
    return headers
  }
}

/** @returns for one server; what it takes is read to the end, however odd */
export const createRequestReader = ({ headBytesMax, bodyBytesMax }: RequestLimits): RequestReader => {
  const headersOf = createKnownHeads()
  return (bytes) => {
    const end = bytes.indexOf(headEnd)
    if (end < 0 || end > headBytesMax) return 'other'
    const split = bytes.indexOf(lineEnd)
    const first = requestLine.exec(bytes.toString('latin1', 0, split))
    if (first === null || split === end) return 'other'
    // A text of its own: a piece of a longer one would keep all of that in memory.
    const headers = headersOf(bytes.toString('latin1', split + lineEnd.length, end))
    if (headers === null) return 'other'
    const from = end + headEnd.length
    const length = Number(headers['content-length'] ?? 0)
    if (length > bodyBytesMax) return 'other'
    if (from + length > bytes.length) return 'part'
    return { method: first[1] as string, url: first[2] as string, headers, body: bytes.subarray(from, from + length), bytes: from + length }
  }
}
