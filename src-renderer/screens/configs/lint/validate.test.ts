import { describe, expect, test } from 'vitest'
import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { maxProblems } from './problem.ts'
import { validate } from './validate.ts'

const said = (type: ConfigTypeName, text: string) =>
  validate(type, text).map(
    ({ line, column, code, severity, name }) => `${line}:${column} ${severity === 'warning' ? 'warn ' : ''}${code}${name ? ` ${name}` : ''}`,
  )

const tables: Record<string, readonly (readonly [string, string, readonly string[]])[]> = {
  json: [
    ['a good object', '{"a": [1, 2, {"b": null}]}', []],
    ['a bare value', '"text"', []],
    ['nothing at all', '  \n', []],
    ['a trailing comma in an object', '{\n  "a": 1,\n}', ['2:9 trailingComma']],
    ['a trailing comma in a list', '[1, 2,]', ['1:6 trailingComma']],
    ['a comment', '{\n  // no\n  "a": 1\n}', ['2:3 comment']],
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', ['3:3 commaExpected']],
    ['a missing colon', '{"a" 1}', ['1:6 colonExpected']],
    ['a key without quotes', '{a: 1}', ['1:2 unexpectedToken']],
    ['a string without an end', '{"a": "x\n}', ['1:7 unclosedString']],
    ['a bad escape', '{"a": "\\x"}', ['1:7 badEscape']],
    ['a bad unicode escape', '{"a": "\\u12G4"}', ['1:7 badUnicode']],
    ['a key twice', '{\n  "a": 1,\n  "b": 2,\n  "a": 3\n}', ['4:3 duplicateKey a']],
    ['a key twice, deep', '[{"x": {"k": 1, "k": 2}}]', ['1:17 duplicateKey k']],
    ['the same key in two objects', '[{"k": 1}, {"k": 2}]', []],
    ['text after the end', '{} x', ['1:4 unexpectedToken']],
    ['a missing brace', '{"a": 1', ['1:8 closeExpected }']],
    ['CRLF counts as one break', '{\r\n  "a": 1,\r\n}', ['2:9 trailingComma']],
    ['a lone CR counts as one break', '{\r  "a": 1,\r}', ['2:9 trailingComma']],
    ['emoji take two columns', '{"😀": 1,}', ['1:9 trailingComma']],
  ],
  yaml: [
    ['a good map', 'a: 1\nb:\n  - x\n  - y\n', []],
    ['two documents', 'a: 1\n---\na: 2\n', []],
    ['nothing', '', []],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['3:1 duplicateKey a']],
    ['a key twice in the second document', 'a: 1\n---\nb: 1\nb: 2\n', ['4:1 duplicateKey b']],
    ['two errors at once', 'a: 1\na: 2\nb:\n  c: 1\n  c: 2\n', ['2:1 duplicateKey a', '5:3 duplicateKey c']],
    ['a tab as indentation', 'a:\n\tb: 1\n', ['2:1 tabIndent']],
    ['an alias without an anchor', 'a: *nobody\n', ['1:4 badAlias nobody']],
    ['a string without an end', 'a: "x\n', ['2:1 unclosedString "']],
    ['a list without an end', 'a: [1, 2\n', ['2:1 closeExpected ]']],
    ['a map inside a line', 'a: b: c\n', ['1:4 nestedMapping']],
    ['CRLF', 'a: 1\r\na: 2\r\n', ['2:1 duplicateKey a']],
    ['Chinese text', '名: 一\n名: 二\n', ['2:1 duplicateKey 名']],
  ],
  xml: [
    ['a good document', '<?xml version="1.0"?>\n<a x="1"><b/></a>', []],
    ['a wrong closing tag', '<a>\n  <b></c>\n</a>', ['2:6 wrongClosingTag b']],
    ['a tag left open', '<a>\n', ['1:1 unclosedTag a']],
    ['two tags left open', '<a>\n  <b>\n', ['2:3 unclosedTag b']],
    ['a closing tag alone', '</a>', ['1:1 strayClosingTag a']],
    ['two roots', '<a></a>\n<b></b>', ['2:3 manyRoots']],
    ['text after the root', '<a></a>x', ['1:8 textOutsideRoot']],
    ['no element', 'hello', ['1:1 badCharacter h']],
    ['an attribute twice', '<a x="1" x="2"></a>', ['1:10 duplicateAttribute x']],
    ['an attribute without quotes', '<a x=1></a>', ['1:4 badAttribute x']],
    ['a bare ampersand', '<a>\n x & y\n</a>', ['2:4 badCharacter &']],
  ],
  toml: [
    ['a good table', '[a]\nb = 1\n', []],
    ['a key twice', 'a = 1\na = 2\n', ['2:1 redefined']],
    ['no value', 'a =\n', ['1:4 valueExpected']],
    ['a string without an end', 'a = "x\n', ['1:7 unclosedString']],
    ['a bad escape', 'a = "\\q"\n', ['1:7 badEscape']],
  ],
  properties: [
    ['good lines', '# c\n! c\na=1\nb: 2\nc 3\n\n  d = \\u4e2d\n', []],
    ['a line that goes on', 'a=1,\\\n   2,\\\n   3\nb=1\n', []],
    ['a comment sign inside a line that goes on', 'a=1,\\\n# not a comment\n', []],
    ['a bad unicode escape', 'x=1\na=\\u12G4\n', ['2:3 badUnicode \\u12G4']],
    ['a short unicode escape', 'a=\\u12', ['1:3 badUnicode \\u12']],
    ['a key twice', 'a=1\nb=1\na=2\n', ['3:1 duplicateKey a']],
    ['a key twice in other writing', 'a=1\n\\u0061=2\n', ['2:1 duplicateKey a']],
    ['an escaped separator belongs to the key', 'a\\=b=1\na=1\n', []],
    ['no separator', 'a=1\nlonely\n', ['2:1 warn noSeparator lonely']],
    ['an empty key', '=1\n', ['1:1 warn emptyKey']],
    ['an escaped backslash ends no line', 'a=c:\\\\\nb=1\n', []],
    ['an escaped backslash before a u', 'a=\\\\user\n', []],
    ['CRLF', 'a=1\r\na=2\r\n', ['2:1 duplicateKey a']],
  ],
}

describe.each(Object.entries(tables))('%s', (type, rows) => {
  test.each(rows)('%s', (_, text, expected) => {
    expect(said(type as ConfigTypeName, text)).toEqual(expected)
  })
})

test('text and html are never judged', () => {
  expect(validate('text', '{"a": ')).toEqual([])
  expect(validate('html', '<p><b></p>')).toEqual([])
})

test('a flood of problems is cut, and says so', () => {
  const problems = validate('properties', 'a\n'.repeat(1_000))
  expect(problems).toHaveLength(maxProblems + 1)
  expect(problems.at(-1)).toMatchObject({ code: 'tooMany', name: '800' })
})

test('no text makes a check throw', () => {
  const nasty = [
    '\u0000',
    '\ud800',
    '&'.repeat(50),
    '{'.repeat(2_000),
    '- '.repeat(500),
    '<'.repeat(50),
    '"',
    "'",
    '\\',
    '%TAG',
    '? ',
    '[[',
    '<!',
    '<![CDATA[',
    '<?',
    '\ufeff{}',
  ]
  for (const type of Object.keys(tables)) for (const text of nasty) expect(Array.isArray(validate(type as ConfigTypeName, text))).toBe(true)
})

test('a YAML map of thousands of keys is checked in one pass, not each key against all before it', () => {
  const keys = Array.from({ length: 8_000 }, (_, i) => `key-${i}: ${i}`)
  const from = performance.now()
  expect(validate('yaml', [...keys, 'key-7: again'].join('\n')).map((problem) => [problem.code, problem.line])).toEqual([['duplicateKey', 8_001]])
  expect(performance.now() - from).toBeLessThan(1_500)
})

test('equal YAML keys of different kinds are not the same key; a nested map has its own', () => {
  expect(validate('yaml', '1: a\n"1": b\nx:\n  x: 1\n  y: 2\ny: 3')).toEqual([])
})
