/**
 * The browser's line: a WebSocket whose first message must be a known token within two seconds; then the contract is spoken over it.
 * Origin and Host were checked before the upgrade. A client that reads too slowly is waited for, one that is gone is ended.
 */

import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Console } from './router.ts'
import type { Sessions } from './session.ts'

const tokenWithinMs = 2_000
const aliveEveryMs = 15_000
/** Room for one content of 10 MiB in the worst JSON clothing. */
const largestMessageBytes = 40 * 1024 * 1024
const longestTokenBytes = 256
const socketLimit = 64
/** Close codes of our own; the renderer knows the first. */
const closeUnauthorized = 4401
const closeBusy = 4429

export function createConsoleSockets(options: { readonly console: Pick<Console, 'router' | 'failed'>; readonly sessions: Sessions }) {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes, perMessageDeflate: false, clientTracking: true })
  const handler = new RPCHandler(options.console.router, { interceptors: [onError((error) => options.console.failed(error))] })
  const alive = new WeakSet<WebSocket>()

  const beat = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.has(socket)) socket.terminate()
      alive.delete(socket)
      socket.ping()
    }
  }, aliveEveryMs)
  beat.unref()

  const admit = (socket: WebSocket) => {
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    // A broken frame or a message beyond the limit: the library closes the socket, there is nothing to add.
    socket.on('error', () => {})
    if (server.clients.size > socketLimit) return socket.close(closeBusy, 'too many consoles')
    const timer = setTimeout(() => socket.close(closeUnauthorized, 'no token'), tokenWithinMs)
    socket.once('close', () => clearTimeout(timer))
    socket.once('message', (data: Buffer, isBinary) => {
      clearTimeout(timer)
      const token = !isBinary && data.length <= longestTokenBytes ? data.toString('utf8') : ''
      if (!options.sessions.knows(token)) return socket.close(closeUnauthorized, 'unknown token')
      void handler.upgrade(patient(socket))
      socket.send('ready')
    })
  }
  server.on('connection', admit)

  return {
    server,
    close() {
      clearInterval(beat)
      for (const socket of server.clients) socket.close(1001, 'the program ends')
      setTimeout(() => {
        for (const socket of server.clients) socket.terminate()
      }, 250).unref()
      server.close()
    },
  }
}

/** Resolves `send` when the bytes have left: a stream then waits for its reader, and its bounded queue drops instead of this process growing. */
function patient(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  return {
    addEventListener: socket.addEventListener.bind(socket),
    send: (data: string | Uint8Array) =>
      new Promise<void>((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve()
        // A failed send is followed by `close`, which ends every stream of this socket.
        socket.send(data, () => resolve())
      }),
  }
}
