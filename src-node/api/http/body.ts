/**
 * Reads a request's body as form fields or as JSON, within limits that hold for one request and for all together. A body over
 * `slicedOverBytes` is taken one piece a turn of the loop. Must never cut a body: what is too large is refused in words, and
 * the rest is read and thrown away for a while, so that a client that is still sending gets to see the answer.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, caused, refusal } from './errors.ts'
import { createFormDecoder, type Field, noFields } from './form.ts'
import { createJsonCollector, isJson } from './json-body.ts'

export interface BodyLimits {
  /** One body, as sent. */
  readonly bodyBytesMax: number
  /** All bodies that are being read, as received so far. */
  readonly inFlightBytesMax: number
  /** From this size on the socket is paused between pieces. */
  readonly slicedOverBytes: number
}

export interface BodyReader {
  /** Calls exactly one of the two, once, unless the client goes away first. After `refused` the answer is still to be sent. */
  read(request: IncomingMessage, jsonBytesMax: number, done: BodyDone): void
  /** Sends an answer while the body may still be on its way, then closes the connection. */
  answerEarly(request: IncomingMessage, response: ServerResponse, answer: Answer): void
}

export interface BodyDone {
  /** One of the two is empty: the content type says which. */
  body(form: readonly Field[], json: Buffer | null): void
  refused(answer: Answer): void
}

/** How much of a refused body is still read, and how long we wait for it, before the connection is torn down. */
const drainBytesMax = 64 * 1024 * 1024
const drainMs = 5_000

const isForm = (contentType: string | undefined): boolean =>
  contentType === undefined || contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')

const decoderOf = (contentType: string | undefined, jsonBytesMax: number) =>
  isForm(contentType) ? createFormDecoder() : isJson(contentType) ? createJsonCollector(jsonBytesMax) : null

const declaredBytes = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

export const tooLargeBody = (bytesMax: number): Answer => caused(413, `request body too large, over ${bytesMax} bytes`)

/** One object per node: it holds the sum of bytes in flight. */
export const createBodyReader = (limits: BodyLimits, after: (ms: number, task: () => void) => { cancel(): void }): BodyReader => {
  let inFlightBytes = 0

  const read = (request: IncomingMessage, jsonBytesMax: number, done: BodyDone): void => {
    if (declaredBytes(request) > limits.bodyBytesMax) {
      done.refused(tooLargeBody(limits.bodyBytesMax))
      return
    }
    const decoder = decoderOf(request.headers['content-type'], jsonBytesMax)
    let received = 0
    let ended = false
    const finish = (): void => {
      ended = true
      inFlightBytes -= received
      request.removeListener('data', onData)
      request.removeListener('end', onEnd)
      request.removeListener('close', onClose)
    }
    const stop = (answer: Answer): void => {
      finish()
      done.refused(answer)
    }
    const onData = (piece: Buffer): void => {
      received += piece.length
      inFlightBytes += piece.length
      const over =
        received > limits.bodyBytesMax ? tooLargeBody(limits.bodyBytesMax) : inFlightBytes > limits.inFlightBytesMax ? refusal('overloaded') : null
      if (over !== null) {
        stop(over)
        return
      }
      decoder?.feed(piece)
      if (received <= limits.slicedOverBytes) return
      request.pause()
      setImmediate(() => {
        if (!ended) request.resume()
      })
    }
    const onEnd = (): void => {
      finish()
      const result = decoder?.end()
      if (result === undefined) done.body(noFields, null)
      else if (!result.ok)
        done.refused(caused(400, `the ${isForm(request.headers['content-type']) ? 'form' : 'JSON'} cannot be read: ${result.problem}`))
      else if ('json' in result) done.body(noFields, result.json)
      else done.body(result.fields, null)
    }
    const onClose = (): void => {
      if (!ended) finish()
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onClose)
  }

  const answerEarly = (request: IncomingMessage, response: ServerResponse, answer: Answer): void => {
    const length = typeof answer.body === 'string' ? Buffer.byteLength(answer.body) : answer.body.length
    response.writeHead(answer.status, [...answer.headers, 'Content-Length', String(length), 'Connection', 'close'])
    response.write(answer.body)
    if (request.complete) {
      response.end()
      return
    }
    let drained = 0
    const giveUp = after(drainMs, () => request.destroy())
    request.on('data', (piece: Buffer) => {
      drained += piece.length
      if (drained > drainBytesMax) request.destroy()
    })
    request.on('end', () => response.end())
    request.on('close', () => giveUp.cancel())
    request.resume()
  }

  return { read, answerEarly }
}
