/**
 * Whether a row of a shared database says something else than our configuration of its key: in what is in our memory, and in what only our store
 * has - name of the application, description, tags. What a database has no column for, it says nothing of. Changes neither.
 */

import type { ConfigIndexRow } from '../state-machine/types.ts'
import type { SourceHead, SourceSummary } from '../storage/sink.ts'
import type { ConfigTexts } from '../storage/types.ts'

export type KnownColumns = Pick<SourceSummary, 'columns' | 'keepsTags'>

/** Of one configuration: as many as a command can carry. */
const tagsMax = 4_096

const setOf = (tags: readonly string[], as: (tag: string) => string): string =>
  JSON.stringify([...new Set(tags.filter((tag) => tag !== '').map(as))].toSorted())
/** Two that a table may take for one: it keeps the first of them. */
const folded = (tag: string): string => tag.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd()
const exactly = (tag: string): string => tag

const tagsDiffer = (own: readonly string[], theirs: readonly string[]): boolean =>
  theirs.length <= tagsMax && setOf(own, exactly) !== setOf(theirs, exactly) && setOf(own, folded) !== setOf(theirs, folded)

/** Of what a row of memory holds. */
export const indexDiffers = (own: ConfigIndexRow, theirs: SourceHead, { columns }: KnownColumns): boolean =>
  own.md5 !== theirs.md5 ||
  (columns.has('type') && own.type !== theirs.type) ||
  (columns.has('encrypted_data_key') && own.encryptedDataKey !== theirs.encryptedDataKey)

/** @param own undefined: it is gone meanwhile */
export const textsDiffer = (own: ConfigTexts | undefined, theirs: SourceHead, { columns, keepsTags }: KnownColumns): boolean =>
  own !== undefined &&
  ((columns.has('c_desc') && own.description !== theirs.description) ||
    (columns.has('app_name') && own.appName !== theirs.appName) ||
    (keepsTags && tagsDiffer(own.tags, theirs.tags)))

/** All of it; times and numbers are a store's own. */
export const rowDiffers = (own: ConfigIndexRow, texts: (id: number) => ConfigTexts | undefined, theirs: SourceHead, known: KnownColumns): boolean =>
  indexDiffers(own, theirs, known) || textsDiffer(texts(own.id), theirs, known)
