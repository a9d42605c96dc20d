/** Mantine's theme: sizes and defaults of its parts. Colours are the tokens of tokens.css, bound to Mantine's variables in base.css. */

import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core'
import { storageKeys } from './storage-keys.ts'

const accent: MantineColorsTuple = ['#e8edfd', '#d3dcfa', '#b3c2f5', '#9fb3ff', '#8aa3ff', '#7c98ff', '#3457d5', '#2c4bbd', '#253fa0', '#1c2645']
const bad: MantineColorsTuple = ['#fdebec', '#fbd5d7', '#f7b0b3', '#f38a8f', '#ff7a7f', '#ff7a7f', '#cf2f35', '#b7262c', '#8f1d22', '#381a1d']

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { accent, bad },
  defaultRadius: 'sm',
  radius: { sm: 'var(--radius-s)', md: 'var(--radius-m)' },
  fontSizes: { xs: 'var(--text-s)', sm: 'var(--text-m)', md: 'var(--text-m)', lg: 'var(--text-l)', xl: 'var(--text-xl)' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'filled' } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 120 }, multiline: true, maw: 320 } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 }, withinPortal: true } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 150 } } },
    TextInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 120 } },
  },
})

export const colorSchemeManager = localStorageColorSchemeManager({ key: storageKeys.theme })

/** The nonce that the server put into the page for style tags; '' where it put none (dev server, tests). */
export function styleNonce(): string {
  for (const meta of document.querySelectorAll('meta[name="csp-nonce"]')) {
    const value = meta.getAttribute('content') ?? ''
    if (value !== '' && !value.startsWith('__')) return value
  }
  return ''
}
