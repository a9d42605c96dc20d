/**
 * What a column of the shared database cannot hold, in words for whoever publishes or imports it. Said before anything is proposed: afterwards
 * it could only be lost there.
 */

import type { SharedRecord } from '../../state-machine/areas/shared-words.ts'
import type { SinkCandidate, SinkExcess } from '../../storage/sink.ts'
import { type Answer, caused, coded, refusal, send } from './errors.ts'
import type { PlainResponse } from './plain/plain-port.ts'
import type { HttpParts, SharedStoreView } from './ports.ts'

/** Null: it fits, or there is no such database, or its columns are not known yet. */
export const columnExcess = ({ sharedStore }: Pick<HttpParts, 'sharedStore'>, candidate: SinkCandidate): string | null => {
  const excess = sharedStore?.tooBigFor(candidate) ?? null
  return excess === null ? null : excessWords(excess)
}

export const excessWords = ({ column, limit, unit, charset, taken }: SinkExcess): string => {
  if (unit === 'name')
    return (
      `the column ${column} of the shared database has the collation ${charset}, which takes this name for that of ${taken}: ` +
      `choose a name that differs by more than case, or give the column a collation that tells them apart, such as one that ends in _bin`
    )
  const why = unit === 'charset' ? `its character set ${charset} lacks a character of the value` : `it holds ${limit} ${unit}`
  return `the column ${column} of the shared database cannot hold this: ${why}`
}

/** The same as an answer, with its facts in a header for programs that have words of their own. */
const refusalOf = (excess: SinkExcess): Answer => {
  const { column, limit, unit, charset, taken } = excess
  const answer = coded('column_limit', caused(400, excessWords(excess)))
  const facts = `${column}; limit=${limit}; unit=${unit}; charset=${charset}${taken === undefined ? '' : `; taken=${encodeURIComponent(taken)}`}`
  return { ...answer, headers: [...answer.headers, 'Nacos-Trio-Column', facts] }
}

/** What a column cannot hold of what is to be written. */
type Looks = (store: SharedStoreView) => SinkExcess | null

/** At once as a rule; a node that has only just started may have to hear first what the columns of the shared database hold. */
const whenColumnsTakeIt = ({ sharedStore }: Pick<HttpParts, 'sharedStore'>, response: PlainResponse, excessIn: Looks, write: () => void): void => {
  if (sharedStore === null) {
    write()
    return
  }
  sharedStore.columnsKnown((known) => {
    const excess = known ? excessIn(sharedStore) : null
    if (known && excess === null) write()
    else if (!response.destroyed) send(response, excess === null ? refusal('storage_unavailable') : refusalOf(excess))
  })
}

export const whenItFits = (parts: Pick<HttpParts, 'sharedStore'>, candidate: SinkCandidate, response: PlainResponse, write: () => void): void =>
  whenColumnsTakeIt(parts, response, (store) => store.tooBigFor(candidate), write)

/** Of a namespace, a user, a role, a gray version, a capacity. */
export const whenRecordFits = (parts: Pick<HttpParts, 'sharedStore'>, record: SharedRecord, response: PlainResponse, write: () => void): void =>
  whenColumnsTakeIt(parts, response, (store) => store.tooBigForRecord(record), write)
