/** The part of the storage screen that speaks of each node: its files, its data, and whether old history goes. */

import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView, NodeData } from '../../../../src-main/contract/index.ts'
import { useClusterCommands } from '../../../actions/cluster-commands.tsx'
import { useNodeData } from '../../../api/storage.ts'
import { formatList, nodeName } from '../../../components/format.ts'
import { Section } from '../../../components/section.tsx'
import { currentLanguage } from '../../../i18n/i18n.ts'
import { BackupForm } from './backup-form.tsx'
import { NodeDataTable } from './node-data-table.tsx'
import { TaskResults } from './task-results.tsx'
import { useNodeCare } from './use-node-care.ts'

export function NodesPart({ view }: { view: ClusterView }) {
  const { t } = useTranslation('storage')
  const answers = useNodeData().data ?? []
  const care = useNodeCare()
  const commands = useClusterCommands()
  const [backup, setBackup] = useState<number | null>(null)
  const running = view.nodes.filter(({ process }) => process === 'running').map(({ id }) => id)
  const rebuild = (id: number) => {
    const node = view.nodes.find((each) => each.id === id)
    if (node !== undefined) void commands.rebuildNode(node)
  }
  const compareAll = (
    <Button variant="default" disabled={running.length === 0} onClick={() => void care.compare(running)}>
      {t('nodes.compareAll')}
    </Button>
  )
  return (
    <>
      <Section title={t('nodes.title')} lead={t('nodes.lead')} action={compareAll}>
        <NodeDataTable {...{ view, care }} data={new Map(answers.map((answer) => [answer.id, answer]))} onBackup={setBackup} />
        <TaskResults care={care} onRebuild={rebuild} />
      </Section>
      <History answers={answers} />
      {backup === null ? null : (
        <BackupForm
          id={backup}
          initial={`${view.dataDir}/backups`}
          onClose={() => setBackup(null)}
          onBackup={(folder) => {
            setBackup(null)
            void care.backup(backup, folder)
          }}
        />
      )}
    </>
  )
}

function History({ answers }: { answers: readonly NodeData[] }) {
  const { t } = useTranslation('storage')
  const known = answers.flatMap((answer) => (answer.answered ? [answer] : []))
  const suspended = known.filter(({ retention }) => retention === 'suspended').map(({ id }) => nodeName(id))
  const words = (): string => {
    if (known.length === 0) return t('history.unknown')
    if (suspended.length > 0) return t('history.suspended', { nodes: formatList(suspended, currentLanguage()) })
    if (known.some(({ retention }) => retention === 'on')) return t('history.on')
    return t('history.off')
  }
  return <Section title={t('history.title')} lead={words()} />
}
