/**
 * From "ready" to "gone": opens the data folder, starts the cluster, shows the window, and on the way out stops every node before the app ends.
 * Must never leave a worker behind, and never hang on the way out.
 */

import { join } from 'node:path'
import { app, dialog, Menu, nativeTheme, session, utilityProcess } from 'electron'
import { type Booted, bootCluster } from '../cluster/boot.ts'
import { describeProblem, exitCodeOf, type Language } from '../cluster/problem-words.ts'
import { givenStorage } from '../cluster/storage-options.ts'
import { createUtilityLauncher } from '../cluster/utility-launcher.ts'
import { appInfo } from '../console/app.ts'
import { loadBundle } from '../console/bundle.ts'
import { type Console, createConsole } from '../console/router.ts'
import { openBridge } from './bridge.ts'
import type { AppOptions } from './command-line.ts'
import { menuTemplate } from './menu.ts'
import { serveBundle } from './protocol.ts'
import { guardContents, guardSession } from './security.ts'
import { appOrigin, developmentOrigin } from './security-rules.ts'
import { backgroundOf, openWindowSettings, type WindowSettingsFile } from './window-settings.ts'
import { focusWindow, openMainWindow } from './windows.ts'
import { shellWords } from './words.ts'

/** The cluster's own stop takes 2 s at most; beyond this the app ends whatever is left (workers end with their parent). */
const stopBudgetMs = 9_000
/** Ctrl+C in a terminal arrives twice, from the terminal and from the launcher: only a later one means impatience. */
const hurryAfterMs = 1_000
const badOptionsCode = 1

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
  const ending = createEnding()
  const storage = givenStorage(setup.options.storage, process.env)
  if (!storage.ok) return refuseToStart(storage.sentence[language()], badOptionsCode, language())
  if (storage.warning !== null) process.stderr.write(`${storage.warning[language()]}\n`)
  // The page loads while the folder is opened: on two cores that is the difference between a window at once and a window soon.
  const booting = bootCluster({
    dataDir: setup.dataDir,
    port: setup.options.port,
    nodes: null,
    launcher: createUtilityLauncher(utilityProcess),
    workerPath: setup.paths.workerPath,
    version: app.getVersion(),
    storage: storage.given,
    auth: setup.options.auth,
  })
  try {
    const shown = showWindow({ ...setup, settings, language, booted: booting.then((boot) => (boot.kind === 'ok' ? boot.booted : null)) })
    const boot = await booting
    if (boot.kind === 'problem') return await refuseToStart(describeProblem(boot.problem, language()), exitCodeOf(boot.problem), language())
    ending.attach(boot.booted)
    boot.booted.cluster.start()
    await shown
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${words}\n`)
    dialog.showErrorBox(shellWords(language()).cannotStart, words)
    ending.request(1)
  }
}

interface Shown extends LifecycleOptions {
  readonly settings: WindowSettingsFile
  readonly language: () => Language
  /** null: it could not be opened; then nothing is shown. */
  readonly booted: Promise<Booted | null>
}

/** Opens the window hidden; it is shown once its page is painted and the folder is ours. */
async function showWindow(shown: Shown): Promise<void> {
  const { settings, language, booted, paths, options } = shown
  const devOrigin = developmentOrigin(app.isPackaged, process.env.ELECTRON_RENDERER_URL)
  const origins = devOrigin === null ? [appOrigin] : [appOrigin, devOrigin]
  const devTools = options.devTools || devOrigin !== null
  const report = (text: string) => void booted.then((ours) => ours?.log.write('error', 'console', text))
  if (devOrigin === null) serveBundle(session.defaultSession, await loadBundle(paths.rendererDir))
  guardSession(session.defaultSession, origins)
  guardContents(origins, () => {
    const words = shellWords(language())
    return { message: words.leaveQuestion, yes: words.leaveYes, no: words.leaveNo }
  })
  const drawMenu = () => Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ language: language(), platform: process.platform, devTools })))
  drawMenu()
  const window = openMainWindow({
    url: `${devOrigin ?? appOrigin}/`,
    preload: paths.preload,
    devTools,
    settings,
    report,
    mayShow: booted.then((ours) => ours !== null),
  })
  app.on('second-instance', () => {
    if (!window.isDestroyed()) focusWindow(window)
  })
  openBridge({
    console: booted.then((ours) => ours && consoleOf(ours, report)),
    origins,
    report,
    onAppearance(appearance) {
      settings.set({ appearance })
      if (!window.isDestroyed()) window.setBackgroundColor(backgroundOf(appearance, nativeTheme.shouldUseDarkColors))
      drawMenu()
    },
  })
}

function consoleOf({ cluster }: Booted, report: (text: string) => void): Console {
  const info = appInfo({ version: app.getVersion(), shell: 'electron', dataDir: cluster.dataDir, locale: systemLocale() })
  return createConsole({ cluster, info, report })
}

/** Every way out leads through here: window closed, Quit, SIGTERM, SIGINT, the system's shutdown, at any time. A later request makes haste. */
function createEnding() {
  let sinceMs: number | null = null
  let exitCode = 0
  let booted: Booted | null = null

  const end = () => {
    session.defaultSession.flushStorageData()
    app.exit(exitCode)
  }
  const begin = () => {
    if (sinceMs !== null && booted !== null) booted.shutdown().then(end, end)
  }
  const request = (code: number) => {
    if (sinceMs === null) {
      sinceMs = performance.now()
      exitCode = code
      setTimeout(end, stopBudgetMs)
      begin()
    } else if (performance.now() - sinceMs >= hurryAfterMs) booted?.cluster.hurry()
  }
  app.on('before-quit', (event) => {
    event.preventDefault()
    request(0)
  })
  app.on('window-all-closed', () => request(0))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => request(0))
  return {
    request,
    attach(ours: Booted) {
      booted = ours
      begin()
    },
  }
}

async function refuseToStart(sentence: string, exitCode: number, language: Language): Promise<void> {
  process.stderr.write(`${sentence}\n`)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.removeAllListeners(signal).on(signal, () => app.exit(exitCode))
  await dialog.showMessageBox({ type: 'error', title: 'Nacos Trio', message: shellWords(language).cannotStart, detail: sentence })
  app.exit(exitCode)
}

function systemLocale(): string {
  return app.getPreferredSystemLanguages()[0] ?? app.getLocale()
}
