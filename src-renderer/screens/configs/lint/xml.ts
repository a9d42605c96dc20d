/** XML well-formedness by fast-xml-parser's validator, which stops at the first fault. */

import { XMLValidator } from 'fast-xml-parser'
import { type Finding, lineStarts, type ProblemCode } from './problem.ts'

const patterns: readonly (readonly [RegExp, ProblemCode])[] = [
  [/^Expected closing tag '([^']*)'/, 'wrongClosingTag'],
  [/^Unclosed tag '([^']*)'/, 'unclosedTag'],
  [/^Closing tag '([^']*)' has not been opened/, 'strayClosingTag'],
  [/^Closing tag '([^']*)'/, 'unclosedTag'],
  [/^Tag '([^']*)' is an invalid name/, 'badTagName'],
  [/^Invalid space after '<'/, 'badTagName'],
  [/^Attribute '([^']*)' is repeated/, 'duplicateAttribute'],
  [/^Attribute(?:s for)? '([^']*)'/, 'badAttribute'],
  [/^boolean attribute '([^']*)'/, 'badAttribute'],
  [/^Multiple possible root nodes/, 'manyRoots'],
  [/^Extra text at the end/, 'textOutsideRoot'],
  [/^Start tag expected/, 'noRoot'],
  [/^char '(.)' is not expected/s, 'badCharacter'],
  [/^Invalid '(\[.*\])' found/s, 'unclosedTag'],
]

const meaning = (message: string): { code: ProblemCode; name: string } => {
  for (const [pattern, code] of patterns) {
    const match = pattern.exec(message)
    if (!match) continue
    const name = match[1] ?? ''
    return { code, name: name.startsWith('[') ? (/"([^"]*)"\s*\]/.exec(name)?.[1] ?? '') : name }
  }
  return { code: 'syntax', name: '' }
}

/** Where the innermost tag that is still open begins; the validator gives only line 1 for it. */
const openTag = (text: string, name: string): number => {
  const at = text.lastIndexOf(`<${name}`)
  return at === -1 ? 0 : at
}

/** The first fault of an XML text with line feeds, if any. */
export const checkXml = (text: string): readonly Finding[] => {
  if (text.trim() === '') return []
  const result = XMLValidator.validate(text)
  if (result === true) return []
  const { line, col, msg } = result.err
  const starts = lineStarts(text)
  const { code, name } = meaning(msg)
  const nested = msg.startsWith("Invalid '[")
  const from = nested ? openTag(text, name) : Math.min(text.length, (starts[line - 1] ?? 0) + Math.max(0, (Number.isFinite(col) ? col : 1) - 1))
  return [{ from, to: from + Math.max(1, name.length), code, name, detail: msg }]
}
