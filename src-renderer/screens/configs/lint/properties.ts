/**
 * Java's .properties (java.util.Properties.load): comments by # or !, natural lines joined by a backslash at their end, keys ended by = : or white
 * space. Java accepts nearly everything; reported are what it throws on (bad \u) and what is nearly always a slip (no separator, a key twice).
 */

import type { Finding } from './problem.ts'

interface LogicalLine {
  /** Unescaped-yet text with the offset of each of its characters. */
  readonly text: string
  readonly offsets: readonly number[]
}

const endsInContinuation = (line: string): boolean => {
  const slashes = /\\*$/.exec(line)?.[0].length ?? 0
  return slashes % 2 === 1
}

function* logicalLines(text: string): Generator<LogicalLine> {
  let joined = ''
  let offsets: number[] = []
  let open = false
  let start = 0
  for (const line of text.split('\n')) {
    const indent = /^[ \t\f]*/.exec(line)?.[0].length ?? 0
    const body = line.slice(indent)
    const skip = !open && (body === '' || body.startsWith('#') || body.startsWith('!'))
    if (!skip) {
      const goesOn = endsInContinuation(body)
      const kept = goesOn ? body.slice(0, -1) : body
      joined += kept
      for (let i = 0; i < kept.length; i += 1) offsets.push(start + indent + i)
      open = goesOn
    }
    if (!open && offsets.length > 0) {
      yield { text: joined, offsets }
      joined = ''
      offsets = []
    }
    start += line.length + 1
  }
  if (offsets.length > 0) yield { text: joined, offsets }
}

const keyEnd = (text: string): number => {
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i)
    if (char === '\\') i += 1
    else if (/[=: \t\f]/.test(char)) return i
  }
  return text.length
}

const unescaped = (text: string): string =>
  text.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, what: string) =>
    what.length === 5 ? String.fromCharCode(Number.parseInt(what.slice(1), 16)) : ({ t: '\t', n: '\n', r: '\r', f: '\f' }[what] ?? what),
  )

const badEscapes = (line: LogicalLine): readonly Finding[] => {
  const findings: Finding[] = []
  for (const match of line.text.matchAll(/\\(.)/gs)) {
    if (match[1] !== 'u') continue
    const code = line.text.slice(match.index, match.index + 6)
    if (/^\\u[0-9a-fA-F]{4}$/.test(code)) continue
    const from = line.offsets[match.index] ?? 0
    findings.push({ from, to: from + code.length, code: 'badUnicode', name: code })
  }
  return findings
}

/** Every fault of a .properties text with line feeds. */
export const checkProperties = (text: string): readonly Finding[] => {
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const line of logicalLines(text)) {
    findings.push(...badEscapes(line))
    const end = keyEnd(line.text)
    const key = unescaped(line.text.slice(0, end))
    const from = line.offsets[0] ?? 0
    const to = (line.offsets[Math.max(0, end - 1)] ?? from) + 1
    if (end === line.text.length) findings.push({ from, to, severity: 'warning', code: 'noSeparator', name: key })
    else if (key === '') findings.push({ from, to: from + 1, severity: 'warning', code: 'emptyKey' })
    else if (seen.has(key)) findings.push({ from, to, code: 'duplicateKey', name: key })
    seen.add(key)
  }
  return findings
}
