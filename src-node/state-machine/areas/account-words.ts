/** The words of users, roles and permissions (nacos-http 13): rows, commands, replies. A password is here as its hash, which only a login reads. */

export interface UserRow {
  readonly name: string
  readonly passwordHash: string
  readonly roles: readonly string[]
}

export interface PermissionRow {
  readonly role: string
  /** `<namespace>:<group>:<config|naming>/<name>`, with `*` for anything. */
  readonly resource: string
  /** `r`, `w` or `rw`. */
  readonly action: string
}

export type AccountCommand =
  | { readonly kind: 'create-user' | 'set-password'; readonly name: string; readonly passwordHash: string }
  /** With its roles: who comes later under the same name is somebody else. */
  | { readonly kind: 'delete-user'; readonly name: string }
  | { readonly kind: 'add-role'; readonly role: string; readonly name: string }
  /** `name` `''`: of all users, with its permissions. */
  | { readonly kind: 'drop-role'; readonly role: string; readonly name: string }
  | ({ readonly kind: 'add-permission' | 'drop-permission' } & PermissionRow)
  /** The first administrator; only while there is none. */
  | { readonly kind: 'init-admin'; readonly name: string; readonly passwordHash: string }

export type AccountRefusal =
  | 'user-exists'
  | 'user-unknown'
  /** An administrator is not deleted: the last one could never be made again. */
  | 'user-is-admin'
  /** The administrator's role is neither given nor taken. */
  | 'role-is-admin'
  | 'role-bound'
  | 'role-unknown'
  | 'admin-exists'
  | 'too-many-accounts'

export type AccountReply =
  | { readonly kind: 'account-done'; readonly index: number }
  /** Changed nothing. */
  | { readonly kind: 'account-refused'; readonly why: AccountRefusal }
