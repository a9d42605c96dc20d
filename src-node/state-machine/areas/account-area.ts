/**
 * Users, roles and permissions in the state machine: commands, memory and records. It keeps the rules that no race may break: one first
 * administrator, who stays; nobody inherits what another had under the same name. Names and passwords are the API's to judge.
 */

import { accountKinds, decodeAccountCommand, readRecord, roleBytes, roleKey, userBytes, userKey } from './account-codec.ts'
import type { AccountCommand, AccountRefusal, AccountReply, PermissionRow, UserRow } from './account-words.ts'
import type { Area, AreaStep } from './area.ts'
import { createUndoMap } from './undo-map.ts'

export const accountArea = 5
const area = accountArea
/** Whoever has it may do everything. */
export const administratorRole = 'ROLE_ADMIN'

/** All are in memory; a user takes about 400 bytes. */
export const usersMax = 10_000
const rolesOfUserMax = 100
const permissionsOfRoleMax = 1_000

const noRoles: readonly string[] = []
const noPermissions: readonly PermissionRow[] = []

export interface AccountArea extends Area {
  user(name: string): UserRow | undefined
  /** In no order that means anything. */
  users(): IterableIterator<UserRow>
  permissionsOf(role: string): readonly PermissionRow[]
  /** Of all roles. */
  permissions(): IterableIterator<readonly PermissionRow[]>
  hasAdministrator(): boolean
  /** Somebody has it. */
  isBound(role: string): boolean
}

const refused = (why: AccountRefusal): AccountReply => ({ kind: 'account-refused', why })
const isSame = (a: PermissionRow, b: PermissionRow): boolean => a.resource === b.resource && a.action === b.action

export const createAccountArea = (): AccountArea => {
  const users = createUndoMap<string, UserRow>()
  const permissions = createUndoMap<string, readonly PermissionRow[]>()

  const rolesOf = (name: string): readonly string[] => users.get(name)?.roles ?? noRoles
  const permissionsOf = (role: string): readonly PermissionRow[] => permissions.get(role) ?? noPermissions
  const isBound = (role: string): boolean => {
    for (const { roles } of users.values()) if (roles.includes(role)) return true
    return false
  }

  const done = (step: AreaStep): AccountReply => ({ kind: 'account-done', index: step.index })
  const putUser = (step: AreaStep, row: UserRow): AccountReply => {
    users.set(row.name, row)
    step.put(area, userKey(row.name), userBytes(row))
    return done(step)
  }
  const putPermissions = (step: AreaStep, role: string, rows: readonly PermissionRow[]): AccountReply => {
    if (rows.length > 0) {
      permissions.set(role, rows)
      step.put(area, roleKey(role), roleBytes(rows))
    } else {
      permissions.delete(role)
      step.drop(area, roleKey(role))
    }
    return done(step)
  }
  /** A role is there as long as somebody has it: its permissions go with the last one. */
  const forgetUnbound = (step: AreaStep, roles: readonly string[]): void => {
    for (const role of roles) if (!isBound(role)) putPermissions(step, role, noPermissions)
  }

  const createUser = (step: AreaStep, name: string, passwordHash: string): AccountReply => {
    if (users.get(name) !== undefined) return refused('user-exists')
    return users.size() >= usersMax ? refused('too-many-accounts') : putUser(step, { name, passwordHash, roles: noRoles })
  }
  const deleteUser = (step: AreaStep, name: string): AccountReply => {
    const user = users.get(name)
    if (user === undefined) return done(step)
    if (user.roles.includes(administratorRole)) return refused('user-is-admin')
    users.delete(name)
    step.drop(area, userKey(name))
    forgetUnbound(step, user.roles)
    return done(step)
  }
  const addRole = (step: AreaStep, role: string, name: string): AccountReply => {
    const user = users.get(name)
    if (role === administratorRole) return refused('role-is-admin')
    if (user === undefined) return refused('user-unknown')
    if (user.roles.includes(role)) return refused('role-bound')
    return user.roles.length >= rolesOfUserMax ? refused('too-many-accounts') : putUser(step, { ...user, roles: [...user.roles, role] })
  }
  const dropRole = (step: AreaStep, role: string, name: string): AccountReply => {
    if (role === administratorRole) return refused('role-is-admin')
    for (const user of [...users.values()]) {
      const roles = user.roles.filter((other) => other !== role)
      if (roles.length < user.roles.length && (name === '' || name === user.name)) putUser(step, { ...user, roles })
    }
    forgetUnbound(step, [role])
    return done(step)
  }
  const addPermission = (step: AreaStep, row: PermissionRow): AccountReply => {
    if (!isBound(row.role)) return refused('role-unknown')
    const rows = permissionsOf(row.role)
    if (rows.some((other) => isSame(other, row))) return done(step)
    return rows.length >= permissionsOfRoleMax ? refused('too-many-accounts') : putPermissions(step, row.role, [...rows, row])
  }
  const dropPermission = (step: AreaStep, row: PermissionRow): AccountReply => {
    const rows = permissionsOf(row.role)
    const left = rows.filter((other) => !isSame(other, row))
    return left.length === rows.length ? done(step) : putPermissions(step, row.role, left)
  }

  const carryOut = (command: AccountCommand, step: AreaStep): AccountReply => {
    switch (command.kind) {
      case 'create-user':
        return createUser(step, command.name, command.passwordHash)
      case 'set-password': {
        const user = users.get(command.name)
        return user === undefined ? refused('user-unknown') : putUser(step, { ...user, passwordHash: command.passwordHash })
      }
      case 'delete-user':
        return deleteUser(step, command.name)
      case 'add-role':
        return addRole(step, command.role, command.name)
      case 'drop-role':
        return dropRole(step, command.role, command.name)
      case 'add-permission':
      case 'drop-permission': {
        const { kind, role, resource, action } = command
        return (kind === 'add-permission' ? addPermission : dropPermission)(step, { role, resource, action })
      }
      case 'init-admin': {
        const { name, passwordHash } = command
        if (isBound(administratorRole)) return refused('admin-exists')
        return putUser(step, { name, passwordHash, roles: [...rolesOf(name), administratorRole] })
      }
    }
  }

  const adoptUser = (key: string, value: Uint8Array | null, step: AreaStep): boolean => {
    const record = value === null ? null : readRecord(key, value)
    const row = record?.kind === 'user' ? record.row : null
    if (value !== null && (row === null || row.name === '' || row.roles.length > rolesOfUserMax)) return false
    if (row === null) {
      users.delete(key.slice(1))
      step.drop(area, key)
      return true
    }
    if (users.get(row.name) === undefined && users.size() >= usersMax) return false
    putUser(step, row)
    return true
  }
  const adoptRole = (key: string, value: Uint8Array | null, step: AreaStep): boolean => {
    const record = readRecord(key, value ?? roleBytes(noPermissions))
    if (record?.kind !== 'role' || record.role === '' || record.permissions.length > permissionsOfRoleMax) return false
    putPermissions(step, record.role, record.permissions)
    return true
  }

  return {
    numbers: [area],
    kinds: accountKinds,
    load: ({ key, value }) => {
      const record = readRecord(key, value)
      if (record?.kind === 'user') users.set(record.row.name, record.row)
      if (record?.kind === 'role') permissions.set(record.role, record.permissions)
      users.publish()
      permissions.publish()
    },
    apply: (payload, step) => {
      const command = decodeAccountCommand(payload)
      return command === null ? { kind: 'invalid-command' } : carryOut(command, step)
    },
    adopt: (key, value, step) => (key.startsWith('u') ? adoptUser : adoptRole)(key, value, step),
    publish: () => {
      users.publish()
      permissions.publish()
    },
    discard: () => {
      users.discard()
      permissions.discard()
    },
    changeOf: () => null,
    user: users.get,
    users: users.values,
    permissionsOf,
    permissions: permissions.values,
    hasAdministrator: () => isBound(administratorRole),
    isBound,
  }
}
