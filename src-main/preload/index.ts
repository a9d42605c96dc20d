/**
 * The only bridge into the page: two functions, sandboxed, CommonJS once built. Must never hand out ipcRenderer, an event object, or anything
 * that takes a channel's name. The words of the channels stand again in src-main/app/bridge.ts and src-renderer/api/transport.ts.
 */

import { contextBridge, ipcRenderer } from 'electron'

contextBridge.exposeInMainWorld('nacosTrio', {
  requestPort: () => ipcRenderer.send('console:request-port'),
  reportAppearance: (appearance: { scheme: string; language: string }) =>
    ipcRenderer.send('console:appearance', { scheme: String(appearance.scheme), language: String(appearance.language) }),
})

// A MessagePort cannot cross the bridge as a value; a window message to the page itself can carry it.
ipcRenderer.on('console:port', (event) => window.postMessage('nacos-trio:console-port', window.location.origin, [...event.ports]))
