/** The Security screen: whether callers are asked who they are, users, roles, and what each role may. */

import { Button, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AccountList, RoleView, UserView } from '../../../src-main/contract/index.ts'
import { useAction } from '../../actions/registry.ts'
import { useAccounts } from '../../api/accounts.ts'
import { useClusterView } from '../../api/cluster.ts'
import { refusalOf } from '../../api/refusal.ts'
import { confirm } from '../../components/confirm.tsx'
import { formatNumber } from '../../components/format.ts'
import list from '../../components/list-table.module.css'
import { PageHead } from '../../components/page-head.tsx'
import { RefusalCallout } from '../../components/refusal-callout.tsx'
import { Section } from '../../components/section.tsx'
import { AdministratorForm } from './administrator-form.tsx'
import { AuthPart, NoAdministrator, useAuthSwitch } from './auth-part.tsx'
import { BindForm, PermissionForm } from './role-forms.tsx'
import { RoleTable } from './role-table.tsx'
import classes from './security-screen.module.css'
import { type AccountActs, useAccountActs } from './use-account-acts.tsx'
import { PasswordForm, UserForm } from './user-forms.tsx'
import { UserTable } from './user-table.tsx'

const typingRestsMs = 200

/** The one dialog that is open. */
type Open =
  | { readonly kind: 'administrator' | 'user' }
  | { readonly kind: 'password' | 'bind'; readonly user: UserView }
  | { readonly kind: 'permission'; readonly role: RoleView }

export function SecurityScreen() {
  const { t } = useTranslation('security')
  const { view, connection } = useClusterView()
  const address = useSearch({ from: '/security' })
  const [search] = useDebouncedValue(address.q ?? '', typingRestsMs)
  const accounts = useAccounts(search)
  const acts = useAccountActs()
  const switchTo = useAuthSwitch()
  const [open, setOpen] = useState<Open | null>(null)
  const { data, error } = accounts
  const authOn = view?.authOn ?? null
  const make = () => setOpen({ kind: 'administrator' })
  const turn = () => (authOn === false && data?.hasAdministrator === false ? make() : void switchTo(authOn === false))
  const head =
    authOn === null ? null : authOn ? ({ title: t('head.on'), line: t('head.onLine') } as const) : { title: t('head.off'), line: t('head.offLine') }
  return (
    <div className={classes.screen}>
      <PageHead title={head?.title ?? t('head.reading')} line={head?.line ?? ' '}>
        {authOn === null ? null : (
          <Button variant={authOn ? 'default' : 'filled'} disabled={connection.kind !== 'open' || (data === undefined && !authOn)} onClick={turn}>
            {t(authOn ? 'turnOff' : 'turnOn')}
          </Button>
        )}
      </PageHead>
      {data?.hasAdministrator === false && authOn !== null ? <NoAdministrator authOn={authOn} onMake={make} /> : null}
      {authOn === null ? null : <AuthPart authOn={authOn} />}
      {error === null ? null : (
        <RefusalCallout
          title={t('failedRead')}
          refusal={refusalOf(error)}
          actions={
            <Button variant="default" onClick={() => void accounts.refetch()}>
              {t('retry')}
            </Button>
          }
        />
      )}
      {data === undefined && error === null ? <Skeleton height={220} radius="md" aria-label={t('head.reading')} /> : null}
      {data === undefined ? null : <Lists {...{ data, acts }} isFiltered={search !== ''} onOpen={setOpen} />}
      {open === null ? null : (
        <Dialogs {...{ open, acts, data }} onTurnOn={authOn === false ? () => void switchTo(true) : null} onClose={() => setOpen(null)} />
      )}
    </div>
  )
}

interface ListsProps {
  readonly data: AccountList
  readonly isFiltered: boolean
  readonly acts: AccountActs
  readonly onOpen: (open: Open) => void
}

function Lists({ data, isFiltered, acts, onOpen }: ListsProps) {
  const { t } = useTranslation('security')
  const { users, roles } = data
  const roleOf = (name: string) => roles.items.find((role) => role.name === name)
  const remove = async ({ name, roles: held }: UserView) => {
    const ends = held.filter((role) => roleOf(role)?.users.length === 1 && (roleOf(role)?.permissions.length ?? 0) > 0)
    const effect = (
      <>
        <p className={classes.effect}>{t('removal.effect', { name })}</p>
        {ends.length === 0 ? null : <p className={classes.effect}>{t('removal.lastOf', { roles: ends.join(', ') })}</p>}
      </>
    )
    if (await confirm({ title: t('removal.title', { name }), effect, action: t('removal.action'), danger: true })) await acts.deleteUser(name)
  }
  return (
    <>
      {isFiltered || users.total > 0 ? <Filter /> : null}
      <Section
        title={t('users.title')}
        lead={t('users.lead')}
        action={
          <Button variant="default" onClick={() => onOpen({ kind: 'user' })}>
            {t('users.create')}
          </Button>
        }
      >
        {users.total === 0 ? (
          <p className={list.note}>{t(isFiltered ? 'nothingFound' : 'users.none')}</p>
        ) : (
          <UserTable
            users={users.items}
            onBind={(user) => onOpen({ kind: 'bind', user })}
            onUnbind={(user, role) => void acts.unbindRole(user, role, roleOf(role))}
            onPassword={(user) => onOpen({ kind: 'password', user })}
            onRemove={(user) => void remove(user)}
          />
        )}
        <More part={users} />
      </Section>
      <Section title={t('roles.title')} lead={t('roles.lead')}>
        {roles.total === 0 ? (
          <p className={list.note}>{t(isFiltered ? 'nothingFound' : 'roles.none')}</p>
        ) : (
          <RoleTable
            roles={roles.items}
            onAdd={(role) => onOpen({ kind: 'permission', role })}
            onDrop={({ name: role }, permission) => void acts.dropPermission({ role, ...permission })}
          />
        )}
        <More part={roles} />
        {data.complete ? null : <p className={list.note}>{t('incomplete')}</p>}
      </Section>
    </>
  )
}

function More({ part }: { part: { readonly total: number; readonly items: readonly unknown[] } }) {
  const { t } = useTranslation('security')
  if (part.items.length >= part.total) return null
  return <p className={list.note}>{t('shown', { shown: formatNumber(part.items.length), total: formatNumber(part.total) })}</p>
}

function Filter() {
  const { t } = useTranslation('security')
  const navigate = useNavigate({ from: '/security' })
  const { q = '' } = useSearch({ from: '/security' })
  const field = useRef<HTMLInputElement>(null)
  useAction('focusFilter', () => field.current?.focus())
  const setText = (text: string) => void navigate({ search: text === '' ? {} : { q: text }, replace: true })
  return (
    <TextInput
      ref={field}
      type="search"
      className={classes.filter ?? ''}
      aria-label={t('filter')}
      placeholder={t('filter')}
      value={q}
      maxLength={64}
      onChange={(event) => setText(event.currentTarget.value)}
      spellCheck={false}
    />
  )
}

interface DialogsProps {
  readonly open: Open
  readonly acts: AccountActs
  readonly data: AccountList | undefined
  readonly onTurnOn: (() => void) | null
  readonly onClose: () => void
}

function Dialogs({ open, acts, data, onTurnOn, onClose }: DialogsProps) {
  switch (open.kind) {
    case 'administrator':
      return <AdministratorForm onMake={acts.makeAdministrator} onTurnOn={onTurnOn} onClose={onClose} />
    case 'user':
      return <UserForm taken={new Set(data?.users.items.map(({ name }) => name))} onCreate={acts.createUser} onClose={onClose} />
    case 'password':
      return <PasswordForm name={open.user.name} onSet={(password) => acts.setPassword(open.user.name, password)} onClose={onClose} />
    case 'bind': {
      const roles = data?.roles.items.map(({ name }) => name) ?? []
      return <BindForm user={open.user} roles={roles} onBind={(role) => acts.bindRole(open.user, role)} onClose={onClose} />
    }
    case 'permission':
      return <PermissionForm role={open.role} onAdd={acts.addPermission} onClose={onClose} />
  }
}
