/** Hooks of named snapshots. Orders are never repeated by themselves; after each, the list and all configurations are read again. */

import { useMutation, useQuery } from '@tanstack/react-query'
import { useApi } from './provider.tsx'
import type { Api } from './query.ts'

/** Writes go on while the dialog is open: how much a restore would take back is news every moment. */
const againMs = 2_000

export function useSnapshots() {
  const { orpc } = useApi()
  return useQuery(orpc.snapshots.list.queryOptions({ refetchInterval: againMs }))
}

export function useSnapshotOrders() {
  const api = useApi()
  const { snapshots } = api.orpc
  const onSettled = () => refresh(api)
  return {
    take: useMutation(snapshots.take.mutationOptions({ onSettled })),
    restore: useMutation(snapshots.restore.mutationOptions({ onSettled })),
    undo: useMutation(snapshots.undo.mutationOptions({ onSettled })),
    remove: useMutation(snapshots.remove.mutationOptions({ onSettled })),
  }
}

async function refresh({ queryClient, orpc }: Api): Promise<void> {
  await Promise.all([orpc.snapshots.key(), orpc.configs.key()].map((queryKey) => queryClient.invalidateQueries({ queryKey })))
}
