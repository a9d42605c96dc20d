/**
 * What a column of the shared database cannot hold, in words for whoever publishes or imports it. Said before anything is proposed: afterwards
 * it could only be lost there.
 */

import type { SinkCandidate, SinkExcess } from '../../storage/sink.ts'
import { type Answer, caused, coded } from './errors.ts'
import type { HttpParts } from './ports.ts'

/** Null: it fits, or there is no such database, or its columns are not known yet. */
export const columnExcess = ({ sharedStore }: Pick<HttpParts, 'sharedStore'>, candidate: SinkCandidate): string | null => {
  const excess = sharedStore?.tooBigFor(candidate) ?? null
  return excess === null ? null : wordsOf(excess)
}

const wordsOf = ({ column, limit, unit, charset, taken }: SinkExcess): string => {
  if (unit === 'name')
    return (
      `the column ${column} of the shared database has the collation ${charset}, which takes this name for that of ${taken}: ` +
      `choose a name that differs by more than case, or give the column a collation that tells them apart, such as one that ends in _bin`
    )
  const why = unit === 'charset' ? `its character set ${charset} lacks a character of the value` : `it holds ${limit} ${unit}`
  return `the column ${column} of the shared database cannot hold this: ${why}`
}

/** The same as an answer, with its facts in a header for programs that have words of their own. */
export const columnRefusal = ({ sharedStore }: Pick<HttpParts, 'sharedStore'>, candidate: SinkCandidate): Answer | null => {
  const excess = sharedStore?.tooBigFor(candidate) ?? null
  if (excess === null) return null
  const { column, limit, unit, charset, taken } = excess
  const answer = coded('column_limit', caused(400, wordsOf(excess)))
  const facts = `${column}; limit=${limit}; unit=${unit}; charset=${charset}${taken === undefined ? '' : `; taken=${encodeURIComponent(taken)}`}`
  return { ...answer, headers: [...answer.headers, 'Nacos-Trio-Column', facts] }
}
