/** The header: whose cluster this is and how it fares, the namespace, the palette, language and theme. */

import { ActionIcon, Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { CircleHelp, Monitor, Moon, Search, ShieldAlert, Sun } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { runAction } from '../../actions/registry.ts'
import { useClusterView } from '../../api/cluster.ts'
import { currentLanguage, setLanguage } from '../../i18n/i18n.ts'
import { ActionTooltip, KeyCaps } from '../key-caps.tsx'
import { Logo } from '../logo.tsx'
import { refusesWrites, storeOf } from '../store-state.ts'
import classes from './header.module.css'
import { NamespaceSwitch } from './namespace-switch.tsx'

export function Header() {
  const { t } = useTranslation('frame')
  return (
    <header className={classes.header}>
      <div className={classes.brand}>
        <Logo size={22} />
        <span className={classes.name}>{t('app')}</span>
      </div>
      <ClusterPill />
      <NamespaceSwitch />
      <AuthBadge />
      <span className={classes.gap} />
      <UnstyledButton className={classes.search} onClick={() => runAction('palette')}>
        <Search size={14} aria-hidden="true" />
        <span className={classes.searchText}>{t('header.search')}</span>
        <KeyCaps keys="$mod+k" />
      </UnstyledButton>
      <ActionTooltip action="keySheet" label={t('action.keySheet')}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          className={classes.icon}
          onClick={() => runAction('keySheet')}
          aria-label={t('action.keySheet')}
        >
          <CircleHelp size={16} />
        </ActionIcon>
      </ActionTooltip>
      <ThemeSwitch />
      <LanguageSwitch />
    </header>
  )
}

function ClusterPill() {
  const { t } = useTranslation('frame')
  const health = useTranslation('health').t
  const { view, connection, ageMs } = useClusterView()
  const kind = view?.health.kind
  const known = kind !== undefined && connection.kind === 'open' && ageMs === 0
  // Nodes that serve and refuse every configuration are not healthy.
  const refuses = view !== null && (kind === 'all-serve' || kind === 'degraded') && refusesWrites(storeOf(view))
  const word = refuses ? 'store-away' : kind
  return (
    <span className={classes.pill} title={t('header.clusterHint')}>
      <span className={classes.dot} data-health={known ? (refuses ? 'degraded' : kind) : 'unknown'} aria-hidden="true" />
      {t('header.cluster', { count: view?.nodes.length ?? 3 })}
      <span className={classes.quiet}>{known && word !== undefined ? health(`word.${word}`) : t('status.unknown')}</span>
    </span>
  )
}

/** On every screen while nodes ask nobody who they are; unknown is not drawn as off. */
function AuthBadge() {
  const { t } = useTranslation('frame')
  const { view } = useClusterView()
  if (view === null || view.authOn) return null
  return (
    <Link to="/security" className={classes.badge} title={t('header.authOffHint')}>
      <ShieldAlert size={14} aria-hidden="true" />
      <span className={classes.badgeWord}>{t('header.authOff')}</span>
    </Link>
  )
}

function ThemeSwitch() {
  const { t } = useTranslation('frame')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const shown = useComputedColorScheme('light')
  const Icon = shown === 'dark' ? Moon : Sun
  const choices = [
    ['light', Sun],
    ['dark', Moon],
    ['auto', Monitor],
  ] as const
  return (
    <Menu position="bottom-end" width={168}>
      <Menu.Target>
        <ActionTooltip action="toggleTheme" label={t('header.themeNow', { theme: t(`theme.${colorScheme}`) })}>
          <ActionIcon variant="subtle" color="gray" size={28} className={classes.icon} aria-label={t('header.theme')}>
            <Icon size={16} />
          </ActionIcon>
        </ActionTooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([choice, ChoiceIcon]) => (
          <Menu.Item
            key={choice}
            leftSection={<ChoiceIcon size={14} />}
            aria-current={choice === colorScheme}
            className={classes.choice ?? ''}
            onClick={() => setColorScheme(choice)}
          >
            {t(`theme.${choice}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function LanguageSwitch() {
  const { t } = useTranslation('frame')
  const language = currentLanguage()
  return (
    <UnstyledButton
      className={classes.language}
      title={t('action.toggleLanguage')}
      onClick={() => void setLanguage(language === 'en' ? 'zh-CN' : 'en')}
    >
      <span data-on={language === 'zh-CN'} lang="zh-CN">
        中
      </span>
      <span className={classes.slash}>/</span>
      <span data-on={language === 'en'} lang="en">
        EN
      </span>
    </UnstyledButton>
  )
}
