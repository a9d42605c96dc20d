/** The app in a real Electron: the same journey, and what it leaves behind when it ends. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findElectron } from '../../runner/tools.ts'
import { repository } from '../../support/headless.ts'
import { findFreePortSet } from '../../support/ports.ts'
import { descendants, isAlive, signal } from '../../support/processes.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { eachNodeHas, findsElection, killsLeader, publishesNew, seesAllServe } from '../journey.ts'
import { pictureOfFailure, takePictures } from '../looks.ts'

const goneLimitMs = 2_000
const quitLimitMs = 15_000
const dataId = 'journey.yaml'

interface Window extends AsyncDisposable {
  readonly app: ElectronApplication
  readonly page: Page
  readonly pid: number
  readonly bases: readonly string[]
  readonly complaints: readonly string[]
}

/**
 * Without `executablePath`: only then does Playwright load a module of its own before the app's, which keeps "ready" back until both of its debuggers
 * are attached. With a path the app makes its window while Playwright attaches to it. A page whose first document commits between the answer to
 * `Page.getFrameTree`, which still shows the empty one, and the listeners of the new renderer is never told by `Page.frameNavigated`: `launch` waits
 * for that until its limit, beside a page that is loaded and well (4 of 46 launches under load, none of 56 this way). The binary is the same: that of
 * the `electron` package, or of ELECTRON_OVERRIDE_DIST_PATH.
 */
const launch = (args: readonly string[]): Promise<ElectronApplication> => {
  const tool = findElectron()
  if ('missing' in tool) throw new Error(tool.missing)
  return _electron.launch({ args: [...args], cwd: repository, locale: 'en-US' })
}

const openApp = async (): Promise<Window> => {
  const data = await mkdtemp(join(tmpdir(), 'nacos-trio-app-'))
  const port = await findFreePortSet()
  const app = await launch(['--no-sandbox', repository, '--data', data, '--port', String(port)])
  const page = await app.firstWindow()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const pid = app.process().pid ?? 0
  return {
    app,
    page,
    pid,
    bases: [0, 1, 2].map((at) => `http://127.0.0.1:${port + at}`),
    complaints,
    [Symbol.asyncDispose]: async () => {
      for (const each of [...descendants(pid), pid]) if (isAlive(each)) signal(each, 'SIGKILL')
      await rm(data, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const allGone = (pids: readonly number[]) => waitUntil('every process of the app to be gone', () => !pids.some(isAlive), goneLimitMs)

describe('the app in Electron', () => {
  let window: Window
  beforeAll(async () => {
    window = await openApp()
  })
  afterAll(async () => {
    await window?.[Symbol.asyncDispose]()
  })

  beforeEach(({ task, onTestFailed }) => onTestFailed(() => pictureOfFailure(window.page, task.name)))

  it('opens its window with three nodes and a leader', async () => {
    await seesAllServe(window.page)
    expect(await window.page.getByText('leader', { exact: true }).count()).toBeGreaterThan(0)
  })

  it('gives the page nothing of Node or Electron', async () => {
    const seen = await window.page.evaluate(() => ['require', 'process', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in globalThis))
    expect(seen).toEqual([])
  })

  it('makes a configuration, shows its diff, publishes it, and each node has it', async () => {
    await publishesNew(window.page, dataId)
    await eachNodeHas(window.bases, dataId)
  })

  it('kills the leader from the window, shows the new one, and the log finds its election', async () => {
    await findsElection(window.page, await killsLeader(window.page, window.bases))
  })

  it('leaves a picture of every screen in both themes and languages', async () => {
    expect(await takePictures({ page: window.page, shell: 'electron', dataId })).toHaveLength(28)
  })

  it('never complained in the console', () => {
    expect(window.complaints).toEqual([])
  })

  it('quits cleanly and leaves no process behind', async () => {
    const all = [...descendants(window.pid), window.pid]
    await window.app.evaluate(({ app }) => app.quit()).catch(() => undefined)
    await waitUntil('the app to quit', () => !isAlive(window.pid), quitLimitMs)
    await allGone(all)
  })
})

describe('the end of the app, however it comes', () => {
  it('SIGTERM stops it cleanly', async () => {
    await using window = await openApp()
    await seesAllServe(window.page)
    const all = [...descendants(window.pid), window.pid]
    const exit = new Promise<number | null>((resolve) => window.app.process().once('exit', (code) => resolve(code)))
    signal(window.pid, 'SIGTERM')
    expect(await exit).toBe(0)
    await allGone(all)
  })

  it('kill -9 leaves no worker, a busy one included', async () => {
    await using window = await openApp()
    await seesAllServe(window.page)
    const all = [...descendants(window.pid), window.pid]
    await window.page.getByRole('button', { name: 'Actions of node-1' }).click()
    await window.page.getByRole('menuitem', { name: /^Freeze/ }).click()
    await window.page.getByText('node-1').first().waitFor()
    signal(window.pid, 'SIGKILL')
    await allGone(all)
  })
})
