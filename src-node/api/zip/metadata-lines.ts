/** The metadata entries of a configuration zip, cut into lines as their bytes come, without ever being one text or one buffer of many megabytes. */

import { isUtf8 } from 'node:buffer'

const lineFeed = 0x0a
/** A name and the longest text that a configuration may have, escaped, several times over. */
const lineBytesMax = 16 * 1024

/** The message says what is wrong with the metadata, for people. */
export const metadataProblem = (words: string): Error => Object.assign(new Error(words), { name: 'MetadataProblem' })
export const isMetadataProblem = (error: unknown): error is Error => error instanceof Error && error.name === 'MetadataProblem'

const requireShort = (bytes: number): void => {
  if (bytes > lineBytesMax) throw metadataProblem(`the metadata has a line of over ${lineBytesMax} bytes`)
}

/** `end` may be that of the CR of a line end. */
const lineAt = (bytes: Buffer, at: number, end: number): string => {
  requireShort(end - at)
  // A text of its own: a piece of a longer one would keep all of that in memory.
  const line = bytes.toString('utf8', at, end)
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/**
 * The lines of each piece together. Ends are LF or CRLF, and none at the end of the last line; a byte order mark is left out.
 * @throws MetadataProblem for a line that no metadata has, and for what is not UTF-8
 */
export async function* linesIn(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = true
  const cut = (bytes: Buffer): string[] => {
    if (!isUtf8(bytes)) throw metadataProblem('the metadata is not valid UTF-8')
    const lines: string[] = []
    for (let at = 0; at < bytes.length; ) {
      const found = bytes.indexOf(lineFeed, at)
      const end = found < 0 ? bytes.length : found
      lines.push(lineAt(bytes, at, end))
      at = end + 1
    }
    if (isFirst && lines[0]?.startsWith('\ufeff')) lines[0] = lines[0].slice(1)
    isFirst = false
    return lines
  }
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    // No byte of a longer character is a line feed: whole lines are whole texts.
    const end = bytes.lastIndexOf(lineFeed) + 1
    rest = bytes.subarray(end)
    requireShort(rest.length)
    if (end > 0) yield cut(bytes.subarray(0, end))
  }
  if (rest.length > 0) yield cut(rest)
}
