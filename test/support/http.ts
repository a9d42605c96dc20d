/** One HTTP request over node:http with kept connections: status, headers and exact bytes. Follows nothing, retries nothing. */

import { Agent, type IncomingHttpHeaders, request as nodeRequest } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

export interface Request {
  readonly method?: string
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const defaultTimeoutMs = 15_000
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Rejects only when no whole answer came: refused, reset, timed out. `base` is e.g. `http://127.0.0.1:8848`. */
export const send = (base: string, request: Request): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', path, headers = {}, body, timeoutMs = defaultTimeoutMs, signal } = request
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { method, agent, headers: { ...length, ...headers }, ...(signal === undefined ? {} : { signal }) }
    const call = nodeRequest(new URL(path, base), options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString('utf8') })
      })
    })
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer from ${base}${path} in ${timeoutMs} ms`)))
    call.on('error', reject)
    call.end(body)
  })
