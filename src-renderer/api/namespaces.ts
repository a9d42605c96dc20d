/** Hooks of the namespaces. Orders are never repeated by themselves; after each, the list is read again. */

import { useMutation, useQuery } from '@tanstack/react-query'
import { useApi } from './provider.tsx'

/** Programs make namespaces too: read again while the list is shown. */
const againMs = 5_000

export function useNamespaces() {
  const { orpc } = useApi()
  return useQuery(orpc.namespaces.list.queryOptions({ refetchInterval: againMs }))
}

/** For names beside what they are names of: read once, and not again for a minute. */
export function useNamespaceNames(wanted: boolean) {
  const { orpc } = useApi()
  return useQuery(orpc.namespaces.list.queryOptions({ enabled: wanted, staleTime: 60_000 }))
}

/** What stands in one at this moment. */
export function useNamespaceContents(id: string) {
  const { orpc } = useApi()
  return useQuery(orpc.namespaces.contents.queryOptions({ input: { id }, staleTime: 0, gcTime: 0 }))
}

export function useNamespaceOrders() {
  const { orpc, queryClient } = useApi()
  const { namespaces } = orpc
  const onSettled = () => queryClient.invalidateQueries({ queryKey: namespaces.list.key() })
  return {
    create: useMutation(namespaces.create.mutationOptions({ onSettled })),
    update: useMutation(namespaces.update.mutationOptions({ onSettled })),
    remove: useMutation(namespaces.remove.mutationOptions({ onSettled })),
  }
}
