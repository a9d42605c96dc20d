/** Many short texts packed into few buffers outside of V8's heap, where nobody has to walk through them: each is found again by its place. */

/**
 * Its memory goes now. A collector sees a buffer of megabytes as an object of a few bytes, and may leave it for minutes: the columns of an import were
 * still there while its files were written and an export was made.
 */
export const letBufferGo = (buffer: ArrayBuffer): void => void buffer.transfer(0)

export interface TextBlocks {
  /** @param text fits a block of 256 KiB as UTF-8 */
  add(text: string): number
  at(place: number): string
  /** All of them go at once, whoever still holds this. */
  letGo(): void
}

const blockBytes = 256 * 1024
const lengthBytes = 4

export const createTextBlocks = (): TextBlocks => {
  let blocks: Buffer<ArrayBuffer>[] = []
  let used = blockBytes
  return {
    add: (text) => {
      const bytes = Buffer.from(text)
      const needed = lengthBytes + bytes.length
      if (needed > blockBytes) throw new Error(`a text of ${bytes.length} bytes fits no block`)
      if (used + needed > blockBytes) {
        blocks.push(Buffer.allocUnsafeSlow(blockBytes))
        used = 0
      }
      const block = blocks.at(-1) as Buffer
      block.writeUInt32LE(bytes.length, used)
      bytes.copy(block, used + lengthBytes)
      const place = (blocks.length - 1) * blockBytes + used
      used += needed
      return place
    },
    letGo: () => {
      for (const { buffer } of blocks) letBufferGo(buffer)
      blocks = []
      used = blockBytes
    },
    at: (place) => {
      const block = blocks[Math.floor(place / blockBytes)]
      const from = place % blockBytes
      return block === undefined ? '' : block.toString('utf8', from + lengthBytes, from + lengthBytes + block.readUInt32LE(from))
    },
  }
}
