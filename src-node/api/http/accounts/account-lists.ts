/**
 * Lists of users, roles and permissions, by page and by part of a name (nacos-http 13), from this node's own applied state. Never a hash: where
 * Nacos shows one there is a text that says nothing, which the console needs to be one.
 */

import type { UserRow } from '../../../state-machine/areas/account-words.ts'
import { caused, excerpt, refuse } from '../errors.ts'
import { limitedText, type Parameters, positiveInt } from '../parameters.ts'
import type { AuthPort } from '../ports.ts'
import { globMatcher } from '../v1/glob.ts'

export interface Page {
  readonly totalCount: number
  readonly pageNumber: number
  readonly pagesAvailable: number
  readonly pageItems: readonly object[]
}

export interface AccountLists {
  users(parameters: Parameters): Page
  userNames(parameters: Parameters): readonly string[]
  roles(parameters: Parameters): Page
  roleNames(parameters: Parameters): readonly string[]
  permissions(parameters: Parameters): Page
  hasPermission(parameters: Parameters): boolean
}

const shownPassword = '******'
const nameCharactersMax = 256

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const pageOf = (parameters: Parameters, rows: readonly object[]): Page => {
  const pageNumber = positiveInt(parameters, 'pageNo')
  const pageSize = positiveInt(parameters, 'pageSize')
  const from = (pageNumber - 1) * pageSize
  const pageItems = rows.slice(from, from + pageSize)
  return { totalCount: rows.length, pageNumber, pagesAvailable: Math.ceil(rows.length / pageSize), pageItems }
}

/** `*` counts in a blurred search alone; nothing at all fits everything. */
const filterBy = (parameters: Parameters, name: string): ((text: string) => boolean) => {
  const search = limitedText(parameters, 'search', 32)
  if (search !== '' && search !== 'accurate' && search !== 'blur') refuse(caused(400, `invalid search : ${excerpt(search)}`))
  const wanted = limitedText(parameters, name, nameCharactersMax)
  if (wanted === '') return () => true
  return search === 'blur' ? globMatcher(wanted) : (text) => text === wanted
}

const partOf = (parameters: Parameters, name: string): ((text: string) => boolean) => {
  const part = limitedText(parameters, name, nameCharactersMax).toLowerCase()
  return (text) => text.toLowerCase().includes(part)
}

export const createAccountLists = (auth: AuthPort): AccountLists => {
  const sortedUsers = (): UserRow[] => [...auth.users()].sort((a, b) => byText(a.name, b.name))
  return {
    users: (parameters) => {
      const fits = filterBy(parameters, 'username')
      const found = sortedUsers().filter(({ name }) => fits(name))
      return pageOf(
        parameters,
        found.map(({ name }) => ({ username: name, password: shownPassword })),
      )
    },
    userNames: (parameters) => {
      const fits = partOf(parameters, 'username')
      return sortedUsers().flatMap(({ name }) => (fits(name) ? [name] : []))
    },
    roles: (parameters) => {
      const fitsUser = filterBy(parameters, 'username')
      const fitsRole = filterBy(parameters, 'role')
      const bindings = sortedUsers().flatMap(({ name, roles }) =>
        fitsUser(name) ? roles.filter(fitsRole).map((role) => ({ role, username: name })) : [],
      )
      return pageOf(
        parameters,
        bindings.sort((a, b) => byText(a.role, b.role)),
      )
    },
    roleNames: (parameters) => {
      const fits = partOf(parameters, 'role')
      return [...new Set(sortedUsers().flatMap(({ roles }) => roles.filter(fits)))].sort(byText)
    },
    permissions: (parameters) => {
      const fits = filterBy(parameters, 'role')
      const rows = [...auth.permissions()].flat().filter(({ role }) => fits(role))
      return pageOf(
        parameters,
        rows.sort((a, b) => byText(a.role, b.role) || byText(a.resource, b.resource)),
      )
    },
    hasPermission: (parameters) => {
      const wanted = { role: '', resource: '', action: '' }
      for (const name of ['role', 'resource', 'action'] as const) wanted[name] = limitedText(parameters, name, nameCharactersMax)
      const { role, resource, action } = wanted
      return [...auth.permissions()].flat().some((row) => row.role === role && row.resource === resource && row.action === action)
    },
  }
}
