/** Starts the window: styles, language, session, router; then draws. Order matters: the session takes a code out of the address before the router reads it. */

import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import './theme/fonts.css'
import './theme/tokens.css'
import './theme/base.css'
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProvider } from './api/provider.tsx'
import { createApi } from './api/query.ts'
import { createTransport } from './api/transport.ts'
import { toastLayer, toastLimit } from './components/toast.tsx'
import { startI18n } from './i18n/i18n.ts'
import { createConsoleRouter } from './router.tsx'
import { colorSchemeManager, styleNonce, theme } from './theme/theme.ts'

const nonce = styleNonce()
// react-remove-scroll (inside Mantine's dialogs) reads its nonce from this name.
Object.assign(globalThis, { __webpack_nonce__: nonce })

startI18n()
const api = createApi(createTransport())
const router = createConsoleRouter()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
      withGlobalClasses={false}
    >
      <Notifications position="bottom-right" limit={toastLimit} containerWidth={380} zIndex={toastLayer} />
      <ApiProvider api={api}>
        <ModalsProvider>
          <RouterProvider router={router} />
        </ModalsProvider>
      </ApiProvider>
    </MantineProvider>
  </StrictMode>,
)
