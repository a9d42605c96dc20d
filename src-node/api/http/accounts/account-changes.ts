/**
 * What all generations of the API do to users, roles and permissions (nacos-http 13): judge the words, propose, and say what came of it in Nacos's
 * words. It knows no envelopes. A password leaves this file as a hash or not at all.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccountCommand, AccountRefusal } from '../../../state-machine/areas/account-words.ts'
import type { SharedRecord } from '../../../state-machine/areas/shared-words.ts'
import { whenRecordFits } from '../column-excess.ts'
import { type Answer, caused, excerpt, missingParameter, refusal, refuse, springError } from '../errors.ts'
import { addressOf } from '../gate.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { sendIfThere } from '../result.ts'
import { answerLater } from '../v1/answer-later.ts'

/** Who asks, and what with. */
export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly parameters: Parameters
}

/** How a version says that something is done, that nothing is because another was first, or what a first administrator is called. */
export interface AccountWords {
  done(words: string): Answer
  conflict(words: string): Answer
  administrator(user: { readonly username: string; readonly password: string }): Answer
}

export interface AccountChanges {
  createUser(asked: Asked): void
  initAdministrator(asked: Asked): void
  setPassword(asked: Asked): void
  deleteUser(asked: Asked): void
  addRole(asked: Asked): void
  dropRole(asked: Asked): void
  addPermission(asked: Asked): void
  dropPermission(asked: Asked): void
}

/** As wide as Nacos's own columns (nacos-storage 1). */
const limits = { username: 50, role: 50, resource: 128, action: 8, password: 128 } as const
/** The first administrator's name is fixed (nacos-http 13). */
const firstAdministrator = 'nacos'

const isPlain = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text)

const optional = (parameters: Parameters, name: keyof typeof limits): string => {
  const text = limitedText(parameters, name, limits[name])
  return isPlain(text) ? text : refuse(caused(400, `invalid ${name}`))
}

const required = (parameters: Parameters, name: keyof typeof limits): string => {
  if (!parameters.has(name)) refuse(missingParameter(name, 'String'))
  const text = optional(parameters, name)
  return text.trim() === '' ? refuse(caused(400, `${name} is blank`)) : text
}

const passwordOf = (parameters: Parameters, name: 'password' | 'newPassword'): string => {
  if (!parameters.has(name)) refuse(missingParameter(name, 'String'))
  const password = limitedText(parameters, name, limits.password)
  return password === '' ? refuse(caused(400, `${name} is blank`)) : password
}

const actionOf = (parameters: Parameters): string => {
  const action = required(parameters, 'action')
  return action === 'r' || action === 'w' || action === 'rw' ? action : refuse(caused(400, `invalid action : ${excerpt(action)}`))
}

const permissionOf = (parameters: Parameters) => ({
  role: required(parameters, 'role'),
  resource: required(parameters, 'resource'),
  action: actionOf(parameters),
})

const refusalWords = (why: AccountRefusal, command: AccountCommand): string => {
  const name = 'name' in command ? command.name : ''
  const role = 'role' in command ? command.role : ''
  switch (why) {
    case 'user-exists':
      return `user '${name}' already exist!`
    case 'user-unknown':
      return command.kind === 'set-password' ? `user ${name} not exist!` : `user '${name}' not found!`
    case 'user-is-admin':
      return `cannot delete admin: ${name}`
    case 'role-is-admin':
      return `role 'ROLE_ADMIN' is not permitted to ${command.kind === 'add-role' ? 'create' : 'delete'}!`
    case 'role-bound':
      return `user '${name}' already bound to the role '${role}'!`
    case 'role-unknown':
      return `role ${role} not found!`
    case 'admin-exists':
      return 'have admin user cannot use it'
    case 'too-many-accounts':
      return 'there are as many as a cluster takes; delete one first'
  }
}

const subjectOf = (command: AccountCommand): string =>
  ['name' in command ? command.name : '', 'role' in command ? command.role : '', 'resource' in command ? command.resource : '']
    .filter((word) => word !== '')
    .map(excerpt)
    .join(' ')

/** What a command brings, as it would stand in the tables; null: nothing that was not there. */
const recordOf = (command: AccountCommand): SharedRecord | null => {
  switch (command.kind) {
    case 'create-user':
    case 'set-password':
    case 'init-admin':
      return { kind: 'user', name: command.name, passwordHash: command.passwordHash, roles: [] }
    case 'add-role':
      return { kind: 'user', name: command.name, passwordHash: '', roles: [command.role] }
    case 'add-permission':
      return { kind: 'role', role: command.role, permissions: [command] }
    case 'delete-user':
    case 'drop-role':
    case 'drop-permission':
      return null
  }
}

export const createAccountChanges = (parts: HttpParts, words: AccountWords): AccountChanges => {
  const { auth } = parts

  const propose = ({ request, response, parameters }: Asked, command: AccountCommand, done: () => Answer): void => {
    // Now: a client that has gone has no address any more.
    const by = `${parameters.caller().name || 'nobody by name'} from ${addressOf(request)}`
    const note = (outcome: string): void => parts.noted(`${command.kind} ${subjectOf(command)}, asked by ${by}: ${outcome}`)
    const record = recordOf(command)
    const write = (): void =>
      auth.propose(command, (outcome) =>
        answerLater(parts, response, () => {
          if (outcome.kind !== 'applied') sendIfThere(response, refusal(outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
          else if (outcome.reply.kind === 'account-done') {
            note('done')
            sendIfThere(response, done())
          } else if (outcome.reply.kind !== 'account-refused')
            sendIfThere(response, caused(500, 'the nodes could not read this write; nothing was changed'))
          else {
            const { why } = outcome.reply
            note(why)
            sendIfThere(response, why === 'admin-exists' ? words.conflict(refusalWords(why, command)) : caused(400, refusalWords(why, command)))
          }
        }),
      )
    if (record === null) write()
    else whenRecordFits(parts, record, response, write)
  }
  const plain = (asked: Asked, command: AccountCommand, text: string): void => propose(asked, command, () => words.done(text))

  const withHash = (asked: Asked, password: string, go: (hash: string) => void): void =>
    auth.hash(password, (hash) =>
      answerLater(parts, asked.response, () => {
        if (hash === undefined) sendIfThere(asked.response, refusal('overloaded'))
        else go(hash)
      }),
    )

  return {
    createUser: (asked) => {
      const name = required(asked.parameters, 'username')
      const password = passwordOf(asked.parameters, 'password')
      if (name === firstAdministrator)
        sendIfThere(
          asked.response,
          words.conflict('User `nacos` is default admin user. Please use `/nacos/v1/auth/users/admin` API to init `nacos` users. '),
        )
      else withHash(asked, password, (passwordHash) => plain(asked, { kind: 'create-user', name, passwordHash }, 'create user ok!'))
    },
    initAdministrator: (asked) => {
      const given = limitedText(asked.parameters, 'password', limits.password)
      const password = given.trim() === '' ? auth.newPassword() : given
      const name = firstAdministrator
      if (auth.hasAdministrator()) sendIfThere(asked.response, words.conflict('have admin user cannot use it'))
      else
        withHash(asked, password, (passwordHash) =>
          propose(asked, { kind: 'init-admin', name, passwordHash }, () => words.administrator({ username: name, password })),
        )
    },
    setPassword: (asked) => {
      const { request, response, parameters } = asked
      const name = required(parameters, 'username')
      const { isAdmin, name: own } = parameters.caller()
      const password = passwordOf(parameters, 'newPassword')
      const path = (request.url ?? '').split('?', 1)[0] ?? ''
      if (!isAdmin && own !== name)
        sendIfThere(response, springError({ status: 403, message: 'authorization failed!', path, wallMs: parts.clock.wallMs() }))
      else withHash(asked, password, (passwordHash) => plain(asked, { kind: 'set-password', name, passwordHash }, 'update user ok!'))
    },
    deleteUser: (asked) => plain(asked, { kind: 'delete-user', name: required(asked.parameters, 'username') }, 'delete user ok!'),
    addRole: (asked) =>
      plain(asked, { kind: 'add-role', role: required(asked.parameters, 'role'), name: required(asked.parameters, 'username') }, 'add role ok!'),
    dropRole: (asked) => {
      const name = optional(asked.parameters, 'username')
      plain(asked, { kind: 'drop-role', role: required(asked.parameters, 'role'), name }, `delete role of user ${name} ok!`)
    },
    addPermission: (asked) => plain(asked, { kind: 'add-permission', ...permissionOf(asked.parameters) }, 'add permission ok!'),
    dropPermission: (asked) => plain(asked, { kind: 'drop-permission', ...permissionOf(asked.parameters) }, 'delete permission ok!'),
  }
}
