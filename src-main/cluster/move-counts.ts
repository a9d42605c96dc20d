/**
 * What a move into a shared database makes of configurations and of each kind of what stands beside them, in numbers: before it from one look, after
 * it from what the two looks show. Pure; reads nothing and decides nothing.
 */

import type { StoreLook } from '../../src-node/observe/channel.ts'
import type { MoveCount, MovePolicy } from '../contract/storage-move.ts'

/** What becomes of those that both sides have with other contents. `resumed`: the cluster's count, and what is there alone is gone in the cluster. */
export type MoveRule = MovePolicy | 'none' | 'resumed'

interface Side {
  readonly area: MoveCount['area']
  readonly unlike: number
  readonly oursAlone: number
  readonly theirsAlone: number
  /** Of ours alone, what stays in the nodes. */
  readonly unfit: number
}

const sidesOf = ({ unlike, oursAlone, theirsAlone, records }: StoreLook): readonly Side[] => [
  { area: 'configs', unlike, oursAlone, theirsAlone, unfit: 0 },
  ...records.areas,
]

/** A password that was set here must not give way to one that came with a database, nor a right to what others were given: as at an adoption. */
const isAccounts = (area: MoveCount['area']): boolean => area === 'users' || area === 'roles'

const countOf = (rule: MoveRule, before: Side, after: Side | undefined): MoveCount => {
  const moved = before.oursAlone - (after?.oursAlone ?? before.unfit)
  const settled = before.unlike - (after?.unlike ?? 0)
  const keepsTheirs = (rule === 'skip' || rule === 'none') && !isAccounts(before.area)
  return {
    area: before.area,
    moved: Math.max(0, moved),
    taken: rule === 'resumed' ? 0 : Math.max(0, before.theirsAlone - (after?.theirsAlone ?? 0)),
    skipped: keepsTheirs ? Math.max(0, settled) : 0,
    overwritten: keepsTheirs || rule === 'abort' ? 0 : Math.max(0, settled),
  }
}

/** @param after of the same two sides when everything is there; absent: what would come about */
export const moveCounts = (rule: MoveRule, before: StoreLook, after?: StoreLook): readonly MoveCount[] => {
  const ends = new Map((after === undefined ? [] : sidesOf(after)).map((side) => [side.area, side]))
  return sidesOf(before).map((side) => countOf(rule, side, ends.get(side.area)))
}

/** Of namespaces, gray versions and capacities: theirs would take the place of ours, and of these nobody keeps a history. */
export const replacingRecords = ({ records }: StoreLook): number =>
  records.areas.reduce((sum, { area, unlike }) => sum + (isAccounts(area) ? 0 : unlike), 0)
