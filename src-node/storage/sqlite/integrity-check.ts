/**
 * A full look through the state store, in a thread: SQLite's own `integrity_check` of every page, and the md5 of every content against its row,
 * which finds a byte that changed inside a sound page. It reads and judges; it must never repair.
 */

import type { CheckFindings } from '../types.ts'
import { runInThread, type ThreadAnswer } from './reader-thread.ts'

/** More findings say no more than these. */
const findingsMax = 20
/** Contents of 10 MiB are among them. */
const pageRows = 64

const program = `
const { createHash } = require('node:crypto')
const { path, findingsMax, pageRows } = order
const db = open(path)
try {
  const rows = db.pragma('integrity_check(' + findingsMax + ')').map((row) => row.integrity_check)
  const found = rows.length === 1 && rows[0] === 'ok' ? [] : rows
  const page = db.prepare(
    'SELECT id, tenant_id, group_id, data_id, md5, CAST(content AS BLOB) AS bytes FROM config_info WHERE id > ? ORDER BY id LIMIT ?',
  )
  let configs = 0
  for (let after = 0, full = true; full && found.length < findingsMax; ) {
    const contents = page.all(after, pageRows)
    full = contents.length === pageRows
    for (const row of contents) {
      after = row.id
      configs++
      if (createHash('md5').update(row.bytes).digest('hex') === row.md5) continue
      found.push('the content of ' + row.data_id + ' in group ' + row.group_id + ' of namespace ' + (row.tenant_id || 'public') + ' is not the one that was written (md5 differs)')
    }
  }
  const count = (sql) => db.prepare(sql).pluck().get()
  const bytes = count('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
  return { found: found.slice(0, findingsMax), configs, history: count('SELECT count(*) FROM his_config_info'), bytes }
} finally {
  db.close()
}`

export const checkIntegrity = (path: string, done: (answer: ThreadAnswer<CheckFindings>) => void): void =>
  runInThread<CheckFindings>(program, { path, findingsMax, pageRows }, done)
