/**
 * Several addresses, one writable primary: asks each in the order given and takes the first that may be written. A read-only one is
 * refused by name; whether the one found is behind is told by the position in the fence, not here.
 */

import type { SinkTrouble } from '../sink.ts'
import { type ConnectionTimes, openConnection, type SqlConnection } from './connection.ts'
import { readOnlyVariables } from './dialect.ts'
import { type MysqlAddress, type MysqlTarget, shownAddress } from './target.ts'
import { troubleAt, troubleOf } from './trouble.ts'

export type PrimaryOutcome =
  | { readonly kind: 'found'; readonly connection: SqlConnection; readonly address: MysqlAddress }
  /** One for each address, in their order. */
  | { readonly kind: 'none'; readonly troubles: readonly SinkTrouble[] }

/** Names of the settings that forbid writing; empty on a primary. */
export const readOnlyBy = async (connection: SqlConnection): Promise<readonly string[]> => {
  const names = readOnlyVariables.map((name) => `'${name}'`).join(', ')
  const rows = await connection.text(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  return rows.filter(({ Value: value }) => value === 'ON' || value === '1').map(({ Variable_name: name }) => String(name))
}

/** @param first the address that was the primary last: a former one that comes back writable must not take its place. */
export const findPrimary = async (target: MysqlTarget, times: ConnectionTimes, first: MysqlAddress | null): Promise<PrimaryOutcome> => {
  const troubles: SinkTrouble[] = []
  const others = target.addresses.filter((address) => address !== first)
  for (const address of first === null ? others : [first, ...others]) {
    let connection: SqlConnection | null = null
    try {
      connection = await openConnection(target, address, times)
      const settings = await readOnlyBy(connection)
      if (settings.length === 0) return { kind: 'found', connection, address }
      troubles.push(troubleAt(target, shownAddress(address), 'read-only', settings.join(', ')))
    } catch (error) {
      troubles.push(troubleOf(target, address, error))
    }
    connection?.destroy()
  }
  return { kind: 'none', troubles }
}

/** The one to show: that of an address which answered before that of one which did not, for it says more. */
export const tellingTrouble = (troubles: readonly SinkTrouble[]): SinkTrouble | undefined => {
  const silent: ReadonlySet<string> = new Set(['host-unknown', 'connection-refused', 'no-answer'])
  return troubles.find(({ code }) => !silent.has(code)) ?? troubles[0]
}
