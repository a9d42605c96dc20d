/**
 * Why a shared database is not used, as the leader that ended for it said: kept by the supervisor, since the node that met it is gone by the time
 * somebody looks. In memory only: the nodes' logs have it all.
 */

import type { NodeEvent } from '../../src-node/observe/channel.ts'
import type { ClusterView } from '../contract/cluster.ts'

export interface StoreNotes {
  readonly hear: (event: NodeEvent) => void
  /** A database could be used, or another was chosen: what was said before is over. */
  readonly forgetRefusal: () => void
  readonly refused: () => ClusterView['storage']['refused']
}

export const createStoreNotes = (): StoreNotes => {
  let refused: ClusterView['storage']['refused'] = null
  return {
    hear: (event) => {
      if (event.type !== 'store') return
      if (event.state === 'refused' && event.trouble !== null) refused = { ...event.trouble, atMs: event.atMs }
      if (event.state === 'back') refused = null
    },
    forgetRefusal: () => {
      refused = null
    },
    refused: () => refused,
  }
}
