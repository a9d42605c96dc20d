/** The one window: opened where it was, painted in the saved theme before its page loads, brought back when its page dies. */

import { BrowserWindow, nativeTheme, screen } from 'electron'
import { windowPreferences } from './security-rules.ts'
import { backgroundOf, placeOnScreen, type WindowSettingsFile } from './window-settings.ts'

const smallest = { minWidth: 1_000, minHeight: 640 }
const saveAfterMs = 400
/** A page that dies more often than this within the window of time is left dead: reloading would only hide a loop. */
const reloadLimit = 3
const reloadWindowMs = 60_000
const reloadAfterMs = 100

export interface MainWindowOptions {
  readonly url: string
  readonly preload: string
  readonly devTools: boolean
  readonly settings: WindowSettingsFile
  readonly report: (text: string) => void
  /** False: the window is never shown. */
  readonly mayShow: Promise<boolean>
}

export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const { bounds, maximized, appearance } = options.settings.get()
  const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...placeOnScreen(bounds, areas),
    ...smallest,
    show: false,
    title: 'Nacos Trio',
    backgroundColor: backgroundOf(appearance, nativeTheme.shouldUseDarkColors),
    autoHideMenuBar: true,
    webPreferences: windowPreferences(options),
  })
  const show = async () => {
    if (!(await options.mayShow) || window.isDestroyed()) return
    if (maximized) window.maximize()
    window.show()
  }
  window.once('ready-to-show', () => void show())
  rememberPlace(window, options.settings)
  reviveAfterCrash(window, options.report)
  window.webContents.on('did-fail-load', (_event, code, reason, _url, isMainFrame) => {
    if (isMainFrame) options.report(`the page did not load: ${reason} (${code})`)
  })
  // Told by did-fail-load; a window without its page is still shown, so that it can be closed.
  void window.loadURL(options.url).catch(show)
  return window
}

export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function rememberPlace(window: BrowserWindow, settings: WindowSettingsFile): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const save = () => {
    clearTimeout(timer)
    if (!window.isDestroyed()) settings.set({ bounds: window.getNormalBounds(), maximized: window.isMaximized() })
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(save, saveAfterMs)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('close', save)
}

function reviveAfterCrash(window: BrowserWindow, report: (text: string) => void): void {
  let deaths: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    report(`the page's process ended: ${reason} (${exitCode})`)
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = performance.now()
    deaths = [...deaths.filter((at) => now - at < reloadWindowMs), now]
    if (deaths.length > reloadLimit) return
    // Not from within the event: Chromium is still taking the dead process apart.
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload()
    }, reloadAfterMs)
  })
  window.on('unresponsive', () => report('the page does not answer'))
}
