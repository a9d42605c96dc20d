/**
 * What the shared database still lacks, in MySQL mode: one small row per entry that changed a configuration, one for each row of history that an
 * entry took away and one for each record of an area that it changed, written in the transaction that applied it and removed once the database has
 * it. It holds no content: whoever empties it gets the rows as they are by then, since any newer committed row is as good. A row of history by
 * itself stands there with its number, negative, in place of a configuration's id; a record with its area, and its key in place of a data id. It must
 * never be written to in SQLite mode, and never forget an entry that is not stored.
 */

import type Database from 'better-sqlite3'
import type { AreaNumber, MachineMeta, RowWrite } from '../../state-machine/types.ts'
import { isSharedArea, sharedAreas } from '../shared-areas.ts'
import type { SinkBatch, SinkDroppedRow, SinkHistoryRow, SinkRecord } from '../sink.ts'
import { diskFullFailure } from '../storage-failure.ts'
import type { SinkPageLimits, SinkQueue } from '../types.ts'
import type { DatabaseFile } from './database-file.ts'
import { type HistoryColumns, historyRowOf } from './history-rows.ts'
import { type ConfigColumns, configRowOf } from './state-rows.ts'

interface QueueColumns {
  readonly raft_index: number
  readonly config_id: number
  readonly nid: number | null
  readonly tenant_id: string
  readonly group_id: string
  readonly data_id: string
  /** 0: of configurations and their history. */
  readonly area: AreaNumber | 0
  readonly bytes: number
}

const pageColumns = `
  SELECT q.*, ifnull(c.content_bytes, 0) + ifnull(octet_length(h.content), 0) + ifnull(octet_length(r.value), 0) AS bytes
  FROM sink_queue q LEFT JOIN config_info c ON c.id = q.config_id LEFT JOIN his_config_info h ON h.nid = q.nid
    LEFT JOIN nacos_trio_record r ON q.area > 0 AND r.area = q.area AND r.key = q.data_id`

/** Lengths come from the records' heads: no content is read to know how large a page would be. */
const pageSql = `${pageColumns} WHERE q.raft_index > ? AND q.raft_index <= ? ORDER BY q.raft_index, q.config_id LIMIT ?`
const entrySql = `${pageColumns} WHERE q.raft_index = ?`

const lastOfPage = (table: string, key: string): string =>
  `SELECT max(${key}) FROM (SELECT ${key} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?)`

/** History of an insert names no row: it is that of the key as it is now, and of none if there is none. */
const refillHistorySql = `
  INSERT OR IGNORE INTO sink_queue
  SELECT h.raft_index,
    CASE WHEN h.id <> 0 THEN h.id ELSE ifnull((
      SELECT c.id FROM config_info c WHERE c.tenant_id = h.tenant_id AND c.group_id = h.group_id AND c.data_id = h.data_id), 0) END,
    h.nid, h.tenant_id, h.group_id, h.data_id, 0
  FROM his_config_info h WHERE h.nid > ? AND h.nid <= ? AND h.raft_index > ? AND h.raft_index <= ? AND h.publish_type = 'formal'`

/** Of a gray version: a record is what it belongs to, and no configuration. */
const refillBesidesSql = `
  INSERT OR IGNORE INTO sink_queue SELECT raft_index, -nid, nid, tenant_id, group_id, data_id, 0
  FROM his_config_info WHERE nid > ? AND nid <= ? AND raft_index > ? AND raft_index <= ? AND publish_type <> 'formal'`

/** Nothing says which entry changed a record last: all of them are written again. */
const refillRecordsSql = `
  INSERT OR IGNORE INTO sink_queue SELECT ?, 0, NULL, '', '', key, area FROM nacos_trio_record
  WHERE area IN (${sharedAreas.join(', ')}) AND (area, key) > (?, ?) ORDER BY area, key LIMIT ?`

const statementsOf = (db: Database.Database) => ({
  add: db.prepare<[number, number | null, number]>(
    'INSERT INTO sink_queue SELECT ?, id, ?, tenant_id, group_id, data_id, 0 FROM config_info WHERE id = ?',
  ),
  addApart: db.prepare<[number, number, number, number]>(
    'INSERT INTO sink_queue SELECT ?, -?, ?, tenant_id, group_id, data_id, 0 FROM config_info WHERE id = ?',
  ),
  /** A row of history that is gone. */
  addGone: db.prepare<[number, number, number, number]>(
    "INSERT INTO sink_queue SELECT ?, -?, ?, '', '', '', 0 WHERE NOT EXISTS (SELECT 1 FROM his_config_info WHERE nid = ?)",
  ),
  addBesides: db.prepare<[number, number, number, number]>(
    'INSERT INTO sink_queue SELECT ?, -?, ?, tenant_id, group_id, data_id, 0 FROM his_config_info WHERE nid = ?',
  ),
  /** An entry may change one several times. */
  addRecord: db.prepare<[number, string, number]>("INSERT OR IGNORE INTO sink_queue VALUES (?, 0, NULL, '', '', ?, ?)"),
  record: db.prepare<[number, string], Uint8Array>('SELECT value FROM nacos_trio_record WHERE area = ? AND key = ?').pluck(),
  page: db.prepare<[number, number, number], QueueColumns>(pageSql),
  entry: db.prepare<[number], QueueColumns>(entrySql),
  config: db.prepare<[number], ConfigColumns>('SELECT *, CAST(content AS BLOB) AS bytes FROM config_info WHERE id = ?'),
  history: db.prepare<[number], HistoryColumns>('SELECT *, CAST(content AS BLOB) AS bytes FROM his_config_info WHERE nid = ?'),
  last: db.prepare<[], number>('SELECT ifnull(max(raft_index), 0) FROM sink_queue').pluck(),
  count: db.prepare<[], number>('SELECT count(*) FROM sink_queue').pluck(),
  /** Where a removal of about so many rows ends: between two entries. */
  cut: db.prepare<[number, number], number>('SELECT raft_index FROM sink_queue WHERE raft_index <= ? ORDER BY raft_index LIMIT 1 OFFSET ?').pluck(),
  newest: db.prepare<[number], number | null>('SELECT max(raft_index) FROM sink_queue WHERE raft_index <= ?').pluck(),
  trim: db.prepare<[number]>('DELETE FROM sink_queue WHERE raft_index <= ?'),
  completeAfter: db.prepare<[], number | null>('SELECT complete_after FROM nacos_trio_sink WHERE id = 1').pluck(),
  setCompleteAfter: db.prepare<[number | null]>('UPDATE nacos_trio_sink SET complete_after = ? WHERE id = 1'),
  clear: db.prepare('DELETE FROM sink_queue'),
  holds: db
    .prepare<[number, string, string, string], number>(
      'SELECT EXISTS (SELECT 1 FROM sink_queue WHERE raft_index > ? AND area = 0 AND tenant_id = ? AND group_id = ? AND data_id = ?)',
    )
    .pluck(),
  holdsRecord: db
    .prepare<[number, number, string], number>('SELECT EXISTS (SELECT 1 FROM sink_queue WHERE raft_index > ? AND area = ? AND data_id = ?)')
    .pluck(),
  historyPage: db.prepare<[number, number], number | null>(lastOfPage('his_config_info', 'nid')).pluck(),
  configPage: db.prepare<[number, number], number | null>(lastOfPage('config_info', 'id')).pluck(),
  refillHistory: db.prepare<[number, number, number, number]>(refillHistorySql),
  refillConfigs: db.prepare<[number, number, number, number]>(`
    INSERT OR IGNORE INTO sink_queue SELECT raft_index, id, NULL, tenant_id, group_id, data_id, 0 FROM config_info
    WHERE id > ? AND id <= ? AND raft_index > ? AND raft_index <= ?`),
  refillBesides: db.prepare<[number, number, number, number]>(refillBesidesSql),
  refillRecords: db.prepare<[number, number, string, number]>(refillRecordsSql),
  recordPage: db.prepare<[number, string, number], { readonly area: number; readonly key: string }>(
    `SELECT area, key FROM nacos_trio_record WHERE area IN (${sharedAreas.join(', ')}) AND (area, key) > (?, ?) ORDER BY area, key LIMIT ?`,
  ),
})

/** Whole entries from the front, within the limits, but one at least. `page` holds one row more than may be taken, if there is one. */
const wholeEntries = (page: readonly QueueColumns[], limits: SinkPageLimits): readonly QueueColumns[] => {
  let taken = 0
  let bytes = 0
  for (let at = 0; at < page.length; ) {
    const index = page[at]?.raft_index
    let end = at
    for (; page[end]?.raft_index === index; end++) bytes += page[end]?.bytes ?? 0
    // An entry that reaches the end of a full page may go on after it.
    const isCut = end === page.length && page.length > limits.rows
    if (taken > 0 && (bytes > limits.bytes || isCut)) break
    taken = at = end
  }
  return page.slice(0, taken)
}

/** The queue of one open file, as the store uses it. */
export interface FileSinkQueue extends SinkQueue {
  /** Inside the store's transaction, after `write` was carried out. */
  note(write: RowWrite): void
  /** The transaction that noted came to nothing, or was kept. */
  settle(kept: boolean): void
}

export interface SinkQueueParts {
  readonly file: DatabaseFile
  readonly path: string
  /** What the store holds now. */
  meta(): MachineMeta
  /** MySQL mode. */
  readonly wanted: boolean
}

/**
 * Called at every open. Entries that were applied while the mode was off stand in no queue: with the mode on again it is complete only after
 * what is applied by now.
 */
export const openSinkQueue = ({ file, path, meta, wanted }: SinkQueueParts): FileSinkQueue | null => {
  const statements = statementsOf(file.db)
  const known = file.read(() => statements.completeAfter.get()) ?? null
  if (!wanted || known === null) {
    const from = wanted ? meta().appliedIndex : null
    if (known !== from) {
      const outcome = file.write(() => {
        statements.clear.run()
        statements.setCompleteAfter.run(from)
      })
      // What cannot be noted now must not be believed later.
      if (outcome === 'disk_full') throw diskFullFailure(path)
    }
  }
  return wanted ? queueOf({ file, meta }, statements) : null
}

const queueOf = ({ file, meta }: Pick<SinkQueueParts, 'file' | 'meta'>, statements: ReturnType<typeof statementsOf>): FileSinkQueue => {
  let completeAfter = file.read(() => statements.completeAfter.get()) ?? 0
  let last = file.read(() => statements.last.get()) ?? 0
  let length = file.read(() => statements.count.get()) ?? 0
  /** Of the running transaction. */
  let noted = 0
  let notedLast = 0

  const batchOf = (after: number, rows: readonly QueueColumns[], to: number): SinkBatch => {
    const changed = new Map(rows.flatMap((row) => (row.area === 0 ? [[row.config_id, row] as const] : [])))
    const forgotten: number[] = []
    const configs: SinkBatch['configs'][number][] = []
    const dropped: SinkDroppedRow[] = []
    for (const [id, row] of changed) {
      if (id < 0) continue
      const columns = statements.config.get(id)
      if (columns === undefined) dropped.push({ id, namespace: row.tenant_id, group: row.group_id, dataId: row.data_id })
      else configs.push(configRowOf(columns))
    }
    const history: SinkHistoryRow[] = []
    for (const { nid, config_id: id, area } of rows) {
      if (area > 0) continue
      const columns = nid === null ? undefined : statements.history.get(nid)
      // Absent: retention has taken it away, and says so in a row of its own.
      if (columns !== undefined) history.push(historyRowOf(columns))
      else if (id < 0 && nid !== null) forgotten.push(nid)
    }
    const records = recordsOf(rows)
    return { from: after, to, configs, dropped, history, ...(forgotten.length > 0 ? { forgotten } : {}), ...(records.length > 0 ? { records } : {}) }
  }
  const recordsOf = (rows: readonly QueueColumns[]): readonly SinkRecord[] => {
    const changed = new Map(rows.map((row) => [`${row.area} ${row.data_id}`, row]))
    return [...changed.values()].flatMap(({ area, data_id: key }) =>
      area === 0 ? [] : [{ area, key, value: statements.record.get(area, key) ?? null }],
    )
  }
  /** One row more than may be taken, if there is one; an entry that is larger than that comes whole, since half of one cannot be told. */
  const pageAfter = (after: number, rowsMax: number): readonly QueueColumns[] => {
    // Beyond what is applied stands at most what a transaction of many turns has noted so far: half an entry.
    const page = statements.page.all(after, meta().appliedIndex, rowsMax + 1)
    const [first] = page
    const isCut = page.length > rowsMax && first !== undefined && page.at(-1)?.raft_index === first.raft_index
    return isCut ? statements.entry.all(first.raft_index) : page
  }
  /** @param apart the database has the change already, and lacks its history */
  const noteChange = (index: number, nid: number, id: number, apart = false): void => {
    const { changes } = apart ? statements.addApart.run(index, nid, nid, id) : statements.add.run(index, nid, id)
    if (changes !== 1) throw new Error(`sink queue: no row ${id} to queue`)
    noted++
    notedLast = index
  }
  /** One that was too new, or never there, goes nowhere. */
  const noteGone = (index: number, nids: readonly number[]): void => {
    let gone = 0
    for (const nid of nids) gone += statements.addGone.run(index, nid, nid, nid).changes
    noted += gone
    if (gone > 0) notedLast = index
  }

  const noteRecord = (index: number, area: AreaNumber, key: string): void => {
    if (!isSharedArea(area)) return
    noted += statements.addRecord.run(index, key, area).changes
    notedLast = index
  }

  /** Of the refill that is under way, if one is: what it is after, and how far it has come. */
  let refilling: { readonly after: number; table: 'history' | 'configs' | 'records'; key: number; record: readonly [number, string] } | null = null
  const refillRecords = (at: NonNullable<typeof refilling>, rowsMax: number): boolean => {
    const last = statements.recordPage.all(...at.record, rowsMax).at(-1)
    if (last !== undefined) {
      statements.refillRecords.run(completeAfter, ...at.record, rowsMax)
      at.record = [last.area, last.key]
      return true
    }
    statements.setCompleteAfter.run(at.after)
    return false
  }
  const refillPage = (at: NonNullable<typeof refilling>, rowsMax: number): boolean => {
    if (at.table === 'records') return refillRecords(at, rowsMax)
    const { historyPage, configPage, refillHistory, refillBesides, refillConfigs } = statements
    const [page, adds] = at.table === 'history' ? [historyPage, [refillHistory, refillBesides]] : [configPage, [refillConfigs]]
    const to = page.get(at.key, rowsMax) ?? null
    if (to !== null) {
      for (const add of adds) add.run(at.key, to, at.after, completeAfter)
      at.key = to
      return true
    }
    at.table = at.table === 'history' ? 'configs' : 'records'
    at.key = 0
    return true
  }

  return {
    lastIndex: () => last,
    completeAfter: () => completeAfter,
    length: () => length,
    holdsRecord: (area, key, after) => file.read(() => statements.holdsRecord.get(after, area, key)) === 1,
    holds: (key, after) => file.read(() => statements.holds.get(after, key.namespace, key.group, key.dataId)) === 1,
    note: (write) => {
      if (write.kind === 'history-insert') noteChange(write.row.index, write.nid, write.row.id)
      else if (write.kind === 'history-copy') noteChange(write.index, write.nid, write.id, write.apart)
      else if (write.kind === 'prune-history') noteGone(write.index, write.nids)
      else if (write.kind === 'put-record' || write.kind === 'drop-record') {
        if (write.apart !== true) noteRecord(write.index, write.area, write.key)
      } else if (write.kind === 'history-besides') {
        noted += statements.addBesides.run(write.index, write.nid, write.nid, write.nid).changes
        notedLast = write.index
      }
    },
    settle: (kept) => {
      if (kept && noted > 0) {
        length += noted
        last = notedLast
      }
      noted = 0
    },
    read: (after, limits) =>
      file.read(() => {
        const page = pageAfter(after, limits.rows)
        if (page.length === 0) return null
        const rows = wholeEntries(page, limits)
        const isAll = rows.length === page.length && page.length <= limits.rows
        return batchOf(after, rows, isAll ? meta().appliedIndex : (rows.at(-1)?.raft_index ?? after))
      }),
    queueRecords: (records) =>
      file.write(() => {
        for (const { area, key } of records) statements.addRecord.run(completeAfter, key, area)
      }),
    refill: (after, rowsMax) => {
      if (after >= completeAfter) return 'done'
      const at = refilling?.after === after ? { ...refilling } : { after, table: 'history' as const, key: 0, record: [0, ''] as const }
      let more = true
      const outcome = file.write(() => {
        more = refillPage(at, rowsMax)
      })
      if (outcome === 'disk_full') return outcome
      refilling = more ? at : null
      if (more) return 'more'
      completeAfter = after
      last = Math.max(last, file.read(() => statements.last.get()) ?? 0)
      length = file.read(() => statements.count.get()) ?? 0
      return 'done'
    },
    trim: (to, rowsMax) => {
      // Up to an entry that was queued: a database that has it was told so, while of an entry that changed nothing it was not.
      const upTo = file.read(() => statements.cut.get(to, rowsMax) ?? statements.newest.get(to)) ?? null
      if (upTo === null) return 'ok'
      let removed = 0
      const outcome = file.write(() => {
        removed = statements.trim.run(upTo).changes
        statements.setCompleteAfter.run(upTo)
      })
      if (outcome === 'disk_full') return outcome
      length -= removed
      completeAfter = upTo
      return 'ok'
    },
  }
}
