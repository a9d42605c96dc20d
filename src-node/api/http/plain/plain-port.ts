/**
 * What the handlers of small, frequent requests need of HTTP and no more, so that they serve a connection of node:http and one of the plain lane alike.
 * Types alone; must never grow what only a stream can do.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { Parameters } from '../parameters.ts'

export interface PlainRequest {
  readonly method?: string | undefined
  /** The target as it was sent. */
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

export interface PlainResponse {
  /** The client is gone: nobody hears an answer. */
  readonly destroyed: boolean
  readonly headersSent: boolean
  /** Names and values in turn, `Content-Length` among them. */
  writeHead(status: number, headers: string[]): unknown
  /** The whole body. `latin1`: one byte for each character; else UTF-8. */
  end(body: string | Uint8Array): unknown
  end(body: string | Uint8Array, encoding: 'latin1'): unknown
  destroy(): unknown
  /** Where a client that takes nothing for so long is let go; null: it is gone. */
  readonly socket: { setTimeout(ms: number): unknown } | null
  /** Called once the whole answer has left, or the client is gone. */
  once(event: 'close', left: () => void): unknown
}

export type PlainHandler = (request: PlainRequest, response: PlainResponse, parameters: Parameters) => void

/** Which handler a request means whose parameters are known; null: one that needs more than this. */
export type PlainChoice = (parameters: Parameters) => PlainHandler | null
