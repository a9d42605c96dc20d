/** Answers the contract's `accounts`: users, roles and permissions through the nodes' public HTTP API (nacos-http 14.4), the switch through the cluster. */

import { z } from 'zod'
import type { AuthSwitch } from '../cluster/auth-switch.ts'
import { type AccountList, actionSchema, administratorRole, type PermissionInput, type RoleView } from '../contract/accounts.ts'
import type { Refusal } from '../contract/errors.ts'
import { demand, type Outcome, type ResultCalls } from './result-calls.ts'
import type { ContractBuilder } from './router.ts'

const path = '/nacos/v3/auth'
/** More are found by a part of their name. */
const usersShownMax = 200
const rolesShownMax = 200
/** Of the whole cluster; with more, what is shown of roles and permissions is not all of it. */
const bindingsMax = 10_000
const permissionsMax = 5_000

const pageSchema = <T extends z.ZodType>(item: T) => z.object({ totalCount: z.number(), pageItems: z.array(item) })
const bindingSchema = z.object({ role: z.string(), username: z.string() })
type Binding = z.infer<typeof bindingSchema>
const permissionSchema = z.object({ role: z.string(), resource: z.string(), action: actionSchema })

const firstPage = (size: number) => ({ pageNo: '1', pageSize: String(size), search: 'blur' })
const partOf = (text: string): string => (text === '' ? '' : `*${text}*`)
/** As a search with `*` judges it. */
const holds = (name: string, text: string): boolean =>
  text.split('*').reduce<number>((from, part) => (from < 0 || name.indexOf(part, from) < 0 ? -1 : name.indexOf(part, from) + part.length), 0) >= 0

const rolesIn = (bindings: readonly Binding[], permissions: readonly z.infer<typeof permissionSchema>[]): RoleView[] => {
  const roles = new Map<string, RoleView>()
  for (const { role, username } of bindings) {
    const known = roles.get(role)
    if (known === undefined) roles.set(role, { name: role, users: [username], permissions: [] })
    else known.users.push(username)
  }
  for (const { role, resource, action } of permissions) roles.get(role)?.permissions.push({ resource, action })
  return [...roles.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Results, no throw. Exported for its test against a real HTTP server. */
export const createAccounts = (calls: ResultCalls) => {
  const order = (method: 'POST' | 'PUT' | 'DELETE', to: string, fields: Readonly<Record<string, string>>): Promise<Outcome<string>> =>
    calls.order(method, `${path}/${to}`, { fields, schema: z.string() })

  const list = async (search: string): Promise<Outcome<AccountList>> => {
    const admins = { pageNo: '1', pageSize: '1', search: 'accurate', role: administratorRole }
    const [users, bindings, permissions, admin] = await Promise.all([
      calls.ask(`${path}/user/list`, { ...firstPage(usersShownMax), username: partOf(search) }, pageSchema(z.object({ username: z.string() }))),
      calls.ask(`${path}/role/list`, firstPage(bindingsMax), pageSchema(bindingSchema)),
      calls.ask(`${path}/permission/list`, { ...firstPage(permissionsMax), role: partOf(search) }, pageSchema(permissionSchema)),
      calls.ask(`${path}/role/list`, admins, pageSchema(bindingSchema)),
    ])
    if (!users.ok) return users
    if (!bindings.ok) return bindings
    if (!permissions.ok) return permissions
    if (!admin.ok) return admin
    const rolesOf = Map.groupBy(bindings.value.pageItems, ({ username }) => username)
    const roles = rolesIn(bindings.value.pageItems, permissions.value.pageItems).filter(({ name }) => holds(name, search))
    const items = users.value.pageItems.map(({ username: name }) => ({ name, roles: (rolesOf.get(name) ?? []).map(({ role }) => role) }))
    const value: AccountList = {
      nodeId: users.nodeId,
      hasAdministrator: admin.value.totalCount > 0,
      users: { total: users.value.totalCount, items },
      roles: { total: roles.length, items: roles.slice(0, rolesShownMax) },
      complete: bindings.value.totalCount <= bindingsMax && permissions.value.totalCount <= permissionsMax,
    }
    return { ...users, value }
  }

  return {
    list,
    makeAdministrator: (password: string | null): Promise<Outcome<{ name: string; password: string }>> =>
      calls.order('POST', `${path}/user/admin`, {
        fields: { password: password ?? '' },
        schema: z
          .object({ username: z.string(), password: z.string() })
          .transform(({ username, password: told }) => ({ name: username, password: told })),
      }),
    createUser: (name: string, password: string) => order('POST', 'user', { username: name, password }),
    setPassword: (name: string, password: string) => order('PUT', 'user', { username: name, newPassword: password }),
    deleteUser: (name: string) => order('DELETE', 'user', { username: name }),
    bindRole: (role: string, name: string) => order('POST', 'role', { role, username: name }),
    unbindRole: (role: string, name: string) => order('DELETE', 'role', { role, username: name }),
    addPermission: (permission: PermissionInput) => order('POST', 'permission', permission),
    dropPermission: (permission: PermissionInput) => order('DELETE', 'permission', permission),
  }
}

export interface AccountPorts {
  readonly calls: ResultCalls
  readonly auth: Pick<AuthSwitch, 'switchTo'>
}

export function accountProcedures(os: ContractBuilder, { calls, auth }: AccountPorts) {
  const accounts = createAccounts(calls)
  const area = os.accounts
  type Refuse = (options: { data: Refusal }) => Error
  const done = async (outcome: Promise<Outcome<unknown>>, refuse: Refuse) => void demand(await outcome, refuse)
  return {
    list: area.list.handler(async ({ input, errors }) => demand(await accounts.list(input.search), errors.REFUSED)),
    askCallers: area.askCallers.handler(async ({ input, errors }) => {
      const result = await auth.switchTo(input.on)
      if (!result.ok) throw errors.REFUSED({ data: result.refusal })
    }),
    makeAdministrator: area.makeAdministrator.handler(async ({ input, errors }) =>
      demand(await accounts.makeAdministrator(input.password), errors.REFUSED),
    ),
    createUser: area.createUser.handler(({ input, errors }) => done(accounts.createUser(input.name, input.password), errors.REFUSED)),
    setPassword: area.setPassword.handler(({ input, errors }) => done(accounts.setPassword(input.name, input.password), errors.REFUSED)),
    deleteUser: area.deleteUser.handler(({ input, errors }) => done(accounts.deleteUser(input.name), errors.REFUSED)),
    bindRole: area.bindRole.handler(({ input, errors }) => done(accounts.bindRole(input.role, input.name), errors.REFUSED)),
    unbindRole: area.unbindRole.handler(({ input, errors }) => done(accounts.unbindRole(input.role, input.name), errors.REFUSED)),
    addPermission: area.addPermission.handler(({ input, errors }) => done(accounts.addPermission(input), errors.REFUSED)),
    dropPermission: area.dropPermission.handler(({ input, errors }) => done(accounts.dropPermission(input), errors.REFUSED)),
  }
}
