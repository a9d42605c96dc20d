/**
 * This node's configurations beside those of a shared database: what a move would do, and whether both are alike. Reads both in slices and
 * changes neither. One look at a time.
 */

import { createTurns } from './api/turns.ts'
import type { LookOrder, MysqlStart, OrderAnswer } from './observe/channel.ts'
import type { StoreLook } from './observe/store-look.ts'
import { twinExcess } from './raft-driver/name-twins.ts'
import type { DriverClock } from './raft-driver/ports.ts'
import { createOwnRecords, type RecordView } from './raft-driver/record-adoption.ts'
import { createRecordComparison, type RecordComparison } from './record-look.ts'
import type { ConfigIndexRow, ConfigKey, MachineMeta } from './state-machine/types.ts'
import { createHistoryComparison, type HistoryComparison } from './storage/history-comparison.ts'
import { lookAtSource } from './storage/mysql/source-look.ts'
import { type MysqlTarget, readTarget } from './storage/mysql/target.ts'
import type { SinkExcess, SinkLimits, SourceRow } from './storage/sink.ts'
import { createStoreComparison, type StoreComparison } from './storage/store-comparison.ts'
import type { StateStore, StoredHistoryRow } from './storage/types.ts'

export interface StoreLookParts {
  readonly clusterId: string
  /** The machine's memory, and the store behind it. */
  readonly configs: { find(key: ConfigKey): ConfigIndexRow | undefined; all(): IterableIterator<ConfigIndexRow> }
  readonly store: Pick<StateStore, 'readConfig' | 'historyPage' | 'readRecord'>
  areas: RecordView['areas']
  meta(): MachineMeta
  readonly clock: Pick<DriverClock, 'monotonicMs' | 'defer' | 'after'>
}

/** Nobody waits for a lock here: a large table takes its time. */
const times = { connectLimitMs: 3_000, statementLimitMs: 60_000 }
/** Of our own history, read in one go: a few milliseconds. */
const historyLimits = { rows: 64, bytes: 2 * 1024 * 1024 }
/** Differences while the cluster writes may be the writes themselves: so it is looked again. */
const looksMax = 3

/** Rows of ours that the database has, by id; those changed since its moment count on no side. */
const compareRow = (parts: StoreLookParts, comparison: StoreComparison, theirs: SourceRow, seen: Set<number>, moment: number): void => {
  const known = parts.configs.find(theirs)
  if (known === undefined) {
    comparison.theirsAlone(theirs)
    return
  }
  seen.add(known.id)
  const ours = known.index > moment ? undefined : parts.store.readConfig(theirs)
  if (ours === undefined) comparison.newer()
  else comparison.both(ours, theirs)
}

interface Look {
  readonly comparison: StoreComparison
  readonly history: HistoryComparison
  readonly records: RecordComparison
  readonly look: Awaited<ReturnType<typeof lookAtSource>>
}

/** Of ours, the second and every later one of those that the database would take for one. */
const createTwinFinder = ({ names }: SinkLimits) => {
  const first = new Map<string, ConfigKey>()
  return (key: ConfigKey): SinkExcess | null => {
    if (names === undefined) return null
    const fold = names.folded(key)
    const other = first.get(fold)
    if (other === undefined) first.set(fold, key)
    return other === undefined ? null : twinExcess(names, key, other)
  }
}

/** What the database cannot have seen, what it lacks, and what does not fit there. */
const compareOurs = async (parts: StoreLookParts, comparison: StoreComparison, seen: ReadonlySet<number>, moment: number, limits: SinkLimits) => {
  const turns = createTurns(parts.clock)
  const twinOf = createTwinFinder(limits)
  for (const row of parts.configs.all()) {
    if (turns.over()) await turns.next()
    // Undefined: gone meanwhile.
    const whole = row.index > moment ? undefined : parts.store.readConfig(row)
    if (whole === undefined) {
      if (row.index > moment && !seen.has(row.id)) comparison.newer()
      continue
    }
    if (!seen.has(row.id)) comparison.oursAlone(whole)
    const excess = limits.tooBigFor(whole) ?? twinOf(row)
    if (excess !== null) comparison.tooBig(row, excess)
  }
}

/** History has no type, description and tags of its own to be held. */
const fitsIn = (limits: SinkLimits, row: StoredHistoryRow): boolean => limits.tooBigFor({ ...row, type: 'text', description: '', tags: [] }) === null

const lookOnce = async (parts: StoreLookParts, target: MysqlTarget, asOf: LookOrder['asOf']): Promise<Look> => {
  const comparison = createStoreComparison()
  const seen = new Set<number>()
  const turns = createTurns(parts.clock)
  let moment = Number.POSITIVE_INFINITY
  let limits: SinkLimits | null = null
  let keepsGrayHistory = true
  const history = createHistoryComparison({
    page: (after) => parts.store.historyPage(after, historyLimits),
    moment: () => moment,
    fits: (row) => limits === null || fitsIn(limits, row),
    isKept: ({ publishType }) => keepsGrayHistory || publishType === 'formal',
  })
  const { store, areas, configs } = parts
  const records = createRecordComparison(createOwnRecords({ store, areas, find: configs.find }))
  const look = await lookAtSource(
    target,
    { after: parts.clock.after, ...times },
    {
      withoutContents: true,
      limits: (known) => {
        limits = known
      },
      begin: ({ position, keepsGrayHistory: keeps }) => {
        keepsGrayHistory = keeps
        if (asOf === 'position' && position?.clusterId === parts.clusterId) moment = position.appliedIndex
      },
      page: async (rows) => {
        for (const row of rows) {
          compareRow(parts, comparison, row, seen, moment)
          if (turns.over()) await turns.next()
        }
      },
      remarks: comparison.left,
      records: records.reader,
      history: async (rows) => {
        for (const row of rows) {
          history.theirs(row)
          if (turns.over()) await turns.next()
        }
      },
    },
  )
  if (look.kind === 'seen') {
    await compareOurs(parts, comparison, seen, moment, look.limits)
    while (!history.rest()) if (turns.over()) await turns.next()
    while (!records.rest(look.summary.holds, look.limits)) if (turns.over()) await turns.next()
  }
  return { comparison, history, records, look }
}

const words = ({ ours, theirs, alike, unlike, oursAlone, theirsAlone, left }: StoreLook): string =>
  `this cluster holds ${ours.configs} configurations (${ours.hash}), the database ${theirs.configs} (${theirs.hash}): ` +
  `${alike} alike, ${unlike} unlike, ${oursAlone} here alone, ${theirsAlone} there alone, ${left} rows there that are no configurations`

const carryOut = async (parts: StoreLookParts, target: MysqlTarget, asOf: LookOrder['asOf']): Promise<OrderAnswer> => {
  for (let looks = 1; ; looks++) {
    const { appliedIndex } = parts.meta()
    const { comparison, history, records, look } = await lookOnce(parts, target, asOf)
    if (look.kind === 'unavailable') {
      const { code, address, database, user, detail } = look.trouble
      return { ok: false, words: `MySQL at ${address}, schema ${database}, user ${user}: ${detail} (${code})` }
    }
    const { position } = look.summary
    const isOurs = position?.clusterId === parts.clusterId
    if (isOurs && (comparison.differs() || records.differs()) && parts.meta().appliedIndex !== appliedIndex && looks < looksMax) continue
    const found: StoreLook = {
      ...{ address: look.address, hasTables: look.hasTables, appliedIndex, storeIndex: position?.appliedIndex ?? null },
      ...{ owner: position === null ? 'nobody' : isOurs ? 'this-cluster' : 'another-cluster', ownerId: position?.clusterId ?? '' },
      ...comparison.result(),
      history: history.result(),
      records: records.result(),
    }
    return { ok: true, words: words(found), look: found }
  }
}

/** Answered once; `failed`: a bug of ours, or damage. */
export type LookAtStore = (
  asked: Pick<MysqlStart, 'url' | 'password'>,
  asOf: LookOrder['asOf'],
  done: (answer: OrderAnswer) => void,
  failed: (error: unknown) => void,
) => void

export const createStoreLook = (parts: StoreLookParts): LookAtStore => {
  let busy = false
  return ({ url, password }, asOf, done, failed) => {
    const read = readTarget(url, password)
    if (!read.ok) {
      done({ ok: false, words: `mysql://user@host:port/database cannot be read: ${read.problem}` })
      return
    }
    if (busy) {
      done({ ok: false, words: 'this node compares already: wait for its end' })
      return
    }
    busy = true
    carryOut(parts, read.target, asOf)
      .then(done, failed)
      .finally(() => {
        busy = false
      })
  }
}
