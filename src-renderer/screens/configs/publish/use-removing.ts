/** Deleting with undo: only the version that is on the screen is deleted, and its content is kept for the toast's Undo. */

import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import { usePublishConfig, useRemoveConfig } from '../../../api/configs.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { formatMs } from '../../../components/format.ts'
import { toast } from '../../../components/toast.tsx'
import type { DraftStore } from '../draft/draft-store.ts'
import type { EditSession } from '../editor/use-edit-session.ts'
import { stateOf, undoOfRemove } from './undo.ts'
import { useRefusalWords } from './use-refusal-words.ts'

/** The editor goes with what it showed: the focus goes up to the list, so that keys go on. */
const focusList = (): void => document.querySelector<HTMLElement>('#content [role=listbox]')?.focus()

interface RemovingInput {
  readonly configKey: ConfigKeyInput
  readonly node: number | null
  readonly session: EditSession
  readonly drafts: DraftStore
  readonly onChanged: () => void
  readonly onClose: () => void
  readonly onReload: () => void
}

export function useRemoving({ configKey, node, session, drafts, onChanged, onClose, onReload }: RemovingInput): () => void {
  const { t } = useTranslation('configs')
  const removing = useRemoveConfig()
  const publishing = usePublishConfig()
  const { dataId } = configKey
  const wordsOf = useRefusalWords()

  const bringBack = async (before: Parameters<typeof undoOfRemove>[1]) => {
    const { key, ...step } = undoOfRemove(configKey, before)
    if (step.kind !== 'publish') return
    try {
      await publishing.mutateAsync({ ...key, ...step.state, tags: [...step.state.tags], node: null, expectedMd5: step.expectedMd5 })
      onChanged()
    } catch (error) {
      // The toast shows an error's message.
      throw new Error(wordsOf(refusalOf(error)).cause)
    }
  }
  const remove = async () => {
    const { base } = session
    if (base === null) {
      drafts.discard(configKey)
      onClose()
      return
    }
    const before = stateOf(base)
    const dirty = session.isDirty()
    try {
      const { tookMs } = await removing.mutateAsync({ ...configKey, node, expectedMd5: base.md5 })
      if (dirty) session.rebase(null)
      else drafts.discard(configKey)
      onClose()
      focusList()
      onChanged()
      const detail = `${t('remove.doneDetail', { took: formatMs(tookMs) })}${dirty ? ` · ${t('remove.dirty')}` : ''}`
      toast.success({ message: t('remove.done', { dataId }), detail, undone: t('remove.undone', { dataId }), undo: () => bringBack(before) })
    } catch (error) {
      const refusal = refusalOf(error)
      const { code, detail } = refusal
      if (code === 'cas_conflict') {
        toast.error({ message: t('remove.changed', { dataId }) })
        onReload()
        return
      }
      const { cause, next } = wordsOf(refusal)
      const words = `${cause} ${next}`
      toast.error({ message: t('remove.failed', { dataId }), detail: `${words} (${code}${detail === '' ? '' : `: ${detail}`})` })
    }
  }
  return () => void remove()
}
