/** `/v1/auth` (nacos-http 13): users, roles, permissions and the login, in RestResults and bare pages. */

import { type AccountWords, createAccountChanges } from '../accounts/account-changes.ts'
import { createAccountLists, type Page } from '../accounts/account-lists.ts'
import { createLogin } from '../accounts/login.ts'
import type { Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { jsonAnswer, restResultAnswer, resultAnswer, sendIfThere } from '../result.ts'
import type { Handler, Route } from '../router.ts'

const words: AccountWords = {
  done: restResultAnswer,
  conflict: (text) => jsonAnswer({ code: 409, message: text, data: null }),
  administrator: jsonAnswer,
}

const list =
  (read: (parameters: Parameters) => Page | readonly string[]): Handler =>
  (_request, response, parameters) =>
    sendIfThere(response, jsonAnswer(read(parameters)))

export const accountRoutes = (parts: HttpParts): Readonly<Record<string, Route>> => {
  const changes = createAccountChanges(parts, words)
  const lists = createAccountLists(parts.auth)
  const login: Route = { access: 'open', POST: createLogin(parts) }
  return {
    '/v1/auth/login': login,
    '/v1/auth/users/login': login,
    '/v1/auth/users': {
      access: 'admin',
      // One's own password may be changed by oneself, which is looked at there.
      accessTo: { PUT: 'signed-in' },
      GET: list(lists.users),
      POST: (request, response, parameters) => changes.createUser({ request, response, parameters }),
      PUT: (request, response, parameters) => changes.setPassword({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.deleteUser({ request, response, parameters }),
    },
    // Works once, while there is no administrator at all.
    '/v1/auth/users/admin': { access: 'open', POST: (request, response, parameters) => changes.initAdministrator({ request, response, parameters }) },
    '/v1/auth/users/search': { access: 'admin', GET: list(lists.userNames) },
    '/v1/auth/roles': {
      access: 'admin',
      GET: list(lists.roles),
      POST: (request, response, parameters) => changes.addRole({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.dropRole({ request, response, parameters }),
    },
    '/v1/auth/roles/search': { access: 'admin', GET: list(lists.roleNames) },
    '/v1/auth/permissions': {
      access: 'admin',
      GET: (request, response, parameters) => {
        if (parameters.has('search') || parameters.has('pageNo')) list(lists.permissions)(request, response, parameters)
        else sendIfThere(response, resultAnswer(lists.hasPermission(parameters)))
      },
      POST: (request, response, parameters) => changes.addPermission({ request, response, parameters }),
      DELETE: (request, response, parameters) => changes.dropPermission({ request, response, parameters }),
    },
  }
}
