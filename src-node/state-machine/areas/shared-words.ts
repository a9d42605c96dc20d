/**
 * The words of records that Nacos itself keeps in tables of its database (nacos-storage 1.2, 1.5), so that in MySQL mode they stand there too:
 * namespaces, users, roles with permissions, gray versions, capacities. Types only.
 */

import type { AreaNumber, ConfigKey } from '../types.ts'
import type { PermissionRow, UserRow } from './account-words.ts'
import type { CapacityRow, CapacityScope } from './capacity-words.ts'
import type { GrayRow } from './gray-words.ts'
import type { NamespaceRow } from './namespace-words.ts'

/** Which record, in the words of the tables. */
export type SharedName =
  | { readonly kind: 'namespace'; readonly id: string }
  /** With its roles. */
  | { readonly kind: 'user'; readonly name: string }
  /** The permissions of it. */
  | { readonly kind: 'role'; readonly role: string }
  | ({ readonly kind: 'gray'; readonly grayName: string } & ConfigKey)
  | { readonly kind: 'capacity'; readonly scope: CapacityScope; readonly name: string }

export type SharedRecord =
  | ({ readonly kind: 'namespace' } & NamespaceRow)
  | ({ readonly kind: 'user' } & UserRow)
  | { readonly kind: 'role'; readonly role: string; readonly permissions: readonly PermissionRow[] }
  | ({ readonly kind: 'gray'; readonly content: Uint8Array } & GrayRow)
  | ({ readonly kind: 'capacity' } & CapacityRow)

/** As the state's hash counts a record: two lanes of 32 bits, signed. */
export interface RecordHash {
  readonly high: number
  readonly low: number
}

/**
 * What a shared database holds of a record becomes this cluster's, if the record here is still what the leader compared it with. Proposed by the
 * leader, never by a client.
 */
export interface AdoptRecord {
  readonly area: AreaNumber
  readonly key: string
  /** Of the record that it replaces; null: there is none. */
  readonly expected: RecordHash | null
  /** Null: it is gone there. */
  readonly value: Uint8Array | null
}

export type SharedReply =
  | { readonly kind: 'record-adopted'; readonly index: number }
  /** Changed nothing: it is another by now. */
  | { readonly kind: 'record-changed' }
  /** Changed nothing: over a limit of ours, or of no area that takes it. */
  | { readonly kind: 'record-refused' }
