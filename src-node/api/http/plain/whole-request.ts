/**
 * One request out of the bytes of a connection, if it is whole and as plain as requests get: a form or nothing as its body, its length given, no header twice, nothing
 * to negotiate. Everything else is `other`, and node:http judges it: must never read anything in another way than node:http does, and never refuse.
 */

import type { IncomingHttpHeaders } from 'node:http'

export interface WholeRequest {
  readonly method: string
  readonly url: string
  /** Shared with other requests that sent the same. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Shares memory with what was read. */
  readonly body: Buffer
  /** Of the request as it was sent, head and body. */
  readonly bytes: number
}

/** `part`: it may become one with the bytes that are still to come. */
export type Reading = WholeRequest | 'part' | 'other'

/** @param bytesMax of a request that is still to be plain; a longer one streams */
export type RequestReader = (bytes: Buffer, bytesMax: number) => Reading

const lineEnd = '\r\n'
const headEnd = '\r\n\r\n'
const requestLine = /^(POST|PUT|DELETE|GET) (\/[!-~]*) HTTP\/1\.1$/
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const formType = 'application/x-www-form-urlencoded'
/** As node:http counts them (`maxHeadersCount`); what is more it leaves out, and that is its to say. */
const linesMax = 100
/** A client sends the same lines each time, but for the length: so many are remembered, up to such a size, and all forgotten at once. */
const knownMax = 256
const knownCharactersMax = 1024

/** What these say changes how a request is read or answered. `__proto__` is no name for a member of an object. */
const negotiating: ReadonlySet<string> = new Set(['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', '__proto__'])

const isPlain = (name: string, value: string): boolean => {
  if (name === 'connection') return value.toLowerCase() === 'keep-alive'
  if (name === 'content-type') return value.toLowerCase().startsWith(formType)
  if (name === 'content-length') return /^\d{1,7}$/.test(value)
  return !negotiating.has(name)
}

/** null: something in it is not plain. */
const headersIn = (block: string): IncomingHttpHeaders | null => {
  const lines = block.split(lineEnd)
  if (lines.length > linesMax) return null
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const found = headerLine.exec(line)
    if (found === null) return null
    const name = (found[1] as string).toLowerCase()
    const value = (found[2] as string).replace(/[ \t]+$/, '')
    // Given twice, some are joined, some count once, and some are an error.
    if (Object.hasOwn(headers, name) || !isPlain(name, value)) return null
    headers[name] = value
  }
  return headers.host === undefined ? null : headers
}

export const createRequestReader = (): RequestReader => {
  const known = new Map<string, IncomingHttpHeaders>()
  const headersOf = (block: string): IncomingHttpHeaders | null => {
    const before = known.get(block)
    if (before !== undefined) return before
    const headers = headersIn(block)
    if (headers === null || block.length > knownCharactersMax) return headers
    if (known.size >= knownMax) known.clear()
    known.set(block, headers)
    return headers
  }
  return (bytes, bytesMax) => {
    const end = bytes.indexOf(headEnd)
    if (end < 0 || end > bytesMax) return 'other'
    const head = bytes.toString('latin1', 0, end)
    const split = head.indexOf(lineEnd)
    const first = split < 0 ? null : requestLine.exec(head.slice(0, split))
    if (first === null) return 'other'
    const headers = headersOf(head.slice(split + lineEnd.length))
    if (headers === null) return 'other'
    const from = end + headEnd.length
    const length = from + Number(headers['content-length'] ?? 0)
    if (length > bytesMax) return 'other'
    if (length > bytes.length) return 'part'
    return { method: first[1] as string, url: first[2] as string, headers, body: bytes.subarray(from, length), bytes: length }
  }
}
