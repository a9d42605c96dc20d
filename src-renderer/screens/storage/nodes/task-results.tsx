/** How a check or a backup of a node ended: a verdict in the window's language, the node's own words below it. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Callout } from '../../../components/callout.tsx'
import { nodeName } from '../../../components/format.ts'
import type { NodeCare, TaskResult } from './use-node-care.ts'

const toneOf = ({ outcome }: TaskResult) => (outcome === null ? 'busy' : outcome.kind === 'done' ? 'ok' : outcome.kind === 'damaged' ? 'bad' : 'warn')

export function TaskResults({ care, onRebuild }: { care: NodeCare; onRebuild: (id: number) => void }) {
  const { t } = useTranslation('storage')
  const titleOf = ({ id, task, outcome }: TaskResult): string => {
    const node = nodeName(id)
    if (outcome === null) return t(task === 'check' ? 'nodes.checking' : 'nodes.copying', { node })
    if (outcome.kind === 'done') return t(task === 'check' ? 'nodes.sound' : 'nodes.copied', { node })
    return t(outcome.kind === 'damaged' ? 'nodes.damaged' : 'nodes.refused', { node })
  }
  return care.results.map((result) => {
    const { id, outcome } = result
    const actions =
      outcome?.kind !== 'damaged' ? undefined : (
        <Button size="compact-xs" variant="default" onClick={() => onRebuild(id)}>
          {t('nodes.rebuild')}
        </Button>
      )
    const dismiss = outcome === null ? undefined : { label: `${t('nodes.dismiss')}: ${nodeName(id)}`, act: () => care.dismiss(id) }
    return <Callout key={id} tone={toneOf(result)} title={titleOf(result)} detail={outcome?.words} actions={actions} dismiss={dismiss} />
  })
}
