/** Strict JSON (RFC 8259): no comments, no trailing commas; a key twice in one object is an error, since readers disagree on which one wins. */

import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Finding, ProblemCode } from './problem.ts'

const codeOf: Readonly<Record<string, ProblemCode>> = {
  InvalidSymbol: 'unexpectedToken',
  InvalidNumberFormat: 'badNumber',
  PropertyNameExpected: 'keyExpected',
  ValueExpected: 'valueExpected',
  ColonExpected: 'colonExpected',
  CommaExpected: 'commaExpected',
  CloseBraceExpected: 'closeExpected',
  CloseBracketExpected: 'closeExpected',
  EndOfFileExpected: 'endExpected',
  InvalidCommentToken: 'comment',
  UnexpectedEndOfComment: 'comment',
  UnexpectedEndOfString: 'unclosedString',
  UnexpectedEndOfNumber: 'badNumber',
  InvalidUnicode: 'badUnicode',
  InvalidEscapeCharacter: 'badEscape',
  InvalidCharacter: 'badCharacter',
}

const nameOf: Readonly<Record<string, string>> = {
  CloseBraceExpected: '}',
  CloseBracketExpected: ']',
}

const afterComma = (text: string, offset: number): number => {
  let at = offset - 1
  while (at >= 0 && /\s/.test(text.charAt(at))) at -= 1
  return text.charAt(at) === ',' && /[}\]]/.test(text.charAt(offset)) ? at : -1
}

const findingOf = (text: string, error: ParseError): Finding => {
  const said = printParseErrorCode(error.error)
  const code = codeOf[said] ?? 'syntax'
  const comma = code === 'keyExpected' || code === 'valueExpected' ? afterComma(text, error.offset) : -1
  if (comma !== -1) return { from: comma, to: comma + 1, code: 'trailingComma' }
  return { from: error.offset, to: error.offset + Math.max(1, error.length), code, name: nameOf[said] ?? '' }
}

/** The parser goes on after a fault and finds what follows from it: noise. */
const firstOfEachLine = (text: string, findings: readonly Finding[]): readonly Finding[] => {
  const byLine = new Map<number, Finding>()
  for (const finding of findings.toSorted((a, b) => a.from - b.from)) {
    const line = text.lastIndexOf('\n', finding.from - 1)
    if (!byLine.has(line)) byLine.set(line, finding)
  }
  return [...byLine.values()]
}

const duplicateKeys = (root: Node): readonly Finding[] => {
  const findings: Finding[] = []
  const open: Node[] = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    const seen = new Set<string>()
    for (const child of node.children ?? []) {
      open.push(child)
      const key = node.type === 'object' ? child.children?.[0] : undefined
      if (typeof key?.value !== 'string') continue
      if (seen.has(key.value)) findings.push({ from: key.offset, to: key.offset + key.length, code: 'duplicateKey', name: key.value })
      seen.add(key.value)
    }
  }
  return findings
}

/** Every fault of a JSON text with line feeds; blank text is left to the rule that content must not be blank. */
export const checkJson = (text: string): readonly Finding[] => {
  if (text.trim() === '') return []
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  return [
    ...firstOfEachLine(
      text,
      errors.map((error) => findingOf(text, error)),
    ),
    ...(root ? duplicateKeys(root) : []),
  ]
}
