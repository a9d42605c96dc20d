/** `/v3/auth` (nacos-http 14.4): what v1 has, in the envelope, but for the login. */

import { type AccountWords, createAccountChanges } from '../accounts/account-changes.ts'
import { createAccountLists, type Page } from '../accounts/account-lists.ts'
import { createLogin } from '../accounts/login.ts'
import { caused } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { resultAnswer, sendResult } from '../result.ts'
import type { Handler, Route } from '../router.ts'

const words: AccountWords = { done: resultAnswer, conflict: (text) => caused(409, text), administrator: resultAnswer }

const list =
  (read: (parameters: Parameters) => Page | readonly string[] | boolean): Handler =>
  (_request, response, parameters) =>
    sendResult(response, read(parameters))

export const accountResultRoutes = (parts: HttpParts): Readonly<Record<string, Route>> => {
  const changes = createAccountChanges(parts, words)
  const lists = createAccountLists(parts.auth)
  return {
    '/v3/auth/user': {
      access: 'admin',
      accessTo: { PUT: 'signed-in' },
      POST: (request, response, parameters) => changes.createUser({ request, response, parameters }),
      PUT: (request, response, parameters) => changes.setPassword({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.deleteUser({ request, response, parameters }),
    },
    '/v3/auth/user/login': { access: 'open', POST: createLogin(parts) },
    // Works once, while there is no administrator at all.
    '/v3/auth/user/admin': { access: 'open', POST: (request, response, parameters) => changes.initAdministrator({ request, response, parameters }) },
    '/v3/auth/user/list': { access: 'admin', GET: list(lists.users) },
    '/v3/auth/user/search': { access: 'admin', GET: list(lists.userNames) },
    '/v3/auth/role': {
      access: 'admin',
      POST: (request, response, parameters) => changes.addRole({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.dropRole({ request, response, parameters }),
    },
    '/v3/auth/role/list': { access: 'admin', GET: list(lists.roles) },
    '/v3/auth/role/search': { access: 'admin', GET: list(lists.roleNames) },
    '/v3/auth/permission': {
      access: 'admin',
      GET: list(lists.hasPermission),
      POST: (request, response, parameters) => changes.addPermission({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.dropPermission({ request, response, parameters }),
    },
    '/v3/auth/permission/list': { access: 'admin', GET: list(lists.permissions) },
  }
}
