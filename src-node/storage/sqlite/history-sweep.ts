/**
 * Looks for rows of history that may go: older than the cutoff, needed by no snapshot, and with enough newer ones of their configuration. From the newest row to the
 * oldest, in a thread: no index is needed, which every write would pay for. In pages, so that no reader stands in the way of a checkpoint for
 * long; what is written meanwhile only adds newer rows, and changes nothing for those that were found.
 */

import type { Sweep, SweepOrder } from '../types.ts'
import { runInThread, type ThreadAnswer } from './reader-thread.ts'

const program = `
const { path, cutoffMs, beforeNid, keptNewest, batchRowsMax, batchBytesMax, batchApartMax, rowsMax, pageRows, nearRows } = order
const db = open(path)
try {
  const oldest = db.prepare('SELECT gmt_modified FROM his_config_info ORDER BY nid LIMIT 1').pluck().get()
  if (oldest === undefined || oldest >= cutoffMs) return { batches: [], more: false }
  const page = db.prepare(
    'SELECT nid, tenant_id, group_id, data_id, gmt_modified, octet_length(content) AS bytes FROM his_config_info WHERE nid < ? ORDER BY nid DESC LIMIT ?',
  )
  const newer = new Map()
  let found = []
  let more = false
  for (let before = Number.MAX_SAFE_INTEGER, full = true; full; ) {
    const rows = page.all(before, pageRows)
    full = rows.length === pageRows
    for (const row of rows) {
      before = row.nid
      const key = row.tenant_id.length + ':' + row.group_id.length + ':' + row.tenant_id + row.group_id + row.data_id
      const count = newer.get(key) ?? 0
      if (count < keptNewest) newer.set(key, count + 1)
      else if (row.gmt_modified < cutoffMs && row.nid < beforeNid) found.push({ nid: row.nid, bytes: row.bytes })
    }
    // The oldest are at the end.
    if (found.length > 2 * rowsMax) {
      found = found.slice(-rowsMax)
      more = true
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  if (found.length > rowsMax) {
    found = found.slice(-rowsMax)
    more = true
  }
  const batches = []
  let bytes = 0
  let apart = 0
  for (const row of found.reverse()) {
    const batch = batches.at(-1)
    const isApart = batch === undefined || row.nid - batch.at(-1) > nearRows
    if (batch === undefined || batch.length >= batchRowsMax || bytes + row.bytes > batchBytesMax || apart + isApart > batchApartMax) {
      batches.push([row.nid])
      bytes = row.bytes
      apart = 1
    } else {
      batch.push(row.nid)
      bytes += row.bytes
      apart += isApart
    }
  }
  return { batches, more }
} finally {
  db.close()
}`

/** Some 10 ms of reading. */
const pageRows = 4096
/** Of the smallest rows so many stand on a page. */
const nearRows = 16

export const sweepHistory = (path: string, order: SweepOrder, done: (answer: ThreadAnswer<Sweep>) => void): void =>
  runInThread<Sweep>(program, { path, pageRows, nearRows, ...order }, done)
