/** Asks each node for its md5 of the configuration: one sentence when all agree, every value when they do not. Never an average, never a guess. */

import { UnstyledButton } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { CircleCheck, CircleHelp, RefreshCw, TriangleAlert } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import { useClusterView } from '../../../api/cluster.ts'
import { useApi } from '../../../api/provider.tsx'
import { formatClock, formatNumber, nodeName } from '../../../components/format.ts'
import classes from './info-panel.module.css'
import { type NodeAnswer, verdictOf } from './node-verdict.ts'

/** A list of one row: it has the md5 without carrying the content. */
const rowOnly = { page: 1, pageSize: 1 } as const
const recheckMs = 5_000

export function NodeCheck({ configKey }: { configKey: ConfigKeyInput }) {
  const { t } = useTranslation('configs')
  const { client } = useApi()
  const { view } = useClusterView()
  const { namespace, group, dataId } = configKey
  const nodes = (view?.nodes ?? []).map(({ id, process, report }) => ({ id, up: process === 'running', applied: report?.appliedIndex ?? 0 }))
  const applied = Math.max(0, ...nodes.map((node) => node.applied))
  const queries = useQueries({
    queries: nodes.map(({ id, up }) => ({
      queryKey: ['node-check', id, namespace, group, dataId],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.configs.list({ node: id, namespace, group, dataId, ...rowOnly }, { signal }),
      enabled: up,
      retry: false,
      refetchInterval: recheckMs,
    })),
  })
  const answers: readonly NodeAnswer[] = nodes.map(({ id, up }, i) => {
    const query = queries[i]
    if (!up) return { id, kind: 'down' }
    if (query?.data) return { id, kind: query.isError ? 'silent' : 'answered', md5: query.data.items[0]?.md5 ?? '' }
    return { id, kind: query?.isError ? 'silent' : 'asking' }
  })
  const recheck = () => {
    for (const query of queries) void query.refetch()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when something was applied and when another one is opened
  useEffect(() => {
    const timer = setTimeout(recheck, 300)
    return () => clearTimeout(timer)
  }, [applied, dataId, group])

  const verdict = verdictOf(answers)
  // Of the nodes that answered: what a node said before it went down is not shown.
  const oldestMs = Math.min(
    ...queries.filter((query, i) => answers[i]?.kind === 'answered' && query.dataUpdatedAt > 0).map((query) => query.dataUpdatedAt),
  )
  const all = answers.length
  const same =
    all === 1 ? t('info.same_one') : all === 2 ? t('info.same_two') : all === 3 ? t('info.same_three') : t('info.same_many', { n: formatNumber(all) })
  const Icon = verdict === 'same' ? CircleCheck : verdict === 'differ' ? TriangleAlert : CircleHelp
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>{t('info.nodes')}</h3>
      <div className={classes.verdict} data-verdict={verdict}>
        <Icon size={15} aria-hidden="true" />
        <span className={classes.said} role="status">
          {verdict === 'same' ? same : verdict === 'asking' ? t('info.asking') : verdict === 'differ' ? t('info.differ') : t('info.someUnknown')}
        </span>
        <UnstyledButton className={classes.again} aria-label={t('info.recheck')} title={t('info.recheck')} onClick={recheck}>
          <RefreshCw size={12} />
        </UnstyledButton>
      </div>
      {Number.isFinite(oldestMs) ? <span className={classes.age}>{t('info.asOf', { time: formatClock(oldestMs) })}</span> : null}
      {verdict === 'same' || verdict === 'asking' ? null : (
        <ul className={classes.answers}>
          {answers.map((answer) => (
            <li key={answer.id} className={classes.answer} data-kind={answer.kind}>
              <span>{nodeName(answer.id)}</span>
              <Said answer={answer} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Said({ answer }: { answer: NodeAnswer }) {
  const { t } = useTranslation('configs')
  if (answer.kind === 'answered') return answer.md5 === '' ? <em>{t('info.missing')}</em> : <span className="mono">{answer.md5.slice(0, 12)}</span>
  return <em>{answer.kind === 'down' ? t('info.down') : answer.kind === 'asking' ? t('info.asking') : t('info.unknown')}</em>
}
