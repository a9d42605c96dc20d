/**
 * Which rows of a database that others have filled can be configurations of a cluster: those that a client can ask for by name and that our own
 * limits hold. Verdicts alone; it must never change a row or drop one in silence.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import type { SourceRemark } from './sink.ts'

/** The rules of a request (nacos-http 3.2): what they refuse, nobody could read or edit. */
const namePattern = /^[a-zA-Z0-9\-_:.]+$/
const namespacePattern = /^[A-Za-z0-9_-]*$/
const dataIdCharactersMax = 256
const groupCharactersMax = 128
const namespaceCharactersMax = 64
/** Of one content, as UTF-8 (design 5). */
export const sourceContentBytesMax = 10 * 1024 * 1024

type Verdict = Pick<SourceRemark, 'reason' | 'column' | 'limit'>

const nameVerdict = (column: string, text: string, pattern: RegExp, charactersMax: number): Verdict | null => {
  if (text.length > charactersMax) return { reason: 'name', column, limit: charactersMax }
  return pattern.test(text) ? null : { reason: 'name', column, limit: 0 }
}

/** Null: it can be a configuration. `null` as a namespace is the default one to every client, so no row under that name is found. */
export const verdictOnKey = ({ namespace, group, dataId }: ConfigKey): Verdict | null => {
  if (namespace === 'null' || namespace === 'public') return { reason: 'name', column: 'tenant_id', limit: 0 }
  return (
    nameVerdict('data_id', dataId, namePattern, dataIdCharactersMax) ??
    nameVerdict('group_id', group, namePattern, groupCharactersMax) ??
    nameVerdict('tenant_id', namespace, namespacePattern, namespaceCharactersMax)
  )
}

/** Of a namespace that is a row of its own: `public` and the empty one are always there. */
export const isNamespaceName = (id: string): boolean =>
  id !== '' && id !== 'public' && id !== 'null' && nameVerdict('tenant_id', id, namespacePattern, namespaceCharactersMax) === null

/** @param bytes null: more than one answer of the database can hold */
export const verdictOnSize = (bytes: number | null): Verdict | null =>
  bytes === null || bytes > sourceContentBytesMax ? { reason: 'size', column: 'content', limit: sourceContentBytesMax } : null
