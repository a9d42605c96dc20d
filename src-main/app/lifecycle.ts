/**
 * From "ready" to "gone": opens the data folder, starts the cluster, shows the window, and on the way out stops every node before the app ends.
 * Must never leave a worker behind, and never hang on the way out.
 */

import { join } from 'node:path'
import { app, type BrowserWindow, dialog, Menu, nativeTheme, session, utilityProcess } from 'electron'
import { type Booted, type BootProblem, bootCluster } from '../cluster/boot.ts'
import { describeProblem, exitCodeOf, type Language } from '../cluster/problem-words.ts'
import { createUtilityLauncher } from '../cluster/utility-launcher.ts'
import { appInfo } from '../console/app.ts'
import { loadBundle } from '../console/bundle.ts'
import { createConsole } from '../console/router.ts'
import { openBridge } from './bridge.ts'
import type { AppOptions } from './command-line.ts'
import { menuTemplate } from './menu.ts'
import { serveBundle } from './protocol.ts'
import { guardContents, guardSession } from './security.ts'
import { appOrigin, developmentOrigin } from './security-rules.ts'
import { backgroundOf, openWindowSettings, type WindowSettingsFile } from './window-settings.ts'
import { focusWindow, openMainWindow } from './windows.ts'
import { shellWords } from './words.ts'

/** The cluster's own stop takes 8 s at most; beyond this the app ends whatever is left (workers end with their parent). */
const stopBudgetMs = 9_000
/** Ctrl+C in a terminal arrives twice, from the terminal and from the launcher: only a later one means impatience. */
const hurryAfterMs = 1_000

export interface AppPaths {
  readonly rendererDir: string
  readonly preload: string
  readonly workerPath: string
}

export interface LifecycleOptions {
  readonly options: AppOptions
  readonly dataDir: string
  readonly paths: AppPaths
}

/** Call once the app is ready. Never rejects: what stands in the way is said in a dialog and ends the app. */
export async function runApp(setup: LifecycleOptions): Promise<void> {
  const settings = openWindowSettings(join(app.getPath('userData'), 'window.json'))
  const language = (): Language => settings.get().appearance?.language ?? (systemLocale().startsWith('zh') ? 'zh' : 'en')
  const boot = await bootCluster({
    dataDir: setup.dataDir,
    port: setup.options.port,
    nodes: null,
    launcher: createUtilityLauncher(utilityProcess),
    workerPath: setup.paths.workerPath,
    version: app.getVersion(),
  })
  if (boot.kind === 'problem') return refuseToStart(boot.problem, language())
  const quit = endCleanly(boot.booted)
  try {
    boot.booted.cluster.start()
    await showConsole({ ...setup, settings, language, booted: boot.booted })
  } catch (error) {
    boot.booted.log.write('error', 'app', error instanceof Error ? (error.stack ?? error.message) : String(error))
    dialog.showErrorBox(shellWords(language()).cannotStart, error instanceof Error ? error.message : String(error))
    quit(1)
  }
}

interface Shown extends LifecycleOptions {
  readonly settings: WindowSettingsFile
  readonly language: () => Language
  readonly booted: Booted
}

async function showConsole(shown: Shown): Promise<void> {
  const { settings, language, booted, paths, options } = shown
  const devOrigin = developmentOrigin(app.isPackaged, process.env.ELECTRON_RENDERER_URL)
  const origins = devOrigin === null ? [appOrigin] : [appOrigin, devOrigin]
  const devTools = options.devTools || devOrigin !== null
  const report = (text: string) => booted.log.write('error', 'console', text)
  if (devOrigin === null) serveBundle(session.defaultSession, await loadBundle(paths.rendererDir))
  guardSession(session.defaultSession, origins)
  guardContents(origins, () => {
    const words = shellWords(language())
    return { message: words.leaveQuestion, yes: words.leaveYes, no: words.leaveNo }
  })
  const drawMenu = () => Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ language: language(), platform: process.platform, devTools })))
  drawMenu()

  let window: BrowserWindow | null = null
  const info = appInfo({ version: app.getVersion(), shell: 'electron', dataDir: booted.cluster.dataDir, locale: systemLocale() })
  openBridge({
    console: createConsole({ cluster: booted.cluster, info, report }),
    origins,
    report,
    onAppearance(appearance) {
      settings.set({ appearance })
      window?.setBackgroundColor(backgroundOf(appearance, nativeTheme.shouldUseDarkColors))
      drawMenu()
    },
  })
  window = openMainWindow({ url: `${devOrigin ?? appOrigin}/`, preload: paths.preload, devTools, settings, report })
  window.on('closed', () => {
    window = null
  })
  app.on('second-instance', () => {
    if (window) focusWindow(window)
  })
}

/** Every way out leads through here: window closed, Quit, SIGTERM, SIGINT, the system's shutdown. A second request makes haste. */
function endCleanly(booted: Booted): (exitCode: number) => void {
  let endingSinceMs: number | null = null
  const quit = (exitCode: number) => {
    if (endingSinceMs !== null) {
      if (performance.now() - endingSinceMs >= hurryAfterMs) booted.cluster.hurry()
      return
    }
    endingSinceMs = performance.now()
    const end = () => {
      session.defaultSession.flushStorageData()
      app.exit(exitCode)
    }
    setTimeout(end, stopBudgetMs)
    booted.shutdown().then(end, end)
  }
  app.on('before-quit', (event) => {
    event.preventDefault()
    quit(0)
  })
  app.on('window-all-closed', () => quit(0))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => quit(0))
  return quit
}

async function refuseToStart(problem: BootProblem, language: Language): Promise<void> {
  const sentence = describeProblem(problem, language)
  process.stderr.write(`${sentence}\n`)
  const exitCode = exitCodeOf(problem)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => app.exit(exitCode))
  await dialog.showMessageBox({ type: 'error', title: 'Nacos Trio', message: shellWords(language).cannotStart, detail: sentence })
  app.exit(exitCode)
}

function systemLocale(): string {
  return app.getPreferredSystemLanguages()[0] ?? app.getLocale()
}
