/**
 * Packs one content after the other with a single deflater. Node makes an object of several streams for each of its own one-off calls, which outlives
 * every young collection: an export of a hundred thousand configurations left over 90 MB of them. Each content ends with a full flush
 * (zlib.h, Z_FULL_FLUSH), after which nothing refers to what was before, so that the bytes between two flushes stand by themselves. Knows nothing of
 * zip files.
 */

import { constants, createDeflateRaw } from 'node:zlib'

export interface EntryPacker {
  /** As raw deflate (RFC 1951). Several may wait; they come out in the order of asking, packed in a thread. */
  pack(content: Uint8Array): Promise<Buffer>
  /** What waits is rejected. */
  close(): void
}

/** A flush ends a block and leaves the next one open: an empty block that says it is the last one (RFC 1951, 3.2.6). */
const lastBlock = Buffer.from([3, 0])

const closedWords = 'the packer is closed'

export const createEntryPacker = (): EntryPacker => {
  const deflater = createDeflateRaw({ flush: constants.Z_FULL_FLUSH })
  let packed: Buffer[] = []
  let closed = false
  deflater.on('data', (piece: Buffer) => packed.push(piece))
  // Each `pack` hears of it by its own write.
  deflater.on('error', () => undefined)
  return {
    pack: (content) =>
      new Promise((resolve, reject) => {
        deflater.write(content, (error) => {
          // A deflater that was destroyed under way calls back as if it had come to the end.
          if (error || closed) {
            reject(error ?? new Error(closedWords))
            return
          }
          resolve(Buffer.concat([...packed, lastBlock]))
          packed = []
        })
      }),
    close: () => {
      closed = true
      deflater.destroy(new Error(closedWords))
    },
  }
}
