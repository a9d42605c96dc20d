/** Hooks of the cluster: the live picture, and what may be done to it. */

import { useMutation } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { ClusterSnapshot } from './cluster-store.ts'
import type { ConnectionState } from './connection.ts'
import { useApi, useConnection } from './provider.tsx'

export interface ClusterLive extends ClusterSnapshot {
  readonly connection: ConnectionState
}

/** The newest view (null before the first), up to 500 events, the age of the view in ms (0 = fresh) and the state of the line. */
export function useClusterView(): ClusterLive {
  const { cluster } = useApi()
  const snapshot = useSyncExternalStore(cluster.subscribe, cluster.snapshot)
  return { ...snapshot, connection: useConnection().state }
}

/** Mutations over the whole cluster and over one node; each throws what `refusalOf` understands. */
export function useClusterActions() {
  const { orpc } = useApi()
  return {
    start: useMutation(orpc.cluster.start.mutationOptions()),
    stop: useMutation(orpc.cluster.stop.mutationOptions()),
    startNode: useMutation(orpc.cluster.startNode.mutationOptions()),
    stopNode: useMutation(orpc.cluster.stopNode.mutationOptions()),
    restartNode: useMutation(orpc.cluster.restartNode.mutationOptions()),
    rebuildNode: useMutation(orpc.cluster.rebuildNode.mutationOptions()),
    killNode: useMutation(orpc.cluster.killNode.mutationOptions()),
    blockNode: useMutation(orpc.cluster.blockNode.mutationOptions()),
  }
}
