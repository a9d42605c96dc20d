/** Hooks of the configurations. Reads go to the chosen node (null: the leader, or any that answers); writes are never repeated by themselves. */

import { useMutation, useQuery } from '@tanstack/react-query'
import type { ConfigKeyInput } from '../../src-main/contract/index.ts'
import { useApi } from './provider.tsx'
import type { Api } from './query.ts'

/** One configuration with its content; `null` asks nothing. Read again only after a publish or removal from this console. */
export function useConfigDetail(key: (ConfigKeyInput & { readonly node: number | null }) | null) {
  const { orpc } = useApi()
  const nothing = { namespace: '', group: '', dataId: '', node: null }
  return useQuery(orpc.configs.get.queryOptions({ input: key ?? nothing, enabled: key !== null, staleTime: 0, gcTime: 30_000 }))
}

/** Reads the newest state of a key outside of rendering, e.g. before a diff or after a conflict. */
export function useFetchConfig() {
  const { client } = useApi()
  return (key: ConfigKeyInput & { readonly node: number | null }) => client.configs.get(key)
}

export function usePublishConfig() {
  const api = useApi()
  return useMutation(api.orpc.configs.publish.mutationOptions({ onSuccess: () => refreshConfigs(api) }))
}

export function useRemoveConfig() {
  const api = useApi()
  return useMutation(api.orpc.configs.remove.mutationOptions({ onSuccess: () => refreshConfigs(api) }))
}

function refreshConfigs({ queryClient, orpc }: Api): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: orpc.configs.key() })
}
