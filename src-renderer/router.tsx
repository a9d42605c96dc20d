/** The map of addresses to screens. Hash history, so that the same links work at app:// and over http; heavy screens load when first opened. */

import { Button } from '@mantine/core'
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  useNavigate,
  useRouterState,
} from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ScreenError } from './components/error-boundary.tsx'
import { Shell } from './components/frame/shell.tsx'
import { FullPage } from './components/full-page.tsx'
import { OverviewScreen } from './screens/overview/overview-screen.tsx'
import { configsSearch, logsSearch, namespacesSearch, overviewSearch, securitySearch, storageSearch } from './search.ts'

function NotFound() {
  const { t } = useTranslation('frame')
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <FullPage title={t('error.notFoundTitle')} body={t('error.notFoundBody', { path })}>
      <Button onClick={() => void navigate({ to: '/overview' })}>{t('error.home')}</Button>
    </FullPage>
  )
}

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/overview', replace: true })
  },
})
const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/overview',
  validateSearch: overviewSearch,
  component: OverviewScreen,
})
const configsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/configs',
  validateSearch: configsSearch,
  component: lazyRouteComponent(() => import('./screens/configs/configs-screen.tsx'), 'ConfigsScreen'),
})
const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import('./screens/logs/logs-screen.tsx'), 'LogsScreen'),
})
const storageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/storage',
  validateSearch: storageSearch,
  component: lazyRouteComponent(() => import('./screens/storage/storage-screen.tsx'), 'StorageScreen'),
})

const namespacesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/namespaces',
  validateSearch: namespacesSearch,
  component: lazyRouteComponent(() => import('./screens/namespaces/namespaces-screen.tsx'), 'NamespacesScreen'),
})
const securityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/security',
  validateSearch: securitySearch,
  component: lazyRouteComponent(() => import('./screens/security/security-screen.tsx'), 'SecurityScreen'),
})

const routeTree = rootRoute.addChildren([indexRoute, overviewRoute, configsRoute, namespacesRoute, logsRoute, storageRoute, securityRoute])

export function createConsoleRouter() {
  return createRouter({
    routeTree,
    history: createHashHistory(),
    defaultErrorComponent: ScreenError,
    defaultPendingMs: 150,
    defaultPreload: 'intent',
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
