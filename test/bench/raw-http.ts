/**
 * HTTP/1.1 over a bare socket, one request at a time, for a load generator that shares two cores with what it measures: node:http's
 * client would cost more than the server. Knows Content-Length and chunked bodies, nothing else of HTTP.
 */

import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly body: string
  /** The node's refusal code, if it refused. */
  readonly code: string | null
}

export interface RawConnection {
  /** `done` is called once: with the answer, or with null if the connection broke first. One request may be under way. */
  send(request: string, done: (answer: RawAnswer | null) => void): void
  close(): void
}

const headEnd = '\r\n\r\n'
const lastChunk = '0\r\n\r\n'
const statusAt = 9

/** The whole answer, or null if more bytes must come. */
const parseAnswer = (bytes: Buffer): RawAnswer | null => {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return null
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(statusAt, statusAt + 3))
  const code = status < 400 ? null : (/\r\nnacos-trio-error: *(\S+)/i.exec(head)?.[1] ?? null)
  const from = end + headEnd.length
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined)
    return bytes.length < from + Number(length) ? null : { status, code, body: bytes.toString('latin1', from, from + Number(length)) }
  if (/\r\ntransfer-encoding: *chunked/i.test(head))
    return bytes.toString('latin1', from).endsWith(lastChunk) ? { status, code, body: bytes.toString('latin1', from) } : null
  return { status, code, body: '' }
}

/** Resolves once connected. */
export const connectRaw = (base: string): Promise<RawConnection> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    let waiting: ((answer: RawAnswer | null) => void) | null = null
    let received: Buffer | null = null
    const settle = (answer: RawAnswer | null): void => {
      const done = waiting
      waiting = null
      received = null
      done?.(answer)
    }
    socket.on('data', (chunk: Buffer) => {
      received = received === null ? chunk : Buffer.concat([received, chunk])
      const answer = parseAnswer(received)
      if (answer !== null) settle(answer)
    })
    socket.on('error', reject)
    socket.on('close', () => settle(null))
    socket.on('connect', () =>
      resolve({
        send: (request, done) => {
          if (socket.destroyed) return done(null)
          waiting = done
          socket.write(request, 'latin1')
        },
        close: () => socket.destroy(),
      }),
    )
  })

/** As `send`, for callers that wait. */
export const exchange = (connection: RawConnection, request: string): Promise<RawAnswer | null> =>
  new Promise((resolve) => connection.send(request, resolve))
