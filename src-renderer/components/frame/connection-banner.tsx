/** One line above the screen while the app does not answer: what is on screen is old, and says from when. */

import { Unplug } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useClusterView } from '../../api/cluster.ts'
import { formatClock } from '../format.ts'
import classes from './connection-banner.module.css'

export function ConnectionBanner() {
  const { t } = useTranslation('frame')
  const { view, connection } = useClusterView()
  if (connection.kind !== 'lost') return null
  return (
    <div className={classes.banner} role="alert">
      <Unplug size={16} aria-hidden="true" className={classes.icon} />
      <div>
        <strong>{t('connection.lostTitle')}</strong>{' '}
        {view === null ? t('connection.lostNever') : t('connection.lostBody', { time: formatClock(view.atMs) })}{' '}
        <span className={classes.quiet}>{t('connection.gone')}</span>
      </div>
    </div>
  )
}
