/** The checksum that every row of the log carries: over its numbers and, if it has one, its content. */

import { crc32 } from 'node:zlib'

/** Reused by every checksum, never read across calls. */
const head = Buffer.alloc(24)

export const noData = new Uint8Array(0)

export const checksumOf = (numbers: readonly [number, number, number], data: Uint8Array): number => {
  head.writeDoubleLE(numbers[0], 0)
  head.writeDoubleLE(numbers[1], 8)
  head.writeDoubleLE(numbers[2], 16)
  return crc32(data, crc32(head))
}
