/** A refusal where the thing is: cause, consequence, next step, and the node's own words with the code, small. */

import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Refusal } from '../../../../src-main/contract/index.ts'
import { nodeName } from '../../../components/format.ts'
import classes from './refusal-note.module.css'

export interface RefusalNoteProps {
  readonly refusal: Refusal
  readonly title?: string
  /** A failed reading: nothing was to be written, so no words about that. */
  readonly reading?: boolean
  readonly children?: ReactNode
}

export function RefusalNote({ refusal, title, reading = false, children }: RefusalNoteProps) {
  const { t } = useTranslation('configs')
  const { code, detail, nodeId, httpStatus } = refusal
  const facts = [t('refusal.details', { code }), nodeId === null ? '' : nodeName(nodeId), httpStatus === null ? '' : `HTTP ${httpStatus}`]
  return (
    <div className={classes.note} role="alert">
      <CircleAlert size={16} className={classes.icon} aria-hidden="true" />
      <div className={classes.body}>
        {title === undefined ? null : <div className={classes.title}>{title}</div>}
        <div>
          <strong className={classes.cause}>{t(`refusal.${code}.cause`)}</strong> {reading ? null : t(`refusal.${code}.consequence`)}
        </div>
        {reading ? null : <div>{t(`refusal.${code}.next`)}</div>}
        <div className={classes.detail}>
          {facts.filter(Boolean).join(' · ')}
          {detail === '' ? null : `: ${detail}`}
        </div>
        {children === undefined ? null : <div className={classes.actions}>{children}</div>}
      </div>
    </div>
  )
}
