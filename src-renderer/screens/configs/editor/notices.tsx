/** The strip between toolbar and text: the result of a publish with its Undo, a restored draft, a change by somebody else, a text too large for checks. */

import { Button, CloseButton } from '@mantine/core'
import { CircleCheck, History, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigDetail } from '../../../../src-main/contract/index.ts'
import { formatBytes, formatMs, formatNumber, formatWhen, nodeName } from '../../../components/format.ts'
import { RefusalNote } from '../publish/refusal-note.tsx'
import type { PublishResult } from '../publish/use-publishing.ts'
import classes from './notices.module.css'
import { largeBytes } from './sizes.ts'
import type { EditSession } from './use-edit-session.ts'

export interface NoticesProps {
  readonly session: EditSession
  readonly large: boolean
  readonly result: PublishResult | null
  readonly onUndo: () => void
  readonly onCloseResult: () => void
  readonly onDiscard: () => void
  readonly onCompare: (theirs: ConfigDetail | null) => void
  readonly onLeave: () => void
}

export function Notices(props: NoticesProps) {
  const { t } = useTranslation('configs')
  const { session, large, result, onLeave } = props
  const { notice, saved, measured } = session
  const now = Date.now()
  return (
    <div className={classes.notices}>
      {result === null ? null : <Result result={result} onUndo={props.onUndo} onClose={props.onCloseResult} />}
      {notice?.kind === 'restored' ? (
        <Strip icon={<History size={15} />} tone="note" onClose={onLeave} action={<Quiet label={t('draft.discard')} onClick={props.onDiscard} />}>
          {t(notice.changed ? 'draft.restoredChanged' : 'draft.restored', { when: formatWhen(notice.savedAtMs, now) })}
        </Strip>
      ) : null}
      {notice?.kind === 'elsewhere' ? (
        <Strip
          icon={<TriangleAlert size={15} />}
          tone="warn"
          action={<Quiet label={t('changed.compare')} onClick={() => props.onCompare(notice.theirs)} />}
        >
          {t(notice.theirs === null ? 'changed.deleted' : 'changed.elsewhere')}
        </Strip>
      ) : null}
      {notice?.kind === 'reloaded' ? (
        <Strip icon={<Info size={15} />} tone="note" onClose={onLeave}>
          {t('changed.reloaded', { when: formatWhen(notice.atMs, now) })}
        </Strip>
      ) : null}
      {large ? (
        <Strip icon={<Info size={15} />} tone="note">
          {t('editor.large', { limit: formatBytes(largeBytes) })}
        </Strip>
      ) : null}
      {saved !== 'saved' && measured.dirty ? (
        <Strip icon={<Info size={15} />} tone="note">
          {t(saved === 'too-large' ? 'draft.tooLarge' : 'draft.noRoom')}
        </Strip>
      ) : null}
    </div>
  )
}

function Result({ result, onUndo, onClose }: { result: PublishResult; onUndo: () => void; onClose: () => void }) {
  const { t } = useTranslation('configs')
  const { phase, index, created, undo } = result
  if (phase.kind === 'failed' && phase.refusal.code !== 'cas_conflict')
    return (
      <div className={classes.failed}>
        <RefusalNote refusal={phase.refusal}>
          <Button variant="default" onClick={onUndo}>
            {t('refusal.retry')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('result.close')}
          </Button>
        </RefusalNote>
      </div>
    )
  if (phase.kind === 'failed')
    return (
      <Strip icon={<TriangleAlert size={15} />} tone="warn" onClose={onClose}>
        {t('result.undoConflict')}
      </Strip>
    )
  if (phase.kind === 'done')
    return (
      <Strip icon={<CircleCheck size={15} />} tone="ok" onClose={onClose}>
        {t(undo.kind === 'remove' ? 'result.undoneRemoved' : 'result.undone')}
      </Strip>
    )
  const words = { took: formatMs(result.tookMs ?? 0), node: nodeName(result.nodeId) }
  const committed = index === null ? t('result.committedNoIndex', words) : t('result.committed', { ...words, index: formatNumber(index) })
  return (
    <Strip
      icon={<CircleCheck size={15} />}
      tone="ok"
      onClose={onClose}
      action={
        <Quiet label={phase.kind === 'running' ? t('result.undoing') : t('result.undo')} onClick={onUndo} disabled={phase.kind === 'running'} />
      }
    >
      {result.tookMs === null ? t('refusal.checkedSame') : committed}
      {created ? <span className={classes.quiet}> · {t('result.createdUndo')}</span> : null}
    </Strip>
  )
}

function Quiet({ label, onClick, disabled = false }: { label: string; onClick: () => void; disabled?: boolean }) {
  return (
    <Button size="compact-xs" variant="default" disabled={disabled} onClick={onClick}>
      {label}
    </Button>
  )
}

interface StripProps {
  readonly icon: ReactNode
  readonly tone: 'note' | 'ok' | 'warn'
  readonly children: ReactNode
  readonly action?: ReactNode
  readonly onClose?: () => void
}

function Strip({ icon, tone, children, action, onClose }: StripProps) {
  const { t } = useTranslation('configs')
  return (
    <div className={classes.strip} data-tone={tone} role="status">
      <span className={classes.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={classes.words}>{children}</span>
      {action}
      {onClose === undefined ? null : <CloseButton size="sm" aria-label={t('result.close')} onClick={onClose} />}
    </div>
  )
}
