/** What is known of the open configuration beside its text: identity, times, what each node has, and how to use it. */

import { CloseButton } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigDetail, ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import { CopyValue } from '../../../components/copy-value.tsx'
import { formatBytes, formatClockMs, formatNumber, formatWhen } from '../../../components/format.ts'
import { utf8Bytes } from '../editor/sizes.ts'
import type { EditSession } from '../editor/use-edit-session.ts'
import { useNow } from '../list/use-now.ts'
import { timeAgo } from '../time-ago.ts'
import classes from './info-panel.module.css'
import { MetaFields } from './meta-fields.tsx'
import { NodeCheck } from './node-check.tsx'
import { SnippetBox } from './snippet-box.tsx'

export interface InfoPanelProps {
  readonly configKey: ConfigKeyInput
  readonly session: EditSession
  readonly detail: ConfigDetail | null
  readonly onClose: () => void
}

export function InfoPanel({ configKey, session, detail, onClose }: InfoPanelProps) {
  const { t } = useTranslation('configs')
  const { base, rest } = session
  // All of what is published: the newest version, also while the text still stands on an older one.
  const published = detail !== null && session.notice?.kind === 'elsewhere' ? detail : base
  const content = published?.content
  const bytes = useMemo(() => (content === undefined ? null : utf8Bytes(content)), [content])
  return (
    <aside className={classes.panel} aria-label={t('info.title')}>
      <div className={classes.head}>
        <h2 className={classes.title}>{t('info.title')}</h2>
        <CloseButton size="sm" aria-label={t('bar.hideInfo')} onClick={onClose} />
      </div>
      <dl className={classes.facts}>
        <dt>{t('info.md5')}</dt>
        <dd>{published === null ? t('info.notYet') : <CopyValue value={published.md5} what="md5" />}</dd>
        <dt>{t('info.size')}</dt>
        <dd title={bytes === null ? undefined : `${formatNumber(bytes)} B`}>{bytes === null ? '–' : formatBytes(bytes)}</dd>
        <dt>{t('info.namespace')}</dt>
        <dd>{configKey.namespace === '' ? t('info.public') : configKey.namespace}</dd>
        <dt>{t('info.changed')}</dt>
        <dd>{detail === null || base === null ? '–' : <When atMs={detail.modifiedMs} />}</dd>
        <dt>{t('info.created')}</dt>
        <dd>{detail === null || base === null ? '–' : <When atMs={detail.createdMs} />}</dd>
      </dl>
      {base === null ? null : <NodeCheck configKey={configKey} />}
      <MetaFields rest={rest} onChange={session.change} />
      <SnippetBox configKey={configKey} />
    </aside>
  )
}

function When({ atMs }: { atMs: number }) {
  const { t, i18n } = useTranslation('configs')
  const now = useNow()
  const day = formatWhen(atMs, now).replace(/\d\d:\d\d:\d\d$/, '')
  return <span title={`${day}${formatClockMs(atMs)}`}>{timeAgo(atMs, now, i18n.language) ?? t('info.justNow')}</span>
}
