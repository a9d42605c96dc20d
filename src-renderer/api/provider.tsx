/** Hands the session to the hooks, and the query client to TanStack Query. */

import { QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import type { CodeOutcome, ConnectionState } from './connection.ts'
import type { Api } from './query.ts'

const ApiContext = createContext<Api | null>(null)

export function ApiProvider({ api, children }: { readonly api: Api; readonly children: ReactNode }) {
  return (
    <ApiContext value={api}>
      <QueryClientProvider client={api.queryClient}>{children}</QueryClientProvider>
    </ApiContext>
  )
}

/** The session of this window. Throws outside `ApiProvider`: a mistake of the programmer. */
export function useApi(): Api {
  const api = useContext(ApiContext)
  if (!api) throw new Error('useApi outside ApiProvider')
  return api
}

export interface Connection {
  readonly state: ConnectionState
  submitCode(code: string): Promise<CodeOutcome>
  retryNow(): void
}

/** How the console is connected; `needs-code` wants the screen that asks for one. */
export function useConnection(): Connection {
  const { transport } = useApi()
  const state = useSyncExternalStore(transport.subscribe, transport.state)
  return { state, submitCode: transport.submitCode, retryNow: transport.retryNow }
}
