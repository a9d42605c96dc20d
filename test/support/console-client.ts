/** The console's line to a headless cluster, as the browser holds it: code -> token by POST, token as the WebSocket's first message. */

import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import WebSocket from 'ws'
import type { Contract } from '../../src-main/contract/index.ts'
import { type Answer, send } from './http.ts'

export interface ConsoleLine extends AsyncDisposable {
  readonly client: ContractRouterClient<Contract>
  close(): void
}

const openLimitMs = 5_000

/** Exchanges a code; the answer holds `{"token":…}` or a refusal. `origin` as a browser would send it. */
export const exchangeCode = (consoleUrl: string, code: string, origin = new URL(consoleUrl).origin): Promise<Answer> =>
  send(new URL(consoleUrl).origin, {
    method: 'POST',
    path: '/console/session',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code }),
  })

/** Opens the socket with a token. Rejects with the close code if the console refuses it. */
export const openSocket = (consoleUrl: string, token: string, origin = new URL(consoleUrl).origin): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${new URL(consoleUrl).origin.replace(/^http/, 'ws')}/console/socket`, { origin, handshakeTimeout: openLimitMs })
    const timer = setTimeout(() => socket.terminate(), openLimitMs)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      socket.removeAllListeners()
      act()
    }
    socket.on('open', () => socket.send(token))
    socket.on('message', (data) => {
      if (String(data) === 'ready') settle(() => resolve(socket))
    })
    socket.on('error', (error) => settle(() => reject(error)))
    socket.on('close', (code) => settle(() => reject(new Error(`the console closed the socket: ${code}`))))
  })

/** A typed client over a socket of its own. */
export const openConsole = async (consoleUrl: string, code: string): Promise<ConsoleLine> => {
  const answer = await exchangeCode(consoleUrl, code)
  if (answer.status !== 200) throw new Error(`the console refused the code: ${answer.status} ${answer.text}`)
  const { token } = JSON.parse(answer.text) as { token: string }
  const socket = await openSocket(consoleUrl, token)
  const close = (): void => socket.close()
  return {
    client: createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })),
    close,
    [Symbol.asyncDispose]: async () => close(),
  }
}
