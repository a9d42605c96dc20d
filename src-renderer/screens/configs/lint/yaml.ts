/** YAML: every error of every document in the text, duplicate keys among them, and a warning where a tab stands in the indentation or before a comment. */

import { type Document, type ErrorCode, isScalar, parseAllDocuments, visit, type YAMLError } from 'yaml'
import type { Finding, ProblemCode } from './problem.ts'

const codeOf: Partial<Record<ErrorCode, ProblemCode>> = {
  BAD_ALIAS: 'badAlias',
  ALIAS_PROPS: 'badAlias',
  BAD_DQ_ESCAPE: 'badEscape',
  BAD_INDENT: 'badIndent',
  BAD_SCALAR_START: 'badCharacter',
  BLOCK_AS_IMPLICIT_KEY: 'nestedMapping',
  MULTILINE_IMPLICIT_KEY: 'colonExpected',
  TAB_AS_INDENT: 'tabIndent',
  UNEXPECTED_TOKEN: 'unexpectedToken',
}

const keyAt = (text: string, from: number): string =>
  /^(?:"([^"\n]*)"|'([^'\n]*)'|([^:\n]*))/
    .exec(text.slice(from, from + 200))
    ?.slice(1)
    .find(Boolean)
    ?.trim() ?? ''

const missing = (message: string): { code: ProblemCode; name: string } => {
  const quote = /Missing closing (['"])quote/.exec(message)
  if (quote) return { code: 'unclosedString', name: quote[1] ?? '' }
  const end = /(?:must end with|expected.*?end with) (?:a )?([}\]])|with a? ?([}\]])/.exec(message)
  return end ? { code: 'closeExpected', name: end[1] ?? end[2] ?? '' } : { code: 'syntax', name: '' }
}

const findingOf = (error: YAMLError): Finding => {
  const [from, to] = error.pos
  const detail = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''
  const severity = error.name === 'YAMLWarning' ? 'warning' : 'error'
  if (error.code === 'MULTILINE_IMPLICIT_KEY' && !detail.startsWith('Implicit keys need'))
    return { from, to: Math.max(to, from + 1), severity, code: 'syntax', detail }
  if (error.code === 'MISSING_CHAR' || / end with a [}\]]/.test(detail)) return { from, to, severity, detail, ...missing(detail) }
  const code = codeOf[error.code] ?? 'syntax'
  return { from, to: Math.max(to, from + 1), severity, code, detail }
}

/** What follows from a fault at the same place is noise. */
const onePlaceOnce = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.toReversed().map((finding) => [finding.from, finding])).values(),
]

/** The parser finds an alias without an anchor only when values are made, which a check does not need. */
const deadAliases = (document: Document): readonly Finding[] => {
  const findings: Finding[] = []
  visit(document, {
    Alias: (_, alias) => {
      const [from, to] = alias.range ?? [0, 0]
      if (!alias.resolve(document)) findings.push({ from, to, code: 'badAlias', name: alias.source })
    },
  })
  return findings
}

/** The parser compares each key with all before it, seconds for a large map: a set a map takes milliseconds. */
const duplicateKeys = (document: Document, text: string): readonly Finding[] => {
  const findings: Finding[] = []
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const [from, to] = key.range ?? [0, 0]
        if (seen.has(key.value)) findings.push({ from, to: Math.max(to, from + 1), code: 'duplicateKey', name: keyAt(text, from) })
        seen.add(key.value)
      }
    },
  })
  return findings
}

const tabs = (text: string): readonly Finding[] => {
  const findings: Finding[] = []
  for (const match of text.matchAll(/^[ \t]*?(\t+)[ \t]*(?=\S)/gm)) {
    const from = match.index + match[0].indexOf('\t')
    findings.push({ from, to: from + (match[1]?.length ?? 1), severity: 'warning', code: 'tab' })
  }
  return findings
}

/** Every fault of a YAML text with line feeds. */
export const checkYaml = (text: string): readonly Finding[] => {
  const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent', strict: true })
  const list = Array.isArray(documents) ? documents : []
  const findings = list.flatMap((document) => [
    ...onePlaceOnce([...[...document.errors, ...document.warnings].map((error) => findingOf(error)), ...duplicateKeys(document, text)]),
    ...(document.errors.length === 0 ? deadAliases(document) : []),
  ])
  const taken = new Set(findings.filter((finding) => finding.code === 'tabIndent').map((finding) => text.lastIndexOf('\n', finding.from - 1)))
  return [...findings, ...tabs(text).filter((finding) => !taken.has(text.lastIndexOf('\n', finding.from - 1)))]
}
