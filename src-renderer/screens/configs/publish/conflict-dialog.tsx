/** Somebody else published in between: both texts side by side, the right one open for editing, and three ways on. Nothing is sent from here. */

import { Button, Modal, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput } from '../../../../src-main/contract/index.ts'
import { formatWhen } from '../../../components/format.ts'
import { largeBytes, utf8Bytes } from '../editor/sizes.ts'
import type { DiffHandle } from './diff-view.tsx'
import classes from './publish-dialog.module.css'
import { stepBy, useDialogKeys } from './use-dialog-keys.ts'
import type { PublishStep } from './use-publishing.ts'

const DiffView = lazy(() => import('./diff-view.tsx').then((module) => ({ default: module.DiffView })))

export interface ConflictDialogProps {
  readonly configKey: ConfigKeyInput
  readonly step: Extract<PublishStep, { kind: 'conflict' }>
  /** False: this was to be a new configuration. */
  readonly hadBase: boolean
  readonly onTakeTheirs: () => void
  readonly onKeepMine: (content: string) => void
  readonly onMerged: (content: string) => void
  readonly onClose: () => void
}

export function ConflictDialog(props: ConflictDialogProps) {
  const { t } = useTranslation('configs')
  const { configKey, step, hadBase } = props
  const { theirs, mine } = step
  const diff = useRef<DiffHandle>(null)
  const narrow = useMediaQuery('(max-width: 900px)') ?? false
  const content = () => diff.current?.content() ?? mine.content
  useDialogKeys((event) => stepBy(event, diff.current))
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('conflict.title', { dataId: configKey.dataId })}
      size="min(1120px, 94vw)"
      padding={0}
      classNames={{ content: classes.content ?? '', header: classes.header ?? '', title: classes.title ?? '', body: classes.body ?? '' }}
      closeButtonProps={{ 'aria-label': t('conflict.back') }}
      closeOnClickOutside={false}
    >
      <p className={classes.why}>{t(theirs === null ? 'conflict.deleted' : hadBase ? 'conflict.body' : 'conflict.appeared')}</p>
      <div className={classes.heads} data-narrow={narrow} data-merge={!narrow}>
        <span>{theirs === null ? t('conflict.theirsGone') : t('conflict.theirs', { when: formatWhen(theirs.modifiedMs, Date.now()) })}</span>
        <span>{t('conflict.mine')}</span>
      </div>
      <div className={classes.diff}>
        <Suspense fallback={<div className={classes.loading}>{t('conflict.loading')}</div>}>
          <DiffView
            ref={diff}
            before={theirs?.content ?? ''}
            after={mine.content}
            type={mine.type}
            large={utf8Bytes(mine.content) > largeBytes}
            unified={narrow}
            editable
            beforeLabel={theirs === null ? t('conflict.theirsGone') : t('publish.oldSide')}
            afterLabel={t('conflict.mine')}
          />
        </Suspense>
      </div>
      <div className={classes.foot}>
        <div className={classes.line}>
          <Button variant="default" data-autofocus onClick={props.onClose}>
            {t('conflict.back')}
          </Button>
          <div className={classes.buttons}>
            <Choice hint={t('conflict.takeTheirsHint')} label={t('conflict.takeTheirs')} onClick={props.onTakeTheirs} />
            <Choice hint={t('conflict.mergedHint')} label={t('conflict.merged')} onClick={() => props.onMerged(content())} />
            <Choice hint={t('conflict.keepMineHint')} label={t('conflict.keepMine')} onClick={() => props.onKeepMine(content())} main />
          </div>
        </div>
      </div>
    </Modal>
  )
}

function Choice({ hint, label, onClick, main = false }: { hint: string; label: string; onClick: () => void; main?: boolean }) {
  return (
    <Tooltip label={hint}>
      <Button variant={main ? 'filled' : 'default'} onClick={onClick}>
        {label}
      </Button>
    </Tooltip>
  )
}
