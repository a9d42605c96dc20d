/** The metadata entries of a configuration zip, cut into lines without ever being one text of many megabytes. */

const lineFeed = 0x0a

/** Ends are LF or CRLF, and none at the end of the last one. The bytes must be UTF-8; a byte order mark is left out. */
export function* linesOf(bytes: Buffer): Generator<string> {
  const begin = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  for (let at = begin; at < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, at)
    const end = found < 0 ? bytes.length : found
    const line = bytes.toString('utf8', at, end)
    yield line.endsWith('\r') ? line.slice(0, -1) : line
    at = end + 1
  }
}
