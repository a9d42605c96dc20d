/** A refusal where the thing is: what was refused, why, and small below it the code and the node's own words. */

import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Refusal } from '../../src-main/contract/index.ts'
import { Callout } from './callout.tsx'
import { nodeName } from './format.ts'

export function RefusalCallout({ title, refusal, actions }: { title: string; refusal: Refusal; actions?: ReactNode }) {
  const { t } = useTranslation('frame')
  const { code, nodeId, httpStatus, detail } = refusal
  const facts = [code, nodeId === null ? '' : nodeName(nodeId), httpStatus === null ? '' : `HTTP ${httpStatus}`].filter(Boolean).join(' · ')
  return (
    <Callout tone="bad" title={title} detail={detail === '' ? facts : `${facts}: ${detail}`} actions={actions}>
      {t(`refusal.${code}`)}
    </Callout>
  )
}
