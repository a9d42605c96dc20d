/** The status bar: the few figures one wants on every screen, each with its unit; old ones are marked, unknown ones say so. */

import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { useClusterView } from '../../api/cluster.ts'
import { formatBytes, formatClock, formatMs, formatNumber, formatRate, nodeName } from '../format.ts'
import { sampleOf } from '../rate-history.ts'
import { storeOf } from '../store-state.ts'
import classes from './status-bar.module.css'

export function StatusBar() {
  const { t } = useTranslation('frame')
  const { view, connection, ageMs } = useClusterView()
  const silent = connection.kind === 'open' && ageMs > 0
  const old = view !== null && (connection.kind !== 'open' || ageMs > 0)
  return (
    <section className={classes.bar} aria-label={t('status.label')} data-old={old}>
      {view === null ? null : <Figures view={view} />}
      <span className={classes.gap} />
      {old ? <span className={classes.age}>{t('status.old', { time: formatClock(view.atMs) })}</span> : null}
      <span className={classes.line} data-kind={silent ? 'connecting' : connection.kind}>
        <span className={classes.dot} aria-hidden="true" />
        {t(
          silent
            ? 'status.silent'
            : connection.kind === 'open'
              ? 'status.connected'
              : connection.kind === 'lost'
                ? 'status.lost'
                : 'status.connecting',
        )}
      </span>
    </section>
  )
}

function Figures({ view }: { view: ClusterView }) {
  const { t } = useTranslation('frame')
  const leader = view.nodes.find((node) => node.id === view.leaderId)?.report ?? null
  const reports = view.nodes.flatMap((node) => (node.process === 'running' && node.report !== null ? [node.report] : []))
  const nodesBytes = reports.reduce((sum, report) => sum + report.rssBytes, 0)
  const rates = sampleOf(view)
  const unknown = t('status.unknown')
  return (
    <>
      <Figure name={t('status.leader')} plain>
        {leader === null || view.leaderId === null
          ? t('status.noLeader')
          : t('status.leaderOf', { node: nodeName(view.leaderId), term: leader.term })}
      </Figure>
      <Figure name={t('status.commit')}>{leader === null ? unknown : formatNumber(leader.commitIndex)}</Figure>
      <Figure name={t('status.writes')}>{rates === null ? unknown : t('status.perSecond', { n: formatRate(rates.writes) })}</Figure>
      <StorageFigure view={view} />
      <Figure name={t('status.fsync')} hint={t('status.fsyncHint')}>
        {leader?.fsyncMs == null ? '–' : formatMs(leader.fsyncMs)}
      </Figure>
      <Figure name={t('status.memory')} hint={t('status.memoryHint', { nodes: formatBytes(nodesBytes), main: formatBytes(view.main.rssBytes) })}>
        {formatBytes(nodesBytes + view.main.rssBytes)}
      </Figure>
    </>
  )
}

function StorageFigure({ view }: { view: ClusterView }) {
  const { t } = useTranslation('frame')
  const words = useTranslation('storage').t
  const store = storeOf(view)
  const name = t('status.storage')
  if (store === null) {
    return (
      <Figure name={name} hint={words('bar.sqliteHint')} plain>
        {words('bar.sqlite')}
      </Figure>
    )
  }
  const away = store.state === 'away' || store.state === 'refused'
  const word = away
    ? words('bar.away')
    : store.state === 'filling'
      ? words('bar.filling', { n: formatNumber(store.behind) })
      : store.state === 'stopped'
        ? words('bar.stopped')
        : store.state !== 'available'
          ? words('bar.undecided')
          : store.behind > 0
            ? words('bar.behind', { n: formatNumber(store.behind) })
            : words('bar.mysql')
  return (
    <Figure name={name} hint={words('bar.mysqlHint')} plain>
      <span data-bad={away || undefined}>{word}</span>
    </Figure>
  )
}

function Figure({ name, hint, plain = false, children }: { name: string; hint?: string; plain?: boolean; children: ReactNode }) {
  return (
    <Tooltip label={hint ?? ''} disabled={hint === undefined} position="top-start">
      <span className={classes.figure}>
        <span className={classes.name}>{name}</span>
        <span className={plain ? classes.plain : classes.number}>{children}</span>
      </span>
    </Tooltip>
  )
}
