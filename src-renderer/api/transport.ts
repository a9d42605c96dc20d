/**
 * Chooses the line to the supervising process: the preload's MessagePort in Electron, a WebSocket in a browser.
 * Promises a connection state that can be shown. Must never put a code or token into an address, a log or localStorage.
 */

import { RPCLink as PortLink } from '@orpc/client/message-port'
import { createBrowserTransport } from './browser-transport.ts'
import { createConnectionCell, type Transport } from './connection.ts'

/** What the preload exposes; the two functions and nothing else. */
export interface PreloadBridge {
  /** Asks main for a fresh port; it arrives as a window message (see `portMessage`). */
  requestPort(): void
  /** Tells main how to paint the window before the next load, and which language the menu speaks. */
  reportAppearance(appearance: { scheme: 'light' | 'dark'; language: 'zh' | 'en' }): void
}

declare global {
  interface Window {
    readonly nacosTrio?: PreloadBridge
  }
}

/** The data of the window message that carries the port; the same word stands in src-main/preload. */
const portMessage = 'nacos-trio:console-port'
const portAgainMs = 2_000

export function createTransport(): Transport {
  const bridge = window.nacosTrio
  return bridge ? createElectronTransport(bridge) : createBrowserTransport()
}

/** Remembers theme and language for the next start of the window; does nothing in a browser. */
export function reportAppearance(appearance: { scheme: 'light' | 'dark'; language: 'zh' | 'en' }): void {
  window.nacosTrio?.reportAppearance(appearance)
}

function createElectronTransport(bridge: PreloadBridge): Transport {
  const cell = createConnectionCell({ kind: 'connecting' })
  let current: MessagePort | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask = () => {
    clearTimeout(timer)
    timer = setTimeout(ask, portAgainMs)
    bridge.requestPort()
  }
  const onMessage = (event: MessageEvent) => {
    if (event.source !== window || event.data !== portMessage) return
    const port = event.ports[0]
    if (!port) return
    clearTimeout(timer)
    current?.close()
    current = port
    port.addEventListener('close', () => {
      if (current !== port) return
      current = null
      cell.set({ kind: 'lost', attempt: 1, retryAtMs: Date.now() })
      ask()
    })
    const link = new PortLink({ port })
    port.start()
    cell.set({ kind: 'open', sinceMs: Date.now() }, link)
  }
  window.addEventListener('message', onMessage)
  ask()
  return {
    state: cell.state,
    subscribe: cell.subscribe,
    link: cell.link,
    submitCode: async () => 'refused',
    retryNow: ask,
    close() {
      clearTimeout(timer)
      window.removeEventListener('message', onMessage)
      current?.close()
      current = null
      cell.set({ kind: 'connecting' })
    },
  }
}
