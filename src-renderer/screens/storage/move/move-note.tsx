/** On the storage screen: that a move is under way, whoever began it, and how the database in use compares with the nodes. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { refusalOf } from '../../../api/refusal.ts'
import { useMoveOrders, useMoveState } from '../../../api/storage-move.ts'
import { Callout } from '../../../components/callout.tsx'
import { formatNumber } from '../../../components/format.ts'
import { Section } from '../../../components/section.tsx'
import { secondsOf } from './move-facts.ts'
import { MovePlanView } from './move-plan.tsx'

export function MoveNote({ onShow }: { onShow: () => void }) {
  const { t } = useTranslation('move')
  const state = useMoveState()
  if (state.kind !== 'running') return null
  const actions = (
    <Button size="compact-xs" variant="default" onClick={onShow}>
      {t('show')}
    </Button>
  )
  return (
    <Callout tone="busy" title={t(`running.${state.to}`)} actions={actions}>
      {t('runningLine', { seconds: formatNumber(secondsOf(state.tookMs)) })}
    </Callout>
  )
}

export function CompareSection() {
  const { t } = useTranslation('move')
  const { compare } = useMoveOrders()
  const action = (
    <Button variant="default" disabled={compare.isPending} onClick={() => compare.mutate(undefined)}>
      {t(compare.isPending ? 'comparing' : 'compare')}
    </Button>
  )
  return (
    <Section title={t('sides.caption')} action={action}>
      {compare.data === undefined ? null : <MovePlanView plan={compare.data} compared />}
      {compare.isError ? <Callout tone="bad" title={t('failedLook')} detail={refusalOf(compare.error).detail} /> : null}
    </Section>
  )
}
