/** Rows that the shared database did not take: which configuration, which column, why. The nodes have them; nothing here is lost. */

import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { RefusedRow } from '../../../src-main/contract/index.ts'
import { formatNumber } from '../../components/format.ts'
import { Section } from '../../components/section.tsx'
import type { StoreNow } from '../../components/store-state.ts'
import { rowCause } from '../../components/store-words.ts'
import classes from './refused-rows.module.css'
import screen from './storage-screen.module.css'

export function RefusedRows({ store }: { store: StoreNow }) {
  const { t } = useTranslation('storage')
  const refused = store.report?.refusedRows ?? null
  // Unknown is not drawn as none.
  if (refused === null) return null
  const { count, newest } = refused
  if (count === 0) return <Section title={t('rows.title')} lead={t('rows.none')} />
  return (
    <Section title={t('rows.title')} lead={t('rows.lead', { count, shown: formatNumber(count) })}>
      <div className={classes.room}>
        <table className={classes.table}>
          <thead>
            <tr>
              {(['config', 'column', 'cause'] as const).map((name) => (
                <th key={name} scope="col">
                  {t(`rows.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {newest.map((row) => (
              <Row key={`${row.table} ${row.rowId}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={screen.note}>
        {newest.length < count ? `${t('rows.newest', { n: formatNumber(newest.length) })} ` : ''}
        {t('rows.next')}
      </p>
    </Section>
  )
}

function Row({ row }: { row: RefusedRow }) {
  const { t } = useTranslation('storage')
  const { namespace, group, dataId } = row
  return (
    <tr>
      <td>
        <Link className={classes.key} to="/configs" search={{ group, dataId, ...(namespace === '' ? {} : { ns: namespace }) }}>
          {dataId}
        </Link>
        <div className={classes.quiet}>
          {namespace === '' ? group : `${namespace} · ${group}`}
          {row.table === 'his_config_info' ? ` · ${t('rows.history')}` : ''}
        </div>
      </td>
      <td className={classes.column}>
        <span className="mono">{row.column === null ? row.table : `${row.table}.${row.column}`}</span>
      </td>
      <td>
        <div>{t(`rows.${rowCause(row)}`)}</div>
        <div className={classes.words}>
          SQLSTATE {row.sqlState}: {row.message}
        </div>
      </td>
    </tr>
  )
}
