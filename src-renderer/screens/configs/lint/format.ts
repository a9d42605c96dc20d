/** Pretty printing where it cannot change the meaning. Must never reformat a text that has errors, and never drop a comment. */

import { applyEdits, format as jsonEdits } from 'jsonc-parser'
import { parseAllDocuments } from 'yaml'
import type { ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { withLineFeeds } from './problem.ts'
import { validate } from './validate.ts'

export type Formatted = { readonly kind: 'formatted'; readonly text: string } | { readonly kind: 'same' | 'has-errors' | 'not-safe' | 'no-format' }

const formatJson = (text: string): string =>
  applyEdits(text, jsonEdits(text, undefined, { insertSpaces: true, tabSize: 2, insertFinalNewline: text.endsWith('\n'), eol: '\n' }))

/** The check before has found no duplicate key; the parser's own search for them takes seconds on a large map. Anchors, tags and several documents survive `yaml`'s printer; the guard is that both texts must mean the same. */
const formatYaml = (text: string): string | null => {
  const parsed = parseAllDocuments(text, { keepSourceTokens: false, uniqueKeys: false })
  const documents = Array.isArray(parsed) ? parsed : []
  if (documents.length === 0) return text
  const printed = documents.map((document) => document.toString({ lineWidth: 0 })).join('')
  const again = parseAllDocuments(printed, { uniqueKeys: false })
  const same = Array.isArray(again) && JSON.stringify(documents.map((one) => one.toJS())) === JSON.stringify(again.map((one) => one.toJS()))
  return same ? printed : null
}

const xmlToken = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<![^>[]*(?:\[[\s\S]*?\])?\s*>|<(?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+/g

/** Only white space between tags may change: an element that holds text, or xml:space, is left as it is written. */
const formatXml = (text: string): string | null => {
  if (/xml:space\s*=|<!DOCTYPE[^>]*\[/.test(text)) return null
  const tokens = text.match(xmlToken) ?? []
  if (tokens.join('') !== text) return null
  const out: string[] = []
  let depth = 0
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i] ?? ''
    if (token.trim() === '') continue
    if (!token.startsWith('<') || token.startsWith('<![CDATA[')) return null
    const closes = token.startsWith('</')
    const opens = !closes && !token.endsWith('/>') && !/^<[!?]/.test(token)
    if (closes) depth -= 1
    const end = opens ? leafEnd(tokens, i) : i
    out.push('  '.repeat(Math.max(0, depth)) + tokens.slice(i, end + 1).join(''))
    if (opens && end === i) depth += 1
    i = end
  }
  return out.join('\n') + (text.endsWith('\n') ? '\n' : '')
}

/** Index of the closing tag of an element without child elements, else the index given. */
const leafEnd = (tokens: readonly string[], open: number): number => {
  let at = open + 1
  while (at < tokens.length && (!tokens[at]?.startsWith('<') || tokens[at]?.startsWith('<![CDATA['))) at += 1
  return tokens[at]?.startsWith('</') ? at : open
}

/** The same configuration, laid out evenly. `not-safe`: this text cannot be laid out without a change of meaning (mixed XML content, say). */
export const formatContent = (type: ConfigTypeName, content: string): Formatted => {
  if (type !== 'json' && type !== 'xml' && type !== 'yaml') return { kind: 'no-format' }
  const text = withLineFeeds(content)
  if (validate(type, text).some((problem) => problem.severity === 'error')) return { kind: 'has-errors' }
  const printed = type === 'json' ? formatJson(text) : type === 'xml' ? formatXml(text) : formatYaml(text)
  if (printed === null) return { kind: 'not-safe' }
  return printed === text ? { kind: 'same' } : { kind: 'formatted', text: printed }
}
