/** CodeMirror's own words (search panel, folds, diff) in the language of the window. */

import { EditorState, type Extension } from '@codemirror/state'
import type { TFunction } from 'i18next'

const phraseKeys = {
  find: 'Find',
  replace: 'Replace',
  next: 'next',
  previous: 'previous',
  all: 'all',
  matchCase: 'match case',
  regexp: 'regexp',
  byWord: 'by word',
  replaceOne: 'replace',
  replaceAll: 'replace all',
  close: 'close',
  currentMatch: 'current match',
  onLine: 'on line',
  goToLine: 'Go to line',
  go: 'go',
  replacedMatch: 'replaced match on line $',
  replacedMatches: 'replaced $ matches',
  foldedLines: 'Folded lines',
  unfoldedLines: 'Unfolded lines',
  to: 'to',
  foldedCode: 'folded code',
  unfold: 'unfold',
  foldLine: 'Fold line',
  unfoldLine: 'Unfold line',
  unchangedLines: '$ unchanged lines',
  revertChunk: 'Revert this chunk',
} as const

/** Phrases for `EditorState.phrases`. */
export const editorPhrases = (t: TFunction<'configs'>): Extension =>
  EditorState.phrases.of(
    Object.fromEntries(Object.entries(phraseKeys).map(([key, english]) => [english, t(`editor.phrase.${key as keyof typeof phraseKeys}`)])),
  )
