/** Offers the actions that work on every screen, and binds the keys. Draws nothing. */

import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useClusterView } from '../api/cluster.ts'
import { reportAppearance } from '../api/transport.ts'
import { useCopy } from '../components/copy-value.tsx'
import { useNamespaceInUse } from '../components/namespace-in-use.ts'
import { currentLanguage, setLanguage } from '../i18n/i18n.ts'
import { useClusterCommands } from './cluster-commands.tsx'
import { bindKeys } from './keys.ts'
import { useAction } from './registry.ts'

export function GlobalActions() {
  const { t } = useTranslation('frame')
  const navigate = useNavigate()
  const copy = useCopy()
  const commands = useClusterCommands()
  const { view, connection } = useClusterView()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const language = currentLanguage()
  const { configs } = useNamespaceInUse()
  const live = view !== null && connection.kind === 'open' ? view : null
  const leaderId = live?.leaderId ?? null
  const stopped = live?.health.kind === 'stopped'

  useEffect(() => bindKeys(), [])
  useEffect(() => reportAppearance({ scheme, language: language === 'zh-CN' ? 'zh' : 'en' }), [scheme, language])

  useAction('goOverview', () => void navigate({ to: '/overview' }))
  useAction('goConfigs', () => void navigate({ to: '/configs', search: configs }))
  useAction('goNamespaces', () => void navigate({ to: '/namespaces' }))
  useAction('goLogs', () => void navigate({ to: '/logs' }))
  useAction('snapshots', () => void navigate({ to: '/configs', search: { ...configs, snapshots: true } }))
  useAction('goStorage', () => void navigate({ to: '/storage' }))
  useAction('goSecurity', () => void navigate({ to: '/security' }))
  useAction('newNamespace', () => void navigate({ to: '/namespaces', search: { new: true } }))
  useAction('changeStorage', view === null ? null : () => void navigate({ to: '/storage', search: { change: true } }))
  useAction('moveStorage', view === null ? null : () => void navigate({ to: '/storage', search: { move: true } }))
  useAction('newConfig', () => void navigate({ to: '/configs', search: { ...configs, new: true } }))
  useAction('toggleTheme', () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'))
  useAction('themeSystem', () => setColorScheme('auto'))
  useAction('toggleLanguage', () => void setLanguage(language === 'en' ? 'zh-CN' : 'en'))
  useAction('killLeader', leaderId === null ? null : () => void commands.kill({ id: leaderId }))
  useAction('startCluster', stopped ? () => void commands.startCluster() : null)
  useAction('stopCluster', live !== null && !stopped ? () => void commands.stopCluster() : null)
  useAction('copyAddresses', view === null ? null : () => void copy(view.nodes.map((node) => node.http).join('\n'), t('cluster.addresses')))
  useAction('copyDataDir', view === null ? null : () => void copy(view.dataDir, t('cluster.dataDir')))
  return null
}
