import { expect, test } from 'vitest'
import { formatContent } from './format.ts'

const formatted = (type: Parameters<typeof formatContent>[0], text: string) => {
  const result = formatContent(type, text)
  return result.kind === 'formatted' ? result.text : result.kind
}

test('json is laid out, its end kept as it was', () => {
  expect(formatted('json', '{"a":[1,2],"b":{}}')).toBe('{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}')
  expect(formatted('json', '{"a":1}\n')).toBe('{\n  "a": 1\n}\n')
})

test('numbers beyond double precision stay as written', () => {
  expect(formatted('json', '[12345678901234567890,1.10]')).toBe('[\n  12345678901234567890,\n  1.10\n]')
})

test('yaml keeps its comments, anchors and documents', () => {
  const text = '# top\na:   &x   1 # one\nb:     *x\n---\nc:    2\n'
  expect(formatted('yaml', text)).toBe('# top\na: &x 1 # one\nb: *x\n---\nc: 2\n')
})

test('xml moves tags, never text', () => {
  expect(formatted('xml', '<?xml version="1.0"?><a><b x="1">t  t</b><!-- c --><d/></a>')).toBe(
    '<?xml version="1.0"?>\n<a>\n  <b x="1">t  t</b>\n  <!-- c -->\n  <d/>\n</a>',
  )
})

test('mixed xml is left alone', () => {
  expect(formatted('xml', '<a>text <b/> more</a>')).toBe('not-safe')
  expect(formatted('xml', '<a xml:space="preserve"> <b/> </a>')).toBe('not-safe')
})

test('a text with errors is left alone', () => {
  expect(formatted('json', '{"a":1,}')).toBe('has-errors')
  expect(formatted('yaml', 'a: 1\na: 2\n')).toBe('has-errors')
})

test('what is even already stays the same', () => {
  expect(formatted('json', '{\n  "a": 1\n}')).toBe('same')
})

test('other formats have no layout of ours', () => {
  expect(formatted('properties', 'b=1\na=2')).toBe('no-format')
})
