/**
 * The line from a window's page to the console: one MessagePort per page, handed out on request. Every message from a page is checked:
 * main frame, our origin, a window we made. A page that reloads gets a new port; its old one is closed.
 */

import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { BrowserWindow, type IpcMainEvent, ipcMain, MessageChannelMain, type MessagePortMain } from 'electron'
import type { Console } from '../console/router.ts'
import { isOurs } from './security-rules.ts'
import { type Appearance, appearanceSchema } from './window-settings.ts'

export interface BridgeOptions {
  readonly console: Pick<Console, 'router' | 'failed'>
  readonly origins: readonly string[]
  readonly onAppearance: (appearance: Appearance) => void
  /** Words for the app's log. */
  readonly report: (text: string) => void
}

export function openBridge(options: BridgeOptions): { close(): void } {
  const handler = new RPCHandler(options.console.router, { interceptors: [onError((error) => options.console.failed(error))] })
  const ports = new Map<number, MessagePortMain>()

  const trusted = (event: IpcMainEvent): boolean => {
    const frame = event.senderFrame
    const known = BrowserWindow.fromWebContents(event.sender) !== null
    if (known && frame !== null && frame === event.sender.mainFrame && isOurs(frame.url, options.origins)) return true
    options.report('a message from a page that is not ours was refused')
    return false
  }
  const onPort = (event: IpcMainEvent) => {
    if (!trusted(event)) return
    const { port1, port2 } = new MessageChannelMain()
    const { id } = event.sender
    ports.get(id)?.close()
    ports.set(id, port1)
    port1.on('close', () => {
      if (ports.get(id) === port1) ports.delete(id)
    })
    handler.upgrade(port1)
    port1.start()
    event.sender.postMessage('console:port', null, [port2])
  }
  const onAppearance = (event: IpcMainEvent, said: unknown) => {
    if (!trusted(event)) return
    const appearance = appearanceSchema.safeParse(said)
    if (appearance.success) options.onAppearance(appearance.data)
  }
  ipcMain.on('console:request-port', onPort)
  ipcMain.on('console:appearance', onAppearance)
  return {
    close() {
      ipcMain.removeListener('console:request-port', onPort)
      ipcMain.removeListener('console:appearance', onAppearance)
      for (const port of ports.values()) port.close()
      ports.clear()
    },
  }
}
