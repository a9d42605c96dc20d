/** What is asked of a node's data (compare files, check, back up), what is under way, and how the last one at each node ended. */

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OrderOutcome } from '../../../../src-main/contract/index.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { useStorageActions } from '../../../api/storage.ts'
import { nodeName } from '../../../components/format.ts'
import { toast } from '../../../components/toast.tsx'

export type Task = 'check' | 'backup'
/** `outcome` null: under way. */
export interface TaskResult {
  readonly id: number
  readonly task: Task
  readonly outcome: OrderOutcome | null
}

export interface NodeCare {
  /** The newest of each node, in the order in which they began. */
  readonly results: readonly TaskResult[]
  readonly busy: ReadonlySet<number>
  readonly compare: (ids: readonly number[]) => Promise<void>
  readonly check: (id: number) => Promise<void>
  readonly backup: (id: number, folder: string) => Promise<void>
  readonly dismiss: (id: number) => void
}

export function useNodeCare(): NodeCare {
  const { t } = useTranslation('storage')
  const { dumpFiles, checkNode, backupNode } = useStorageActions()
  const [results, setResults] = useState<readonly TaskResult[]>([])
  const put = (result: TaskResult) => setResults((before) => [...before.filter(({ id }) => id !== result.id), result])

  const carryOut = async (id: number, task: Task, call: () => Promise<OrderOutcome>) => {
    put({ id, task, outcome: null })
    try {
      put({ id, task, outcome: await call() })
    } catch (error) {
      put({ id, task, outcome: { kind: 'refused', words: refusalOf(error).detail } })
    }
  }
  const compareOne = async (id: number): Promise<boolean> => {
    try {
      await dumpFiles.mutateAsync({ id })
      return true
    } catch (error) {
      toast.error({ message: t('nodes.failedAsk', { node: nodeName(id) }), detail: refusalOf(error).detail })
      return false
    }
  }
  return {
    results,
    busy: new Set(results.filter(({ outcome }) => outcome === null).map(({ id }) => id)),
    compare: async (ids) => {
      const begun = await Promise.all(ids.map(compareOne))
      const [only] = ids
      const message = ids.length === 1 && only !== undefined ? t('nodes.asked', { node: nodeName(only) }) : t('nodes.askedAll')
      if (begun.every(Boolean)) toast.success({ message, topic: 'files' })
    },
    check: (id) => carryOut(id, 'check', () => checkNode.mutateAsync({ id })),
    backup: (id, folder) => carryOut(id, 'backup', () => backupNode.mutateAsync({ id, folder })),
    dismiss: (id) => setResults((before) => before.filter((result) => result.id !== id)),
  }
}
