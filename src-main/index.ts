/** Electron's boot order, nothing else. No top-level await: a module that waits for "ready" would keep it from coming. */

import { join, resolve } from 'node:path'
import { app } from 'electron'
import { readCommandLine } from './app/command-line.ts'
import { runApp } from './app/lifecycle.ts'
import { announceScheme } from './app/protocol.ts'
import { shellWords } from './app/words.ts'
import { defaultDataDir } from './cluster/data-folder.ts'
import { languageOf } from './cluster/problem-words.ts'

const here = import.meta.dirname
const paths = { rendererDir: join(here, '../renderer'), preload: join(here, '../preload/index.cjs'), workerPath: join(here, 'node.js') }
const line = readCommandLine(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd())

if (line.kind === 'bad') {
  process.stderr.write(`${line.reason}\n`)
  app.exit(2)
} else {
  const dataDir = resolve(line.options.dataDir ?? defaultDataDir(process.platform, process.env))
  // It would take `--no-sandbox` back, and with it every child of a root user's app.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  announceScheme()
  // The window's own files live in the data folder: one window, one lock and one memory of places per cluster.
  app.setPath('userData', join(dataDir, 'window'))
  if (app.requestSingleInstanceLock()) void app.whenReady().then(() => runApp({ options: line.options, dataDir, paths }))
  else {
    process.stderr.write(`${shellWords(languageOf(process.env)).alreadyOpen}\n`)
    app.exit(0)
  }
}
