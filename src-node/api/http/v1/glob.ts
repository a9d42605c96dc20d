/** `*` is any run of characters, all else is itself. Greedy pieces, each looked for once from where the last one ended: linear in the text. */

/** @returns whether a text matches; `*` alone takes anything */
export const globMatcher = (pattern: string): ((text: string) => boolean) => {
  const pieces = pattern.split('*')
  const [head = ''] = pieces
  if (pieces.length === 1) return (text) => text === pattern
  const tail = pieces[pieces.length - 1] ?? ''
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
    const end = text.length - tail.length
    let at = head.length
    for (const piece of middle) {
      const found = text.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= end
  }
}
