/**
 * A cluster that has configurations of its own moves into a database that holds rows of others: what has to be done before theirs become the
 * cluster's. Under one name both have something: the policy says whose counts, as at an import, of configurations and of what stands beside them; only
 * users and roles that both have stay this cluster's in any case. Everything here may be cut off and done again.
 */

import { sharedFacts } from '../state-machine/areas/shared-records.ts'
import type { ConfigIndexRow, ConfigKey } from '../state-machine/types.ts'
import type { MergeOutcome, RecordReader, RoomMaker, StoreSink } from '../storage/sink.ts'
import type { ConfigTexts } from '../storage/types.ts'
import type { OwnRecords } from './record-adoption.ts'
import { type KnownColumns, rowDiffers } from './row-difference.ts'
import type { AttachProblem } from './sink-loop.ts'

/** `abort`: nothing is moved. `skip`: the database's stays, and becomes the cluster's. `overwrite`: the cluster's replaces it. */
export type MergePolicy = 'abort' | 'skip' | 'overwrite'

export interface StoreMergeParts {
  readonly policy: MergePolicy
  readonly room: RoomMaker
  readonly sink: Pick<StoreSink, 'read'>
  /** The machine's memory, and its counters. */
  find(key: ConfigKey): ConfigIndexRow | undefined
  texts(id: number): ConfigTexts | undefined
  /** What stands beside the configurations. */
  readonly records: Pick<OwnRecords, 'factsOf'>
  nextConfigId(): number
  nextHistoryId(): number
  wallMs(): number
}

export interface StoreMerge {
  readonly policy: MergePolicy
  /** Theirs have numbers that no row of ours has, and what will be replaced stands in the database's history. */
  prepare(): Promise<AttachProblem | null>
}

const conflicts = (configs: number, records: number): AttachProblem => {
  const more = records === 0 ? '' : ` and ${records} namespaces, users, gray versions or the like`
  return {
    code: 'conflict',
    words: `this database holds ${configs} configurations${more} of others under names that this cluster has too, and with other contents: choose skip or overwrite, or another database`,
    facts: { count: String(configs + records) },
    lasting: true,
  }
}

const problemOf = (outcome: Exclude<MergeOutcome, { kind: 'done' }>): AttachProblem => {
  const { code, address, user, database, detail } = outcome.trouble
  const words = `the shared database could not be made ready for the rows of this cluster: ${detail}`
  return { code, words, facts: { address, user, database, detail }, lasting: false }
}

/** How many of theirs are under names of ours and say something else. */
const createConflictCount = (own: Pick<OwnRecords, 'factsOf'>): { readonly reader: RecordReader; unlike(): number } => {
  let unlike = 0
  return {
    unlike: () => unlike,
    reader: {
      wants: (theirs) => {
        const [here, there] = [own.factsOf(theirs), sharedFacts(theirs)]
        if (here !== '' && there !== '' && here !== there) unlike++
        return false
      },
      page: () => undefined,
    },
  }
}

export const createStoreMerge = ({ policy, room, sink, find, texts, records, ...parts }: StoreMergeParts): StoreMerge => ({
  policy,
  prepare: async () => {
    const lifted = await room.liftAbove(parts.nextConfigId(), parts.nextHistoryId())
    if (lifted.kind !== 'done') return problemOf(lifted)
    const unlike: number[] = []
    let known: KnownColumns = { columns: new Set(), keepsTags: false }
    const beside = createConflictCount(records)
    const outcome = await sink.read({
      withoutContents: true,
      begin: (summary) => {
        known = summary
      },
      page: (rows) => {
        for (const row of rows) {
          const own = find(row)
          if (own !== undefined && rowDiffers(own, texts, row, known)) unlike.push(row.id)
        }
      },
      ...(policy === 'abort' ? { records: beside.reader } : {}),
    })
    if (outcome.kind === 'unavailable') return problemOf(outcome)
    if (policy === 'abort' && unlike.length + beside.unlike() > 0) return conflicts(unlike.length, beside.unlike())
    if (policy !== 'overwrite' || unlike.length === 0) return null
    const kept = await room.keepReplaced(unlike, parts.wallMs())
    return kept.kind === 'done' ? null : problemOf(kept)
  },
})
