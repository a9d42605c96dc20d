/** The native menu: what the system expects of any app (copy and paste on macOS come from here), nothing of ours twice. Pure. */

import type { MenuItemConstructorOptions } from 'electron'
import type { Language } from '../cluster/problem-words.ts'
import { shellWords } from './words.ts'

export interface MenuOptions {
  readonly language: Language
  readonly platform: NodeJS.Platform
  readonly devTools: boolean
}

/** The labels of roles come from the system, in its own language. */
export function menuTemplate({ language, platform, devTools }: MenuOptions): MenuItemConstructorOptions[] {
  const words = shellWords(language)
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const developer: MenuItemConstructorOptions[] = devTools ? [separator, { role: 'reload' }, { role: 'toggleDevTools' }] : []
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: words.edit,
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'pasteAndMatchStyle' },
        { role: 'selectAll' },
      ],
    },
    {
      label: words.view,
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, separator, { role: 'togglefullscreen' }, ...developer],
    },
    {
      label: words.window,
      submenu: [{ role: 'minimize' }, { role: 'close' }, ...(platform === 'darwin' ? [] : [separator, { role: 'quit' } as const])],
    },
  ]
}
