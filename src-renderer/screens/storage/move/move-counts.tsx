/** What a move would make, or has made, of each kind of what the nodes and a database hold. */

import { useTranslation } from 'react-i18next'
import type { MoveCount } from '../../../../src-main/contract/index.ts'
import { formatNumber } from '../../../components/format.ts'
import classes from './move.module.css'

const ways = ['moved', 'taken', 'skipped', 'overwritten'] as const

export function MoveCounts({ counts, done }: { readonly counts: readonly MoveCount[]; readonly done: boolean }) {
  const { t } = useTranslation('move')
  const shown = counts.filter((count) => ways.some((way) => count[way] > 0))
  if (shown.length === 0) return null
  const keepsAccounts = shown.some(({ area, overwritten }) => (area === 'users' || area === 'roles') && overwritten > 0)
  return (
    <section aria-label={t(done ? 'became.done' : 'became.planned')}>
      <h3 className={classes.title}>{t(done ? 'became.done' : 'became.planned')}</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            {ways.map((way) => (
              <th key={way} scope="col">
                {t(`became.${way}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((count) => (
            <tr key={count.area}>
              <th scope="row">{t(`area.${count.area}`)}</th>
              {ways.map((way) => (
                <td key={way}>{formatNumber(count[way])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {keepsAccounts ? <p className={classes.quiet}>{t('became.accounts')}</p> : null}
    </section>
  )
}
