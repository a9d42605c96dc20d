/** Commands and records of accounts as bytes. Owns the format and nothing else; decoding never throws. */

import type { AccountCommand, PermissionRow, UserRow } from './account-words.ts'
import { decodeTextCommand, decodeTexts, encodeTextCommand, encodeTexts } from './texts-codec.ts'

/** Kinds are format: only ever append. */
const kinds: Readonly<Record<AccountCommand['kind'], number>> = {
  'create-user': 52,
  'set-password': 53,
  'delete-user': 54,
  'add-role': 55,
  'drop-role': 56,
  'add-permission': 57,
  'drop-permission': 58,
  'init-admin': 59,
}
export const accountKinds: readonly [from: number, to: number] = [52, 59]

const textsOf = (command: AccountCommand): readonly string[] => {
  switch (command.kind) {
    case 'create-user':
    case 'set-password':
    case 'init-admin':
      return [command.name, command.passwordHash]
    case 'delete-user':
      return [command.name]
    case 'add-role':
    case 'drop-role':
      return [command.role, command.name]
    case 'add-permission':
    case 'drop-permission':
      return [command.role, command.resource, command.action]
  }
}

export const encodeAccountCommand = (command: AccountCommand): Uint8Array => encodeTextCommand(kinds[command.kind], textsOf(command))

type Reader = (bytes: Uint8Array) => AccountCommand | null

const withPassword =
  (kind: 'create-user' | 'set-password' | 'init-admin'): Reader =>
  (bytes) => {
    const [name, passwordHash = ''] = decodeTextCommand(bytes, 2) ?? []
    return name === undefined || name === '' ? null : { kind, name, passwordHash }
  }
const withRole =
  (kind: 'add-role' | 'drop-role'): Reader =>
  (bytes) => {
    const [role, name = ''] = decodeTextCommand(bytes, 2) ?? []
    return role === undefined || role === '' ? null : { kind, role, name }
  }
const withPermission =
  (kind: 'add-permission' | 'drop-permission'): Reader =>
  (bytes) => {
    const [role, resource = '', action = ''] = decodeTextCommand(bytes, 3) ?? []
    return role === undefined || !/^(r|w|rw)$/.test(action) ? null : { kind, role, resource, action }
  }

const readers: Readonly<Record<AccountCommand['kind'], Reader>> = {
  'create-user': withPassword('create-user'),
  'set-password': withPassword('set-password'),
  'delete-user': (bytes) => {
    const [name] = decodeTextCommand(bytes, 1) ?? []
    return name === undefined ? null : { kind: 'delete-user', name }
  },
  'add-role': withRole('add-role'),
  'drop-role': withRole('drop-role'),
  'add-permission': withPermission('add-permission'),
  'drop-permission': withPermission('drop-permission'),
  'init-admin': withPassword('init-admin'),
}
const byKind: ReadonlyMap<number, Reader> = new Map((Object.keys(kinds) as AccountCommand['kind'][]).map((kind) => [kinds[kind], readers[kind]]))

/** @returns null for what no version of ours wrote */
export const decodeAccountCommand = (bytes: Uint8Array): AccountCommand | null => byKind.get(bytes[1] ?? 0)?.(bytes) ?? null

/** A record is a user with its roles, or a role with its permissions; the first letter of the key says which. */
export const userKey = (name: string): string => `u${name}`
export const roleKey = (role: string): string => `r${role}`

export const userBytes = ({ passwordHash, roles }: UserRow): Uint8Array => encodeTexts([passwordHash, ...roles])
export const roleBytes = (permissions: readonly PermissionRow[]): Uint8Array =>
  encodeTexts(permissions.flatMap(({ resource, action }) => [resource, action]))

export type AccountRecord =
  | { readonly kind: 'user'; readonly row: UserRow }
  | { readonly kind: 'role'; readonly role: string; readonly permissions: readonly PermissionRow[] }

export const readRecord = (key: string, value: Uint8Array): AccountRecord | null => {
  const texts = decodeTexts(value)
  const name = key.slice(1)
  if (texts === null) return null
  if (key.startsWith('u')) {
    const [passwordHash, ...roles] = texts
    return passwordHash === undefined ? null : { kind: 'user', row: { name, passwordHash, roles } }
  }
  if (!key.startsWith('r') || texts.length % 2 !== 0) return null
  const permissions = texts.flatMap((resource, at) => (at % 2 === 0 ? [{ role: name, resource, action: texts[at + 1] as string }] : []))
  return { kind: 'role', role: name, permissions }
}
