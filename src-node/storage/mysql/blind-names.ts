/**
 * What a table whose key ignores case takes for one name. It follows the database from afar and so errs on one side: names that it tells apart may be
 * taken for one here (an accent under a collation that minds it less than most), never the other way round for what differs by case alone.
 */

import type { ConfigKey } from '../../state-machine/types.ts'
import type { SinkNames } from '../sink.ts'
import type { TableShape } from './table-shapes.ts'

const keyColumns = [
  { column: 'data_id', field: 'dataId' },
  { column: 'group_id', field: 'group' },
  { column: 'tenant_id', field: 'namespace' },
] as const

/** `_ci` in both databases (MySQL manual 12.3.1, MariaDB "Supported Character Sets and Collations"). */
export const ignoresCase = (collation: string): boolean => /_ci$/.test(collation)
/** Of a collation that ignores case: `as` minds accents; without a word of it, accents are ignored too. */
const mindsAccents = (collation: string): boolean => /_as_ci$/.test(collation)

const plain = (text: string, collation: string): string => {
  if (!ignoresCase(collation)) return text
  // Both ways: some letters have two small ones, or two capitals.
  const oneCase = text.toUpperCase().toLowerCase()
  return mindsAccents(collation) ? oneCase.normalize('NFKC') : oneCase.normalize('NFKD').replace(/\p{M}+/gu, '')
}

/** Undefined: the table tells all names apart. */
export const blindNamesOf = (config: TableShape): SinkNames | undefined => {
  const columns = keyColumns.map(({ column, field }) => ({ column, field, collation: config.get(column)?.text?.collation ?? '' }))
  if (!columns.some(({ collation }) => ignoresCase(collation))) return undefined
  return {
    kind: columns.map(({ collation }) => collation).join(' '),
    folded: (key: ConfigKey) => JSON.stringify(columns.map(({ field, collation }) => plain(key[field], collation))),
    difference: (a: ConfigKey, b: ConfigKey) => {
      const { column = '', collation = '' } = columns.find(({ field }) => a[field] !== b[field]) ?? {}
      return { column, collation }
    },
  }
}
