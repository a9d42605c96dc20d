/** Users as rows, with the roles of each and what can be done with it. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { administratorRole, type UserView } from '../../../src-main/contract/index.ts'
import list from '../../components/list-table.module.css'
import { Chip } from './chip.tsx'
import classes from './security-screen.module.css'

export interface UserTableProps {
  readonly users: readonly UserView[]
  readonly onBind: (user: UserView) => void
  readonly onUnbind: (user: UserView, role: string) => void
  readonly onPassword: (user: UserView) => void
  readonly onRemove: (user: UserView) => void
}

export function UserTable({ users, ...acts }: UserTableProps) {
  const { t } = useTranslation('security')
  return (
    <div className={list.room}>
      <table className={list.table}>
        <thead>
          <tr>
            <th scope="col">{t('users.name')}</th>
            <th scope="col">{t('users.roles')}</th>
            <th scope="col">
              <span className="sr-only">{t('users.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <Row key={user.name} user={user} {...acts} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ user, onBind, onUnbind, onPassword, onRemove }: { user: UserView } & Omit<UserTableProps, 'users'>) {
  const { t } = useTranslation('security')
  const { name, roles } = user
  const isAdmin = roles.includes(administratorRole)
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {roles.length === 0 ? <span className={list.quiet}>{t('users.noRole')}</span> : null}
        <span className={classes.chips}>
          {roles.map((role) => (
            <Chip key={role} label={t('users.unbindNamed', { name, role })} onDrop={role === administratorRole ? null : () => onUnbind(user, role)}>
              {role}
            </Chip>
          ))}
        </span>
      </td>
      <td>
        <span className={list.buttons}>
          <Button size="compact-xs" variant="default" aria-label={t('users.bindNamed', { name })} onClick={() => onBind(user)}>
            {t('users.bind')}
          </Button>
          <Button size="compact-xs" variant="default" aria-label={t('users.passwordNamed', { name })} onClick={() => onPassword(user)}>
            {t('users.password')}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={isAdmin}
            title={isAdmin ? t('users.administratorStays') : undefined}
            aria-label={t('users.removeNamed', { name })}
            onClick={() => onRemove(user)}
          >
            {t('users.remove')}
          </Button>
        </span>
      </td>
    </tr>
  )
}
