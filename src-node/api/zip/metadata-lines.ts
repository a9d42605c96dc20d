/** The metadata entries of a configuration zip, cut into lines without ever being one text of many megabytes. */

const lineFeed = 0x0a
/** A name and the longest text that a configuration may have, escaped, several times over. */
const lineBytesMax = 16 * 1024

/** The message says what is wrong with the metadata, for people. */
export const metadataProblem = (words: string): Error => Object.assign(new Error(words), { name: 'MetadataProblem' })
export const isMetadataProblem = (error: unknown): error is Error => error instanceof Error && error.name === 'MetadataProblem'

/**
 * Ends are LF or CRLF, and none at the end of the last one. The bytes must be UTF-8; a byte order mark is left out.
 * @throws MetadataProblem for a line that no metadata has
 */
export function* linesOf(bytes: Buffer): Generator<string> {
  const begin = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  for (let at = begin; at < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, at)
    const end = found < 0 ? bytes.length : found
    if (end - at > lineBytesMax) throw metadataProblem(`the metadata has a line of over ${lineBytesMax} bytes`)
    const line = bytes.toString('utf8', at, end)
    yield line.endsWith('\r') ? line.slice(0, -1) : line
    at = end + 1
  }
}
