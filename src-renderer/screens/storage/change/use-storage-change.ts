/** Changes the storage after a confirm that names the effect, and says how it ended. Holds no password. */

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView, Refusal, StorageChoice } from '../../../../src-main/contract/index.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { useStorageActions } from '../../../api/storage.ts'
import { confirm } from '../../../components/confirm.tsx'
import { toast } from '../../../components/toast.tsx'

export interface StorageChange {
  readonly changing: boolean
  /** The confirm is open: keys are its own. */
  readonly asking: boolean
  /** Of the last try. */
  readonly refusal: Refusal | null
  /** True once it is changed; false when it was cancelled or refused. */
  readonly change: (choice: StorageChoice) => Promise<boolean>
}

export function useStorageChange(view: ClusterView): StorageChange {
  const { t } = useTranslation('storage')
  const frame = useTranslation('frame').t
  const { choose } = useStorageActions()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [asking, setAsking] = useState(false)
  const stopped = view.health.kind === 'stopped'

  const agreed = (choice: StorageChoice): Promise<boolean> => {
    const kind = t(`kind.${choice.kind}`)
    const sentences = [
      stopped ? '' : t('form.confirmEffect', { count: view.nodes.length }),
      choice.kind === 'mysql' ? t(choice.adopt ? 'form.confirmAdopt' : 'form.confirmMysql') : t('form.sqliteFromMysql'),
    ].filter((sentence) => sentence !== '')
    const danger = choice.kind === 'mysql' && choice.adopt
    const action = stopped ? t('form.useStopped') : danger ? t('form.takeOver') : t(choice.kind === 'mysql' ? 'form.useMysql' : 'form.useSqlite')
    const effect = sentences.reduce((a, b) => frame('join', { a, b }))
    return confirm({ title: t('form.confirmTitle', { kind }), effect, action, danger })
  }
  return {
    ...{ changing: choose.isPending, asking, refusal },
    change: async (choice) => {
      setRefusal(null)
      setAsking(true)
      const goesOn = await agreed(choice)
      setAsking(false)
      if (!goesOn) return false
      try {
        await choose.mutateAsync(choice)
        toast.success({ message: t(stopped ? 'form.doneStopped' : 'form.done', { kind: t(`kind.${choice.kind}`) }), topic: 'cluster' })
        return true
      } catch (error) {
        setRefusal(refusalOf(error))
        return false
      }
    },
  }
}
