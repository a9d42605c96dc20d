/**
 * Keeps line ends byte-exact under an editor that knows only one kind. The document holds line feeds; beside it stands which kind each break really
 * is: one main kind, and a set of the breaks that differ, which moves with every change and comes back with undo. A new break gets the main kind.
 * Promise: `contentOf(state of content)` is `content`, for every content. Must never change a break that the user did not touch.
 */

import { invertedEffects } from '@codemirror/commands'
import { type EditorState, type Extension, type Range, RangeSet, RangeValue, StateEffect, StateField, type Transaction } from '@codemirror/state'
import { type LineEnd, lineEndKinds, type OddBreak, type SplitContent, splitLineEnds } from './line-ends.ts'

const oddValues = new Map(
  lineEndKinds.map((end) => {
    // The sides let the range shrink at its edges and vanish with its character.
    const value = new (class extends RangeValue {
      override startSide = 1
      override endSide = -1
      readonly end = end
    })()
    return [end, value] as const
  }),
)
type OddValue = RangeValue & { readonly end?: LineEnd }

interface Ends {
  readonly main: LineEnd
  readonly odd: RangeSet<OddValue>
}

const rangesOf = (odd: readonly OddBreak[]): readonly Range<OddValue>[] => odd.flatMap(({ at, end }) => oddValues.get(end)?.range(at, at + 1) ?? [])

/** Puts all ends in place of those there are; for conversion, undo of it, and replaced contents. */
const setEnds = StateEffect.define<{ readonly main: LineEnd; readonly odd: readonly OddBreak[] }>({
  map: ({ main, odd }, changes) => ({ main, odd: odd.map(({ at, end }) => ({ at: changes.mapPos(at, 1), end })) }),
})

/** Gives back the kinds of breaks that an undone change had removed. */
const restoreOdd = StateEffect.define<readonly OddBreak[]>({
  map: (odd, changes) => odd.map(({ at, end }) => ({ at: changes.mapPos(at, 1), end })),
})

const isBreak = (transaction: Transaction, at: number): boolean => transaction.newDoc.sliceString(at, at + 1) === '\n'

/** A break that was replaced is gone, even by a text of the same length, onto which plain mapping would carry the mark over. */
const withoutReplaced = (odd: RangeSet<OddValue>, transaction: Transaction): RangeSet<OddValue> => {
  let left = odd
  transaction.changes.iterChangedRanges((from, to) => {
    left = left.update({ filter: (at, end) => at < from || end > to, filterFrom: from, filterTo: to })
  })
  return left
}

const next = (ends: Ends, transaction: Transaction): Ends => {
  let { main, odd } = ends
  if (transaction.docChanged && odd.size > 0) odd = withoutReplaced(odd, transaction).map(transaction.changes)
  for (const effect of transaction.effects) {
    if (effect.is(setEnds)) {
      main = effect.value.main
      odd = RangeSet.of(rangesOf(effect.value.odd.filter(({ at }) => isBreak(transaction, at))), true)
    } else if (effect.is(restoreOdd)) {
      const back = effect.value.filter(({ at, end }) => end !== main && isBreak(transaction, at))
      odd = odd.update({ add: rangesOf(back), sort: true })
    }
  }
  return main === ends.main && odd === ends.odd ? ends : { main, odd }
}

const endsField = StateField.define<Ends>({ create: () => ({ main: '\n', odd: RangeSet.empty }), update: next })

const oddBetween = (odd: RangeSet<OddValue>, from: number, to: number): readonly OddBreak[] => {
  const found: OddBreak[] = []
  odd.between(from, to, (at, end, value) => {
    if (at >= from && end <= to && value.end) found.push({ at, end: value.end })
  })
  return found
}

const undoable = invertedEffects.of((transaction) => {
  const before = transaction.startState.field(endsField)
  if (transaction.effects.some((effect) => effect.is(setEnds))) {
    return [setEnds.of({ main: before.main, odd: oddBetween(before.odd, 0, transaction.startState.doc.length) })]
  }
  if (before.odd.size === 0 || !transaction.docChanged) return []
  const lost: OddBreak[] = []
  transaction.changes.iterChangedRanges((from, to) => void lost.push(...oddBetween(before.odd, from, to)))
  return lost.length === 0 ? [] : [restoreOdd.of(lost)]
})

/** The extension for a state whose document is `split.text`. */
export const lineEnds = (split: SplitContent): Extension => [
  endsField.init(() => ({ main: split.main, odd: RangeSet.of(rangesOf(split.odd), true) })),
  undoable,
]

/** The content with its line ends, exactly as it is to be published. */
export const contentOf = (state: EditorState): string => {
  const { main, odd } = state.field(endsField)
  if (odd.size === 0) return state.doc.sliceString(0, state.doc.length, main)
  const parts: string[] = []
  let done = 0
  odd.between(0, state.doc.length, (from, to, value) => {
    parts.push(state.doc.sliceString(done, from, main), value.end ?? main)
    done = to
  })
  parts.push(state.doc.sliceString(done, state.doc.length, main))
  return parts.join('')
}

/** The kind of all line ends; null = mixed. */
export const lineEndOf = (state: EditorState): LineEnd | null => {
  const { main, odd } = state.field(endsField)
  return odd.size === 0 ? main : null
}

/** An effect that makes every line end of the document the same kind. */
export const convertLineEnds = (main: LineEnd): StateEffect<unknown> => setEnds.of({ main, odd: [] })

/** A transaction's parts that put another content in place, line ends and all; what both share at start and end is not touched, so the cursor stays. */
export const replaceContent = (state: EditorState, content: string) => {
  const { text, main, odd } = splitLineEnds(content)
  const before = state.doc.toString()
  const limit = Math.min(before.length, text.length)
  let start = 0
  while (start < limit && before.charCodeAt(start) === text.charCodeAt(start)) start += 1
  let tail = 0
  while (tail < limit - start && before.charCodeAt(before.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)) tail += 1
  const changes = { from: start, to: before.length - tail, insert: state.toText(text.slice(start, text.length - tail)) }
  return { changes, effects: setEnds.of({ main, odd }) }
}
