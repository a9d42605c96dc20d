/** The figures beside the picture: what the cluster does a second, with the last two minutes, and the address for clients. */

import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { CopyButton } from '../../components/copy-value.tsx'
import { formatMs, formatNumber, formatRate } from '../../components/format.ts'
import { historySpanMs, type RateSample, sampleOf, useRateHistory } from '../../components/rate-history.ts'
import { Sparkline } from '../../components/sparkline.tsx'
import { hostPort } from './host-port.ts'
import classes from './rate-cards.module.css'

type Rate = 'writes' | 'reads' | 'pushes'
const rates: readonly Rate[] = ['writes', 'reads', 'pushes']

export function RateCards({ view }: { view: ClusterView | null }) {
  const { t } = useTranslation('overview')
  const history = useRateHistory()
  const now = view === null ? null : sampleOf(view)
  const leader = view?.nodes.find((node) => node.id === view.leaderId)?.report ?? null
  const polls = view?.nodes.reduce((sum, node) => sum + (node.process === 'running' ? (node.report?.longPolls ?? 0) : 0), 0) ?? 0
  // The newest view is ahead of the record, which is written twice a second.
  const peak = (rate: Rate) => Math.max(now?.[rate] ?? 0, ...history.map((sample) => sample[rate]))
  const side: Record<Rate, string> = {
    writes: leader?.fsyncMs == null ? '' : t('rates.fsync', { ms: formatMs(leader.fsyncMs) }),
    reads: history.length === 0 ? '' : t('rates.peak', { n: formatRate(peak('reads')) }),
    pushes: now === null ? '' : t('rates.polls', { count: polls, shown: formatNumber(polls) }),
  }
  return (
    <>
      {rates.map((rate) => (
        <RateCard key={rate} rate={rate} now={now} side={side[rate]} history={history} peak={peak(rate)} toMs={view?.atMs ?? 0} />
      ))}
      {view === null ? null : <ClientsCard view={view} />}
    </>
  )
}

interface RateCardProps {
  readonly rate: Rate
  readonly now: RateSample | null
  readonly side: string
  readonly history: readonly RateSample[]
  readonly peak: number
  readonly toMs: number
}

function RateCard({ rate, now, side, history, peak, toMs }: RateCardProps) {
  const { t } = useTranslation('overview')
  const name = t(`rates.${rate}`)
  const value = now === null ? t('rates.unknown') : formatRate(now[rate])
  return (
    <section className={classes.card} aria-label={name}>
      <div className={classes.top}>
        <h2 className={classes.name}>{name}</h2>
        <span className={classes.side}>{side}</span>
      </div>
      <div className={classes.value} data-unknown={now === null}>
        {now === null ? '–' : value}
      </div>
      <Sparkline
        points={history.map((sample) => ({ atMs: sample.atMs, value: sample[rate] }))}
        range={{ toMs, spanMs: historySpanMs }}
        label={t('rates.summary', { name, now: value, peak: formatRate(peak) })}
      />
    </section>
  )
}

/** What a client takes as its server address: all nodes, so that it survives the loss of one. */
function ClientsCard({ view }: { view: ClusterView }) {
  const { t } = useTranslation('overview')
  const list = view.nodes.map((node) => hostPort(node.http))
  return (
    <section className={classes.card} aria-label={t('clients.title')}>
      <div className={classes.top}>
        <h2 className={classes.name}>{t('clients.title')}</h2>
        <CopyButton value={list.join(',')} what={t('clients.what')} />
      </div>
      <div className={classes.list} title={t('clients.note')}>
        {list.map((address, index) => (
          <span key={address}>{index < list.length - 1 ? `${address},` : address}</span>
        ))}
      </div>
    </section>
  )
}
