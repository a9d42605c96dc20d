/** What a look at both sides has found: whether it may go on and why not, the two sides in numbers, and the first of what is worth a look. */

import { useTranslation } from 'react-i18next'
import type { MovePlan } from '../../../../src-main/contract/index.ts'
import { Callout } from '../../../components/callout.tsx'
import { formatBytes, formatList, formatNumber } from '../../../components/format.ts'
import { currentLanguage } from '../../../i18n/i18n.ts'
import classes from './move.module.css'
import { MoveCounts } from './move-counts.tsx'
import { differingIn, type Finding, findingsMax, findingsOf, secondsOf } from './move-facts.ts'

export interface MovePlanProps {
  readonly plan: MovePlan
  /** After a move, or of a database in use: whether both sides are alike is all that counts. */
  readonly compared: boolean
}

export function MovePlanView({ plan, compared }: MovePlanProps) {
  const { look } = plan
  return (
    <div className={classes.plan}>
      {compared ? <Compared plan={plan} /> : <Verdict plan={plan} />}
      <Sides plan={plan} />
      <Counts look={look} />
      {compared ? null : <MoveCounts counts={plan.counts} done={false} />}
      <Findings findings={findingsOf(plan, compared)} />
    </div>
  )
}

function Verdict({ plan }: { plan: MovePlan }) {
  const { t } = useTranslation('move')
  const { obstacles, to, rows, aboutMs, isResumed, look, merge } = plan
  if (obstacles.length > 0) {
    return obstacles.map(({ code, count }) => (
      <Callout
        key={code}
        tone="bad"
        title={t(`obstacle.${code}`, { count, shown: formatNumber(count) })}
        detail={code === 'foreign' ? look.ownerId : ''}
      >
        {t(`next.${code}`)}
      </Callout>
    ))
  }
  const title =
    to === 'mysql' ? t('ready.mysql', { count: rows, shown: formatNumber(rows), seconds: formatNumber(secondsOf(aboutMs)) }) : t('ready.sqlite')
  const merged = (['taken', 'kept', 'replaced'] as const).flatMap((what) => {
    const count = merge?.[what] ?? 0
    return count === 0 ? [] : [t(`merge.${what}`, { count, shown: formatNumber(count) })]
  })
  const more = [...merged, isResumed ? t('resumed') : '', to === 'mysql' && !look.hasTables ? t('noTables') : ''].filter((words) => words !== '')
  return (
    <Callout tone="ok" title={title}>
      {more.length === 0 ? undefined : more.join(' ')}
    </Callout>
  )
}

function Compared({ plan }: { plan: MovePlan }) {
  const { t } = useTranslation('move')
  const count = differingIn(plan)
  if (count === 0) return <Callout tone="ok" title={t('alike')} />
  return <Callout tone="warn" title={t('differ', { count, shown: formatNumber(count) })} />
}

function Sides({ plan: { look } }: { plan: MovePlan }) {
  const { t } = useTranslation('move')
  const rows = [
    { name: t('sides.configs'), ours: formatNumber(look.ours.configs), theirs: formatNumber(look.theirs.configs) },
    { name: t('sides.bytes'), ours: formatBytes(look.ours.bytes), theirs: formatBytes(look.theirs.bytes) },
    { name: t('sides.history'), ours: formatNumber(look.history.ours), theirs: formatNumber(look.history.theirs) },
    { name: t('sides.records'), ours: formatNumber(look.records.ours), theirs: formatNumber(look.records.theirs) },
    { name: t('sides.hash'), ours: <Sum of={look.ours.hash} />, theirs: <Sum of={look.theirs.hash} /> },
  ]
  return (
    <table className={classes.table}>
      <caption className="sr-only">{t('sides.caption')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('sides.ours')}</th>
          <th scope="col">
            {t('sides.theirs')} <span className="mono">{look.address}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, ours, theirs }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{ours}</td>
            <td>{theirs}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Sum = ({ of }: { of: string }) => <span className="mono">{of}</span>

function Counts({ look }: { look: MovePlan['look'] }) {
  const { t } = useTranslation('move')
  const counts = (['alike', 'unlike', 'oursAlone', 'theirsAlone', 'newer'] as const).filter((name) => name === 'alike' || look[name] > 0)
  return (
    <ul className={classes.counts} aria-label={t('counts.title')}>
      {counts.map((name) => (
        <li key={name}>
          <strong>{formatNumber(look[name])}</strong> {t(`counts.${name}`)}
        </li>
      ))}
    </ul>
  )
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation('move')
  const wordsOf = useFindingWords()
  if (findings.length === 0) return null
  return (
    <section aria-label={t('findings.title')}>
      <h3 className={classes.title}>{t('findings.title')}</h3>
      <ul className={classes.findings}>
        {findings.map((finding, at) => (
          // One row may be found twice, and the list never changes under way.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={at}>
            <span className={classes.key}>{finding.row.dataId}</span>
            <span className={classes.quiet}>
              {finding.row.namespace === '' ? finding.row.group : `${finding.row.namespace} · ${finding.row.group}`}
            </span>
            <span>{wordsOf(finding)}</span>
          </li>
        ))}
      </ul>
      {findings.length < findingsMax ? null : <p className={classes.quiet}>{t('findings.more', { n: findingsMax })}</p>}
    </section>
  )
}

function useFindingWords(): (finding: Finding) => string {
  const { t } = useTranslation('move')
  return (finding) => {
    switch (finding.kind) {
      case 'ours':
      case 'theirs':
        return t(`findings.${finding.kind}`)
      case 'unlike':
        return t('findings.unlike', { fields: formatList(finding.fields, currentLanguage()) })
      case 'left':
        return t('findings.left', { column: finding.column, reason: finding.reason })
      case 'too-big':
        return t(`findings.too-big.${finding.unit}`, {
          ...{ column: finding.column, limit: formatNumber(finding.limit), collation: finding.charset, taken: finding.taken },
        })
    }
  }
}
