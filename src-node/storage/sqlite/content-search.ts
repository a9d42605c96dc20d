/**
 * Looks for configurations by what no memory holds: application, tags, content. In a thread, page by page, so that neither the loop nor a checkpoint
 * waits for it. SQLite narrows with one plain text; what is left is matched piece by piece, in time linear in the content, whatever the pattern.
 */

import type { ConfigSearch } from '../types.ts'
import { runInThread, type ThreadAnswer } from './reader-thread.ts'

/** Reads no content of a row that another condition rules out. */
const program = `
const { path, namespace, appName, tags, pieces, isExact, needle, pageRows } = order
const db = open(path)
try {
  const conditions = ['tenant_id = :namespace']
  const values = { namespace, appName, needle }
  if (appName !== null) conditions.push('app_name = :appName')
  if (tags.length > 0) {
    conditions.push('(' + tags.map((_, at) => "instr(',' || config_tags || ',', :tag" + at + ') > 0').join(' OR ') + ')')
    tags.forEach((tag, at) => { values['tag' + at] = ',' + tag + ',' })
  }
  const inContent = needle === null ? '1' : 'instr(content, :needle) > 0'
  const lastOf = db.prepare('SELECT max(id) FROM (SELECT id FROM config_info WHERE id > ? ORDER BY id LIMIT ?)').pluck()
  const hits = db.prepare(
    'SELECT id FROM config_info WHERE id > :after AND id <= :last AND CASE WHEN ' + conditions.join(' AND ') + ' THEN ' + inContent + ' ELSE 0 END ORDER BY id',
  ).pluck()
  const contentOf = db.prepare('SELECT CAST(content AS BLOB) FROM config_info WHERE id = ?').pluck()
  const bytes = pieces.map((piece) => Buffer.from(piece))
  const matches = (content) => {
    if (bytes.length === 1) return content.equals(bytes[0])
    const head = bytes[0]
    const tail = bytes[bytes.length - 1]
    const end = content.length - tail.length
    if (end < head.length || !content.subarray(0, head.length).equals(head) || !content.subarray(end).equals(tail)) return false
    let at = head.length
    for (const piece of bytes.slice(1, -1)) {
      const found = content.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= end
  }
  const found = []
  for (let after = 0; ; ) {
    const last = lastOf.get(after, pageRows)
    if (last === null) return Float64Array.from(found)
    for (const id of hits.all({ ...values, after, last })) {
      const content = isExact ? null : contentOf.get(id)
      if (isExact || (content !== undefined && matches(content))) found.push(id)
    }
    after = last
  }
} finally {
  db.close()
}`

const pageRows = 4096

interface Pattern {
  /** What must follow one another: the first at the begin, the last at the end; one alone is all of it. */
  readonly pieces: readonly string[]
  /** The longest of them: what SQLite looks for. Null: nothing. */
  readonly needle: string | null
  /** Whoever has the needle matches. */
  readonly isExact: boolean
}

const patternOf = (content: string | null): Pattern => {
  if (content === null || /^\**$/.test(content)) return { pieces: [], needle: null, isExact: true }
  if (!content.includes('*')) return { pieces: [content], needle: content, isExact: false }
  const [head = '', ...rest] = content.split('*')
  const tail = rest.pop() ?? ''
  const middle = rest.filter((piece) => piece !== '')
  const needle = [head, tail, ...middle].reduce((longest, piece) => (piece.length > longest.length ? piece : longest))
  return { pieces: [head, ...middle, tail], needle, isExact: head === '' && tail === '' && middle.length === 1 }
}

/** Ids, ascending: as one block of bytes, which a hundred thousand of them cost the loop nothing to take. */
export const searchContents = (path: string, search: ConfigSearch, done: (answer: ThreadAnswer<Float64Array>) => void): void =>
  runInThread<Float64Array>(program, { path, pageRows, ...search, ...patternOf(search.content) }, done)
