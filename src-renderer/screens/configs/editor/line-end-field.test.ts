import { history, redo, undo } from '@codemirror/commands'
import { EditorState, type TransactionSpec } from '@codemirror/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentOf, convertLineEnds, lineEndOf, lineEnds, replaceContent } from './line-end-field.ts'
import { splitLineEnds } from './line-ends.ts'

const open = (content: string) => {
  const split = splitLineEnds(content)
  let state = EditorState.create({ doc: split.text, extensions: [lineEnds(split), history()] })
  const dispatch = (spec: TransactionSpec) => {
    state = state.update(spec).state
  }
  return {
    dispatch,
    state: () => state,
    content: () => contentOf(state),
    undo: () => undo({ state, dispatch: (tr) => (state = tr.state) }),
    redo: () => redo({ state, dispatch: (tr) => (state = tr.state) }),
  }
}

test.each([
  ['nothing', ''],
  ['line feeds', 'a\nb\n'],
  ['no end at the end', 'a\nb'],
  ['CRLF', 'a\r\nb\r\n'],
  ['CRLF, no end at the end', 'a\r\nb'],
  ['lone CR', 'a\rb\r'],
  ['mixed', 'a\r\nb\nc\rd\r\n'],
  ['LF before CRLF before CR', '\n\r\n\r'],
  ['CR before CRLF', '\r\r\n'],
  ['only a break', '\r\n'],
  ['empty lines', '\n\n\r\n\r\n\n'],
  ['emoji and Chinese', '😀\r\n名称: 值\n\u2028\u0085\u0000\ufeff'],
])('%s come back byte for byte', (_, content) => {
  expect(open(content).content()).toBe(content)
})

const texts = fc.array(fc.constantFrom('\n', '\r\n', '\r', 'a', '😀', '值', ' '), { maxLength: 40 }).map((parts) => parts.join(''))

test('every content comes back byte for byte', () => {
  fc.assert(fc.property(texts, (content) => void expect(open(content).content()).toBe(content)))
})

test('editing one line leaves the ends of the others alone', () => {
  const editor = open('a\r\nb\nc\r\nd')
  editor.dispatch({ changes: { from: 2, insert: 'x' } })
  expect(editor.content()).toBe('a\r\nxb\nc\r\nd')
})

test('a new line gets the main kind', () => {
  const editor = open('a\r\nb\nc\r\nd')
  editor.dispatch({ changes: { from: 7, insert: '\ne' } })
  expect(editor.content()).toBe('a\r\nb\nc\r\nd\r\ne')
})

test('text typed at either side of an odd break does not touch it', () => {
  const editor = open('a\r\nb\nc\r\nd')
  editor.dispatch({ changes: { from: 3, insert: '<' } })
  editor.dispatch({ changes: { from: 5, insert: '>' } })
  expect(editor.content()).toBe('a\r\nb<\n>c\r\nd')
})

test('a removed odd break comes back with undo and goes again with redo', () => {
  const content = 'a\r\nb\nc\rd\r\ne'
  const editor = open(content)
  editor.dispatch({ changes: { from: 0, to: 7 } })
  expect(editor.content()).toBe('\r\ne')
  editor.undo()
  expect(editor.content()).toBe(content)
  editor.redo()
  expect(editor.content()).toBe('\r\ne')
})

test('any edits, all undone, give back the very content', () => {
  const edit = fc.record({ from: fc.nat(60), length: fc.nat(10), insert: fc.constantFrom('', '\n', 'x', '\nyz\n') })
  fc.assert(
    fc.property(texts, fc.array(edit, { maxLength: 8 }), (content, edits) => {
      const editor = open(content)
      for (const { from, length, insert } of edits) {
        const start = Math.min(from, editor.state().doc.length)
        editor.dispatch({ changes: { from: start, to: Math.min(start + length, editor.state().doc.length), insert } })
      }
      while (editor.undo());
      expect(editor.content()).toBe(content)
    }),
  )
})

test('a break replaced by a letter takes its kind along, and undo brings it back', () => {
  const editor = open('\n\n\r')
  editor.dispatch({ changes: { from: 2, to: 3, insert: 'x' } })
  expect(editor.content()).toBe('\n\nx')
  editor.undo()
  expect(editor.content()).toBe('\n\n\r')
})

test('conversion is shown, complete and undone', () => {
  const editor = open('a\r\nb\nc')
  expect(lineEndOf(editor.state())).toBeNull()
  editor.dispatch({ effects: convertLineEnds('\r\n') })
  expect(editor.content()).toBe('a\r\nb\r\nc')
  expect(lineEndOf(editor.state())).toBe('\r\n')
  editor.undo()
  expect(editor.content()).toBe('a\r\nb\nc')
})

test('another content takes the place, ends and all, and undo brings the former back', () => {
  fc.assert(
    fc.property(texts, texts, (first, second) => {
      const editor = open(first)
      editor.dispatch(replaceContent(editor.state(), second))
      expect(editor.content()).toBe(second)
      editor.undo()
      expect(editor.content()).toBe(first)
    }),
  )
})

test('ten MiB of CRLF open in well under a second', () => {
  const content = `${'x'.repeat(98)}\r\n`.repeat(104_857)
  const start = performance.now()
  const editor = open(content)
  expect(editor.content().length).toBe(content.length)
  expect(performance.now() - start).toBeLessThan(5_000)
})
