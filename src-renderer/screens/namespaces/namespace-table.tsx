/** The namespaces as rows: name, ID, what it is for, how many configurations, and what can be done with each. */

import { Button, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { NamespaceView } from '../../../src-main/contract/index.ts'
import { CopyValue } from '../../components/copy-value.tsx'
import { formatNumber } from '../../components/format.ts'
import list from '../../components/list-table.module.css'
import classes from './namespaces-screen.module.css'

export interface NamespaceTableProps {
  readonly rows: readonly NamespaceView[]
  readonly onEdit: (namespace: NamespaceView) => void
  readonly onRemove: (namespace: NamespaceView) => void
}

const columns = ['name', 'id', 'description', 'configs'] as const

export function NamespaceTable({ rows, onEdit, onRemove }: NamespaceTableProps) {
  const { t } = useTranslation('namespaces')
  return (
    <div className={list.room}>
      <table className={list.table}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" data-column={name} className={classes.column}>
                {t(`column.${name}`)}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{t('column.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((namespace) => (
            <Row key={namespace.id} {...{ namespace, onEdit, onRemove }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ namespace, onEdit, onRemove }: { namespace: NamespaceView } & Pick<NamespaceTableProps, 'onEdit' | 'onRemove'>) {
  const { t } = useTranslation('namespaces')
  const { id, name, description, configs, quota } = namespace
  const isDefault = id === ''
  const search = isDefault ? {} : { ns: id }
  return (
    <tr>
      <th scope="row">
        <Link to="/configs" search={search} className={classes.name} title={t('openNamed', { name })}>
          {name}
        </Link>
        {isDefault ? <span className={classes.tag}>{t('default')}</span> : null}
      </th>
      <td>{isDefault ? <span className={list.quiet}>{t('defaultId')}</span> : <Id id={id} />}</td>
      <td>{isDefault ? <span className={list.quiet}>{t('defaultDescription')}</span> : description}</td>
      <td className={classes.column} data-column="configs">
        {formatNumber(configs)}{' '}
        <Tooltip label={t('quotaHint')}>
          <span className={list.quiet}>{t('quota', { quota: formatNumber(quota) })}</span>
        </Tooltip>
      </td>
      <td>
        {isDefault ? null : (
          <span className={list.buttons}>
            <Button size="compact-xs" variant="default" aria-label={t('editNamed', { name })} onClick={() => onEdit(namespace)}>
              {t('edit')}
            </Button>
            <Button size="compact-xs" variant="default" aria-label={t('removeNamed', { name })} onClick={() => onRemove(namespace)}>
              {t('remove')}
            </Button>
          </span>
        )}
      </td>
    </tr>
  )
}

function Id({ id }: { id: string }) {
  const { t } = useTranslation('namespaces')
  return (
    <span className={classes.id}>
      <CopyValue value={id} what={t('idWhat')} />
    </span>
  )
}
