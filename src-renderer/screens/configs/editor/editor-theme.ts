/** The editor's look, all of it from the tokens, so that light and dark need no second theme and no reconfiguration. */

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const surface = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '8px 0 48px' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 24%, transparent)',
  },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-3)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 14px', minWidth: '36px', fontVariantNumeric: 'tabular-nums' },
  '.cm-foldGutter .cm-gutterElement': { width: '14px', color: 'var(--ink-3)', cursor: 'pointer' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ink) 3.5%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-foldPlaceholder': {
    color: 'var(--ink-2)',
    backgroundColor: 'var(--sunken)',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    padding: '0 6px',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-searchMatch, .cm-searchMatch span': { color: 'var(--ink)' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'var(--mark-now)' },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--mark) 55%, transparent)' },
  '.cm-specialChar': { color: 'var(--bad-ink)' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
})

const floating = EditorView.theme({
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--ink)', fontFamily: 'var(--font)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '8px 40px 8px 12px', fontSize: '12px', display: 'flex', flexWrap: 'wrap', gap: '6px', alignItems: 'center' },
  '.cm-panel.cm-search br': { flexBasis: '100%', content: '""', height: '0' },
  '.cm-panel.cm-search label': {
    display: 'inline-flex',
    gap: '4px',
    alignItems: 'center',
    fontSize: '12px',
    color: 'var(--ink-2)',
    margin: '0 4px 0 0',
  },
  '.cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label': { margin: '0' },
  '.cm-panel.cm-search [name=close]': {
    top: '8px',
    right: '10px',
    width: '24px',
    height: '24px',
    fontSize: '16px',
    color: 'var(--ink-2)',
    cursor: 'pointer',
  },
  '.cm-textfield': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-s)',
    padding: '0 8px',
    height: '26px',
    fontSize: '12px',
    fontFamily: 'var(--mono)',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-s)',
    padding: '0 8px',
    height: '26px',
    fontSize: '12px',
    cursor: 'pointer',
  },
  '.cm-button:hover': { backgroundColor: 'var(--sunken)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-s)',
    boxShadow: 'var(--shadow-float)',
    fontFamily: 'var(--font)',
    fontSize: '12px',
    overflow: 'hidden',
  },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '3px solid var(--ink-3)', maxWidth: '420px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad-ink)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn-ink)' },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 0 0 4px' },
  '.cm-lint-marker': { width: '8px', height: '20px', position: 'relative' },
  '.cm-lint-marker-error, .cm-lint-marker-warning': { content: 'none' },
  '.cm-lint-marker::after': {
    content: '""',
    position: 'absolute',
    top: '6px',
    left: '0',
    width: '8px',
    height: '8px',
    borderRadius: '50%',
    backgroundColor: 'var(--bad-ink)',
  },
  '.cm-lint-marker-warning::after': { backgroundColor: 'var(--warn-ink)', borderRadius: '1px', transform: 'rotate(45deg) scale(.85)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad-ink) 1px',
    textUnderlineOffset: '3px',
    paddingBottom: '0',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--warn-ink) 1px',
    textUnderlineOffset: '3px',
    paddingBottom: '0',
  },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--bad-ink)' },
})

const merging = EditorView.theme({
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'color-mix(in srgb, var(--bad-soft) 70%, transparent)' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine, &.cm-merge-b .cm-inlineChangedLine': {
    backgroundColor: 'color-mix(in srgb, var(--ok-soft) 75%, transparent)',
  },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in srgb, var(--bad) 6%, transparent)',
    boxShadow: 'inset 0 -2px var(--bad)',
  },
  // A line below, not a deeper ground: coloured text on a deeper green falls below the contrast of 4.5.
  '&.cm-merge-b .cm-changedText': { background: 'color-mix(in srgb, var(--ok) 6%, transparent)', boxShadow: 'inset 0 -2px var(--ok)' },
  '.cm-changeGutter': { width: '3px', paddingLeft: '0' },
  '&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': { backgroundColor: 'var(--bad)' },
  '&.cm-merge-b .cm-changedLineGutter': { backgroundColor: 'var(--ok)' },
  '.cm-collapsedLines': {
    backgroundImage: 'none',
    background: 'var(--sunken)',
    color: 'var(--ink-2)',
    fontFamily: 'var(--font)',
    fontSize: '12px',
    padding: '3px 12px',
  },
  // Its own marks are not in the bundled faces.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"', color: 'var(--ink-3)' },
  '.cm-deletedChunk': { paddingLeft: '8px' },
})

const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.tagName, tags.definition(tags.variableName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.attributeValue, tags.special(tags.string)], color: 'var(--ok-ink)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword, tags.labelName, tags.typeName], color: 'var(--candidate-ink)' },
  { tag: [tags.attributeName, tags.heading], color: 'var(--follower-ink)' },
  { tag: [tags.punctuation, tags.separator, tags.bracket, tags.angleBracket, tags.operator], color: 'var(--ink-2)' },
  { tag: tags.invalid, color: 'var(--bad-ink)' },
])

/** Look and colours of an editor, alone or in a diff. */
export const editorTheme: Extension = [surface, floating, merging, syntaxHighlighting(colours)]
