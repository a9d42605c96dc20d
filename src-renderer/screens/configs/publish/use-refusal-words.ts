/** The sentences for a refusal in the window's language, with what the live view knows of the storage. */

import { useTranslation } from 'react-i18next'
import type { Refusal } from '../../../../src-main/contract/index.ts'
import { useClusterView } from '../../../api/cluster.ts'
import { storeOf } from '../../../components/store-state.ts'
import { type RefusalWords, refusalWords } from './refusal-words.ts'

export function useRefusalWords(): (refusal: Refusal) => RefusalWords {
  const configs = useTranslation('configs').t
  const storage = useTranslation('storage').t
  const frame = useTranslation('frame').t
  const { view } = useClusterView()
  const store = view === null ? null : storeOf(view)
  return (refusal) => refusalWords({ configs, storage, frame }, refusal, store)
}
