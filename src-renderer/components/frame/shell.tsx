/** The frame around every screen: header, rail, content, status bar. Owns the rail's state and the place where screens are drawn. */

import { useLocalStorage } from '@mantine/hooks'
import { Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { GlobalActions } from '../../actions/global-actions.tsx'
import { KeySheet } from '../../actions/key-sheet.tsx'
import { Palette } from '../../actions/palette.tsx'
import { useAction } from '../../actions/registry.ts'
import { useConnection } from '../../api/provider.tsx'
import { storageKeys } from '../../theme/storage-keys.ts'
import { RateRecorder } from '../rate-history.ts'
import { Announcer } from './announcer.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { NeedsCode } from './needs-code.tsx'
import { Rail } from './rail.tsx'
import classes from './shell.module.css'
import { StatusBar } from './status-bar.tsx'

export function Shell() {
  const { t } = useTranslation('frame')
  const connection = useConnection()
  const [collapsed, setCollapsed] = useLocalStorage({ key: storageKeys.railCollapsed, defaultValue: false, getInitialValueInEffect: false })
  useAction('toggleRail', () => setCollapsed((before) => !before))
  if (connection.state.kind === 'needs-code') {
    return (
      <main className={classes.door}>
        <NeedsCode reason={connection.state.reason} />
      </main>
    )
  }
  return (
    <div className={classes.shell} data-rail={collapsed ? 'icons' : 'full'}>
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      <Header />
      <Rail collapsed={collapsed} />
      <main id="content" className={classes.content} tabIndex={-1}>
        <ConnectionBanner />
        <div className={classes.screen}>
          <Outlet />
        </div>
      </main>
      <StatusBar />
      <GlobalActions />
      <RateRecorder />
      <Announcer />
      <Palette />
      <KeySheet />
    </div>
  )
}
