/** Each node's files and data: how far the files are, when all were compared last and what differed, and what may be asked of the node. */

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CacheStatus, ClusterView, DumpReport, NodeData } from '../../../../src-main/contract/index.ts'
import { formatMs, formatNumber, formatWhen, nodeName } from '../../../components/format.ts'
import classes from './node-data-table.module.css'
import type { NodeCare } from './use-node-care.ts'

export interface NodeDataTableProps {
  readonly view: ClusterView
  /** By id; a node that has not been asked yet is absent. */
  readonly data: ReadonlyMap<number, NodeData>
  readonly care: NodeCare
  readonly onBackup: (id: number) => void
}

export function NodeDataTable({ view, data, care, onBackup }: NodeDataTableProps) {
  const { t } = useTranslation('storage')
  return (
    <div className={classes.room}>
      <table className={classes.table}>
        <thead>
          <tr>
            {(['node', 'files', 'last', 'found'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`nodes.${name}`)}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{t('nodes.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {view.nodes.map(({ id, process }) => (
            <tr key={id}>
              <th scope="row">{nodeName(id)}</th>
              <Cells data={data.get(id)} runs={process === 'running'} nowMs={view.atMs} />
              <td>
                <Buttons id={id} runs={process === 'running'} care={care} onBackup={onBackup} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cells({ data, runs, nowMs }: { data: NodeData | undefined; runs: boolean; nowMs: number }) {
  const { t } = useTranslation('storage')
  if (!runs || data === undefined || !data.answered) {
    return (
      <td colSpan={3} className={classes.quiet}>
        {!runs ? t('nodes.down') : data === undefined ? '…' : t('nodes.silent')}
      </td>
    )
  }
  const { cache } = data
  return (
    <>
      <td>
        <Files cache={cache} />
      </td>
      <td>{cache.last === null ? <span className={classes.quiet}>{t('nodes.never')}</span> : <Last report={cache.last} nowMs={nowMs} />}</td>
      <td>{cache.last === null ? null : <Found report={cache.last} />}</td>
    </>
  )
}

function Files({ cache }: { cache: CacheStatus }) {
  const { t } = useTranslation('storage')
  const { running, configs, state, dirty, problem } = cache
  const tone = state === 'unwritable' ? classes.bad : classes.quiet
  const word = running === null ? t(`nodes.state.${state}`, { n: formatNumber(dirty) }) : t('nodes.running', runningFacts(running.checked, configs))
  return (
    <>
      <div className="tabular">{t('nodes.count', { count: configs, shown: formatNumber(configs) })}</div>
      <div className={tone}>{word}</div>
      {problem === null ? null : <div className={classes.words}>{problem}</div>}
    </>
  )
}

const runningFacts = (checked: number, configs: number) => ({ checked: formatNumber(checked), configs: formatNumber(configs) })

function Last({ report, nowMs }: { report: DumpReport; nowMs: number }) {
  const { t } = useTranslation('storage')
  return (
    <>
      <div className="tabular">{t('nodes.took', { time: formatWhen(report.startedMs, nowMs), took: formatMs(report.tookMs) })}</div>
      <div className={classes.quiet}>{t(`nodes.reason.${report.reason}`)}</div>
    </>
  )
}

const kinds = ['missing', 'different', 'extra', 'failed'] as const

/** What differed, how much of it, and the first names. All but what `failed` names is repaired by then. */
function Found({ report }: { report: DumpReport }) {
  const { t } = useTranslation('storage')
  const found = kinds.filter((kind) => report[kind].count > 0)
  const counts = found.map((kind) => t(`nodes.${kind}`, { count: report[kind].count, shown: formatNumber(report[kind].count) }))
  const tone = report.failed.count > 0 || report.problem !== null ? classes.bad : found.length > 0 ? classes.warn : classes.calm
  const repaired = found.length > 0 && report.failed.count === 0
  return (
    <>
      <div className={tone}>{found.length === 0 ? t('nodes.clean') : counts.join(', ')}</div>
      {repaired ? <div className={classes.quiet}>{t('nodes.repaired')}</div> : null}
      {report.problem === null ? null : <div className={classes.words}>{report.problem}</div>}
      {found.length === 0 ? null : (
        <details>
          <summary className={classes.summary}>{t('nodes.names')}</summary>
          <ul className={classes.names}>
            {found.flatMap((kind) => report[kind].first.map((name) => <li key={`${kind} ${name}`}>{name}</li>))}
            <More report={report} />
          </ul>
        </details>
      )}
    </>
  )
}

function More({ report }: { report: DumpReport }) {
  const { t } = useTranslation('storage')
  const left = kinds.reduce((sum, kind) => sum + report[kind].count - report[kind].first.length, 0)
  return left === 0 ? null : <li>{t('nodes.more', { n: formatNumber(left) })}</li>
}

function Buttons({ id, runs, care, onBackup }: { id: number; runs: boolean } & Pick<NodeDataTableProps, 'care' | 'onBackup'>) {
  const { t } = useTranslation('storage')
  const busy = care.busy.has(id)
  const label = (name: 'compare' | 'check' | 'backup') => `${t(`nodes.${name}`)}: ${nodeName(id)}`
  return (
    <span className={classes.buttons}>
      <Button size="compact-xs" variant="default" disabled={!runs} aria-label={label('compare')} onClick={() => void care.compare([id])}>
        {t('nodes.compare')}
      </Button>
      <Button size="compact-xs" variant="default" disabled={!runs || busy} aria-label={label('check')} onClick={() => void care.check(id)}>
        {t('nodes.check')}
      </Button>
      <Button size="compact-xs" variant="default" disabled={!runs || busy} aria-label={label('backup')} onClick={() => onBackup(id)}>
        {t('nodes.backup')}
      </Button>
    </span>
  )
}
