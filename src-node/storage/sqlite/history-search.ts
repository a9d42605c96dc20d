/**
 * Rows of history by the names of their configuration, or by the row next to them. In a thread, page by page from the newest to the oldest: an index
 * would be one more page that every write changes, for what people ask for now and then. Gives rows without their contents.
 */

import type { HistoryNeighbour, HistoryPage, HistorySearch } from '../types.ts'
import { type HistoryHeadColumns, historyHeadColumns, historyHeadOf } from './history-rows.ts'
import { runInThread, type ThreadAnswer } from './reader-thread.ts'

const listProgram = `
const { path, namespace, group, dataId, skip, take, pageRows, columns } = order
const db = open(path)
try {
  const firstOf = db.prepare('SELECT min(nid) FROM (SELECT nid FROM his_config_info WHERE nid < ? ORDER BY nid DESC LIMIT ?)').pluck()
  const named = db.prepare(
    'SELECT nid FROM his_config_info WHERE nid < ? AND nid >= ? AND data_id = ? AND group_id = ? AND tenant_id = ? ORDER BY nid DESC',
  ).pluck()
  const row = db.prepare('SELECT ' + columns + ' FROM his_config_info WHERE nid = ?')
  let total = 0
  const nids = []
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const first = firstOf.get(before, pageRows)
    if (first === null) break
    for (const nid of named.all(before, first, dataId, group, namespace)) {
      if (total >= skip && nids.length < take) nids.push(nid)
      total++
    }
    before = first
  }
  return { total, rows: nids.map((nid) => row.get(nid)).filter((found) => found !== undefined) }
} finally {
  db.close()
}`

/** `previous`: newest first, by the configuration's number. `next`: upwards from a row, by names and kind. */
const neighbourProgram = `
const { path, which, pageRows } = order
const db = open(path)
try {
  if (which.kind === 'previous') {
    const firstOf = db.prepare('SELECT min(nid) FROM (SELECT nid FROM his_config_info WHERE nid < ? ORDER BY nid DESC LIMIT ?)').pluck()
    const found = db.prepare('SELECT max(nid) FROM his_config_info WHERE nid < ? AND nid >= ? AND id = ?').pluck()
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const first = firstOf.get(before, pageRows)
      if (first === null) return null
      const nid = found.get(before, first, which.configId)
      if (nid !== null) return nid
      before = first
    }
  }
  const lastOf = db.prepare('SELECT max(nid) FROM (SELECT nid FROM his_config_info WHERE nid > ? ORDER BY nid LIMIT ?)').pluck()
  const found = db.prepare(
    "SELECT min(nid) FROM his_config_info WHERE nid > ? AND nid <= ? AND data_id = ? AND group_id = ? AND tenant_id = ? AND publish_type = ? AND ifnull(ext_info ->> '$.gray_name', '') = ?",
  ).pluck()
  for (let after = which.nid; ; ) {
    const last = lastOf.get(after, pageRows)
    if (last === null) return null
    const nid = found.get(after, last, which.dataId, which.group, which.namespace, which.publishType, which.grayName)
    if (nid !== null) return nid
    after = last
  }
} finally {
  db.close()
}`

/** Some 10 ms of reading. */
const pageRows = 4096

interface ListAnswer {
  readonly total: number
  readonly rows: readonly HistoryHeadColumns[]
}

export const listHistory = (path: string, search: HistorySearch, done: (answer: ThreadAnswer<HistoryPage>) => void): void =>
  runInThread<ListAnswer>(listProgram, { path, pageRows, columns: historyHeadColumns, ...search }, (answer) =>
    done(answer.ok ? { ok: true, value: { total: answer.value.total, rows: answer.value.rows.map(historyHeadOf) } } : answer),
  )

/** Its number; null: there is none. */
export const findNeighbour = (path: string, which: HistoryNeighbour, done: (answer: ThreadAnswer<number | null>) => void): void =>
  runInThread<number | null>(neighbourProgram, { path, which, pageRows }, done)
