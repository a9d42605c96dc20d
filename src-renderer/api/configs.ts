/** Hooks of the configurations. Reads go to the chosen node (null: the leader, or any that answers); writes are never repeated by themselves. */

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { ConfigKeyInput } from '../../src-main/contract/index.ts'
import { useApi } from './provider.tsx'
import type { Api } from './query.ts'

/** The list is read again when the cluster applied something, at most this often. */
const listRefreshMs = 1_000

export interface ConfigListFilter {
  readonly node: number | null
  readonly namespace: string
  /** `*` is the wildcard; without one the match is exact; empty = all. */
  readonly dataId: string
  readonly group: string
  readonly page: number
  readonly pageSize: number
}

/** One page of the list; the previous page stays while the next one loads. Follows what other programs publish. */
export function useConfigList(filter: ConfigListFilter) {
  const { orpc } = useApi()
  useRefreshOnApply()
  return useQuery(orpc.configs.list.queryOptions({ input: filter, placeholderData: keepPreviousData }))
}

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

function useRefreshOnApply(): void {
  const { queryClient, orpc, cluster } = useApi()
  const applied = useSyncExternalStore(cluster.subscribe, () => newestApplied(cluster.snapshot()))
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const first = useRef(applied)
  useEffect(() => {
    // A running timer is left alone: under steady writes the list follows once a second instead of never.
    if (first.current === applied || timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      first.current = -1
      void queryClient.invalidateQueries({ queryKey: orpc.configs.list.key() })
    }, listRefreshMs)
  }, [applied, queryClient, orpc])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
}

function newestApplied(snapshot: ReturnType<Api['cluster']['snapshot']>): number {
  return Math.max(0, ...(snapshot.view?.nodes ?? []).map((node) => node.report?.appliedIndex ?? 0))
}
