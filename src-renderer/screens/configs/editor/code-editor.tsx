/**
 * The text editor: CodeMirror behind a React face. Owns the text while it is open; the parent reads it through the handle and is told of changes, never
 * given the text at each key press. Must never change a byte that the user did not touch (see line-end-field.ts).
 */

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { styleNonce } from '../../../theme/theme.ts'
import type { Problem } from '../lint/problem.ts'
import { editorTheme } from './editor-theme.ts'
import { languageOf } from './languages.ts'
import { contentOf, convertLineEnds, lineEndOf, lineEnds, replaceContent } from './line-end-field.ts'
import { type LineEnd, splitLineEnds } from './line-ends.ts'
import { editorPhrases } from './phrases.ts'

export interface EditorHandle {
  /** The content with its line ends, exactly. */
  content(): string
  lineEnd(): LineEnd | null
  lines(): number
  /** Puts another content in place, as one step that undo takes back. */
  replace(content: string): void
  convert(end: LineEnd): void
  /** Moves the cursor to an offset (a line break counts as one) and shows it. */
  goTo(offset: number): void
  focus(): void
  openSearch(): void
}

export interface Cursor {
  readonly line: number
  readonly column: number
}

export interface CodeEditorProps {
  readonly ref: Ref<EditorHandle>
  /** Read once, when the editor is made; a `key` makes another one. */
  readonly initial: string
  readonly type: ConfigTypeName
  readonly large: boolean
  readonly wrap: boolean
  readonly label: string
  /** Takes the focus as soon as it is there. */
  readonly autoFocus: boolean
  readonly problems: readonly Problem[]
  readonly messageOf: (problem: Problem) => string
  readonly onChange: () => void
  readonly onCursor: (cursor: Cursor) => void
}

interface Parts {
  readonly language: Compartment
  readonly wrap: Compartment
  readonly phrases: Compartment
  readonly label: Compartment
}

const fixedExtensions = (): Extension => [
  EditorView.cspNonce.of(styleNonce()),
  lintGutter(),
  lineNumbers(),
  foldGutter({ openText: '⌄', closedText: '›' }),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  indentUnit.of('  '),
  bracketMatching(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches({ minSelectionLength: 2 }),
  search({ top: true }),
  // Esc then Tab leaves the editor: CodeMirror's own way out for people without a mouse.
  keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
  editorTheme,
]

const labelled = (label: string): Extension => EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' })

const diagnosticsOf = (problems: readonly Problem[], messageOf: (problem: Problem) => string, length: number): readonly Diagnostic[] =>
  problems
    .filter((problem) => problem.from <= length)
    .map((problem) => ({ from: problem.from, to: Math.min(problem.to, length), severity: problem.severity, message: messageOf(problem) }))

const handleOf = (view: () => EditorView | null): EditorHandle => ({
  content: () => {
    const state = view()?.state
    return state ? contentOf(state) : ''
  },
  lineEnd: () => {
    const state = view()?.state
    return state ? lineEndOf(state) : '\n'
  },
  lines: () => view()?.state.doc.lines ?? 1,
  replace: (content) => {
    const now = view()
    if (now && contentOf(now.state) !== content) now.dispatch({ ...replaceContent(now.state, content), scrollIntoView: true })
  },
  convert: (end) => view()?.dispatch({ effects: convertLineEnds(end) }),
  goTo: (offset) => {
    const now = view()
    now?.dispatch({
      selection: { anchor: Math.min(offset, now.state.doc.length) },
      effects: EditorView.scrollIntoView(Math.min(offset, now.state.doc.length), { y: 'center' }),
    })
    now?.focus()
  },
  focus: () => view()?.focus(),
  openSearch: () => {
    const now = view()
    if (now) openSearchPanel(now)
  },
})

export function CodeEditor(props: CodeEditorProps) {
  const { t, i18n } = useTranslation('configs')
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  const parts = useRef<Parts>({ language: new Compartment(), wrap: new Compartment(), phrases: new Compartment(), label: new Compartment() })
  latest.current = props
  useImperativeHandle(props.ref, () => handleOf(() => view.current), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what may change is reconfigured below
  useEffect(() => {
    const { initial, type, large, wrap, label } = latest.current
    const split = splitLineEnds(initial)
    const { language, ...others } = parts.current
    const made = new EditorView({
      parent: host.current ?? document.body,
      state: EditorState.create({
        doc: split.text,
        extensions: [
          fixedExtensions(),
          lineEnds(split),
          language.of(languageOf(type, large)),
          others.wrap.of(wrap ? EditorView.lineWrapping : []),
          others.phrases.of(editorPhrases(t)),
          others.label.of(labelled(label)),
          EditorView.updateListener.of((update) => {
            const converted = update.transactions.some(
              (transaction) => transaction.effects.length > 0 && contentMayDiffer(update.startState, transaction.state),
            )
            if (update.docChanged || converted) latest.current.onChange()
            if (update.docChanged || update.selectionSet) latest.current.onCursor(cursorOf(update.state))
          }),
        ],
      }),
    })
    view.current = made
    if (latest.current.autoFocus) made.focus()
    return () => {
      view.current = null
      made.destroy()
    }
  }, [])

  const { type, large, wrap, label, problems, messageOf } = props
  useEffect(() => reconfigure(view.current, parts.current.language, languageOf(type, large)), [type, large])
  useEffect(() => reconfigure(view.current, parts.current.wrap, wrap ? EditorView.lineWrapping : []), [wrap])
  useEffect(() => reconfigure(view.current, parts.current.label, labelled(label)), [label])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  useEffect(() => reconfigure(view.current, parts.current.phrases, editorPhrases(t)), [t, i18n.language])
  useEffect(() => {
    const now = view.current
    if (now) now.dispatch(setDiagnostics(now.state, diagnosticsOf(problems, messageOf, now.state.doc.length)))
  }, [problems, messageOf])
  return <div ref={host} style={{ height: '100%', minHeight: 0 }} />
}

function reconfigure(view: EditorView | null, part: Compartment, extension: Extension): void {
  view?.dispatch({ effects: part.reconfigure(extension) })
}

function cursorOf(state: EditorState): Cursor {
  const { head } = state.selection.main
  const line = state.doc.lineAt(head)
  return { line: line.number, column: head - line.from + 1 }
}

/** A conversion of line ends changes no character of the document. */
function contentMayDiffer(before: EditorState, after: EditorState): boolean {
  return lineEndOf(before) !== lineEndOf(after)
}
