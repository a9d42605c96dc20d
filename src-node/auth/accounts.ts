/** What logins and decisions read of users, roles and permissions: this node's own applied state. Types only. */

import type { Permission } from './permission-match.ts'

export interface Accounts {
  /** Undefined: there is no such user. */
  passwordHash(name: string): string | undefined
  rolesOf(name: string): readonly string[]
  permissionsOf(role: string): readonly Permission[]
}
