/** One node as a card: who it is and in which role, where its log stands, what it costs, where it listens; or why it is down. */

import { ActionIcon, Button } from '@mantine/core'
import { Ellipsis } from 'lucide-react'
import type { MouseEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { NodeReport, NodeView } from '../../../src-main/contract/index.ts'
import { CopyValue } from '../../components/copy-value.tsx'
import { formatBytes, formatClock, formatNumber, nodeName } from '../../components/format.ts'
import { nodeCondition } from '../../components/node-condition.ts'
import { RoleMark } from '../../components/role-mark.tsx'
import { ExitReason, RestartCountdown } from './exit-reason.tsx'
import { hostPort } from './host-port.ts'
import classes from './node-card.module.css'
import { PlaceBefore } from './place-before.tsx'
import { useStateWord } from './state-word.ts'

export interface NodeCardProps {
  readonly node: NodeView
  readonly nowMs: number
  readonly onMenu: (node: NodeView, at: { readonly x: number; readonly y: number }) => void
  readonly onStart: (node: NodeView) => void
  readonly onRebuild: (node: NodeView) => void
}

export function NodeCard({ node, nowMs, onMenu, onStart, onRebuild }: NodeCardProps) {
  const { t } = useTranslation('overview')
  const condition = nodeCondition(node, nowMs)
  const kind = condition.kind === 'role' ? condition.role : condition.kind
  const word = useStateWord()(node, nowMs)
  const openMenu = (event: MouseEvent) => {
    event.preventDefault()
    // The context-menu key has no pointer: then the menu opens at the card's own corner.
    const box = event.currentTarget.getBoundingClientRect()
    onMenu(node, event.clientX > 0 ? { x: event.clientX, y: event.clientY } : { x: box.left + 24, y: box.top + 32 })
  }
  return (
    <article className={classes.card} data-kind={kind} aria-label={`${nodeName(node.id)}: ${word}`} onContextMenu={openMenu}>
      <header className={classes.head}>
        <RoleMark kind={kind} />
        <h2 className={classes.name}>
          {nodeName(node.id)}
          <PlaceBefore node={node} />
        </h2>
        <span className={classes.badge} data-kind={kind}>
          {word}
        </span>
        <ActionIcon
          size={24}
          variant="subtle"
          color="gray"
          className={classes.more}
          aria-label={t('menu.open', { node: nodeName(node.id) })}
          aria-haspopup="menu"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            onMenu(node, { x: box.left, y: box.bottom + 2 })
          }}
        >
          <Ellipsis size={14} />
        </ActionIcon>
      </header>
      {condition.kind === 'role' || condition.kind === 'silent' ? (
        <Running node={node} report={condition.report} silent={condition.kind === 'silent'} />
      ) : (
        <Down node={node} nowMs={nowMs} onStart={onStart} onRebuild={onRebuild} />
      )}
    </article>
  )
}

function Running({ node, report, silent }: { node: NodeView; report: NodeReport; silent: boolean }) {
  const { t } = useTranslation('overview')
  return (
    <>
      <dl className={classes.rows} data-old={silent}>
        <Row name={t('row.term')}>{formatNumber(report.term)}</Row>
        <Row name={t('row.progress')}>
          {formatNumber(report.commitIndex)} <i>/</i> {formatNumber(report.appliedIndex)}
        </Row>
        <Row name={t('row.load')}>
          {formatBytes(report.rssBytes)} <i>·</i> {formatNumber(report.cpuShare * 100)} %
        </Row>
        {silent ? null : (
          <Row name={t('row.http')}>
            <CopyValue value={hostPort(node.http)} what={t('httpAddress', { node: nodeName(node.id) })} />
          </Row>
        )}
      </dl>
      {silent ? <div className={classes.note}>{t('silentSince', { time: formatClock(report.atMs) })}</div> : null}
      <ProgressBar report={report} />
    </>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Commit, applied and last entry on one bar: the fill is what is applied, the ticks are commit and last. */
function ProgressBar({ report }: { report: NodeReport }) {
  const { t } = useTranslation('overview')
  const { appliedIndex, commitIndex, lastIndex } = report
  // A long log hides a lag of a few entries: the bar shows the newest hundred, or all that is behind.
  const from = Math.max(0, Math.min(appliedIndex, lastIndex - 100))
  const share = (index: number) => (lastIndex <= from ? 100 : Math.max(2, (100 * (index - from)) / (lastIndex - from)))
  const label = t('bar', { applied: formatNumber(appliedIndex), commit: formatNumber(commitIndex), last: formatNumber(lastIndex) })
  return (
    <div className={classes.bar} role="img" aria-label={label} title={label}>
      <span className={classes.fill} style={{ width: `${share(appliedIndex)}%` }} />
      <span className={classes.tick} data-tick="commit" style={{ left: `${share(commitIndex)}%` }} />
      <span className={classes.tick} data-tick="last" style={{ left: `${share(Math.max(lastIndex, commitIndex))}%` }} />
    </div>
  )
}

/** What a node that stays down for its data needs beyond another try. */
function dataNote(node: NodeView): 'damagedNote' | 'readOnlyNote' | null {
  if (node.process !== 'crashed') return null
  return node.lastExit?.kind === 'data-damaged' ? 'damagedNote' : node.lastExit?.kind === 'data-read-only' ? 'readOnlyNote' : null
}

function Down({ node, nowMs, onStart, onRebuild }: Pick<NodeCardProps, 'node' | 'nowMs' | 'onStart' | 'onRebuild'>) {
  const { t } = useTranslation('overview')
  if (node.process === 'starting' || node.process === 'running') return <div className={classes.reason}>{t('opening')}</div>
  if (node.process === 'stopping') return <div className={classes.reason}>{t('closing')}</div>
  return (
    <>
      <div className={classes.reason}>
        <ExitReason node={node} nowMs={nowMs} />
        {node.process === 'crashed' ? <div>{t(dataNote(node) ?? 'crashedNote')}</div> : null}
      </div>
      <div className={classes.next}>
        {node.process === 'waiting' ? (
          <RestartCountdown node={node} nowMs={nowMs} />
        ) : (
          <Button.Group>
            <Button size="compact-xs" variant="default" onClick={() => onStart(node)}>
              {t(node.process === 'crashed' ? 'startAgain' : 'startNode')}
            </Button>
            {dataNote(node) === null ? null : (
              <Button size="compact-xs" variant="default" onClick={() => onRebuild(node)}>
                {t('rebuild')}
              </Button>
            )}
          </Button.Group>
        )}
      </div>
    </>
  )
}

/** The card before anything is known: the same geometry, no values. */
export function NodeCardSkeleton() {
  return (
    <div className={classes.card} data-kind="skeleton" aria-hidden="true">
      <div className={classes.head}>
        <span className={classes.blank} style={{ width: 76 }} />
      </div>
      <div className={classes.rows}>
        {[44, 120, 92, 108].map((width, row) => (
          <div key={width} className={classes.row}>
            <span className={classes.blank} style={{ width: 40 + row * 9 }} />
            <span className={classes.blank} style={{ width }} />
          </div>
        ))}
      </div>
      <div className={classes.bar} />
    </div>
  )
}
