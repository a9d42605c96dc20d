/** Makes a missing or misspelt key a type error wherever `t` is called. */

import 'i18next'
import type { en } from './en/index.ts'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'frame'
    resources: typeof en
    enableSelector: false
  }
}
