/** Hooks of users, roles and permissions. Orders are never repeated by themselves; after each, the lists are read again. */

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useApi } from './provider.tsx'

/** Users and roles whose name holds `search`. */
export function useAccounts(search: string) {
  const { orpc } = useApi()
  return useQuery(orpc.accounts.list.queryOptions({ input: { search }, staleTime: 0, refetchOnWindowFocus: true, placeholderData: keepPreviousData }))
}

export function useAccountOrders() {
  const { orpc, queryClient } = useApi()
  const { accounts } = orpc
  const onSettled = () => queryClient.invalidateQueries({ queryKey: accounts.list.key() })
  return {
    askCallers: useMutation(accounts.askCallers.mutationOptions()),
    makeAdministrator: useMutation(accounts.makeAdministrator.mutationOptions({ onSettled })),
    createUser: useMutation(accounts.createUser.mutationOptions({ onSettled })),
    setPassword: useMutation(accounts.setPassword.mutationOptions({ onSettled })),
    deleteUser: useMutation(accounts.deleteUser.mutationOptions({ onSettled })),
    bindRole: useMutation(accounts.bindRole.mutationOptions({ onSettled })),
    unbindRole: useMutation(accounts.unbindRole.mutationOptions({ onSettled })),
    addPermission: useMutation(accounts.addPermission.mutationOptions({ onSettled })),
    dropPermission: useMutation(accounts.dropPermission.mutationOptions({ onSettled })),
  }
}
