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
  /** null: there will be none, and no port is handed out. */
  readonly console: Promise<Pick<Console, 'router' | 'failed'> | null>
  readonly origins: readonly string[]
  readonly onAppearance: (appearance: Appearance) => void
  /** Words for the app's log. */
  readonly report: (text: string) => void
}

/** Listens for the life of the app. */
export function openBridge(options: BridgeOptions): void {
  const handler = options.console.then(
    (console) => console && new RPCHandler(console.router, { interceptors: [onError((error) => console.failed(error))] }),
  )
  const ports = new Map<number, MessagePortMain>()

  const trusted = (event: IpcMainEvent): boolean => {
    const frame = event.senderFrame
    const known = BrowserWindow.fromWebContents(event.sender) !== null
    if (known && frame !== null && frame === event.sender.mainFrame && isOurs(frame.url, options.origins)) return true
    options.report('a message from a page that is not ours was refused')
    return false
  }
  const onPort = async (event: IpcMainEvent) => {
    if (!trusted(event)) return
    const answering = await handler
    if (answering === null || event.sender.isDestroyed()) return
    const { port1, port2 } = new MessageChannelMain()
    const { id } = event.sender
    ports.get(id)?.close()
    ports.set(id, port1)
    port1.on('close', () => {
      if (ports.get(id) === port1) ports.delete(id)
    })
    answering.upgrade(port1)
    port1.start()
    event.sender.postMessage('console:port', null, [port2])
  }
  const onAppearance = (event: IpcMainEvent, said: unknown) => {
    if (!trusted(event)) return
    const appearance = appearanceSchema.safeParse(said)
    if (appearance.success) options.onAppearance(appearance.data)
  }
  ipcMain.on('console:request-port', (event) => void onPort(event))
  ipcMain.on('console:appearance', onAppearance)
}
