/** All configurations of a namespace, read page by page from one node up to a bound, and again (whole, in the background) when the cluster applied something. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { ConfigSummary, Refusal } from '../../../../src-main/contract/index.ts'
import { useApi } from '../../../api/provider.tsx'
import { refusalOf } from '../../../api/refusal.ts'

const pageSize = 500
/** More rows than people scroll; the rest is found by filtering on the node. */
export const maxListed = 20_000
/** Pause between two background readings: at least this, and this much more for each page, so that a large list does not busy the node. */
const refreshMs = 800
const refreshPerPageMs = 400

export const allConfigsKey = 'all-configs'

export interface AllConfigs {
  readonly configs: readonly ConfigSummary[]
  readonly total: number
  readonly pending: boolean
  readonly loadingMore: boolean
  /** There are more than `maxListed`. */
  readonly bounded: boolean
  readonly refusal: Refusal | null
  /** Wall time of the last full reading, ms. */
  readonly readAtMs: number
  readonly retry: () => void
}

export function useAllConfigs(namespace: string, node: number | null): AllConfigs {
  const { client } = useApi()
  const query = useInfiniteQuery({
    queryKey: [allConfigsKey, namespace, node],
    queryFn: ({ pageParam, signal }) => client.configs.list({ node, namespace, dataId: '', group: '', page: pageParam, pageSize }, { signal }),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => {
      const loaded = pages.length * pageSize
      return last.items.length === pageSize && loaded < last.total && loaded < maxListed ? pages.length + 1 : undefined
    },
  })
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage])
  useReadOnApply(() => void refetch(), data?.pages.length ?? 1, hasNextPage)
  const configs = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const total = data?.pages.at(-1)?.total ?? 0
  return {
    configs,
    total,
    pending: query.isPending,
    loadingMore: hasNextPage,
    bounded: total > maxListed,
    refusal: query.error ? refusalOf(query.error) : null,
    readAtMs: query.dataUpdatedAt,
    retry: () => void refetch(),
  }
}

/** Calls `read` after the cluster applied something, with the pause above; a running pause is left alone, so that steady writes do not put it off for ever. */
function useReadOnApply(read: () => void, pages: number, waiting: boolean): void {
  const { cluster } = useApi()
  const applied = useSyncExternalStore(cluster.subscribe, () =>
    Math.max(0, ...(cluster.snapshot().view?.nodes ?? []).map((one) => one.report?.appliedIndex ?? 0)),
  )
  const latest = useRef(read)
  const seen = useRef(applied)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  latest.current = read
  useEffect(() => {
    if (waiting || applied === seen.current || timer.current !== undefined) return
    timer.current = setTimeout(
      () => {
        timer.current = undefined
        latest.current()
      },
      refreshMs + refreshPerPageMs * (pages - 1),
    )
    seen.current = applied
  }, [applied, waiting, pages])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
}
