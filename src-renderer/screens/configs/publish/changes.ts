/** How much two contents differ, in lines, for the button and the summary. Loaded with the diff. */

import { Chunk } from '@codemirror/merge'
import { Text } from '@codemirror/state'
import { type LineEnd, splitLineEnds } from '../editor/line-ends.ts'

export interface ChangeCount {
  readonly added: number
  readonly removed: number
  /** Lines that the user would point at: of a changed place the longer side counts. */
  readonly lines: number
  /** Kinds of line ends before and after where they differ; null = mixed. */
  readonly ends: { readonly before: LineEnd | null; readonly after: LineEnd | null } | null
}

/** Beyond it the diff gives up on exactness instead of time. */
export const diffTimeoutMs = 400

const linesIn = (doc: Text, from: number, to: number): number => {
  if (from >= to) return 0
  const last = Math.min(to - 1, doc.length)
  return doc.lineAt(last).number - doc.lineAt(Math.min(from, doc.length)).number + 1
}

/** Counts by lines, as the merge view shows them; a change of line ends alone counts as one. */
export const countChanges = (before: string, after: string): ChangeCount => {
  if (before === after) return { added: 0, removed: 0, lines: 0, ends: null }
  const a = splitLineEnds(before)
  const b = splitLineEnds(after)
  const endA = a.odd.length === 0 ? a.main : null
  const endB = b.odd.length === 0 ? b.main : null
  const ends = endA !== endB && before !== '' && after !== '' ? { before: endA, after: endB } : null
  const docA = Text.of(a.text.split('\n'))
  const docB = Text.of(b.text.split('\n'))
  let added = 0
  let removed = 0
  let lines = 0
  for (const chunk of Chunk.build(docA, docB, { scanLimit: 500, timeout: diffTimeoutMs })) {
    const left = before === '' ? 0 : linesIn(docA, chunk.fromA, chunk.toA)
    const right = after === '' ? 0 : linesIn(docB, chunk.fromB, chunk.toB)
    removed += left
    added += right
    lines += Math.max(left, right)
  }
  return { added, removed, lines: Math.max(lines, 1), ends }
}
