/**
 * A cluster that has configurations of its own moves into a database that holds rows of others: what has to be done before theirs become the
 * cluster's. Under one name both have something: the policy says whose counts, as at an import. Everything here may be cut off and done again.
 */

import type { ConfigIndexRow, ConfigKey } from '../state-machine/types.ts'
import type { MergeOutcome, RoomMaker, StoreSink } from '../storage/sink.ts'
import type { AttachProblem } from './sink-loop.ts'

/** `abort`: nothing is moved. `skip`: the database's stays, and becomes the cluster's. `overwrite`: the cluster's replaces it. */
export type MergePolicy = 'abort' | 'skip' | 'overwrite'

export interface StoreMergeParts {
  readonly policy: MergePolicy
  readonly room: RoomMaker
  readonly sink: Pick<StoreSink, 'read'>
  /** The machine's memory, and its counters. */
  find(key: ConfigKey): ConfigIndexRow | undefined
  nextConfigId(): number
  nextHistoryId(): number
  wallMs(): number
}

export interface StoreMerge {
  readonly policy: MergePolicy
  /** Theirs have numbers that no row of ours has, and what will be replaced stands in the database's history. */
  prepare(): Promise<AttachProblem | null>
}

const conflicts = (count: number): AttachProblem => ({
  code: 'conflict',
  words: `this database holds ${count} configurations of others under names that this cluster has too, and with other contents: choose skip or overwrite, or another database`,
  facts: { count: String(count) },
  lasting: true,
})

const problemOf = (outcome: Exclude<MergeOutcome, { kind: 'done' }>): AttachProblem => {
  const { code, address, user, database, detail } = outcome.trouble
  const words = `the shared database could not be made ready for the rows of this cluster: ${detail}`
  return { code, words, facts: { address, user, database, detail }, lasting: false }
}

export const createStoreMerge = ({ policy, room, sink, find, ...parts }: StoreMergeParts): StoreMerge => ({
  policy,
  prepare: async () => {
    const lifted = await room.liftAbove(parts.nextConfigId(), parts.nextHistoryId())
    if (lifted.kind !== 'done') return problemOf(lifted)
    const unlike: number[] = []
    const outcome = await sink.read({
      withoutContents: true,
      begin: () => {},
      page: (rows) => {
        for (const row of rows) {
          const own = find(row)
          if (own !== undefined && own.md5 !== row.md5) unlike.push(row.id)
        }
      },
    })
    if (outcome.kind === 'unavailable') return problemOf(outcome)
    if (policy === 'abort' && unlike.length > 0) return conflicts(unlike.length)
    if (policy !== 'overwrite' || unlike.length === 0) return null
    const kept = await room.keepReplaced(unlike, parts.wallMs())
    return kept.kind === 'done' ? null : problemOf(kept)
  },
})
