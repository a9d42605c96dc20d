/**
 * Many small deflated contents unpacked in one call: put together as the members of one gzip file (RFC 1952, 2.2), which zlib reads one after the other.
 * Node makes an object of several streams for each call, which outlives every young collection: a hundred thousand calls left over 90 MB
 * of them. Knows nothing of zip files.
 */

import { crc32, gunzipSync } from 'node:zlib'

export interface PackedContent {
  /** Raw deflate. */
  readonly packed: Buffer
  readonly bytes: number
  readonly crc: number
}

/**
 * The object of a call keeps the last piece that it unpacked into, for as long as it is not collected: in one piece, those of an import held 60 MB.
 * Put together the pieces are a buffer of their own.
 */
const pieceBytesMin = 4 * 1024
const piecesMax = 64

/** Deflated, no name, no time, no system. */
const memberHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])

const memberTail = ({ bytes, crc }: PackedContent): Buffer => {
  const tail = Buffer.allocUnsafe(8)
  tail.writeUInt32LE(crc, 0)
  tail.writeUInt32LE(bytes, 4)
  return tail
}

/** @param contents at least one, each of fewer than 4 GiB. Null: one of them is not what it is said to be, nobody knows which. */
export const unpackTogether = (contents: readonly PackedContent[]): readonly Buffer[] | null => {
  const total = contents.reduce((sum, { bytes }) => sum + bytes, 0)
  const members = contents.flatMap((content) => [memberHead, content.packed, memberTail(content)])
  let all: Buffer
  try {
    all = gunzipSync(Buffer.concat(members), {
      maxOutputLength: Math.max(1, total),
      chunkSize: Math.max(pieceBytesMin, Math.ceil(total / piecesMax)),
    })
  } catch {
    return null
  }
  if (all.length !== total) return null
  let at = 0
  const unpacked = contents.map(({ bytes }) => {
    at += bytes
    return all.subarray(at - bytes, at)
  })
  // Zlib has looked at each checksum; this one is about the borders between them.
  return unpacked.every((content, place) => crc32(content) === contents[place]?.crc) ? unpacked : null
}
