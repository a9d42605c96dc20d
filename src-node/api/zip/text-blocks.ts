/** Many short texts packed into few buffers outside of V8's heap, where nobody has to walk through them: each is found again by its place. */

/**
 * Its memory goes now. A collector sees a buffer of megabytes as an object of a few bytes, and may leave it for minutes: the columns of an import were
 * still there while its files were written and an export was made.
 */
export const letBufferGo = (buffer: ArrayBuffer): void => void buffer.transfer(0)

export interface TextBlocks {
  /** @param text fits a block of 256 KiB as UTF-8 */
  add(text: string): number
  /** `''` of one that was given up. */
  at(place: number): string
  /** Once for each text: nobody asks for it any more. A block goes with the last of its texts, but for the one that is being filled. */
  giveUp(place: number): void
  /** All of them go at once, whoever still holds this. */
  letGo(): void
}

const blockBytes = 256 * 1024
const lengthBytes = 4

export const createTextBlocks = (): TextBlocks => {
  let blocks: (Buffer<ArrayBuffer> | null)[] = []
  /** Texts of each block that somebody may still ask for. */
  let kept: number[] = []
  let used = blockBytes
  return {
    add: (text) => {
      const bytes = Buffer.from(text)
      const needed = lengthBytes + bytes.length
      if (needed > blockBytes) throw new Error(`a text of ${bytes.length} bytes fits no block`)
      if (used + needed > blockBytes) {
        blocks.push(Buffer.allocUnsafeSlow(blockBytes))
        kept.push(0)
        used = 0
      }
      const block = blocks.at(-1) as Buffer
      block.writeUInt32LE(bytes.length, used)
      bytes.copy(block, used + lengthBytes)
      const last = blocks.length - 1
      kept[last] = (kept[last] ?? 0) + 1
      const place = last * blockBytes + used
      used += needed
      return place
    },
    giveUp: (place) => {
      const at = Math.floor(place / blockBytes)
      const block = blocks[at] ?? null
      const left = (kept[at] ?? 0) - 1
      kept[at] = left
      if (left > 0 || block === null || at === blocks.length - 1) return
      letBufferGo(block.buffer)
      blocks[at] = null
    },
    letGo: () => {
      for (const block of blocks) if (block !== null) letBufferGo(block.buffer)
      blocks = []
      kept = []
      used = blockBytes
    },
    at: (place) => {
      const block = blocks[Math.floor(place / blockBytes)] ?? null
      const from = place % blockBytes
      return block === null ? '' : block.toString('utf8', from + lengthBytes, from + lengthBytes + block.readUInt32LE(from))
    },
  }
}
