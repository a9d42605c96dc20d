/**
 * What a column of the shared database cannot hold, in words for whoever publishes or imports it. Said before anything is proposed: afterwards
 * it could only be lost there.
 */

import type { SinkCandidate } from '../../storage/sink.ts'
import type { HttpParts } from './ports.ts'

/** Null: it fits, or there is no such database, or its columns are not known yet. */
export const columnExcess = ({ sharedStore }: Pick<HttpParts, 'sharedStore'>, candidate: SinkCandidate): string | null => {
  const excess = sharedStore?.tooBigFor(candidate) ?? null
  if (excess === null) return null
  const { column, limit, unit, charset } = excess
  const why = unit === 'charset' ? `its character set ${charset} lacks a character of the value` : `it holds ${limit} ${unit}`
  return `the column ${column} of the shared database cannot hold this: ${why}`
}
