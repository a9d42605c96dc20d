/**
 * The part of attaching and of the leader's full sync that looks at what stands beside configurations: which records another program changed, and
 * which rows are no records. It must never undo what was written here since the database was read, or what the database refused.
 */

import { placeOf } from '../state-machine/areas/shared-records.ts'
import type { SharedName, SharedRecord } from '../state-machine/areas/shared-words.ts'
import type { RecordReader, RecordRemark, SourceSummary } from '../storage/sink.ts'
import type { SinkQueue } from '../storage/types.ts'
import type { DriverClock } from './ports.ts'
import { type RecordAdoption, recordWords } from './record-adoption.ts'

export interface RecordSyncParts {
  readonly adoption: RecordAdoption
  queue(): Pick<SinkQueue, 'holdsRecord'>
  readonly clock: Pick<DriverClock, 'defer'>
  tell(level: 'info' | 'warn', words: string): void
  /** What is here stays what it is. `accounts`: a password that was set here counts more than one that a database came with. */
  readonly keeps?: 'nothing' | 'accounts' | 'everything'
}

export interface RecordSync {
  readonly reader: RecordReader
  /** After the last record of theirs: what is gone there goes here. */
  removeGone(summary: Pick<SourceSummary, 'refusedRecord' | 'holds'>): Promise<void>
  /** How many were taken over, went, and were left. */
  counts(): { readonly taken: number; readonly removed: number; readonly left: number }
}

/** One by one; beyond it their number. */
const toldMax = 20
/** More than this, and more than a tenth of all, is no program's doing: as for configurations. */
const goneMax = 20
/** Looked at in one turn: each is read from the store. */
const recordsPerTurn = 100
/** Under way together. */
const proposalsMax = 200
/** Nacos's own up to 2.3: a password that everybody knows. */
const seededHash = '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu'

const reasonWords: Readonly<Record<RecordRemark['reason'], string>> = {
  name: 'a name that no client may ask for',
  rule: 'a rule of a kind that is not known here',
  action: 'an action that is none of r, w and rw',
  size: 'a content that is too large',
}

const placeText = (name: SharedName): string => {
  const { area, key } = placeOf(name)
  return `${area} ${key}`
}

/** @param since applied index of the rows that are read; what was changed here after it is newer */
export const createRecordSync = ({ adoption, queue, clock, tell, keeps = 'nothing' }: RecordSyncParts, since: () => number): RecordSync => {
  const seen = new Set<string>()
  const counts = { taken: 0, removed: 0, left: 0 }
  let told = 0

  const isNewer = (name: SharedName): boolean => {
    const { area, key } = placeOf(name)
    return queue().holdsRecord(area, key, since())
  }
  const leave = (words: string): void => {
    counts.left++
    if (told++ < toldMax) tell('warn', `${words}; it stays in the database as it is`)
  }
  const wants = (theirs: SharedRecord): boolean => {
    seen.add(placeText(theirs))
    if (!adoption.differs(theirs) || isNewer(theirs)) return false
    const isMeant = keeps === 'everything' || (keeps === 'accounts' && (theirs.kind === 'user' || theirs.kind === 'role'))
    const stays = isMeant && adoption.has(theirs)
    if (stays) tell('warn', `${recordWords(theirs)}: what this cluster has stays, and goes to the shared database in place of what stands there`)
    return !stays
  }
  const take = async (theirs: SharedRecord): Promise<void> => {
    // Contents were read since it was compared.
    if (isNewer(theirs)) return
    if (adoption.isUnbound(theirs)) {
      leave(`${recordWords(theirs)} in the shared database are given to nobody`)
      return
    }
    const outcome = await adoption.take(theirs)
    if (outcome === 'refused') leave(`${recordWords(theirs)} of the shared database is over a limit of the cluster`)
    if (outcome !== 'taken') return
    counts.taken++
    if (theirs.kind === 'user' && theirs.passwordHash === seededHash)
      tell('warn', `${recordWords(theirs)} of the shared database has the password that Nacos came with: everybody knows it, so change it`)
  }

  const goneThere = async ({ refusedRecord, holds }: Pick<SourceSummary, 'refusedRecord' | 'holds'>): Promise<readonly SharedName[]> => {
    const gone: SharedName[] = []
    let looked = 0
    for (const name of adoption.names()) {
      if (++looked % recordsPerTurn === 0) await new Promise<void>((go) => clock.defer(go))
      const { area, key } = placeOf(name)
      if (holds(name) && !seen.has(placeText(name)) && !isNewer(name) && refusedRecord?.(area, key) === false) gone.push(name)
    }
    if (gone.length <= Math.max(goneMax, looked / 10)) return gone
    counts.left += gone.length
    tell(
      'warn',
      `${gone.length} of ${looked} namespaces, users, gray versions and the like are missing in the shared database, too many to be removed here for that`,
    )
    return []
  }

  return {
    counts: () => counts,
    reader: {
      wants,
      page: async (records) => {
        for (let at = 0; at < records.length; at += proposalsMax) await Promise.all(records.slice(at, at + proposalsMax).map(take))
      },
      remarks: (remarks) => {
        for (const { table, row, reason, name } of remarks) {
          if (name !== null) seen.add(placeText(name))
          leave(`a row of ${table}, ${row}, has ${reasonWords[reason]}`)
        }
      },
    },
    removeGone: async (summary) => {
      const gone = await goneThere(summary)
      for (let at = 0; at < gone.length; at += proposalsMax) {
        const outcomes = await Promise.all(gone.slice(at, at + proposalsMax).flatMap((name) => (isNewer(name) ? [] : [adoption.remove(name)])))
        counts.removed += outcomes.filter((outcome) => outcome === 'taken').length
      }
    },
  }
}
