/** The rail of screens with their counts; icons only when collapsed. Holds no screen that does not exist. */

import { Tooltip, UnstyledButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Database, FileText, Layers, LayoutDashboard, PanelLeftClose, PanelLeftOpen, ScrollText, ShieldCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { runAction } from '../../actions/registry.ts'
import { useClusterView } from '../../api/cluster.ts'
import { formatNumber } from '../format.ts'
import { ActionTooltip } from '../key-caps.tsx'
import { useNamespaceInUse } from '../namespace-in-use.ts'
import { configCountOf, servingCount } from '../node-condition.ts'
import { storeOf } from '../store-state.ts'
import classes from './rail.module.css'

const entries = [
  { to: '/overview', name: 'overview', Icon: LayoutDashboard },
  { to: '/configs', name: 'configs', Icon: FileText },
  { to: '/namespaces', name: 'namespaces', Icon: Layers },
  { to: '/logs', name: 'logs', Icon: ScrollText },
  { to: '/storage', name: 'storage', Icon: Database },
  { to: '/security', name: 'security', Icon: ShieldCheck },
] as const

export function Rail({ collapsed }: { collapsed: boolean }) {
  const { t } = useTranslation('frame')
  const { view: seen, connection } = useClusterView()
  const { configs: configsAddress } = useNamespaceInUse()
  // Without a line the counts would be shown as if they were of now.
  const view = connection.kind === 'open' ? seen : null
  const configs = view === null ? undefined : configCountOf(view)
  const away = view !== null && storeOf(view)?.state === 'away'
  const counts = {
    overview: view === null ? undefined : `${servingCount(view)}/${view.nodes.length}`,
    configs: configs === undefined ? undefined : formatNumber(configs),
    namespaces: undefined,
    logs: undefined,
    storage: view === null ? undefined : t(view.storage.setting.kind === 'mysql' ? 'kind.mysql' : 'kind.sqlite', { ns: 'storage' }),
    security: view === null ? undefined : t(view.authOn ? 'nav.authOn' : 'nav.authOff'),
  }
  return (
    <nav className={classes.rail} data-collapsed={collapsed} aria-label={t('nav.label')}>
      {entries.map(({ to, name, Icon }) => (
        <Tooltip key={to} label={t(`nav.${name}`)} position="right" disabled={!collapsed} openDelay={100}>
          <Link to={to} search={name === 'configs' ? configsAddress : {}} className={classes.entry} activeProps={{ 'data-active': true }}>
            <Icon size={16} aria-hidden="true" />
            <span className={classes.label}>{t(`nav.${name}`)}</span>
            {counts[name] === undefined ? null : (
              <span className={classes.count} data-bad={name === 'storage' && away ? true : undefined}>
                {counts[name]}
              </span>
            )}
          </Link>
        </Tooltip>
      ))}
      <span className={classes.gap} />
      <ActionTooltip action="toggleRail" label={collapsed ? t('nav.expand') : t('nav.collapse')}>
        <UnstyledButton
          className={classes.collapse}
          onClick={() => runAction('toggleRail')}
          aria-label={collapsed ? t('nav.expand') : t('nav.collapse')}
        >
          {collapsed ? <PanelLeftOpen size={16} /> : <PanelLeftClose size={16} />}
        </UnstyledButton>
      </ActionTooltip>
    </nav>
  )
}
