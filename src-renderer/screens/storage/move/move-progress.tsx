/** A move under way: its steps, how far the filling is, what holds it up, and the way back. */

import { Button, Progress } from '@mantine/core'
import { Check, Circle, LoaderCircle } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useMoveOrders } from '../../../api/storage-move.ts'
import { Callout } from '../../../components/callout.tsx'
import { formatNumber } from '../../../components/format.ts'
import classes from './move.module.css'
import { type MoveStep, percentOf, type RunningMove, secondsOf, stepsOf } from './move-facts.ts'

const icons = { 'to-come': Circle, running: LoaderCircle, done: Check } as const
/** What the database says of itself while it is filled. */
const isTrouble = (trouble: string | null): trouble is string => trouble !== null && trouble !== 'filling'

export function MoveProgress({ move }: { move: RunningMove }) {
  const { t } = useTranslation('move')
  const { abort } = useMoveOrders()
  const isGoingBack = move.phase === 'going-back' || abort.isPending || abort.isSuccess
  return (
    <div className={classes.plan}>
      <Callout tone="busy" title={t(`running.${move.to}`)}>
        {t('runningLine', { seconds: formatNumber(secondsOf(move.tookMs)) })}
      </Callout>
      <ol className={classes.steps} aria-label={t('steps.label')}>
        {stepsOf(move).map((step) => (
          <Step key={step.phase} {...{ step, move }} />
        ))}
      </ol>
      {isTrouble(move.trouble) ? <Callout tone="warn" title={t('trouble', { trouble: move.trouble })} /> : null}
      <div className={classes.buttons}>
        <Button variant="default" disabled={isGoingBack} onClick={() => abort.mutate(undefined)}>
          {t(isGoingBack ? 'aborting' : 'abort')}
        </Button>
      </div>
    </div>
  )
}

function Step({ step: { phase, state }, move }: { step: MoveStep; move: RunningMove }) {
  const { t } = useTranslation('move')
  const Icon = icons[state]
  const percent = state === 'running' ? percentOf(move) : null
  return (
    <li className={classes.step} data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <Icon size={14} className={classes.icon} aria-hidden="true" />
      <span>
        {t(`steps.${phase}`)}
        <span className="sr-only">{` (${t(`steps.state.${state}`)})`}</span>
      </span>
      {percent === null ? null : (
        <>
          <Progress className={classes.bar ?? ''} value={percent} aria-label={t(`steps.${phase}`)} />
          <span className={classes.quiet}>{t('filled', { done: formatNumber(move.done), total: formatNumber(move.total) })}</span>
        </>
      )}
    </li>
  )
}
