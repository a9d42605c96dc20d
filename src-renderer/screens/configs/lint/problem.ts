/**
 * What a check says about a text: where, how bad, and a code that both languages have words for. Offsets and positions are those of the
 * text with every line break counted as one character, which is how the editor counts. Must never hold a sentence of ours: `detail` is the
 * parser's own untranslated text, shown small.
 */

export type Severity = 'error' | 'warning'

export const problemCodes = [
  'syntax',
  'unexpectedToken',
  'valueExpected',
  'keyExpected',
  'colonExpected',
  'commaExpected',
  'closeExpected',
  'endExpected',
  'trailingComma',
  'comment',
  'badNumber',
  'badEscape',
  'badUnicode',
  'unclosedString',
  'badCharacter',
  'duplicateKey',
  'duplicateAttribute',
  'tabIndent',
  'tab',
  'badIndent',
  'badAlias',
  'manyDocuments',
  'nestedMapping',
  'noSeparator',
  'emptyKey',
  'unclosedTag',
  'wrongClosingTag',
  'strayClosingTag',
  'badTagName',
  'badAttribute',
  'manyRoots',
  'textOutsideRoot',
  'noRoot',
  'redefined',
  'tooMany',
] as const
export type ProblemCode = (typeof problemCodes)[number]

export interface Problem {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly from: number
  readonly to: number
  readonly severity: Severity
  readonly code: ProblemCode
  /** Name of a key, tag or character that the words mention; '' if none. */
  readonly name: string
  readonly detail: string
}

/** More would hide the first ones. */
export const maxProblems = 200

/** The text as the editor counts it: every CRLF and lone CR is one line feed. */
export const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text)

/** Start offset of each line of a text with line feeds only. */
export const lineStarts = (text: string): readonly number[] => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line and column, both from 1, of an offset. */
export const positionOf = (starts: readonly number[], offset: number): { line: number; column: number } => {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

export interface Finding {
  readonly from: number
  readonly to: number
  readonly code: ProblemCode
  readonly severity?: Severity
  readonly name?: string
  readonly detail?: string
}

/** Findings with their places filled in, in the order of the text, at most `maxProblems` and a note that there are more. */
export const toProblems = (text: string, findings: readonly Finding[]): readonly Problem[] => {
  const starts = lineStarts(text)
  const problems = findings.map((finding): Problem => {
    const from = Math.max(0, Math.min(finding.from, text.length))
    const to = Math.max(from, Math.min(finding.to, text.length))
    const { code, severity = 'error', name = '', detail = '' } = finding
    return { ...positionOf(starts, from), from, to, severity, code, name, detail }
  })
  problems.sort((a, b) => a.from - b.from || a.to - b.to)
  if (problems.length <= maxProblems) return problems
  const last = problems[maxProblems - 1]
  if (!last) return problems
  return [
    ...problems.slice(0, maxProblems),
    { ...last, code: 'tooMany', severity: 'warning', name: String(problems.length - maxProblems), detail: '' },
  ]
}
