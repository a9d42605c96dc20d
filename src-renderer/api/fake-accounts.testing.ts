/** For component tests only: the contract's `accounts`, kept in memory by the nodes' own rules. */

import { implement } from '@orpc/server'
import { administratorRole, contract, type PermissionInput, type Refusal } from '../../src-main/contract/index.ts'

/** Notes the call; throws what the test asked for. */
type Enter = (path: string, input: unknown, refused: (options: { data: Refusal }) => Error) => void

export interface FakeAccountsOptions {
  /** Roles by user. */
  readonly users?: Readonly<Record<string, readonly string[]>>
  readonly permissions?: readonly PermissionInput[]
}

export function createFakeAccounts(enter: Enter, options: FakeAccountsOptions) {
  const os = implement(contract).accounts
  const users = new Map(Object.entries(options.users ?? {}).map(([name, roles]) => [name, [...roles]]))
  let permissions = [...(options.permissions ?? [])]
  const isBound = (role: string) => [...users.values()].some((roles) => roles.includes(role))
  const roleNames = () => [...new Set([...users.values()].flat())].sort()
  const isSame = (a: PermissionInput, b: PermissionInput) => a.role === b.role && a.resource === b.resource && a.action === b.action
  return {
    list: os.list.handler(({ input, errors }) => {
      enter('accounts.list', input, errors.REFUSED)
      const found = [...users].filter(([name]) => name.includes(input.search)).map(([name, roles]) => ({ name, roles: [...roles] }))
      const roles = roleNames()
        .filter((name) => name.includes(input.search))
        .map((name) => ({
          name,
          users: [...users].flatMap(([user, held]) => (held.includes(name) ? [user] : [])),
          permissions: permissions.filter(({ role }) => role === name).map(({ resource, action }) => ({ resource, action })),
        }))
      return {
        nodeId: 1,
        hasAdministrator: isBound(administratorRole),
        users: { total: found.length, items: found },
        roles: { total: roles.length, items: roles },
        complete: true,
      }
    }),
    askCallers: os.askCallers.handler(({ input, errors }) => enter('accounts.askCallers', input, errors.REFUSED)),
    makeAdministrator: os.makeAdministrator.handler(({ input, errors }) => {
      enter('accounts.makeAdministrator', input, errors.REFUSED)
      users.set('nacos', [administratorRole])
      return { name: 'nacos', password: input.password ?? 'made-up-by-the-node' }
    }),
    createUser: os.createUser.handler(({ input, errors }) => {
      enter('accounts.createUser', input, errors.REFUSED)
      users.set(input.name, [])
    }),
    setPassword: os.setPassword.handler(({ input, errors }) => enter('accounts.setPassword', input, errors.REFUSED)),
    deleteUser: os.deleteUser.handler(({ input, errors }) => {
      enter('accounts.deleteUser', input, errors.REFUSED)
      users.delete(input.name)
    }),
    bindRole: os.bindRole.handler(({ input, errors }) => {
      enter('accounts.bindRole', input, errors.REFUSED)
      users.get(input.name)?.push(input.role)
    }),
    unbindRole: os.unbindRole.handler(({ input, errors }) => {
      enter('accounts.unbindRole', input, errors.REFUSED)
      users.set(input.name, users.get(input.name)?.filter((role) => role !== input.role) ?? [])
      permissions = permissions.filter(({ role }) => isBound(role))
    }),
    addPermission: os.addPermission.handler(({ input, errors }) => {
      enter('accounts.addPermission', input, errors.REFUSED)
      permissions.push(input)
    }),
    dropPermission: os.dropPermission.handler(({ input, errors }) => {
      enter('accounts.dropPermission', input, errors.REFUSED)
      permissions = permissions.filter((each) => !isSame(each, input))
    }),
  }
}
