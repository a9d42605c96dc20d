/** Hooks of the configurations. Reads go to the chosen node (null: the leader, or any that answers); writes are never repeated by themselves. */

import { useMutation, useQuery } from '@tanstack/react-query'
import type { ConfigDetail, ConfigKeyInput } from '../../src-main/contract/index.ts'
import { useApi } from './provider.tsx'
import type { Api } from './query.ts'
import { refusalOf } from './refusal.ts'

/** One configuration with its content; data `null` = there is none. Read again only after a publish or removal from this console. */
export function useConfigDetail(key: ConfigKeyInput & { readonly node: number | null }) {
  const { orpc, client } = useApi()
  // Absence is an answer, not an error: a query in error forgets what it showed as soon as it asks again.
  const queryFn = async (): Promise<ConfigDetail | null> => {
    try {
      return await client.configs.get(key)
    } catch (error) {
      if (refusalOf(error).code === 'not_found') return null
      throw error
    }
  }
  return useQuery({ queryKey: orpc.configs.get.queryKey({ input: key }), queryFn, staleTime: 0, gcTime: 30_000 })
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
