/**
 * What a claimed database needs before the leader's sink writes to it. One that this cluster never wrote to may hold configurations: they become
 * the cluster's by proposed commands, so that all nodes get them. One that lacks what our queue has forgotten gets it from our rows and history.
 * Everything here may be cut off and done again.
 */

import { placeOf } from '../state-machine/areas/shared-records.ts'
import { encodeAttach } from '../state-machine/attach-codec.ts'
import { encodeCommand } from '../state-machine/command-codec.ts'
import type { AdoptConfig, AreaRecord, ConfigIndexRow, ConfigKey } from '../state-machine/types.ts'
import type { SinkTrouble, SourceRow, StoreSink } from '../storage/sink.ts'
import type { ConfigTexts, SinkQueue } from '../storage/types.ts'
import type { DriverClock } from './ports.ts'
import { createRecordAdoption, type RecordView } from './record-adoption.ts'
import { createRecordSync } from './record-sync.ts'
import { type KnownColumns, rowDiffers } from './row-difference.ts'
import type { AttachProblem, SinkLoopParts } from './sink-loop.ts'
import { createRemarks } from './source-remarks.ts'
import type { StoreMerge } from './store-merge.ts'
import { createProposals, isStopped, type Propose, stopped } from './store-proposals.ts'

export interface StoreAttachParts {
  readonly sink: Pick<StoreSink, 'read'>
  queue(): SinkQueue
  /** The machine's memory. */
  find(key: ConfigKey): ConfigIndexRow | undefined
  /** What no memory holds. */
  texts(id: number): ConfigTexts | undefined
  /** Of the machine: this id and all above it were never given. */
  nextConfigId(): number
  /** What stands beside the configurations. */
  readonly records: RecordView
  readonly propose: Propose
  readonly clock: Pick<DriverClock, 'defer'>
  tell(level: 'info' | 'warn', words: string): void
  /** A move into a database that may hold rows of others; absent: such a database is taken over by a cluster that has nothing under its numbers. */
  readonly merge?: StoreMerge | undefined
}

/** Rows looked through in one turn: a few milliseconds. */
const refillRowsPerTurn = 1_000

const unreadable = ({ code, address, user, database, detail }: SinkTrouble): AttachProblem => ({
  ...{ code, words: `the shared database cannot be read: ${detail}`, facts: { address, user, database, detail }, lasting: false },
})
const diskFull: AttachProblem = {
  code: 'disk_full',
  words: "this node's disk is full: what the shared database lacks cannot be queued",
  lasting: false,
}
const idsTaken: AttachProblem = {
  code: 'ids-taken',
  words:
    'this database holds configurations under ids that this cluster has given to others of its own: start a cluster with a new data folder on it, or choose an empty database',
  lasting: true,
}

const adoptOf = (row: SourceRow, expectedMd5: string): AdoptConfig => {
  const { namespace, group, dataId, content, md5, type, appName, description, tags, sourceIp, sourceUser, encryptedDataKey } = row
  const { id, createdMs, modifiedMs } = row
  const published = { content, md5, type, appName, description, tags, sourceIp, sourceUser, encryptedDataKey }
  // An id below 1 is none of ours: the row gets the next one, there as well as soon as it is published.
  return {
    kind: 'adopt-config',
    id: Math.max(0, id),
    createdMs,
    modifiedMs,
    row: { kind: 'publish-config', namespace, group, dataId, ...published, expectedMd5 },
  }
}

export const createStoreAttach = (parts: StoreAttachParts): SinkLoopParts['attach'] => {
  const { sink, queue, find, texts, nextConfigId, clock, merge } = parts

  /** Its id is that of our row, or of none that we ever had. */
  const isFree = (row: SourceRow): boolean => {
    const own = find(row)
    // Below 1 it is nobody's: the row gets another one as soon as it is published.
    if (row.id < 1) return true
    return own === undefined ? row.id >= nextConfigId() : own.id === row.id
  }

  /** A conflict is a write that came between: it is newer than the row, and goes to the database in its turn. */
  const propose = createProposals(parts.propose)
  const adoption = createRecordAdoption(parts.records, propose)

  /** What has to be proposed for a row that is another than ours; null: ours counts. */
  const commandFor = (row: SourceRow): Uint8Array | null => {
    const own = find(row)
    if (merge === undefined || own === undefined) return encodeAttach(adoptOf(row, own?.md5 ?? ''))
    // With a row of history, as anybody's publish.
    return merge.policy === 'overwrite' ? null : encodeCommand(adoptOf(row, own.md5).row)
  }

  const adoptAll = async (): Promise<AttachProblem | null> => {
    const problem = (await merge?.prepare()) ?? null
    if (problem !== null) return problem
    let [configId, historyId] = [0, 0]
    let known: KnownColumns = { columns: new Set(), keepsTags: false }
    let raised: Promise<unknown> | null = null
    let adopted = 0
    const remarks = createRemarks(parts.tell)
    const keeps = merge?.policy === 'overwrite' ? 'everything' : 'accounts'
    // Whatever was written here before is older than a database that is being attached.
    const records = createRecordSync({ adoption, queue, clock, tell: parts.tell, keeps }, () => Number.POSITIVE_INFINITY)
    /** Before the first row, and before any new history gets an id that the database has used. */
    const raise = async (): Promise<void> => {
      if (historyId > 0) raised ??= propose(encodeAttach({ kind: 'raise-ids', configId: 0, historyId }))
      await raised
    }
    const outcome = await sink.read({
      begin: (begun) => {
        ;({ maxConfigId: configId, maxHistoryId: historyId } = begun)
        known = begun
        if (begun.configs > 0) parts.tell('info', `the shared database holds ${begun.configs} configurations: the cluster takes them over`)
      },
      page: async (rows) => {
        // What we have will go there as well: both under one id would be one too many.
        if (merge === undefined && queue().completeAfter() > 0 && !rows.every(isFree)) throw stopped(idsTaken)
        await raise()
        const differing = rows.filter((row) => {
          const own = find(row)
          return own === undefined || rowDiffers(own, texts, row, known)
        })
        const commands = differing.map(commandFor).filter((command) => command !== null)
        adopted += commands.length
        await Promise.all(commands.map((command) => propose(command)))
      },
      remarks: remarks.add,
      records: records.reader,
    })
    if (outcome.kind === 'unavailable') return unreadable(outcome.trouble)
    await raise()
    // Rows that were left have used theirs too; after the others, since a row's own id must be free when it comes.
    if (configId >= nextConfigId()) await propose(encodeAttach({ kind: 'raise-ids', configId, historyId }))
    remarks.end()
    const { taken } = records.counts()
    if (taken > 0) parts.tell('info', `${taken} namespaces, users, roles, gray versions and capacities of the shared database are the cluster's now`)
    if (adopted > 0) parts.tell('info', `${adopted} configurations of the shared database are the cluster's now`)
    return null
  }

  /** An older copy of the database may have records that are gone here since: nothing but the database itself knows their names. */
  const queueGone = async (): Promise<AttachProblem | null> => {
    const gone: Pick<AreaRecord, 'area' | 'key'>[] = []
    const outcome = await sink.read({
      withoutConfigs: true,
      ...{ begin: () => undefined, page: () => undefined },
      records: {
        wants: (theirs) => {
          if (!adoption.has(theirs)) gone.push(placeOf(theirs))
          return false
        },
        page: () => undefined,
      },
    })
    if (outcome.kind === 'unavailable') return unreadable(outcome.trouble)
    return queue().queueRecords(gone) === 'ok' ? null : diskFull
  }

  const refill = async (after: number): Promise<AttachProblem | null> => {
    if (after >= queue().completeAfter()) return null
    const problem = after === 0 ? null : await queueGone()
    if (problem !== null) return problem
    parts.tell('warn', `the shared database stands at entry ${after}: it gets what it lacks from this cluster's rows and history`)
    for (;;) {
      const step = queue().refill(after, refillRowsPerTurn)
      if (step === 'done') return null
      if (step === 'disk_full') return diskFull
      await new Promise<void>((go) => clock.defer(go))
    }
  }

  return async (stands) => {
    try {
      return (stands === 0 ? await adoptAll() : null) ?? (await refill(stands))
    } catch (error) {
      if (!isStopped(error)) throw error
      return error.problem
    }
  }
}
