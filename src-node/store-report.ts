/** The shared database of MySQL mode as the supervisor hears of it: codes and facts for its own sentences. Pure; holds no password and no content. */

import type { NodeEvent, NodeStoreStatus, StoreRowRefused, StoreTroubleTold } from './observe/channel.ts'
import type { SharedStoreStatus, StoreNote } from './raft-driver/shared-store.ts'
import type { StoreTrouble } from './raft-driver/sink-loop.ts'
import type { SinkDataError } from './storage/sink.ts'

const toldOf = ({ code, words, facts = {} }: StoreTrouble): StoreTroubleTold => ({ code, words, facts })

const rowOf = ({ id: rowId, table, column, namespace, group, dataId, sqlState, message }: SinkDataError): StoreRowRefused => ({
  ...{ table, column, rowId, namespace, group, dataId, sqlState, message },
})

export const storeStatusOf = ({ storeAppliedIndex, queueLength, health, sinceMs, trouble, dataErrors }: SharedStoreStatus): NodeStoreStatus => ({
  ...{ storedIndex: storeAppliedIndex, queueLength, health, sinceMs },
  trouble: trouble === null ? null : toldOf(trouble),
  refusedRows: dataErrors === null ? null : { count: dataErrors.count, newest: dataErrors.newest.map(rowOf) },
})

export const storeEventsOf = (note: StoreNote, atMs: number): readonly NodeEvent[] => {
  switch (note.kind) {
    case 'back':
      return [{ type: 'store', atMs, state: 'back', trouble: null }]
    case 'away':
    case 'refused':
      return [{ type: 'store', atMs, state: note.kind, trouble: note.trouble === null ? null : toldOf(note.trouble) }]
  }
}
