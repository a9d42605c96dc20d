/** The sentences for what is wrong with a shared database: a cause and a next step for every code that a node or a test can give. Pure. */

import type { TFunction } from 'i18next'
import type { en } from '../i18n/en/index.ts'

type Words = TFunction<'storage'>
export type CauseName = keyof typeof en.storage.cause
export type NextName = keyof typeof en.storage.next

/** Which cause and which next step go with a code; a code that is not among them is MySQL's own affair, whose words are shown. */
const byCode: Readonly<Record<string, readonly [CauseName, NextName]>> = {
  'host-unknown': ['host-unknown', 'correct-host-name'],
  'connection-refused': ['connection-refused', 'start-server-or-correct-port'],
  'no-answer': ['no-answer', 'check-network-and-firewall'],
  'connection-lost': ['connection-lost', 'try-again'],
  'access-denied': ['access-denied', 'correct-user-or-password'],
  'database-missing': ['database-missing', 'create-database'],
  'right-missing': ['right-missing', 'grant-rights'],
  'too-many-connections': ['too-many-connections', 'raise-max-connections'],
  'read-only': ['read-only', 'name-the-primary'],
  'rows-held': ['rows-held', 'end-transaction'],
  'disk-full': ['disk-full', 'make-room'],
  'schema-unknown': ['schema-unknown', 'choose-another-database'],
  'schema-newer': ['schema-newer', 'update-app'],
  'not-understood': ['not-understood', 'start-server-or-correct-port'],
  'version-old': ['version-old', 'upgrade-server'],
  foreign: ['foreign', 'adopt-or-choose-another'],
  ahead: ['ahead', 'adopt-or-choose-another'],
  'ids-taken': ['ids-taken', 'new-folder-or-empty'],
  'row-unreadable': ['cannotTakeOver', 'see-words'],
  disk_full: ['leader-disk-full', 'make-room'],
  'case-ignored': ['case-ignored', 'none'],
  'charset-narrow': ['charset-narrow', 'convert-to-utf8mb4'],
  'not-durable': ['not-durable', 'set-durable'],
  filling: ['filling', 'wait'],
  no_quorum: ['cannotTakeOver', 'try-again'],
  outcome_unknown: ['cannotTakeOver', 'try-again'],
  unknown: ['cannotTakeOver', 'try-again'],
  overloaded: ['cannotTakeOver', 'try-again'],
}

/** What a sentence may name if the trouble itself does not. */
export interface PlaceFacts {
  readonly addresses: readonly string[]
  readonly user: string
  readonly database: string
}

export interface TroubleWords {
  readonly cause: string
  readonly next: string
}

/** As people write it. */
export const productName = (name: string): string => (name === 'mariadb' ? 'MariaDB' : name === 'mysql' ? 'MySQL' : name)

/** Everything that a sentence may name; what nobody knows is a question mark, never an empty place. */
const filled = (facts: Readonly<Record<string, string>>, place: PlaceFacts) => {
  const flags = ['innodb_flush_log_at_trx_commit', 'sync_binlog'].flatMap((name) => (facts[name] === undefined ? [] : [`${name}=${facts[name]}`]))
  const known = (name: string): string => facts[name] ?? '?'
  return {
    address: facts.address ?? (facts.host === undefined ? place.addresses.join(', ') : `${facts.host}:${facts.port ?? '?'}`),
    user: facts.user ?? place.user,
    database: facts.database ?? place.database,
    settings: flags.join(', '),
    ...{ rights: known('rights'), name: productName(known('name')), version: known('version'), clusterId: known('clusterId'), index: known('index') },
    ...{ last: known('last'), column: known('column'), collation: known('collation'), charset: known('charset') },
  }
}

/** `null`: the leader is away from its database and nobody knows why. */
export function troubleWords(
  t: Words,
  trouble: { readonly code: string; readonly facts: Readonly<Record<string, string>> } | null,
  place: PlaceFacts,
): TroubleWords {
  const [cause, next] =
    trouble === null ? (['told', 'check-network-and-firewall'] as const) : (byCode[trouble.code] ?? (['other', 'see-words'] as const))
  const facts = filled(trouble?.facts ?? {}, place)
  const exact = cause === 'right-missing' && trouble?.facts.rights !== undefined ? 'rights-missing' : cause
  return { cause: t(`cause.${exact}`, facts), next: t(`next.${next}`, facts) }
}

export type RowCause = 'too-long' | 'characters' | 'duplicate' | 'packet' | 'missing' | 'refused'

/** Why a row was not taken, by its SQLSTATE, and by the words where one state means several things. */
export function rowCause(row: { readonly sqlState: string; readonly message: string }): RowCause {
  if (/max_allowed_packet|packet.*(bigger|larger|too)/i.test(row.message)) return 'packet'
  if (/incorrect string value/i.test(row.message)) return 'characters'
  if (row.sqlState === '22001') return 'too-long'
  if (/cannot be null|doesn't have a default/i.test(row.message)) return 'missing'
  if (row.sqlState.startsWith('23')) return 'duplicate'
  return 'refused'
}
