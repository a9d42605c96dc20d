/**
 * Room for large answers: what all clients together may have loaded and not yet taken. Bytes are reserved before a content is
 * read from the store and given back when its answer has left or its client is gone. Must never count small answers: they are
 * the hot path, and shared with the cache.
 */

import { refusal, refuse } from './errors.ts'
import type { PlainResponse } from './plain/plain-port.ts'

export interface AnswerRoom {
  /**
   * Call before loading `bytes` for an answer whose turn on its connection has come.
   * Refuses with 503 `overloaded` and `words` when there is no room.
   */
  reserve(response: PlainResponse, bytes: number, words?: string): void
}

/** Up to here an answer costs less than the buffers of its connection. */
const smallBytesMax = 64 * 1024
/** A client that takes nothing of a large answer for so long loses its connection: others wait for the room. */
const untakenMsMax = 30_000

const noRoom = 'this node has as many large answers under way as it may; try again'

export const createAnswerRoom = (bytesMax: number): AnswerRoom => {
  let reserved = 0
  return {
    reserve: (response, bytes, words = noRoom) => {
      if (bytes <= smallBytesMax) return
      if (reserved + bytes > bytesMax) refuse(refusal('overloaded', words))
      reserved += bytes
      response.socket?.setTimeout(untakenMsMax)
      response.once('close', () => {
        reserved -= bytes
      })
    },
  }
}
