/** Hooks of a move between the nodes' own files and a shared database. It is the app's, not the window's: one that goes on is seen by every window. */

import { useMutation, useQuery } from '@tanstack/react-query'
import type { MoveState } from '../../src-main/contract/index.ts'
import { useApi } from './provider.tsx'

const runningAgainMs = 400
const idleAgainMs = 2_000
const idle: MoveState = { kind: 'idle' }

export function useMoveState(): MoveState {
  const { orpc } = useApi()
  const { data } = useQuery(
    orpc.storageMove.state.queryOptions({
      refetchInterval: ({ state }) => (state.data?.kind === 'running' ? runningAgainMs : idleAgainMs),
    }),
  )
  return data ?? idle
}

/** None is ever repeated by itself. */
export function useMoveOrders() {
  const { orpc, queryClient } = useApi()
  const { storageMove } = orpc
  const refresh = () => queryClient.invalidateQueries({ queryKey: storageMove.state.key() })
  return {
    plan: useMutation(storageMove.plan.mutationOptions()),
    run: useMutation(storageMove.run.mutationOptions({ onMutate: () => void setTimeout(refresh, runningAgainMs), onSettled: refresh })),
    abort: useMutation(storageMove.abort.mutationOptions({ onSettled: refresh })),
    compare: useMutation(storageMove.compare.mutationOptions()),
  }
}
