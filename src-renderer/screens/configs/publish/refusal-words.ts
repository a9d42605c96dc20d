/** The sentences for a refusal: with what it names (a column, a limit), and with what is known of a shared database that is away. Pure. */

import type { TFunction } from 'i18next'
import type { Refusal } from '../../../../src-main/contract/index.ts'
import type { StoreNow } from '../../../components/store-state.ts'
import { troubleWords } from '../../../components/store-words.ts'

export interface RefusalWords {
  readonly cause: string
  readonly consequence: string
  readonly next: string
}

interface Words {
  readonly configs: TFunction<'configs'>
  readonly storage: TFunction<'storage'>
  readonly frame: TFunction<'frame'>
}

/** @param store the shared database now; null in SQLite mode, where `storage_unavailable` is the node's own matter. */
export function refusalWords({ configs: t, storage, frame }: Words, { code, facts }: Refusal, store: StoreNow | null): RefusalWords {
  if (code === 'column_limit') return columnWords(t, facts ?? {})
  if (code === 'storage_unavailable' && store !== null) {
    const consequence = t('refusal.store_away.consequence')
    if (store.state !== 'away' && store.state !== 'filling')
      return { cause: t('refusal.store_away.cause'), consequence, next: t('refusal.store_away.next') }
    const trouble = troubleWords(storage, store.trouble, store)
    const cause = store.state === 'filling' ? trouble.cause : frame('join', { a: t('refusal.store_away.cause'), b: trouble.cause })
    return { cause, consequence, next: frame('join', { a: trouble.next, b: t('refusal.store_away.next') }) }
  }
  return { cause: t(`refusal.${code}.cause`), consequence: t(`refusal.${code}.consequence`), next: t(`refusal.${code}.next`) }
}

function columnWords(t: Words['configs'], facts: Readonly<Record<string, string>>): RefusalWords {
  const { column = '?', limit = '?', charset = '?', taken = '?' } = facts
  const consequence = t('refusal.column_limit.consequence')
  if (facts.unit === 'name') {
    const cause = t('refusal.column_limit.name', { column, collation: charset, taken })
    return { cause, consequence, next: t('refusal.column_limit.nameNext', { column }) }
  }
  if (facts.unit === 'charset') {
    return { cause: t('refusal.column_limit.charset', { column, charset }), consequence, next: t('refusal.column_limit.charsetNext') }
  }
  const unit = t(facts.unit === 'bytes' ? 'refusal.column_limit.bytes' : 'refusal.column_limit.characters')
  return { cause: t('refusal.column_limit.cause', { column, limit, unit }), consequence, next: t('refusal.column_limit.next') }
}
