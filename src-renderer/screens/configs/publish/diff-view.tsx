/**
 * Two texts side by side, old left and new right, or one above the other in a narrow window. Alt+Up and Alt+Down go from change to change. The right
 * side may be edited, and is read through the handle with its line ends kept.
 */

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { type Chunk, getChunks, goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension, Prec } from '@codemirror/state'
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { styleNonce } from '../../../theme/theme.ts'
import { editorTheme } from '../editor/editor-theme.ts'
import { languageOf } from '../editor/languages.ts'
import { contentOf, lineEnds } from '../editor/line-end-field.ts'
import { splitLineEnds } from '../editor/line-ends.ts'
import { editorPhrases } from '../editor/phrases.ts'
import { diffTimeoutMs } from './changes.ts'
import classes from './diff-view.module.css'

export interface DiffHandle {
  /** The right side with its line ends. */
  content(): string
  next(): void
  previous(): void
}

export interface DiffViewProps {
  readonly ref?: Ref<DiffHandle>
  /** All read once, when the view is made. */
  readonly before: string
  readonly after: string
  readonly type: ConfigTypeName
  readonly large: boolean
  readonly unified: boolean
  readonly editable: boolean
  readonly beforeLabel: string
  readonly afterLabel: string
}

const diffConfig = { scanLimit: 500, timeout: diffTimeoutMs }
const collapseUnchanged = { margin: 3, minSize: 6 }

const side = (type: ConfigTypeName, large: boolean, label: string): Extension => [
  EditorView.cspNonce.of(styleNonce()),
  lineNumbers(),
  highlightSpecialChars(),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
  languageOf(type, large),
  editorTheme,
]
const fixed: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false), EditorView.contentAttributes.of({ tabindex: '0' })]

/** Moves by places, not by cursor alone, so that a press with the focus elsewhere in the dialog works too. */
function moves(view: EditorView) {
  const run = (command: typeof goToNextChunk) => {
    command({ state: view.state, dispatch: (transaction) => view.dispatch(transaction, { effects: centred(transaction.newSelection.main.head) }) })
  }
  return { next: () => run(goToNextChunk), previous: () => run(goToPreviousChunk) }
}
const centred = (at: number) => EditorView.scrollIntoView(at, { y: 'center' })

function firstChange(view: EditorView): void {
  const chunk: Chunk | undefined = getChunks(view.state)?.chunks[0]
  if (chunk)
    view.dispatch({
      selection: { anchor: Math.min(chunk.fromB, view.state.doc.length) },
      effects: centred(Math.min(chunk.fromB, view.state.doc.length)),
    })
}

function build(props: DiffViewProps, parent: HTMLElement, words: Extension): { right: EditorView; destroy: () => void } {
  const { before, after, type, large, unified, editable } = props
  const left = splitLineEnds(before)
  const right = splitLineEnds(after)
  const steps: Extension = Prec.high(
    keymap.of([
      { key: 'Alt-ArrowDown', run: goToNextChunk },
      { key: 'Alt-ArrowUp', run: goToPreviousChunk },
    ]),
  )
  const mine: Extension = [
    words,
    side(type, large, props.afterLabel),
    lineEnds(right),
    steps,
    editable ? [history(), keymap.of([...defaultKeymap, ...historyKeymap])] : fixed,
  ]
  if (unified) {
    const merged = unifiedMergeView({
      original: left.text,
      mergeControls: false,
      gutter: true,
      diffConfig,
      ...(editable ? {} : { collapseUnchanged }),
    })
    const view = new EditorView({ parent, state: EditorState.create({ doc: right.text, extensions: [mine, merged] }) })
    return { right: view, destroy: () => view.destroy() }
  }
  const view = new MergeView({
    parent,
    a: { doc: left.text, extensions: [words, side(type, large, props.beforeLabel), fixed] },
    b: { doc: right.text, extensions: mine },
    gutter: true,
    diffConfig,
    ...(editable ? { revertControls: 'a-to-b' as const } : { collapseUnchanged }),
  })
  return { right: view.b, destroy: () => view.destroy() }
}

export function DiffView(props: DiffViewProps) {
  const { t } = useTranslation('configs')
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  latest.current = props
  useImperativeHandle(
    props.ref,
    (): DiffHandle => ({
      content: () => (view.current ? contentOf(view.current.state) : latest.current.after),
      next: () => view.current && moves(view.current).next(),
      previous: () => view.current && moves(view.current).previous(),
    }),
    [],
  )
  const { unified } = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when the window turns narrow or wide; the texts are read once
  useEffect(() => {
    const parent = host.current
    if (!parent) return
    const kept = view.current ? contentOf(view.current.state) : latest.current.after
    const built = build({ ...latest.current, after: kept }, parent, editorPhrases(t))
    view.current = built.right
    firstChange(built.right)
    return () => built.destroy()
  }, [unified])
  return <div ref={host} className={classes.diff} data-unified={unified} />
}
