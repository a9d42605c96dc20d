/**
 * What this machine has for the suites that need more than Node: a Chromium, an Electron binary, a display. Owns the search only; it
 * installs nothing. A tool that is absent comes back as one sentence that says what was looked for.
 */

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export type Tool = { readonly found: string } | { readonly missing: string }

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const onPath = (names: readonly string[]): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)

/** Browsers that `playwright install chromium` left in its cache, newest first. */
const playwrightBrowsers = (): readonly string[] => {
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches/ms-playwright' : '.cache/ms-playwright')
  if (!existsSync(cache)) return []
  const inside = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium', 'chrome-win/chrome.exe']
  return readdirSync(cache)
    .filter((name) => name.startsWith('chromium-'))
    .sort()
    .reverse()
    .flatMap((name) => inside.map((path) => join(cache, name, path)))
}

const knownBrowsers = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** A Chromium that Playwright can drive: `CHROMIUM_PATH`, then the PATH, then Playwright's own, then the usual places. */
export const findChromium = (): Tool => {
  const asked = process.env.CHROMIUM_PATH
  if (asked !== undefined && asked !== '') return isExecutable(asked) ? { found: asked } : { missing: `CHROMIUM_PATH=${asked} cannot be run` }
  const found =
    onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']) ??
    [...playwrightBrowsers(), ...knownBrowsers].find(isExecutable)
  return found === undefined ? { missing: 'no Chromium or Chrome: none on the PATH, in CHROMIUM_PATH or among Playwright’s browsers' } : { found }
}

/** Servers stand where ordinary users have no path to. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/local/bin']

const server = (name: string): string | undefined => onPath([name]) ?? serverFolders.map((folder) => join(folder, name)).find(isExecutable)

/** A MariaDB server of which a test can start one of its own: `MARIADB_PATH`, then the PATH, then where servers stand. */
export const findMariadb = (): Tool => {
  const asked = process.env.MARIADB_PATH
  if (asked !== undefined && asked !== '') return isExecutable(asked) ? { found: asked } : { missing: `MARIADB_PATH=${asked} cannot be run` }
  const found = server('mariadbd')
  const creates = findMariadbInstall()
  if (found === undefined) return { missing: 'no MariaDB server: no mariadbd on the PATH, in MARIADB_PATH or where servers stand' }
  return creates === undefined ? { missing: 'a MariaDB server without mariadb-install-db beside it' } : { found }
}

/** What makes an empty data folder. */
export const findMariadbInstall = (): string | undefined => server('mariadb-install-db')

/** Whether machines can be made out of network namespaces: iproute2, the right to do it, and curl to ask from inside. */
export const findNamespaces = (): Tool => {
  const ip = onPath(['ip']) ?? ['/sbin/ip', '/usr/sbin/ip'].find(isExecutable)
  if (process.platform !== 'linux') return { missing: 'no network namespaces: they are Linux’s own' }
  if (ip === undefined) return { missing: 'no network namespaces: no ip (iproute2) on the PATH' }
  if (onPath(['curl']) === undefined) return { missing: 'no curl on the PATH, to ask nodes from inside their namespaces' }
  const tried = spawnSync('unshare', ['--net', 'true'], { timeout: 5_000 })
  return process.getuid?.() === 0 && tried.status === 0
    ? { found: ip }
    : { missing: 'network namespaces cannot be made: that takes root and CAP_SYS_ADMIN' }
}

const electronBinary =
  process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'

/** The Electron executable: `ELECTRON_OVERRIDE_DIST_PATH`, or what the `electron` package unpacked. */
export const findElectron = (): Tool => {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override !== undefined && override !== '') {
    const path = join(override, electronBinary)
    return isExecutable(path) ? { found: path } : { missing: `ELECTRON_OVERRIDE_DIST_PATH=${override} holds no ${electronBinary}` }
  }
  const installed = join(import.meta.dirname, '../../node_modules/electron/dist', electronBinary)
  return isExecutable(installed)
    ? { found: installed }
    : { missing: 'no Electron binary: its download did not succeed and ELECTRON_OVERRIDE_DIST_PATH is not set' }
}

/** A display for windows; `found` is `''` where one is there already, else the command that makes one. */
export const findDisplay = (): Tool => {
  if (process.platform !== 'linux') return { found: '' }
  if ((process.env.DISPLAY ?? '') !== '' || (process.env.WAYLAND_DISPLAY ?? '') !== '') return { found: '' }
  const virtual = onPath(['xvfb-run'])
  return virtual === undefined ? { missing: 'no display: DISPLAY is not set and xvfb-run is not installed' } : { found: virtual }
}
