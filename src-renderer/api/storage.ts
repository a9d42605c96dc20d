/** Hooks of the storage: the choice, what nodes say of their files, and what may be asked of a node's data. */

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useApi } from './provider.tsx'

const askEveryMs = 2_000

/** Every node's files and history, asked again while the screen is shown. */
export function useNodeData() {
  const { orpc } = useApi()
  return useQuery(orpc.storage.nodes.queryOptions({ refetchInterval: askEveryMs, placeholderData: keepPreviousData }))
}

export function useStorageActions() {
  const { orpc, queryClient } = useApi()
  const refresh = () => queryClient.invalidateQueries({ queryKey: orpc.storage.nodes.key() })
  return {
    choose: useMutation(orpc.storage.choose.mutationOptions()),
    dumpFiles: useMutation(orpc.storage.dumpFiles.mutationOptions({ onSettled: refresh })),
    checkNode: useMutation(orpc.storage.checkNode.mutationOptions()),
    backupNode: useMutation(orpc.storage.backupNode.mutationOptions()),
  }
}
