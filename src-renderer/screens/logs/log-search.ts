/** Search in a line's text: plain words without regard to case, or a regular expression. Pure. */

export type Range = readonly [start: number, end: number]

export type LogSearch =
  | { readonly kind: 'none' }
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'ok'; readonly test: (text: string) => boolean; readonly ranges: (text: string) => readonly Range[] }

/** A pattern is tried on so much of a line only: a bad pattern on a long line must not hold the window. */
const longestTested = 4_000
/** More marks in one line help nobody. */
const rangeLimit = 50

function plain(words: string): LogSearch {
  const needle = words.toLowerCase()
  return {
    kind: 'ok',
    test: (text) => text.toLowerCase().includes(needle),
    ranges(text) {
      const lower = text.toLowerCase()
      const found: Range[] = []
      for (let at = lower.indexOf(needle); at >= 0 && found.length < rangeLimit; at = lower.indexOf(needle, at + needle.length))
        found.push([at, at + needle.length])
      return found
    },
  }
}

/** Compiles what was typed. Empty words search nothing; a broken pattern says why and matches nothing. */
export function compileSearch(words: string, regex: boolean): LogSearch {
  if (words === '') return { kind: 'none' }
  if (!regex) return plain(words)
  try {
    const one = new RegExp(words, 'iu')
    const all = new RegExp(words, 'giu')
    return {
      kind: 'ok',
      test: (text) => one.test(text.slice(0, longestTested)),
      ranges(text) {
        const found: Range[] = []
        for (const match of text.slice(0, longestTested).matchAll(all)) {
          if (match[0] !== '') found.push([match.index, match.index + match[0].length])
          if (found.length >= rangeLimit) break
        }
        return found
      },
    }
  } catch (error) {
    return { kind: 'bad', reason: error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error) }
  }
}

/** Cuts a text into marked and plain parts. */
export function markParts(
  text: string,
  ranges: readonly Range[],
): readonly { readonly text: string; readonly marked: boolean; readonly at: number }[] {
  const parts: { text: string; marked: boolean; at: number }[] = []
  let at = 0
  for (const [start, end] of ranges) {
    if (start > at) parts.push({ text: text.slice(at, start), marked: false, at })
    parts.push({ text: text.slice(start, end), marked: true, at: start })
    at = end
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), marked: false, at })
  return parts
}
