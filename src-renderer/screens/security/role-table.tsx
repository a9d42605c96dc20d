/** Roles as rows: who has each, and what it may. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { administratorRole, type PermissionView, type RoleView } from '../../../src-main/contract/index.ts'
import { formatNumber } from '../../components/format.ts'
import list from '../../components/list-table.module.css'
import { Chip } from './chip.tsx'
import classes from './security-screen.module.css'

export interface RoleTableProps {
  readonly roles: readonly RoleView[]
  readonly onAdd: (role: RoleView) => void
  readonly onDrop: (role: RoleView, permission: PermissionView) => void
}

/** Of one role, by name; the rest is counted. */
const usersNamedMax = 8

export function RoleTable({ roles, ...acts }: RoleTableProps) {
  const { t } = useTranslation('security')
  return (
    <div className={list.room}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">{t('roles.role')}</th>
            <th scope="col">{t('roles.users')}</th>
            <th scope="col">{t('roles.may')}</th>
            <th scope="col">
              <span className="sr-only">{t('roles.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <Row key={role.name} role={role} {...acts} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ role, onAdd, onDrop }: { role: RoleView } & Omit<RoleTableProps, 'roles'>) {
  const { t } = useTranslation('security')
  const { name, users } = role
  const isAdmin = name === administratorRole
  const more = users.length - usersNamedMax
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {users.slice(0, usersNamedMax).join(', ')}{' '}
        {more > 0 ? <span className={list.quiet}>{t('roles.more', { n: formatNumber(more) })}</span> : null}
      </td>
      <td>{isAdmin ? t('roles.everything') : <Permissions {...{ role, onDrop }} />}</td>
      <td>
        {isAdmin ? null : (
          <Button size="compact-xs" variant="default" aria-label={t('roles.addNamed', { role: name })} onClick={() => onAdd(role)}>
            {t('roles.add')}
          </Button>
        )}
      </td>
    </tr>
  )
}

function Permissions({ role, onDrop }: { role: RoleView } & Pick<RoleTableProps, 'onDrop'>) {
  const { t } = useTranslation('security')
  if (role.permissions.length === 0) return <span className={list.quiet}>{t('roles.nothing')}</span>
  return (
    <span className={classes.chips}>
      {role.permissions.map((permission) => {
        const { resource, action } = permission
        const words = { role: role.name, resource, action: t(`action.${action}`) }
        return (
          <Chip key={`${action} ${resource}`} label={t('roles.dropNamed', words)} onDrop={() => onDrop(role, permission)}>
            {words.action} <span className="mono">{resource}</span>
          </Chip>
        )
      })}
    </span>
  )
}
