/** One node's state store: it survives a crash of the process, can be full, and may lose whole batches from its end. */

import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import type { ConfigRow, MachineMeta, RowWrite } from '../../src-node/state-machine/types.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import { SimFailure } from './world.ts'

interface Undo {
  readonly rows: readonly (readonly [number, ConfigRow | undefined])[]
  readonly meta: MachineMeta
  readonly history: number
}

/** The applied state's own disk: NORMAL sync, so a power cut may take back whole batches from the end. */
export interface FakeStateDisk {
  rows: Map<number, ConfigRow>
  meta: MachineMeta
  history: number
  undo: Undo[]
}
export const createStateDisk = (): FakeStateDisk => ({ rows: new Map(), meta: emptyMeta(), history: 0, undo: [] })

const undoMax = 30

export function loseBatches(disk: FakeStateDisk, count: number): void {
  for (let i = 0; i < count; i++) {
    const last = disk.undo.pop()
    if (last === undefined) return
    for (const [id, row] of last.rows.toReversed()) {
      if (row === undefined) disk.rows.delete(id)
      else disk.rows.set(id, row)
    }
    disk.meta = last.meta
    disk.history = last.history
  }
}

function carryOut(disk: FakeStateDisk, writes: readonly RowWrite[]): Undo['rows'] {
  const before: (readonly [number, ConfigRow | undefined])[] = []
  for (const change of writes) {
    if (change.kind === 'put-config') {
      before.push([change.row.id, disk.rows.get(change.row.id)])
      disk.rows.set(change.row.id, change.row)
    } else if (change.kind === 'drop-config') {
      before.push([change.id, disk.rows.get(change.id)])
      if (!disk.rows.delete(change.id)) throw new SimFailure(`row ${change.id} is dropped but not there`)
    } else {
      disk.history++
      if (change.nid !== disk.history) throw new SimFailure(`history ${change.nid} follows ${disk.history - 1}`)
      if (change.kind === 'history-copy' && !disk.rows.has(change.id)) throw new SimFailure(`history copies row ${change.id}, which is not there`)
    }
  }
  return before
}

export function createStateStore(disk: FakeStateDisk, hooks: { full(): boolean; crashPoint(where: string): void }): StateStore {
  return {
    meta: () => disk.meta,
    loadIndex: () => disk.rows.values() as unknown as IterableIterator<ConfigRow>,
    commit(writes, meta) {
      if (hooks.full()) return 'disk_full'
      hooks.crashPoint('before the state commit')
      const undo = { meta: disk.meta, history: disk.history, rows: carryOut(disk, writes) }
      disk.undo.push(undo)
      if (disk.undo.length > undoMax) disk.undo.shift()
      disk.meta = meta
      hooks.crashPoint('after the state commit')
      return 'ok'
    },
    readContent: (id) => disk.rows.get(id)?.content,
    readConfig: ({ namespace, group, dataId }) =>
      [...disk.rows.values()].find((row) => row.namespace === namespace && row.group === group && row.dataId === dataId),
    historyCount: () => disk.history,
    close() {},
  }
}
