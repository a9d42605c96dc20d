/** Holds the failure of one screen inside that screen: the frame, the other screens and the cluster go on. */

import { Button } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useCopy } from './copy-value.tsx'
import { FullPage } from './full-page.tsx'

/** What a route shows when its screen threw. */
export function ScreenError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('frame')
  const copy = useCopy()
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return (
    <FullPage title={t('error.title')} body={t('error.body')} detail={error instanceof Error ? error.message : String(error)} tone="bad">
      <Button onClick={reset}>{t('error.retry')}</Button>
      <Button variant="default" onClick={() => void copy(details, t('error.copy'))}>
        {t('error.copy')}
      </Button>
    </FullPage>
  )
}
