/** The stopped cluster: one button, and what it will use. */

import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { CopyValue } from '../../components/copy-value.tsx'
import { formatList, nodeName } from '../../components/format.ts'
import { storeOf } from '../../components/store-state.ts'
import { currentLanguage } from '../../i18n/i18n.ts'
import { hostPort } from './host-port.ts'
import classes from './stopped-panel.module.css'

export function StoppedPanel({ view, onStart }: { view: ClusterView; onStart: () => Promise<void> }) {
  const { t } = useTranslation('overview')
  const frame = useTranslation('frame').t
  const rows: readonly (readonly [string, ReactNode])[] = [
    [
      t('stopped.nodes'),
      formatList(
        view.nodes.map((node) => nodeName(node.id)),
        currentLanguage(),
      ),
    ],
    [t('stopped.ports'), <Addresses key="http" all={view.nodes.map((node) => hostPort(node.http))} />],
    [t('stopped.raft'), <Addresses key="raft" all={view.nodes.map((node) => hostPort(node.raft))} />],
    [t('stopped.storage'), <Storage key="storage" view={view} />],
    [t('stopped.folder'), <CopyValue key="dir" value={view.dataDir} what={frame('cluster.dataDir')} />],
  ]
  return (
    <div className={classes.room}>
      <div className={classes.panel}>
        <h2 className={classes.title}>{t('stopped.title')}</h2>
        <p className={classes.body}>{t('stopped.body')}</p>
        <dl className={classes.rows}>
          {rows.map(([name, value]) => (
            <div key={name} className={classes.row}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Button leftSection={<Play size={14} />} size="sm" onClick={() => void onStart()}>
          {t('buttons.start')}
        </Button>
      </div>
    </div>
  )
}

function Storage({ view }: { view: ClusterView }) {
  const { t } = useTranslation('overview')
  const store = storeOf(view)
  return (
    <div>
      {store === null ? t('stopped.storageKind.sqlite') : t('stopped.storageKind.mysql', { address: store.addresses.join(', ') })}
      <Link className={classes.change} to="/storage" search={{ change: true }}>
        {t('stopped.changeStorage')}
      </Link>
    </div>
  )
}

/** `127.0.0.1:8848, 8849, 8850`: the host once. */
function Addresses({ all }: { all: readonly string[] }) {
  const hosts = all.map((address) => address.slice(0, address.lastIndexOf(':')))
  const short = all.map((address, index) => (index > 0 && hosts[index] === hosts[0] ? address.slice(address.lastIndexOf(':') + 1) : address))
  return <span className="mono">{short.join(', ')}</span>
}
