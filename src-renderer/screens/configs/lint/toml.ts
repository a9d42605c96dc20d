/** TOML 1.0 by smol-toml, which stops at the first fault. */

import { parse, TomlError } from 'smol-toml'
import { type Finding, lineStarts, type ProblemCode } from './problem.ts'

const patterns: readonly (readonly [RegExp, ProblemCode])[] = [
  [/redefine|already (?:been )?defined|duplicate/i, 'redefined'],
  [/unfinished string|unterminated string|newlines are not allowed in strings|control characters are not allowed in strings/i, 'unclosedString'],
  [/unicode/i, 'badUnicode'],
  [/escape/i, 'badEscape'],
  [/number|integer|float/i, 'badNumber'],
  [/control characters/i, 'badCharacter'],
  [/empty bare keys|illegal empty/i, 'emptyKey'],
  [/invalid value|incomplete key-value|no value/i, 'valueExpected'],
]

/** The first fault of a TOML text with line feeds, if any. */
export const checkToml = (text: string): readonly Finding[] => {
  try {
    parse(text)
    return []
  } catch (error) {
    if (!(error instanceof TomlError)) return [{ from: 0, to: 0, code: 'syntax', detail: String(error) }]
    const detail = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '')
    const from = (lineStarts(text)[error.line - 1] ?? 0) + Math.max(0, error.column - 1)
    const code = patterns.find(([pattern]) => pattern.test(detail))?.[1] ?? 'syntax'
    return [{ from, to: from + 1, code, detail }]
  }
}
