/** Users, roles and permissions as the whole machine carries them out. */

import { describe, expect, it } from 'vitest'
import { usersMax } from './account-area.ts'
import { encodeAccountCommand } from './account-codec.ts'
import type { AccountCommand } from './account-words.ts'
import { createAreaWorld } from './area-step.testing.ts'
import { encodeTextCommand } from './texts-codec.ts'

const start = (world = createAreaWorld()) => {
  const run = (command: AccountCommand, keep?: boolean): string => {
    const reply = world.apply(encodeAccountCommand(command), keep)
    return reply.kind === 'account-refused' ? reply.why : reply.kind
  }
  const accounts = () => world.machine.areas().accounts
  return {
    ...{ ...world, run, accounts },
    user: (name: string) => run({ kind: 'create-user', name, passwordHash: `hash of ${name}` }),
    deleteUser: (name: string) => run({ kind: 'delete-user', name }),
    bind: (role: string, name: string) => run({ kind: 'add-role', role, name }),
    unbind: (role: string, name = '') => run({ kind: 'drop-role', role, name }),
    permit: (role: string, resource = 'dev:*:*', action = 'rw') => run({ kind: 'add-permission', role, resource, action }),
    forbid: (role: string, resource = 'dev:*:*', action = 'rw') => run({ kind: 'drop-permission', role, resource, action }),
    admin: (name = 'nacos') => run({ kind: 'init-admin', name, passwordHash: 'hash of admin' }),
    rolesOf: (name: string) => accounts().user(name)?.roles,
  }
}

describe('a user', () => {
  it('is made once, gets another password, and goes', () => {
    const { user, run, deleteUser, accounts } = start()
    expect([user('ann'), user('ann')]).toEqual(['account-done', 'user-exists'])
    expect(run({ kind: 'set-password', name: 'ann', passwordHash: 'other' })).toBe('account-done')
    expect(accounts().user('ann')).toEqual({ name: 'ann', passwordHash: 'other', roles: [] })
    expect([deleteUser('ann'), deleteUser('ann')]).toEqual(['account-done', 'account-done'])
    expect([...accounts().users()]).toEqual([])
    expect(run({ kind: 'set-password', name: 'ann', passwordHash: 'x' })).toBe('user-unknown')
  })

  it('who comes under the name of one that went has none of its roles', () => {
    const { user, bind, permit, deleteUser, rolesOf, accounts } = start()
    user('ann')
    bind('dev', 'ann')
    permit('dev')
    deleteUser('ann')
    user('ann')
    expect(rolesOf('ann')).toEqual([])
    bind('dev', 'ann')
    expect(accounts().permissionsOf('dev')).toEqual([])
  })
})

describe('the first administrator', () => {
  it('is made while there is none, and never again', () => {
    const { admin, accounts, rolesOf } = start()
    expect(accounts().hasAdministrator()).toBe(false)
    expect([admin(), admin(), admin('mallory')]).toEqual(['account-done', 'admin-exists', 'admin-exists'])
    expect([accounts().hasAdministrator(), rolesOf('nacos')]).toEqual([true, ['ROLE_ADMIN']])
  })

  it('cannot be deleted, and nobody gives or takes the role', () => {
    const { admin, user, deleteUser, bind, unbind, rolesOf } = start()
    admin()
    user('ann')
    expect([deleteUser('nacos'), bind('ROLE_ADMIN', 'ann'), unbind('ROLE_ADMIN', 'nacos'), unbind('ROLE_ADMIN')]).toEqual([
      ...['user-is-admin', 'role-is-admin', 'role-is-admin', 'role-is-admin'],
    ])
    expect(rolesOf('nacos')).toEqual(['ROLE_ADMIN'])
  })

  it('may be a user that is there, who keeps its roles', () => {
    const { admin, user, bind, rolesOf } = start()
    user('nacos')
    bind('dev', 'nacos')
    admin()
    expect(rolesOf('nacos')).toEqual(['dev', 'ROLE_ADMIN'])
  })
})

describe('a role', () => {
  it('is bound to users who are there, once each', () => {
    const { user, bind, rolesOf } = start()
    user('ann')
    expect([bind('dev', 'bob'), bind('dev', 'ann'), bind('dev', 'ann')]).toEqual(['user-unknown', 'account-done', 'role-bound'])
    expect(rolesOf('ann')).toEqual(['dev'])
  })

  it('leaves one user, or all; its permissions go with the last', () => {
    const { user, bind, unbind, permit, rolesOf, accounts } = start()
    for (const name of ['ann', 'bob', 'eve']) {
      user(name)
      bind('dev', name)
    }
    permit('dev')
    unbind('dev', 'ann')
    expect([rolesOf('ann'), rolesOf('bob'), accounts().permissionsOf('dev').length]).toEqual([[], ['dev'], 1])
    unbind('dev')
    expect([rolesOf('bob'), rolesOf('eve'), accounts().permissionsOf('dev')]).toEqual([[], [], []])
  })

  it('has a limit for each user', () => {
    const { user, bind } = start()
    user('ann')
    for (let at = 0; at < 100; at++) bind(`r${at}`, 'ann')
    expect(bind('one-more', 'ann')).toBe('too-many-accounts')
  })
})

describe('a permission', () => {
  it('is given to a role that somebody has, and is there once', () => {
    const { user, bind, permit, forbid, accounts } = start()
    expect(permit('dev')).toBe('role-unknown')
    user('ann')
    bind('dev', 'ann')
    expect([permit('dev'), permit('dev'), permit('dev', 'test:*:*', 'r')]).toEqual(['account-done', 'account-done', 'account-done'])
    expect([...accounts().permissions()].flat()).toEqual([
      { role: 'dev', resource: 'dev:*:*', action: 'rw' },
      { role: 'dev', resource: 'test:*:*', action: 'r' },
    ])
    expect([forbid('dev', 'dev:*:*', 'r'), forbid('dev'), forbid('dev', 'test:*:*', 'r')]).toEqual(['account-done', 'account-done', 'account-done'])
    expect([...accounts().permissions()]).toEqual([])
  })

  it('has a limit for each role', () => {
    const { user, bind, permit, accounts } = start()
    user('ann')
    bind('dev', 'ann')
    for (let at = 0; at < 1_000; at++) permit('dev', `n${at}:*:*`)
    expect(permit('dev', 'one-more:*:*')).toBe('too-many-accounts')
    expect(accounts().permissionsOf('dev').length).toBe(1_000)
  })
})

it('loads what it stored', () => {
  const first = start()
  first.admin()
  first.user('ann')
  first.bind('dev', 'ann')
  first.permit('dev', 'dev:*:*', 'r')
  const again = start(createAreaWorld(first.records()))
  expect([...again.accounts().users()]).toEqual([...first.accounts().users()])
  expect([...again.accounts().permissions()]).toEqual([...first.accounts().permissions()])
  expect(again.accounts().changeOf(5, 'uann', 9)).toBeNull()
})

it('is as it was when its batch is thrown away', () => {
  const { user, bind, run, accounts } = start()
  user('ann')
  bind('dev', 'ann')
  run({ kind: 'add-permission', role: 'dev', resource: '*:*:*', action: 'w' }, false)
  run({ kind: 'delete-user', name: 'ann' }, false)
  expect([accounts().user('ann')?.roles, accounts().permissionsOf('dev')]).toEqual([['dev'], []])
})

it.each([
  ['no user at all', encodeTextCommand(52, ['', 'hash'])],
  ['a user without a hash', encodeTextCommand(52, ['ann'])],
  ['nobody to delete', encodeTextCommand(54, [])],
  ['a role without a name', encodeTextCommand(55, ['', 'ann'])],
  ['a role without a user', encodeTextCommand(55, ['dev'])],
  ['an action that is none', encodeTextCommand(57, ['dev', '*:*:*', 'x'])],
  ['a permission of too few texts', encodeTextCommand(57, ['dev'])],
])('carries nothing out for %s', (_what, payload) => {
  expect(start().apply(payload)).toEqual({ kind: 'invalid-command' })
})

it('passes over records that it cannot read', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const records = [
    ...[bytes('no JSON'), bytes('[]')].map((value, at) => ({ area: 5 as const, key: `uuser${at}`, value })),
    ...[
      { area: 5 as const, key: 'rodd', value: bytes('["a:*:*"]') },
      { area: 5 as const, key: 'xother', value: bytes('["a","b"]') },
    ],
  ]
  const { accounts } = start(createAreaWorld(records))
  expect([[...accounts().users()], [...accounts().permissions()]]).toEqual([[], []])
})

it('takes so many users and no more', () => {
  const value = new TextEncoder().encode('["hash"]')
  const { user } = start(createAreaWorld(Array.from({ length: usersMax }, (_, at) => ({ area: 5, key: `u${at}`, value }))))
  expect(user('one-more')).toBe('too-many-accounts')
})
