/** What stands beside the list: the open configuration, or why it cannot be shown. */

import { Button, Skeleton } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput, ConfigSummary } from '../../../../src-main/contract/index.ts'
import { useConfigDetail } from '../../../api/configs.ts'
import { refusalOf } from '../../../api/refusal.ts'
import type { DraftStore } from '../draft/draft-store.ts'
import { RefusalNote } from '../publish/refusal-note.tsx'
import { ConfigEditor } from './config-editor.tsx'
import classes from './editor-pane.module.css'

export interface EditorPaneProps {
  readonly configKey: ConfigKeyInput
  readonly node: number | null
  /** The list's row of it; null = the list has none, undefined = the list is not complete. */
  readonly row: ConfigSummary | null | undefined
  readonly drafts: DraftStore
  readonly infoShown: boolean
  readonly onInfo: () => void
  readonly onClose: () => void
  readonly onChanged: () => void
  readonly onCreate: () => void
  readonly autoFocus: boolean
}

export function EditorPane(props: EditorPaneProps) {
  const { t } = useTranslation('configs')
  const { configKey, node, row, drafts } = props
  const query = useConfigDetail({ ...configKey, node })
  const { refetch } = query
  const rowMd5 = row === undefined ? undefined : (row?.md5 ?? '')
  const knownMd5 = query.data?.md5 ?? ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that changed is the sign to read again; our own reading is not
  useEffect(() => {
    if (rowMd5 !== undefined && rowMd5 !== knownMd5 && !query.isFetching) void refetch()
  }, [rowMd5, refetch])

  const refusal = query.error ? refusalOf(query.error) : null
  const detail = query.data ?? null
  const { dataId, group } = configKey
  if (query.isPending) return <Loading label={t('detail.loading', { dataId })} />
  if (refusal !== null && detail === null)
    return (
      <div className={classes.alone}>
        <RefusalNote title={t('detail.failedTitle', { dataId })} refusal={refusal} reading>
          <Button variant="default" onClick={() => void refetch()}>
            {t('list.retry')}
          </Button>
        </RefusalNote>
      </div>
    )
  if (detail === null && drafts.load(configKey) === null)
    return (
      <div className={classes.alone}>
        <h1 className={classes.title}>{t('detail.missingTitle', { dataId })}</h1>
        <p className={classes.words}>{t('detail.missing', { group })}</p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={props.onCreate}>
            {t('detail.create')}
          </Button>
          <Button variant="default" onClick={props.onClose}>
            {t('detail.back')}
          </Button>
        </div>
      </div>
    )
  return <ConfigEditor {...props} detail={detail} onReload={() => void refetch()} />
}

function Loading({ label }: { label: string }) {
  return (
    <div className={classes.loading} role="status" aria-label={label}>
      <Skeleton width={220} height={16} />
      <div className={classes.lines}>
        {[72, 54, 63, 40, 58, 35].map((width) => (
          <Skeleton key={width} width={`${width}%`} height={11} />
        ))}
      </div>
    </div>
  )
}
