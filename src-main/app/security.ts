/** Hangs the rules of `security-rules.ts` into Electron, for every page there will ever be. */

import { app, dialog, type Session, shell, type WebContents } from 'electron'
import { isOurs, outsideLink, permissionAllowed, requestAllowed } from './security-rules.ts'

/** Call before the first window. `askWords` words the question for an unknown host. */
export function guardContents(origins: readonly string[], askWords: (url: string) => { message: string; yes: string; no: string }): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event) => {
      if (!isOurs(event.url, origins)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (!isOurs(event.url, origins)) event.preventDefault()
    })
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isOurs(event.url, origins)) event.preventDefault()
    })
    contents.setWindowOpenHandler(({ url }) => {
      void openOutside(contents, url, askWords)
      return { action: 'deny' }
    })
  })
}

export function guardSession(session: Session, origins: readonly string[]): void {
  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    answer(permissionAllowed(permission, details.requestingUrl || contents.getURL(), origins))
  })
  session.setPermissionCheckHandler((_contents, permission, origin) => permissionAllowed(permission, origin, origins))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !requestAllowed(details.url, origins) }))
  session.on('will-download', (event, item) => {
    // Only what our own page made (an exported log) may be saved.
    if (!item.getURL().startsWith('blob:')) event.preventDefault()
  })
}

async function openOutside(
  contents: WebContents,
  url: string,
  askWords: (url: string) => { message: string; yes: string; no: string },
): Promise<void> {
  const verdict = outsideLink(url)
  if (verdict === 'deny') return
  if (verdict === 'ask') {
    const words = askWords(url)
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: words.message,
      detail: url,
      buttons: [words.yes, words.no],
      defaultId: 1,
      cancelId: 1,
    })
    if (response !== 0 || contents.isDestroyed()) return
  }
  await shell.openExternal(url)
}
