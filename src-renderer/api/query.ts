/** One console session: transport, typed client, TanStack Query keys, and the two live stores. Built once, handed down by `ApiProvider`. */

import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import { createConsoleClient } from './client.ts'
import { createClusterStore } from './cluster-store.ts'
import type { Transport } from './connection.ts'
import { createLogStore } from './log-store.ts'
import { refusalOf } from './refusal.ts'

const readRetries = 2
/** Reads are worth repeating only when the answer may come by itself. */
const passing = new Set(['unreachable', 'overloaded', 'outcome_unknown'])

export function createApi(transport: Transport) {
  const client = createConsoleClient(transport)
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (count, error) => count < readRetries && passing.has(refusalOf(error).code),
        retryDelay: 300,
      },
      // A write is never repeated by itself: its outcome may be unknown.
      mutations: { networkMode: 'always', retry: false },
    },
  })
  return {
    transport,
    client,
    queryClient,
    orpc: createTanstackQueryUtils(client),
    cluster: createClusterStore(transport, client),
    logs: createLogStore(transport, client),
  }
}
export type Api = ReturnType<typeof createApi>
