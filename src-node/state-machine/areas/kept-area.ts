/**
 * What named snapshots keep of the other areas (area 8): which snapshot keeps what. It has no commands of its own, and knows no copy: those stay in
 * the store.
 */

import type { Area } from './area.ts'
import { headOf, type KeptHead, keptArea } from './kept-codec.ts'
import { createUndoMap } from './undo-map.ts'

export interface KeptArea extends Area {
  /** Undefined: the snapshot was taken by a version that kept configurations alone. */
  head(index: number): KeptHead | undefined
  heads(): IterableIterator<KeptHead>
  put(head: KeptHead): void
  drop(index: number): void
}

export const createKeptArea = (): KeptArea => {
  const heads = createUndoMap<number, KeptHead>()
  return {
    numbers: [keptArea],
    // None is at or above the first and at or below the last.
    kinds: [0, -1],
    load: (record) => {
      const head = headOf(record)
      if (head !== null) heads.set(head.index, head)
      heads.publish()
    },
    apply: () => ({ kind: 'invalid-command' }),
    publish: heads.publish,
    discard: heads.discard,
    changeOf: () => null,
    head: heads.get,
    heads: heads.values,
    put: (head) => heads.set(head.index, head),
    drop: (index) => void heads.delete(index),
  }
}
