/**
 * gRPC's messages out of the chunks of one HTTP/2 stream: a byte that says whether it is compressed, four of length, the message. Owns what has come of
 * a message that is not whole yet, and counts it. Must never keep more than one message, nor one over its limit.
 */

import { frameHeadBytes } from './payload.ts'

/** Of the gRPC protocol. */
export const grpcStatus = { ok: 0, permissionDenied: 7, resourceExhausted: 8, unimplemented: 12, internal: 13, unavailable: 14 } as const
export type GrpcStatus = (typeof grpcStatus)[keyof typeof grpcStatus]

export interface StreamProblem {
  readonly status: GrpcStatus
  /** ASCII; stands in a header. */
  readonly words: string
}

export interface FrameReader {
  /** Null: go on. Else why this stream is over. */
  read(chunk: Buffer): StreamProblem | null
  /** Bytes of a message that is not whole yet. */
  held(): number
}

export interface FrameReaderParts {
  readonly messageBytesMax: number
  /** May be called several times within one `read`. The message is the caller's from then on. */
  onMessage(message: Buffer): void
}

const tooLong = (bytes: number, max: number): StreamProblem => ({
  status: grpcStatus.resourceExhausted,
  words: `a message of ${bytes} bytes is over the limit of ${max}`,
})
const compressed: StreamProblem = { status: grpcStatus.unimplemented, words: 'compressed messages are not taken: send grpc-encoding identity' }

/** A message that comes in pieces gets so much room at first, and twice as much whenever that is full: many small pieces cost no more than one large. */
const firstRoomBytes = 4 * 1024

const grown = (room: Buffer, filled: number, needed: number): Buffer => {
  const larger = Buffer.allocUnsafe(Math.max(needed, room.length * 2, firstRoomBytes))
  room.copy(larger, 0, 0, filled)
  return larger
}

const noRoom: Buffer = Buffer.alloc(0)

export const createFrameReader = ({ messageBytesMax, onMessage }: FrameReaderParts): FrameReader => {
  /** Copied, since a chunk is a piece of a larger one that the socket has read. */
  let room = noRoom
  let filled = 0

  const append = (chunk: Buffer): void => {
    if (filled + chunk.length > room.length) room = grown(room, filled, filled + chunk.length)
    chunk.copy(room, filled)
    filled += chunk.length
  }

  /** Length of the message at `at`, its head included; null: the head has not come. */
  const lengthAt = (bytes: Buffer, at: number): number | null | StreamProblem => {
    if (bytes.length - at < frameHeadBytes) return null
    if (bytes[at] !== 0) return compressed
    const length = bytes.readUInt32BE(at + 1)
    return length > messageBytesMax ? tooLong(length, messageBytesMax) : length + frameHeadBytes
  }

  const read = (chunk: Buffer): StreamProblem | null => {
    let bytes = chunk
    if (filled > 0) {
      append(chunk)
      bytes = room.subarray(0, filled)
    }
    let at = 0
    for (;;) {
      const length = lengthAt(bytes, at)
      if (length !== null && typeof length !== 'number') return length
      if (length === null || bytes.length - at < length) break
      onMessage(bytes.subarray(at + frameHeadBytes, at + length))
      at += length
    }
    // Whole messages may still be in somebody's hands: their room is never written again.
    if (at > 0) [room, filled] = [noRoom, 0]
    if (filled === 0 && at < bytes.length) append(bytes.subarray(at))
    return null
  }

  return { read, held: () => room.length }
}
