/** The table of the areas' records and how it is read. It knows nothing of what a record means. */

import type Database from 'better-sqlite3'
import type { AreaNumber, AreaRecord } from '../../state-machine/types.ts'

type Read = <T>(task: () => T) => T

interface RecordColumns {
  readonly area: AreaNumber
  readonly key: string
  /** Null: it is long, and read alone. */
  readonly value: Uint8Array | null
}

const pageRows = 1000
/** A page of values holds 8 MiB at most. */
const longBytes = 8192

export const recordStatement = (db: Database.Database) =>
  db.prepare<[number, string], Uint8Array>('SELECT value FROM nacos_trio_record WHERE area = ? AND key = ?').pluck()

export const recordStatementsOf = (db: Database.Database) => ({
  putRecord: db.prepare<[number, string, Uint8Array]>(
    'INSERT INTO nacos_trio_record VALUES (?, ?, ?) ON CONFLICT (area, key) DO UPDATE SET value = excluded.value',
  ),
  dropRecord: db.prepare<[number, string]>('DELETE FROM nacos_trio_record WHERE area = ? AND key = ?'),
  records: db.prepare<[number, string, number], RecordColumns>(
    `SELECT area, key, iif(octet_length(value) > ${longBytes}, NULL, value) AS value FROM nacos_trio_record
     WHERE (area, key) > (?, ?) ORDER BY area, key LIMIT ?`,
  ),
})
type RecordStatements = Pick<ReturnType<typeof recordStatementsOf>, 'records'> & { readonly record: ReturnType<typeof recordStatement> }

/** In pages, so that no open cursor keeps the connection busy between two records. */
export function* areaRecords(
  statements: RecordStatements,
  read: Read,
  first: readonly [area: number, key: string] = [0, ''],
): IterableIterator<AreaRecord> {
  let after = first
  for (let full = true; full; ) {
    const page = read(() => statements.records.all(...after, pageRows))
    full = page.length === pageRows
    for (const { area, key, value } of page) {
      after = [area, key]
      yield { area, key, value: value ?? read(() => statements.record.get(area, key)) ?? new Uint8Array(0) }
    }
  }
}
