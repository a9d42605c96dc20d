/** What a page of ours may do beyond its own origin: nearly nothing. Pure tables, proven by tests; `security.ts` hangs them into Electron. */

import type { WebPreferences } from 'electron'

export const scheme = 'app'
export const appOrigin = 'app://console'

/** Hosts whose https pages open in the browser without a question. */
const knownHosts = new Set(['nacos.io', 'www.nacos.io', 'github.com', 'raft.github.io'])
const longestUrl = 2_048

/** The development server's origin, only in a build that is not packaged and only on loopback; null otherwise. */
export function developmentOrigin(isPackaged: boolean, url: string | undefined): string | null {
  if (isPackaged || url === undefined || !URL.canParse(url)) return null
  const { protocol, hostname, origin } = new URL(url)
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1') ? origin : null
}

/** Does this address belong to the page that we serve? Custom schemes have the origin `null` in WHATWG terms, so it is put together by hand. */
export function isOurs(url: string, origins: readonly string[]): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, username, password } = new URL(url)
  return username === '' && password === '' && origins.includes(`${protocol}//${host}`)
}

/** What to do with a link that leads out: `ask` shows the address first. Never another scheme, never a file, never a user name in it. */
export function outsideLink(url: string): 'open' | 'ask' | 'deny' {
  if (url.length > longestUrl || !URL.canParse(url)) return 'deny'
  const { protocol, hostname, username, password, port } = new URL(url)
  if (protocol !== 'https:' || username !== '' || password !== '' || hostname === '') return 'deny'
  return knownHosts.has(hostname) && port === '' ? 'open' : 'ask'
}

/** Copying is all that a page may ask for. */
export function permissionAllowed(permission: string, url: string, origins: readonly string[]): boolean {
  return permission === 'clipboard-sanitized-write' && isOurs(url, origins)
}

/** A request that may leave the page's process: our own files only, and data images. */
export function requestAllowed(url: string, origins: readonly string[]): boolean {
  if (url.startsWith('data:') || url.startsWith('blob:') || url.startsWith('devtools:')) return true
  return isOurs(url, origins) || isOurs(url.replace(/^ws:/, 'http:'), origins)
}

/** The preferences of every window. */
export function windowPreferences(options: { readonly preload: string; readonly devTools: boolean }): WebPreferences {
  return {
    preload: options.preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: options.devTools,
  }
}
