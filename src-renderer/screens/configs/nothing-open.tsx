/** The place of the editor while nothing is open: what to do, and the keys for it. */

import { useTranslation } from 'react-i18next'
import { KeyCaps } from '../../components/key-caps.tsx'
import classes from './nothing-open.module.css'

const keys = [
  ['filter', '/'],
  ['move', 'j k'],
  ['open', 'Enter'],
  ['publish', '$mod+s'],
] as const

export function NothingOpen({ empty }: { empty: boolean }) {
  const { t } = useTranslation('configs')
  if (empty)
    return (
      <div className={classes.blank}>
        <h1 className="sr-only">{t('list.label')}</h1>
      </div>
    )
  return (
    <div className={classes.page}>
      <h1 className={classes.title}>{t('none.title')}</h1>
      <p className={classes.words}>{t('none.body')}</p>
      <dl className={classes.keys}>
        {keys.map(([name, press]) => (
          <div key={name} className={classes.key}>
            <dt>
              <KeyCaps keys={press} />
            </dt>
            <dd>{t(`none.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
