/** One line above the screen while the app does not answer: what is on screen is old, and says from when. */

import { Unplug } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useClusterView } from '../../api/cluster.ts'
import { formatClock } from '../format.ts'
import classes from './connection-banner.module.css'

/** A line that is open but carries nothing for so long is as bad as a lost one. */
const silentAfterMs = 5_000

export function ConnectionBanner() {
  const { t } = useTranslation('frame')
  const { view, connection, ageMs } = useClusterView()
  const silent = connection.kind === 'open' && ageMs >= silentAfterMs
  if (connection.kind !== 'lost' && !silent) return null
  const title = silent ? t('connection.silentTitle', { seconds: Math.floor(ageMs / 1000) }) : t('connection.lostTitle')
  return (
    <div className={classes.banner} role="alert">
      <Unplug size={16} aria-hidden="true" className={classes.icon} />
      <div>
        <strong>{title}</strong> {view === null ? t('connection.lostNever') : t('connection.lostBody', { time: formatClock(view.atMs) })}{' '}
        <span className={classes.quiet}>{t('connection.gone')}</span>
      </div>
    </div>
  )
}
