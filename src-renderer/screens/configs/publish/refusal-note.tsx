/** A refusal where the thing is: cause, consequence, next step, and the node's own words with the code, small. */

import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Refusal } from '../../../../src-main/contract/index.ts'
import { useClusterView } from '../../../api/cluster.ts'
import { nodeName } from '../../../components/format.ts'
import classes from './refusal-note.module.css'
import { useRefusalWords } from './use-refusal-words.ts'

export interface RefusalNoteProps {
  readonly refusal: Refusal
  readonly title?: string
  /** A failed reading: nothing was to be written, so no words about that. */
  readonly reading?: boolean
  readonly children?: ReactNode
}

export function RefusalNote({ refusal, title, reading = false, children }: RefusalNoteProps) {
  const { t } = useTranslation('configs')
  const navigate = useNavigate()
  const { view } = useClusterView()
  const words = useRefusalWords()(refusal)
  const { code, detail, nodeId, httpStatus } = refusal
  const shared = code === 'storage_unavailable' && view?.storage.setting.kind === 'mysql'
  const facts = [t('refusal.details', { code }), nodeId === null ? '' : nodeName(nodeId), httpStatus === null ? '' : `HTTP ${httpStatus}`]
  return (
    <div className={classes.note} role="alert">
      <CircleAlert size={16} className={classes.icon} aria-hidden="true" />
      <div className={classes.body}>
        {title === undefined ? null : <div className={classes.title}>{title}</div>}
        <div>
          <strong className={classes.cause}>{words.cause}</strong> {reading ? null : words.consequence}
        </div>
        {reading ? null : <div>{words.next}</div>}
        <div className={classes.detail}>
          {facts.filter(Boolean).join(' · ')}
          {detail === '' ? null : `: ${detail}`}
        </div>
        {children === undefined && !shared ? null : (
          <div className={classes.actions}>
            {children}
            {shared ? (
              <Button size="compact-xs" variant="default" onClick={() => void navigate({ to: '/storage' })}>
                {t('refusal.storage')}
              </Button>
            ) : null}
          </div>
        )}
      </div>
    </div>
  )
}
