/** What can be done with users, roles and permissions: each says how it ended, and is taken back by one press where that is possible. */

import { useTranslation } from 'react-i18next'
import type { PermissionInput, RoleView, UserView } from '../../../src-main/contract/index.ts'
import { useAccountOrders } from '../../api/accounts.ts'
import { refusalOf } from '../../api/refusal.ts'
import { toast } from '../../components/toast.tsx'

const topic = 'accounts'

export function useAccountActs() {
  const { t } = useTranslation('security')
  const frame = useTranslation('frame').t
  const orders = useAccountOrders()

  /** For what has no dialog in which a refusal could stand. */
  const orSay = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act()
      return true
    } catch (error) {
      const { code, detail } = refusalOf(error)
      toast.error({ message: `${t('notDone')}. ${frame(`refusal.${code}`)}`, detail: `${code}: ${detail}`, topic })
      return false
    }
  }
  const bind = (name: string, role: string) => orders.bindRole.mutateAsync({ role, name })
  const unbind = (name: string, role: string) => orders.unbindRole.mutateAsync({ role, name })
  const may = (permission: PermissionInput) => ({ ...permission, action: t(`action.${permission.action}`) })

  return {
    makeAdministrator: (password: string | null) => orders.makeAdministrator.mutateAsync({ password }),
    createUser: async (name: string, password: string) => {
      await orders.createUser.mutateAsync({ name, password })
      const undo = () => orders.deleteUser.mutateAsync({ name })
      toast.success({ message: t('created', { name }), topic, undo, undone: t('deleted', { name }) })
    },
    setPassword: async (name: string, password: string) => {
      await orders.setPassword.mutateAsync({ name, password })
      toast.success({ message: t('passwordSet', { name }), topic })
    },
    deleteUser: async (name: string) => {
      const done = await orSay(() => orders.deleteUser.mutateAsync({ name }))
      if (done) toast.success({ message: t('deleted', { name }), topic })
    },
    bindRole: async ({ name }: UserView, role: string) => {
      await bind(name, role)
      toast.success({ message: t('bound', { name, role }), topic, undo: () => unbind(name, role), undone: t('unbound', { name, role }) })
    },
    /** @param known the role as it is shown, whose permissions go with its last user. */
    unbindRole: async ({ name }: UserView, role: string, known: RoleView | undefined) => {
      if (!(await orSay(() => unbind(name, role)))) return
      const lost = known !== undefined && known.users.length === 1 ? known.permissions : []
      const undo = async () => {
        await bind(name, role)
        for (const permission of lost) await orders.addPermission.mutateAsync({ role, ...permission })
      }
      toast.success({ message: t('unbound', { name, role }), topic, undo, undone: t('bound', { name, role }) })
    },
    addPermission: async (permission: PermissionInput) => {
      await orders.addPermission.mutateAsync(permission)
      const undo = () => orders.dropPermission.mutateAsync(permission)
      toast.success({ message: t('added', may(permission)), topic, undo, undone: t('dropped', may(permission)) })
    },
    dropPermission: async (permission: PermissionInput) => {
      if (!(await orSay(() => orders.dropPermission.mutateAsync(permission)))) return
      const undo = () => orders.addPermission.mutateAsync(permission)
      toast.success({ message: t('dropped', may(permission)), topic, undo, undone: t('added', may(permission)) })
    },
  }
}
export type AccountActs = ReturnType<typeof useAccountActs>
