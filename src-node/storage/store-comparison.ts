/**
 * Two sides of the same configurations, counted, summed and compared row by row as they come: what this cluster holds, and what a database does.
 * Keeps numbers and the first of what is worth naming; holds no content and reads nothing.
 */

import { hash } from 'node:crypto'
import type { StoreDifference, StoreExcess, StoreLeftRow, StoreLook, StoreSum } from '../observe/store-look.ts'
import type { ConfigKey, ConfigRow } from '../state-machine/types.ts'
import type { SinkExcess, SourceRemark } from './sink.ts'

/** More would help nobody to see what is wrong. */
const namedMax = 100
const namespacesMax = 500

/** What a client can ask of a configuration. Ids and times are a store's own: a DATETIME holds seconds. */
export type ComparedRow = Pick<
  ConfigRow,
  'namespace' | 'group' | 'dataId' | 'md5' | 'contentBytes' | 'type' | 'appName' | 'description' | 'tags' | 'encryptedDataKey'
>

const tagsText = (tags: readonly string[]): string =>
  [...new Set(tags)]
    .filter((tag) => tag !== '')
    .toSorted()
    .join(',')

const factsOf = ({ md5, type, appName, description, tags, encryptedDataKey }: ComparedRow) => ({
  content: md5,
  ...{ type, appName, description, tags: tagsText(tags), encryptedDataKey },
})

const lanes = 2n ** 64n
const rowHash = (row: ComparedRow): bigint => {
  const text = JSON.stringify([row.namespace, row.group, row.dataId, ...Object.values(factsOf(row))])
  return BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`)
}

interface Sum {
  configs: number
  bytes: number
  hash: bigint
}
const noSum = (): Sum => ({ configs: 0, bytes: 0, hash: 0n })
const shownSum = ({ configs, bytes, hash: sum }: Sum): StoreSum => ({ configs, bytes, hash: sum.toString(16).padStart(16, '0') })

const keyOf = ({ namespace, group, dataId }: ConfigKey): ConfigKey => ({ namespace, group, dataId })

export interface StoreComparison {
  /** Of a key that both have. */
  both(ours: ComparedRow, theirs: ComparedRow): void
  oursAlone(row: ComparedRow): void
  theirsAlone(row: ComparedRow): void
  /** Changed here since. */
  newer(): void
  left(remarks: readonly SourceRemark[]): void
  tooBig(row: ConfigKey, excess: SinkExcess): void
  /** Whether anything is not alike. */
  differs(): boolean
  result(): ComparisonResult
}

export type ComparisonResult = Omit<StoreLook, 'address' | 'hasTables' | 'owner' | 'ownerId' | 'storeIndex' | 'appliedIndex' | 'history' | 'records'>

/** By namespace and over all, for both sides. */
const createSums = () => {
  const all = { ours: noSum(), theirs: noSum() }
  const byNamespace = new Map<string, { readonly ours: Sum; readonly theirs: Sum }>()
  const add = (side: 'ours' | 'theirs', row: ComparedRow, of: bigint): void => {
    const own = byNamespace.get(row.namespace) ?? { ours: noSum(), theirs: noSum() }
    byNamespace.set(row.namespace, own)
    for (const sum of [all[side], own[side]]) {
      sum.configs++
      sum.bytes += row.contentBytes
      sum.hash = (sum.hash + of) % lanes
    }
  }
  const shown = () => ({
    ...{ ours: shownSum(all.ours), theirs: shownSum(all.theirs) },
    namespaces: [...byNamespace]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, namespacesMax)
      .map(([namespace, { ours, theirs }]) => ({ namespace, ours: shownSum(ours), theirs: shownSum(theirs) })),
  })
  return { add, shown }
}

export const createStoreComparison = (): StoreComparison => {
  const sums = createSums()
  const counts = { alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, newer: 0, left: 0, tooBig: 0 }
  const differences: StoreDifference[] = []
  const excesses: StoreExcess[] = []
  const leftRows: StoreLeftRow[] = []
  const keep = <T>(kept: T[], one: T): void => {
    if (kept.length < namedMax) kept.push(one)
  }
  const alone = (side: 'ours' | 'theirs', row: ComparedRow): void => {
    counts[`${side}Alone`]++
    sums.add(side, row, rowHash(row))
    keep(differences, { ...keyOf(row), heldBy: side, fields: [] })
  }
  return {
    both(ours, theirs) {
      const [own, other] = [factsOf(ours), factsOf(theirs)]
      const fields = Object.keys(own).filter((name) => own[name as keyof typeof own] !== other[name as keyof typeof other])
      const ownHash = rowHash(ours)
      sums.add('ours', ours, ownHash)
      sums.add('theirs', theirs, fields.length === 0 ? ownHash : rowHash(theirs))
      if (fields.length === 0) counts.alike++
      else {
        counts.unlike++
        keep(differences, { ...keyOf(ours), heldBy: 'both', fields })
      }
    },
    oursAlone: (row) => alone('ours', row),
    theirsAlone: (row) => alone('theirs', row),
    newer: () => void counts.newer++,
    left(remarks) {
      for (const { left, id, column, reason, limit, ...key } of remarks) {
        if (!left) continue
        counts.left++
        keep(leftRows, { ...keyOf(key), id, column, reason, limit })
      }
    },
    tooBig(row, excess) {
      counts.tooBig++
      keep(excesses, { ...keyOf(row), ...excess })
    },
    differs: () => counts.unlike + counts.oursAlone + counts.theirsAlone > 0,
    result: () => ({ ...counts, ...sums.shown(), differences, excesses, leftRows }),
  }
}
