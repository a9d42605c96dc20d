/**
 * Takes a content apart into a text with line feeds only and which kind each of its breaks really is. Pure, and without the editor's library, which
 * the screen must not wait for; `line-end-field.ts` keeps it up under the editor.
 */

export type LineEnd = '\n' | '\r\n' | '\r'

export const lineEndKinds: readonly LineEnd[] = ['\n', '\r\n', '\r']

export interface SplitContent {
  /** The content with line feeds only. */
  readonly text: string
  readonly main: LineEnd
  /** Breaks that are not `main`, by their offset in `text`, in order. */
  readonly odd: readonly OddBreak[]
}

export interface OddBreak {
  readonly at: number
  readonly end: LineEnd
}

/** Takes a content apart; `main` is the commonest kind (LF when there is no break at all). */
export const splitLineEnds = (content: string): SplitContent => {
  if (!content.includes('\r')) return { text: content, main: '\n', odd: [] }
  const counts = new Map<string, number>()
  for (const [end] of content.matchAll(/\r\n?|\n/g)) counts.set(end, (counts.get(end) ?? 0) + 1)
  const main = lineEndKinds.reduce((best, end) => ((counts.get(end) ?? 0) > (counts.get(best) ?? 0) ? end : best))
  const odd: OddBreak[] = []
  let shorter = 0
  for (const match of content.matchAll(/\r\n?|\n/g)) {
    const end = match[0] as LineEnd
    if (end !== main) odd.push({ at: match.index - shorter, end })
    shorter += end.length - 1
  }
  return { text: content.replace(/\r\n?/g, '\n'), main, odd }
}
