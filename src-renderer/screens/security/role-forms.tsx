/** A role for a user, and a permission for a role. */

import { Autocomplete, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { administratorRole, type PermissionInput, type RoleView, type UserView } from '../../../src-main/contract/index.ts'
import { useNamespaces } from '../../api/namespaces.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { useAttempts } from '../../components/use-attempts.ts'
import { isResource, nameFault, wholeOf } from './account-rules.ts'

export interface BindFormProps {
  readonly user: UserView
  /** Names of those that are there. */
  readonly roles: readonly string[]
  /** Rejects with a refusal. */
  readonly onBind: (role: string) => Promise<void>
  readonly onClose: () => void
}

export function BindForm({ user, roles, onBind, onClose }: BindFormProps) {
  const { t } = useTranslation('security')
  const [role, setRole] = useState('')
  const [tried, setTried] = useState(false)
  const attempts = useAttempts()
  const { name } = user
  const fault = nameFault(role)
  const hindrance = role === administratorRole ? t('bindForm.reserved') : user.roles.includes(role) ? t('bindForm.taken', { name }) : null
  const words = fault === null || (fault.kind === 'empty' && !tried) ? null : t(`userForm.fault.${fault.kind}`, { max: fault.max })
  const submit = async () => {
    setTried(true)
    if (fault !== null || hindrance !== null) return
    if (await attempts.attempt(() => onBind(role))) onClose()
  }
  return (
    <DialogForm
      title={t('bindForm.title', { name })}
      action={t('bindForm.action')}
      failed={t('bindForm.failed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Autocomplete
        data-autofocus
        size="xs"
        label={t('bindForm.role')}
        description={t('bindForm.roleHint')}
        data={roles.filter((each) => each !== administratorRole && !user.roles.includes(each))}
        value={role}
        error={hindrance ?? words}
        onChange={setRole}
        spellCheck={false}
        autoComplete="off"
      />
    </DialogForm>
  )
}

export interface PermissionFormProps {
  readonly role: RoleView
  /** Rejects with a refusal. */
  readonly onAdd: (permission: PermissionInput) => Promise<void>
  readonly onClose: () => void
}

/** Of the choice of namespaces: a resource of the user's own. */
const custom = 'custom'
const actions = ['r', 'w', 'rw'] as const

export function PermissionForm({ role, onAdd, onClose }: PermissionFormProps) {
  const { t } = useTranslation('security')
  const namespaces = useNamespaces().data?.namespaces ?? []
  const [chosen, setChosen] = useState(wholeOf(''))
  const [typed, setTyped] = useState('')
  const [action, setAction] = useState<PermissionInput['action']>('rw')
  const [tried, setTried] = useState(false)
  const attempts = useAttempts()
  const resource = chosen === custom ? typed.trim() : chosen
  const isTaken = role.permissions.some((each) => each.resource === resource && each.action === action)
  const isUnshaped = chosen === custom && !isResource(resource)
  const submit = async () => {
    setTried(true)
    if (isTaken || isUnshaped) return
    if (await attempts.attempt(() => onAdd({ role: role.name, resource, action }))) onClose()
  }
  const choices = namespaces.map(({ id, name }) => ({ value: wholeOf(id), label: id === '' || id === name ? name : `${name} (${id})` }))
  return (
    <DialogForm
      title={t('permissionForm.title', { role: role.name })}
      action={t('permissionForm.submit')}
      failed={t('permissionForm.failed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Select
        data-autofocus
        label={t('permissionForm.namespace')}
        data={[...choices, { value: wholeOf('*'), label: t('permissionForm.all') }, { value: custom, label: t('permissionForm.custom') }]}
        value={chosen}
        error={isTaken && chosen !== custom ? t('permissionForm.taken') : null}
        allowDeselect={false}
        searchable={choices.length > 8}
        onChange={(value) => setChosen(value ?? wholeOf(''))}
      />
      {chosen === custom ? (
        <TextInput
          label={t('permissionForm.resource')}
          description={t('permissionForm.resourceHint')}
          value={typed}
          error={isTaken ? t('permissionForm.taken') : tried && isUnshaped ? t('permissionForm.shape') : null}
          onChange={(event) => setTyped(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      ) : null}
      <SegmentedControl
        aria-label={t('permissionForm.action')}
        value={action}
        onChange={(value) => setAction(actions.find((each) => each === value) ?? 'rw')}
        data={actions.map((value) => ({ value, label: t(`action.${value}`) }))}
      />
    </DialogForm>
  )
}
