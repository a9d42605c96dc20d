/**
 * The leader's full sync: what another program did to rows of the shared database becomes the cluster's, by proposed commands that name what they
 * replace. Rows and position are of one transaction, and only a database that stands where this leader has written it to is believed: one that is
 * behind is an older copy, and is never taken for news. It must never undo what was written here since, or what the database refused, and never take
 * a row that cannot be a configuration for one that is gone.
 */

import { encodeAttach } from '../state-machine/attach-codec.ts'
import type { AdoptChange, ConfigIndexRow, ConfigKey, MachineMeta } from '../state-machine/types.ts'
import type { SourceHead, SourceRemark, SourceRow, SourceSummary, StoreSink } from '../storage/sink.ts'
import type { ConfigTexts, SinkQueue } from '../storage/types.ts'
import type { DriverClock } from './ports.ts'
import { createRecordAdoption, type RecordView } from './record-adoption.ts'
import { createRecordSync, type RecordSync } from './record-sync.ts'
import { indexDiffers, type KnownColumns, textsDiffer } from './row-difference.ts'
import { createRemarks, type Remarks } from './source-remarks.ts'
import { createProposals, isStopped, type Propose, stopped } from './store-proposals.ts'

export interface SyncHost {
  /** Where this node, as leader, has written the database to; null: it does not lead, or does not have it. */
  stands(): { readonly term: number; readonly index: number } | null
  /** The database is another than the one that was written to: it is to be claimed anew. */
  moved(): void
}

export interface StoreSyncParts extends SyncHost {
  readonly sink: Pick<StoreSink, 'read'>
  readonly clusterId: string
  queue(): SinkQueue
  /** The machine's memory. */
  find(key: ConfigKey): ConfigIndexRow | undefined
  rows(): IterableIterator<ConfigIndexRow>
  /** Of the store: of each row, since no memory holds them; a few microseconds. */
  texts(id: number): ConfigTexts | undefined
  size(): number
  meta(): Pick<MachineMeta, 'nextConfigId' | 'nextHistoryId'>
  /** What stands beside the configurations. */
  readonly records: RecordView
  readonly propose: Propose
  readonly clock: Pick<DriverClock, 'defer' | 'wallMs'>
  tell(level: 'info' | 'warn', words: string): void
}

export interface SyncReport {
  /** Wall clock. */
  readonly finishedMs: number
  /** Rows of the database that were looked at. */
  readonly compared: number
  /** Taken over: changed or new there, and gone there. */
  readonly adopted: number
  readonly removed: number
  /** What is not taken over: rows that cannot be configurations, and rows that are gone in a number that no program means. */
  readonly left: number
  /** The same of what stands beside configurations. */
  readonly records: { readonly taken: number; readonly removed: number; readonly left: number }
  /** Code of what ended it before its end, else null. */
  readonly problem: string | null
}

export interface StoreSync {
  /** What changes here meanwhile must stay in the queue. */
  running(): boolean
  last(): SyncReport | null
  run(): Promise<void>
}

/** Entries that may wait in the queue, which is not emptied meanwhile: some 50 MB on the disk. */
const queueMax = 500_000
/** Rows of memory that are walked through in one turn: a millisecond or two. */
const rowsPerTurn = 1_000
/** More than this, and more than a tenth of all, is no program's doing but a table that was emptied, or is just being restored. */
const goneMax = 20
/** Under way together, as a page of rows is. */
const proposalsMax = 200
const namesShown = 3
/** Rows that are left, and were told already: they stay there for long, and are looked at again and again. */
const knownMax = 10_000

interface Run {
  /** Applied index of the rows that are read. */
  index: number
  refused: ReadonlySet<number>
  known: KnownColumns
  /** Ids of ours that stand in the database. */
  readonly seen: Set<number>
  readonly names: string[]
  readonly remarks: Remarks
  compared: number
  adopted: number
  removed: number
  left: number
}

const behind = { code: 'behind', words: 'the shared database is another than the one that was written to', lasting: false }
const queueFull = { code: 'queue-full', words: 'more was written here than is kept for a comparison: it is tried again', lasting: false }
const refusedMany = { code: 'refused-many', words: 'the shared database refuses too many rows to be compared', lasting: false }

const seconds = (ms: number): number => Math.floor(ms / 1000)

export const createStoreSync = (parts: StoreSyncParts): StoreSync => {
  const { queue, find, meta, clock, tell } = parts
  const propose = createProposals(parts.propose)
  const adoption = createRecordAdoption(parts.records, propose)
  const known = new Set<string>()
  let running = false
  let last: SyncReport | null = null

  const judge = ({ position, refused }: SourceSummary, from: { readonly term: number; readonly index: number }): ReadonlySet<number> => {
    const ours = position?.clusterId === parts.clusterId && position.term === from.term && position.appliedIndex >= from.index
    if (!ours) {
      parts.moved()
      throw stopped(behind)
    }
    if (refused === null) throw stopped(refusedMany)
    return refused
  }

  /** Times only to the second: that is what Nacos's columns keep. */
  const differs = (own: ConfigIndexRow, head: SourceHead, { known: columns }: Run): boolean =>
    indexDiffers(own, head, columns) || seconds(own.modifiedMs) !== seconds(head.modifiedMs) || textsDiffer(parts.texts(own.id), head, columns)

  const wants = (head: SourceHead, run: Run): boolean => {
    run.compared++
    const own = find(head)
    if (own !== undefined) run.seen.add(own.id)
    const isOurs = own !== undefined && (own.index > run.index || run.refused.has(own.id) || !differs(own, head, run))
    return !isOurs
  }

  /** No configurations, and yet there: what we have under such a row's key, or had put under its id, is not gone. */
  const leave = (remarks: readonly SourceRemark[], run: Run): void => {
    const left = remarks.filter((remark) => remark.left)
    for (const remark of left) {
      const own = find(remark)
      if (own !== undefined) run.seen.add(own.id)
      run.seen.add(Number(remark.id))
    }
    run.compared += left.length
    run.left += left.length
    const news = left.filter(({ id, column }) => !known.has(`${id} ${column}`)).slice(0, knownMax - known.size)
    for (const { id, column } of news) known.add(`${id} ${column}`)
    run.remarks.add(news)
  }

  const named = (run: Run, { namespace, group, dataId }: ConfigKey): void => {
    if (run.names.length < namesShown) run.names.push(JSON.stringify([namespace, group, dataId]))
  }

  /** What the database has no column for stays what it is here. */
  const saidBy = (row: SourceRow, own: ConfigIndexRow | undefined, { known: { columns, keepsTags } }: Run) => {
    const here = own === undefined ? undefined : parts.texts(own.id)
    return {
      appName: columns.has('app_name') || here === undefined ? row.appName : here.appName,
      description: columns.has('c_desc') || here === undefined ? row.description : here.description,
      tags: keepsTags || here === undefined ? row.tags : here.tags,
    }
  }

  /** A row that was changed or removed here since it was read is older than what we have. */
  const adopt = async (row: SourceRow, run: Run): Promise<void> => {
    const own = find(row)
    if (own === undefined ? queue().holds(row, run.index) : own.index > run.index) return
    const { namespace, group, dataId, content, md5, sourceIp, sourceUser, id, createdMs, modifiedMs } = row
    const { appName, description, tags } = saidBy(row, own, run)
    const type = run.known.columns.has('type') || own === undefined ? row.type : own.type
    const encryptedDataKey = run.known.columns.has('encrypted_data_key') || own === undefined ? row.encryptedDataKey : own.encryptedDataKey
    const published = { namespace, group, dataId, content, md5, type, appName, description, tags, sourceIp, sourceUser, encryptedDataKey }
    // An id below 1 is none of ours: the row gets the next one.
    const change: AdoptChange = {
      ...{ kind: 'adopt-change', asOf: run.index, id: Math.max(0, id), createdMs, modifiedMs },
      row: { kind: 'publish-config', ...published, expectedMd5: own?.md5 ?? '' },
    }
    const reply = await propose(encodeAttach(change))
    if (reply.kind !== 'published') return
    run.adopted++
    named(run, row)
  }

  const removeHere = async ({ namespace, group, dataId, md5 }: ConfigIndexRow, run: Run): Promise<void> => {
    const row = { kind: 'delete-config', namespace, group, dataId, expectedMd5: md5, sourceIp: '', sourceUser: '' } as const
    const reply = await propose(encodeAttach({ kind: 'adopt-change', asOf: run.index, id: 0, createdMs: 0, modifiedMs: 0, row }))
    if (reply.kind !== 'deleted') return
    run.removed++
    named(run, row)
  }

  const goneThere = async (run: Run): Promise<readonly ConfigIndexRow[]> => {
    const gone: ConfigIndexRow[] = []
    let turn = 0
    for (const row of parts.rows()) {
      if (++turn % rowsPerTurn === 0) await new Promise<void>((go) => clock.defer(go))
      if (row.index <= run.index && !run.seen.has(row.id) && !run.refused.has(row.id)) gone.push(row)
    }
    return gone
  }

  const removeGone = async (run: Run): Promise<void> => {
    const gone = await goneThere(run)
    const size = parts.size()
    if (gone.length <= Math.max(goneMax, size / 10)) {
      for (let at = 0; at < gone.length; at += proposalsMax) await Promise.all(gone.slice(at, at + proposalsMax).map((row) => removeHere(row, run)))
      return
    }
    run.left += gone.length
    tell(
      'warn',
      `${gone.length} of ${size} configurations are missing in the shared database, too many to be removed here for that: if that was meant, delete them in the cluster; if not, drop the table nacos_trio_store there, and the cluster fills the database again`,
    )
  }

  const compare = async (from: { readonly term: number; readonly index: number }, run: Run, records: RecordSync): Promise<void> => {
    let above = { configId: 0, historyId: 0 }
    /** What another program numbered must not be numbered again here. Rows that are taken over keep their numbers, and so come first. */
    const raise = async (ids: Partial<typeof above>): Promise<void> => {
      const { configId = 0, historyId = 0 } = ids
      if (configId < meta().nextConfigId && historyId < meta().nextHistoryId) return
      await propose(encodeAttach({ kind: 'raise-ids', configId, historyId }))
    }
    const outcome = await parts.sink.read({
      begin: (summary) => {
        run.refused = judge(summary, from)
        run.index = summary.position?.appliedIndex ?? 0
        run.known = summary
        above = { configId: summary.maxConfigId, historyId: summary.maxHistoryId }
      },
      wants: (head) => wants(head, run),
      remarks: (remarks) => leave(remarks, run),
      page: async (rows) => {
        if (queue().length() > queueMax) throw stopped(queueFull)
        await raise({ historyId: above.historyId })
        await Promise.all(rows.map((row) => adopt(row, run)))
      },
      records: records.reader,
    })
    if (outcome.kind === 'unavailable') throw stopped({ code: outcome.trouble.code, words: outcome.trouble.detail, lasting: false })
    await raise(above)
    await removeGone(run)
    await records.removeGone(outcome.summary)
  }

  const report = ({ compared, adopted, removed, left, names }: Run, records: RecordSync, problem: string | null): void => {
    const beside = records.counts()
    last = { finishedMs: clock.wallMs(), compared, adopted, removed, left, records: beside, problem }
    if (beside.taken + beside.removed > 0)
      tell(
        'info',
        `another program changed the shared database: ${beside.taken} namespaces, users, gray versions and the like are taken over, ${beside.removed} removed`,
      )
    if (adopted + removed === 0) return
    const more = adopted + removed > names.length ? ', …' : ''
    tell(
      'info',
      `another program changed the shared database: ${adopted} configurations are taken over, ${removed} removed (${names.join(', ')}${more})`,
    )
  }

  return {
    running: () => running,
    last: () => last,
    run: async () => {
      const from = parts.stands()
      if (running || from === null) return
      running = true
      const counts = { compared: 0, adopted: 0, removed: 0, left: 0 }
      const known: KnownColumns = { columns: new Set(), keepsTags: false }
      const run: Run = { ...counts, known, index: 0, refused: new Set(), seen: new Set(), names: [], remarks: createRemarks(tell) }
      const records = createRecordSync({ adoption, queue, clock, tell }, () => run.index)
      try {
        await compare(from, run, records)
        report(run, records, null)
      } catch (error) {
        if (!isStopped(error)) throw error
        report(run, records, error.problem.code)
      } finally {
        run.remarks.end()
        running = false
      }
    },
  }
}
